"""Sets of packets, as a rule can match them: what is in two of them, what is left of one without others.

A set of packets is some *boxes*. A box says for each field that it limits which values that may have, and nothing of the others; so it is
no more than a mapping. Fields whose values can be told apart (addresses, ports, protocols, interfaces, marks, states, …) have their exact
values; anything else (the owner of a socket, the members of a set) is a field of its own that holds, does not hold, or cannot be told.

Fields are taken to be independent, which they are not: a packet of UDP has no TCP flags. So there are packets in these sets that cannot be.
That a set is empty is therefore proven, that it is not is only likely.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING, TypeVar

from iptexplain.errors import TooManyCasesError
from iptexplain.extensions.common.icmp import IcmpType
from iptexplain.extensions.common.numbers import Range
from iptexplain.model.address import IPV4, IPV6, AddressRange, Network
from iptexplain.model.matching import Constraint, Field
from iptexplain.model.names import protocol
from iptexplain.model.values import TCP_FLAGS, Interface, Mark, PortList, Ports, Words
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from iptexplain.model.matching import Wanted

Part = TypeVar("Part")

_MOST = 200
"""More boxes than these, or parts of one field, are not looked at."""


class Values(NamedTuple):
    """A set of numbers as ranges that do not touch, in order; both ends are included."""

    ranges: tuple[tuple[int, int], ...]

    def meet(self, other: Values) -> Values:
        """The numbers in both."""
        found = []
        for low, high in self.ranges:
            for first, last in other.ranges:
                if first <= high and low <= last:
                    found.append((max(low, first), min(high, last)))
        return Values(tuple(found))

    def without(self, other: Values) -> Values:
        """The numbers in this one alone."""
        left = list(self.ranges)
        for first, last in other.ranges:
            cut: list[tuple[int, int]] = []
            for low, high in left:
                if high < first or last < low:
                    cut.append((low, high))
                    continue
                cut += [(low, first - 1)] if low < first else []
                cut += [(last + 1, high)] if last < high else []
            left = cut
        return Values(_few(left))

    def __bool__(self) -> bool:
        return bool(self.ranges)


class Names(NamedTuple):
    """A set of interfaces: those of each pattern without those of its exceptions."""

    parts: tuple[tuple[Interface, tuple[Interface, ...]], ...]

    def meet(self, other: Names) -> Names:
        """The interfaces in both."""
        found = []
        for (one, but), (two, except_) in product(self.parts, other.parts):
            both = two if one.covers(two) else one if two.covers(one) else None
            found += [] if both is None else _pattern(both, (*but, *except_))
        return Names(_few(found))

    def without(self, other: Names) -> Names:
        """The interfaces in this one alone."""
        left = self
        for pattern, exceptions in other.parts:
            kept = [part for one, but in left.parts for part in _pattern(one, (*but, pattern))]
            back = left.meet(Names(tuple([part for one in exceptions for part in _pattern(one, ())])))
            left = Names(_few([*kept, *back.parts]))
        return left

    def __bool__(self) -> bool:
        return bool(self.parts)


def _pattern(pattern: Interface, exceptions: Sequence[Interface]) -> list[tuple[Interface, tuple[Interface, ...]]]:
    """A pattern without those of its exceptions that it has anything in common with; none if one of them is all of it."""
    if any(one.covers(pattern) for one in exceptions):
        return []
    return [(pattern, tuple(sorted({one for one in exceptions if pattern.covers(one)})))]


class Masked(NamedTuple):
    """A set of marks: those that have one of some values under its mask."""

    parts: tuple[Mark, ...]

    def meet(self, other: Masked) -> Masked:
        """The marks in both."""
        found = []
        for one, two in product(self.parts, other.parts):
            if not (one.value ^ two.value) & one.mask & two.mask:
                found.append(Mark(one.value | two.value, one.mask | two.mask))
        return Masked(_few(found))

    def without(self, other: Masked) -> Masked:
        """The marks in this one alone."""
        left = list(self.parts)
        for taken in other.parts:
            left = [rest for one in left for rest in _without(one, taken)]
        return Masked(_few(left))

    def __bool__(self) -> bool:
        return bool(self.parts)


def _without(one: Mark, taken: Mark) -> Iterator[Mark]:
    """The marks of one that are not of the other, as parts without a common mark."""
    if (one.value ^ taken.value) & one.mask & taken.mask:
        yield one
        return
    fixed, free = one, taken.mask & ~one.mask
    while free:
        bit = free & -free
        free ^= bit
        yield Mark(fixed.value | (bit & ~taken.value), fixed.mask | bit)
        fixed = Mark(fixed.value | (bit & taken.value), fixed.mask | bit)


def _few(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts as they are kept. Raises `TooManyCasesError`."""
    if len(parts) > _MOST:
        raise TooManyCasesError(message("more than {most} parts of one field", most=_MOST))
    return tuple(parts)


class Dimension(NamedTuple):
    """One of the fields of a packet, as it is behind so many targets that may have changed it (`since`; the caller counts them).

    `of`: no field by itself, but whether it is in this set, which is only equal to itself.
    """

    field: Field
    since: int
    of: object = None


_NO, _YES, _NEITHER = 0, 1, 2
"""How a constraint turns out that is nothing but itself. Neither: the rule does not match, whether `!` stands before it or not."""

_NONE = -1
"""The port, the flags or the type of a packet that has none."""

FIRST_IPV6 = 1 << 128
"""IPv6 addresses are counted from here, so that none of them is an IPv4 address."""

STATES = ("INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED")

_ALL: dict[Field, Values | Names | Masked] = {
    Field.SOURCE: Values(((0, FIRST_IPV6 + (1 << 128) - 1),)),
    Field.DESTINATION: Values(((0, FIRST_IPV6 + (1 << 128) - 1),)),
    Field.IN: Names(((Interface("", prefix=True), ()),)),
    Field.OUT: Names(((Interface("", prefix=True), ()),)),
    Field.PROTOCOL: Values(((_NONE, 0xFF),)),
    Field.SOURCE_PORT: Values(((_NONE, 0xFFFF),)),
    Field.DESTINATION_PORT: Values(((_NONE, 0xFFFF),)),
    Field.TCP_FLAGS: Values(((_NONE, (1 << len(TCP_FLAGS)) - 1),)),
    Field.ICMP_TYPE: Values(((_NONE, 0xFFFF),)),
    Field.LENGTH: Values(((0, 40 + 0xFFFF),)),
    Field.TTL: Values(((0, 0xFF),)),
    Field.TOS: Values(((0, 0xFF),)),
    Field.MARK: Masked((Mark(0, 0),)),
    Field.CONNECTION_MARK: Masked((Mark(0, 0),)),
    Field.STATE: Values(((0, 4 * len(STATES) - 1),)),
}
"""All values of the fields whose values are told apart. A state is four numbers: with and without SNAT and DNAT."""

_HOLES = Masked((Mark(0, 0),))
_ANYHOW = Values(((_NO, _NEITHER),))


def everything(of: Dimension) -> Values | Names | Masked:
    """All values of a dimension."""
    if of.of is None:
        return _ALL[of.field]
    return _HOLES if of.of is Network else _ANYHOW


def boxes(constraints: Iterable[Constraint], since: Mapping[Field, int], family: int = IPV6) -> list[Box]:
    """The packets of a family that meet all constraints; none if no packet can. Raises `TooManyCasesError`."""
    found: list[Box] = [{}]
    for constraint in constraints:
        found = [both for one in found for other in _boxes(constraint, since, family) if (both := meet(one, other)) is not None]
        _few(found)
    return found


def of_family(box: Box, family: int) -> Box:
    """The packets of a box that are of a family."""
    every = Values(((0, (1 << 32) - 1),) if family == IPV4 else ((FIRST_IPV6, FIRST_IPV6 + (1 << 128) - 1),))
    return {Dimension(Field.SOURCE, 0): every, Dimension(Field.DESTINATION, 0): every, **box}


def with_port(box: Box, field: Field) -> Box | None:
    """The packets of a box that have a port, or a type, at all; None if there is none."""
    return meet(box, {Dimension(field, 0): Values(((0, 0xFFFF),))})


def meet(one: Box, other: Box) -> Box | None:
    """The packets in both boxes, None if there is none. Raises `TooManyCasesError`."""
    if not one or not other:
        return one or other
    found = dict(one)
    for key, values in other.items():
        own = found.get(key)
        both = values if own is None else own.meet(values)  # type: ignore[arg-type]  # the values of one dimension are of one kind
        if not both:
            return None
        found[key] = both
    return found


def cut(box: Box, taken: Box) -> list[Box] | None:
    """The packets of a box that are not in another one, as boxes that have none in common; None if these are all of them.

    Raises `TooManyCasesError`.
    """
    parts: list[Box] = []
    rest = dict(box)
    for key, values in taken.items():
        own = rest.get(key)
        if own is None:
            own = everything(key)
        both = own.meet(values)  # type: ignore[arg-type]  # the values of one dimension are of one kind
        if not both:
            return None
        if both != own:
            parts.append({**rest, key: own.without(values)})  # type: ignore[arg-type]  # as above
            rest[key] = both
    return parts


def is_part(box: Box, whole: Box) -> bool:
    """Is every packet of a box in another one. Raises `TooManyCasesError`."""
    return cut(box, whole) == []


def _boxes(constraint: Constraint, since: Mapping[Field, int], family: int) -> list[Box]:
    """The packets that meet one constraint."""
    field, wanted, negated = constraint
    if field is Field.EITHER_PORT:
        ports = (Field.SOURCE_PORT, Field.DESTINATION_PORT)
        alone = [_boxes(Constraint(one, wanted, negated), since, family) for one in ports]
        if negated:
            return [{**source, **destination} for source in alone[0] for destination in alone[1]]
        return [box for found in alone for box in found]
    values = _values(field, wanted)
    if values is None:
        return [{Dimension(field, since.get(field, 0), (wanted,)): Values(((_NO, _NO),) if negated else ((_YES, _YES),))}]
    key = Dimension(field, since.get(field, 0), Network if isinstance(values, Masked) and field not in _ALL_MARKS else None)
    if negated:
        values = _demanded(key, family).without(values)  # type: ignore[arg-type]  # as above
    return [{key: values}] if values else []


_ALL_MARKS = frozenset({Field.MARK, Field.CONNECTION_MARK})


def _demanded(key: Dimension, family: int) -> Values | Names | Masked:
    """All values that a packet may have where something is asked of a field: a negated port is a port.

    So is a negated protocol in IPv6, where later fragments of some packets have none that is found (ip6_tables.c `ip6_packet_match`).
    """
    found = everything(key)
    if isinstance(found, Values) and found.ranges[0][0] == _NONE and not (key.field is Field.PROTOCOL and family == IPV4):
        return found.meet(Values(((0, 0xFFFF),)))
    return found


def _values(field: Field, wanted: Wanted) -> Values | Names | Masked | None:
    """The values of a field that are wanted; None where these are not told apart."""
    read = _READ.get(field)
    return None if read is None else read(wanted)


def _addresses(wanted: object) -> Values | Masked | None:
    if isinstance(wanted, AddressRange):
        return _range(wanted.first.family, wanted.first.value, wanted.last.value)
    if not isinstance(wanted, Network):
        return None
    free = ((1 << (32 if wanted.family == IPV4 else 128)) - 1) ^ wanted.mask
    if free & (free + 1):
        return Masked((Mark(wanted.value, wanted.mask),)) if wanted.family == IPV4 else None
    return _range(wanted.family, wanted.value, wanted.value | free)


def _range(family: int, first: int, last: int) -> Values:
    more = 0 if family == IPV4 else FIRST_IPV6
    return Values(((first + more, last + more),) if first <= last else ())


def _interfaces(wanted: object) -> Names | None:
    return Names(((wanted, ()),)) if isinstance(wanted, Interface) else None


def _protocols(wanted: object) -> Values | None:
    number = _numbers().get(wanted) if isinstance(wanted, str) else None
    return None if number is None else Values(((number, number),) if number else ((_NONE, 0xFF),))


@cache
def _numbers() -> dict[str, int]:
    """The numbers of protocols by the names that rules have; 0 is any protocol."""
    return {"all": 0, **{protocol(str(number)): number for number in range(256)}}


def _ports(wanted: object) -> Values | None:
    if isinstance(wanted, Ports):
        return Values(((wanted.first, wanted.last),))
    return _joined(wanted.ports) if isinstance(wanted, PortList) else None


def _joined(ranges: Iterable[tuple[int, int]]) -> Values:
    """Ranges in any order, as those that do not touch."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return Values(tuple(found))


def _each(count: int, value: Callable[[int], object]) -> Callable[[object], Values | None]:
    """How a field of few values is read: each is asked for."""

    @cache
    def read(wanted: object) -> Values | None:
        holds = getattr(wanted, "holds", None)
        held = [None] if holds is None else [holds(value(number)) for number in range(count)]
        return None if None in held else _joined((number, number) for number, yes in enumerate(held) if yes)

    return read


def _flags(number: int) -> frozenset[str]:
    return frozenset({name for place, name in enumerate(TCP_FLAGS) if number >> place & 1})


def _states(wanted: object) -> Values | None:
    if not isinstance(wanted, Words):
        return None
    found = [
        number
        for number in range(4 * len(STATES))
        if STATES[number // 4] in wanted.names or (number & 1 and "SNAT" in wanted.names) or (number & 2 and "DNAT" in wanted.names)
    ]
    return _joined((number, number) for number in found)


def _lengths(wanted: object) -> Values | None:
    if not isinstance(wanted, Range):
        return None
    return Values(((wanted.first, wanted.last),) if wanted.first <= wanted.last else ())


def _messages(wanted: object) -> Values | None:
    if not isinstance(wanted, IcmpType):
        return None
    kind, code = wanted
    return Values(((kind * 256 + (code or 0), kind * 256 + (0xFF if code is None else code)),))


def _marks(wanted: object) -> Masked | None:
    if not isinstance(wanted, Mark):
        return None
    return Masked((wanted,) if not wanted.value & ~wanted.mask else ())


_READ: dict[Field, Callable[[object], Values | Names | Masked | None]] = {
    Field.SOURCE: _addresses,
    Field.DESTINATION: _addresses,
    Field.IN: _interfaces,
    Field.OUT: _interfaces,
    Field.PROTOCOL: _protocols,
    Field.SOURCE_PORT: _ports,
    Field.DESTINATION_PORT: _ports,
    Field.TCP_FLAGS: _each(1 << len(TCP_FLAGS), _flags),
    Field.ICMP_TYPE: _messages,
    Field.LENGTH: _lengths,
    Field.TTL: _each(256, int),
    Field.TOS: _each(256, int),
    Field.MARK: _marks,
    Field.CONNECTION_MARK: _marks,
    Field.STATE: _states,
}

if TYPE_CHECKING:
    Box = Mapping[Dimension, Values | Names | Masked]
