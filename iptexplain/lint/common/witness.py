"""A packet out of a set of packets, as a line of `trace --packets` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.header_space import FIRST_IPV6, STATES, Masked, Names, Values
from iptexplain.model.address import IPV4, IPV6, Address
from iptexplain.model.matching import Field
from iptexplain.model.packet import FLAGS, ICMP, ICMPV6, TCP, UDP, WITH_PORTS
from iptexplain.model.values import TCP_FLAGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iptexplain.analysis.header_space import Box

_SOMEWHERE = {IPV4: ("198.51.100.1", "203.0.113.1"), IPV6: ("2001:db8:1::1", "2001:db8:2::1")}
"""Where from and where to if nothing is asked: addresses for documentation (RFC 5737, RFC 3849)."""

_ENDS = ((Field.SOURCE, "src"), (Field.DESTINATION, "dst"))
_NUMBERS = ((Field.LENGTH, "length"), (Field.TTL, "ttl"), (Field.TOS, "tos"))
_PORTS = ((Field.SOURCE_PORT, "sport", 40_000), (Field.DESTINATION_PORT, "dport", 80))
_SAID = frozenset(
    {
        *(field for field, _ in _ENDS),
        *(field for field, _ in _NUMBERS),
        *(field for field, *_ in _PORTS),
        *(Field.PROTOCOL, Field.TCP_FLAGS, Field.ICMP_TYPE, Field.IN, Field.MARK, Field.CONNECTION_MARK, Field.STATE),
    }
)
_STATE_BITS = 4
"""Numbers of one state: with and without SNAT and DNAT."""


def witness(box: Box, family: int) -> dict[str, object] | None:
    """A packet of a box; None where no line can say it: a set it is in, where it leaves, what a rule has made of it on the way.

    `family` holds where no address does say it.
    """
    if any(key.since or key.of is not None or key.field not in _SAID for key in box):
        return None
    asked = {key.field: values for key, values in box.items()}
    found = {**_from_where(asked, family), **_of_protocol(asked)}
    for field, key in _NUMBERS:
        if field in asked:
            found[key] = _number(asked, field)
    for field, key in ((Field.MARK, "mark"), (Field.CONNECTION_MARK, "ct_mark")):
        marks = asked.get(field)
        if isinstance(marks, Masked):
            found[key] = marks.parts[0].value
    state = _number(asked, Field.STATE, _STATE_BITS * STATES.index("NEW"))
    name = _interface(asked.get(Field.IN))
    if state % _STATE_BITS or name == "":
        return None
    return {**found, "ct": STATES[state // _STATE_BITS].lower(), **({} if name is None else {"iif": name})}


def _from_where(asked: Mapping[Field, object], family: int) -> dict[str, object]:
    """The addresses."""
    firsts = {field: values.ranges[0][0] for field, _ in _ENDS if isinstance(values := asked.get(field), Values)}
    if firsts:
        family = IPV6 if max(firsts.values()) >= FIRST_IPV6 else IPV4
    found: dict[str, object] = {}
    for number, (field, key) in enumerate(_ENDS):
        value = _host(asked.get(field), _value(_SOMEWHERE[family][number]))
        found[key] = str(Address(family, value - FIRST_IPV6 if family == IPV6 else value))
    return found


def _host(values: object, usual: int) -> int:
    """An address that a host may have: not the first one of a network."""
    if not isinstance(values, Values):
        return usual
    first, last = values.ranges[0]
    return first if first == last else first + 1


def _value(text: str) -> int:
    family, value = Address.parse(text)
    return value + (FIRST_IPV6 if family == IPV6 else 0)


def _of_protocol(asked: Mapping[Field, object]) -> dict[str, object]:
    """The protocol, and what only packets of it have."""
    protocol = _number(asked, Field.PROTOCOL, TCP, UDP, ICMP)
    found: dict[str, object] = {"proto": protocol}
    if protocol in WITH_PORTS:
        found |= {key: _number(asked, field, usual) for field, key, usual in _PORTS}
    if protocol == TCP and Field.TCP_FLAGS in asked:
        number = _number(asked, Field.TCP_FLAGS, 1 << TCP_FLAGS.index("SYN"))
        letters = {name: letter for letter, name in FLAGS.items()}
        found["flags"] = "".join(letters[name] for place, name in enumerate(TCP_FLAGS) if number >> place & 1)
    if protocol in {ICMP, ICMPV6} and Field.ICMP_TYPE in asked:
        found["icmp_type"], found["icmp_code"] = divmod(_number(asked, Field.ICMP_TYPE), 256)
    return found


def _number(asked: Mapping[Field, object], field: Field, *usual: int) -> int:
    """The value of a field: one that is usual, if that may be, else the first that is no lack of one."""
    values = asked.get(field)
    if not isinstance(values, Values):
        return usual[0]
    fitting = [number for number in usual if any(low <= number <= high for low, high in values.ranges)]
    return fitting[0] if fitting else max(values.ranges[0][0], 0)


def _interface(names: object) -> str | None:
    """An interface, None if any will do; "" if none is found."""
    if not isinstance(names, Names):
        return None
    for pattern, exceptions in names.parts:
        begin = pattern.name or "eth"
        tried = [f"{begin}{number}" for number in range(10)] if pattern.prefix else [pattern.name]
        for name in tried:
            if not any(one.holds(name) for one in exceptions):
                return name
    return ""
