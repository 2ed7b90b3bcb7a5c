"""The output of `ip -j addr`, or of `ip addr`: the interfaces of a node and their addresses.

Man page ip-address(8); how it prints is ip/ipaddress.c of iproute2. All interfaces have to be there, with the addresses of both families:
what is not there counts as absent. With `-d` it tells which interfaces are bridges; without, that may stay open.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.errors import UnreadableInputError
from iptexplain.inputs.json_text import UnreadableValueError, is_json, values
from iptexplain.inputs.lines import UnreadableLineError, numbered
from iptexplain.inputs.node import assigned, network
from iptexplain.model.node import LOOPBACK, Link
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from iptexplain.model.node import Assigned
    from iptexplain.source import Source

_RUN = "ip -j addr"
_READ = "ip addr"
_HEADER = re.compile(r"\d+: (?P<name>[^\s:]+?)(?:@(?P<link>[^\s@:]+))?: <(?P<flags>[^>\s]*)>(?P<rest>.*)", re.ASCII)
_BRIDGE = "bridge"
_OTHER = ""
"""What `-d` shows of a master or of a port that is no bridge, or none of a bridge."""


class _Seen(NamedTuple):
    """An interface as it was printed. `kind` and `port_kind` are what `-d` tells of it and of its place in its master, else None."""

    name: str
    flags: frozenset[str]
    master: str | None
    addresses: Sequence[Assigned]
    kind: str | None = None
    port_kind: str | None = None


def parse_ip_addr(source: Source) -> dict[str, Link]:
    """The interfaces of a node, in its order. Raises `UnreadableInputError`.

    An address of an interface that is down is still one of the node (net/ipv4/fib_semantics.c `fib_sync_down_dev`), but no route follows
    from it.
    """
    seen = list(_of_json(source) if is_json(source) else _of_text(source))
    if all(link.name != LOOPBACK for link in seen):
        raise UnreadableInputError(
            message(
                "{file}: {name} is missing; expected the output of `{command}`, all of it", file=source.name, name=LOOPBACK, command=_RUN
            )
        )
    ports: dict[str, list[_Seen]] = {}
    for link in seen:
        if link.master is not None:
            ports.setdefault(link.master, []).append(link)
    links = {}
    for link in seen:
        own = ports.get(link.name, ())
        links[link.name] = Link(link.name, tuple(link.addresses), tuple([port.name for port in own]), _is_bridge(link, own))
    return links


def _is_bridge(link: _Seen, ports: Collection[_Seen]) -> bool | None:
    """Is an interface a bridge; None: it has ports, but is it that, nobody says.

    Bonds and VRFs say what they are by a flag of themselves or of their ports, which bridges do not have (include/uapi/linux/if.h,
    IFF_MASTER and IFF_SLAVE; drivers/net/bonding/bond_main.c, drivers/net/vrf.c).
    """
    kinds = {link.kind, *(port.port_kind for port in ports)} - {None}
    if kinds:
        return _BRIDGE in kinds
    if not ports or "MASTER" in link.flags or any("SLAVE" in port.flags for port in ports):
        return False
    return None


def _address(link: str, flags: Collection[str], host: str, within: str, words: Sequence[str]) -> Assigned:
    """An address as it was printed. Raises ValueError.

    `within` is the network it is in as an address with a length; the first of the `words` about it is its scope.
    """
    (address, _), (_, of) = network(host), network(within)
    if address.family != of.family:
        raise ValueError(host)
    return assigned(
        address,
        of,
        secondary="secondary" in words,
        globally=words[0] == "global",
        onlink="UP" in flags and link != LOOPBACK and "noprefixroute" not in words,
    )


# ---- JSON --------------------------------------------------------------------------------------------------------------


def _of_json(source: Source) -> Iterator[_Seen]:
    """The interfaces in JSON. `{}` stands for one that was left out; `-4` and `-6` leave out some too, and the type of the others."""
    expected = message("the output of `{command}`: all interfaces, with the addresses of both families", command=_RUN)
    for given in values(source, expected):
        if not isinstance(given, list):
            raise UnreadableValueError(source, "$", expected, given)
        for number, item in enumerate(given):
            match item:
                case {"ifname": str(name), "flags": [*flags], "link_type": str(), "addr_info": [*addresses]}:
                    on = frozenset(map(str, flags))
                    found = [_of_info(source, f"[{number}].addr_info[{at}]", name, on, info) for at, info in enumerate(addresses)]
                    yield _Seen(name, on, _text(item, "master"), found, *_kinds(item))
                case _:
                    raise UnreadableValueError(source, f"[{number}]", expected, item)


def _of_info(source: Source, where: str, link: str, flags: Collection[str], info: object) -> Assigned:
    """An address in JSON; beside one with a peer, the length is that of the peer."""
    try:
        match info:
            case {"local": str(local), "prefixlen": int(length), "scope": str(scope), **more}:
                words = [scope, *(str(key) for key, value in more.items() if value is True)]
                return _address(link, flags, local, f"{more.get('address', local)}/{length}", words)
    except ValueError:
        pass  # as below
    raise UnreadableValueError(source, where, message("an address with its length and scope, as `{command}` prints it", command=_RUN), info)


def _kinds(item: Mapping[str, object]) -> tuple[str | None, str | None]:
    """What `-d` tells of an interface, and of its place in its master."""
    found = item.get("linkinfo")
    return (_text(found, "info_kind"), _text(found, "info_slave_kind")) if isinstance(found, dict) else (None, None)


def _text(of: Mapping[str, object], key: str) -> str | None:
    value = of.get(key)
    return value if isinstance(value, str) else None


# ---- text --------------------------------------------------------------------------------------------------------------


def _of_text(source: Source) -> Iterator[_Seen]:
    """The interfaces in the text that people read: a line for each, and indented ones about it."""
    block: list[tuple[int, str]] = []
    for number, line in numbered(source):
        if block and not line[0].isspace():
            yield _of_block(source, block)
            block = []
        block.append((number, line))
    if block:
        yield _of_block(source, block)


def _of_block(source: Source, block: Sequence[tuple[int, str]]) -> _Seen:
    """The interface in a line and the indented ones behind it."""
    at, first = block[0]
    header = _HEADER.fullmatch(first)
    if header is None:
        expected = message("an interface as `{command}` prints it, such as {example}", command=_READ, example=_EXAMPLE)
        raise UnreadableLineError(source, at, expected)
    name, flags = header["name"], frozenset(header["flags"].split(","))
    about = [(number, line.split()) for number, line in block[1:]]
    link = [words for _, words in about if words[0].startswith("link/")]
    if not link:  # `-4` and `-6` leave this line out, and interfaces too
        raise UnreadableLineError(
            source, at, message("all interfaces, with a line of {line} in each: `{command}`", line="link/…", command=_READ)
        )
    found = [_of_words(source, number, name, flags, words) for number, words in about if words[0] in {"inet", "inet6"}]
    rest = header["rest"].split()
    master = rest[rest.index("master") + 1] if "master" in rest[:-1] else None
    if "promiscuity" not in link[0]:  # no `-d`
        return _Seen(name, flags, master, found)
    said = {words[0] for _, words in about}
    port_kind = None if master is None else _BRIDGE if "bridge_slave" in said else _OTHER
    return _Seen(name, flags, master, found, _BRIDGE if _BRIDGE in said else _OTHER, port_kind)


_EXAMPLE = "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500"


def _of_words(source: Source, number: int, link: str, flags: Collection[str], words: Sequence[str]) -> Assigned:
    """An address in text: `inet 10.0.0.1 peer 10.0.0.2/32 scope global secondary eth0`."""
    try:
        scope = words.index("scope")
        within = words[words.index("peer", 0, scope) + 1] if "peer" in words[:scope] else words[1]
        return _address(link, flags, words[1], within, words[scope + 1 :])
    except (ValueError, IndexError):
        expected = message(
            "an address as `{command}` prints it, such as {example}", command=_READ, example="inet 192.168.0.1/24 scope global eth0"
        )
        raise UnreadableLineError(source, number, expected) from None
