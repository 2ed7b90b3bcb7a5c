"""The output of `ip -j route` and `ip -j -6 route`, or of the same without `-j`: the routes of a node, of both families.

Man page ip-route(8); how it prints is ip/iproute.c of iproute2. What counts is the main table, and what somebody entered as local himself;
other tables are reached by rules (`ip rule`) that are not known here. What the kernel enters for the addresses of the node, and routes for
broadcasts and multicast, are left out: they follow from the addresses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.errors import UnreadableInputError
from iptexplain.inputs.json_text import UnreadableValueError, is_json, values
from iptexplain.inputs.lines import UnreadableLineError, numbered
from iptexplain.model.address import Address, Network
from iptexplain.model.node import Way
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iptexplain.source import Message, Source

_RUN = "ip -j route"
_READ = "ip route"
_DEFAULT = "default"
_WITHOUT_WAY = ("blackhole", "unreachable", "prohibit", "throw")
_LEFT_OUT = frozenset({"broadcast", "multicast", "anycast", "nat", "xresolve"})
_KINDS = frozenset({"unicast", "local", *_WITHOUT_WAY, *_LEFT_OUT})
_LARGEST, _LARGEST_TOS = 0xFFFFFFFF, 0xFF


class _Hop(NamedTuple):
    """One way of a route: through which gateway and by which interface. `foreign`: the gateway is said to be of the other family."""

    gateway: str | None = None
    interface: str | None = None
    foreign: bool = False
    dead: bool = False


class _Route(NamedTuple):
    """A route as it was printed. `preferred`: with the preference (`pref`) that only IPv6 routes have."""

    to: str
    kind: str
    hops: tuple[_Hop, ...]
    table: str = "main"
    protocol: str = ""
    metric: int = 0
    tos: str = "0"
    preferred: bool = False


def parse_ip_route(source: Source) -> tuple[Way, ...]:
    """The routes of a node, in the order of the text; one with several next hops is as many `Way`s. Raises `UnreadableInputError`.

    A route by a device without carrier counts (`linkdown`): the kernel takes it unless a setting says otherwise. A dead one does not.
    """
    routes = _of_json(source) if is_json(source) else _of_text(source)
    ways, seen = [], False
    for found in routes:
        ways += found
        seen = True
    if seen and not ways:
        raise UnreadableInputError(
            message("{file}: no route of the main table in it; expected the output of `{command}`", file=source.name, command=_RUN)
        )
    return tuple(ways)


def _ways(route: _Route) -> Iterator[Way]:
    """What a route says. Raises ValueError for what is no route."""
    if route.kind not in _KINDS:
        raise ValueError(route.kind)
    wanted = ("main", "local") if route.kind == "local" and route.protocol != "kernel" else ("main",)
    if route.kind in _LEFT_OUT or route.table not in wanted or (route.kind == "local" and route.protocol == "kernel"):
        return
    to = Network.whole(_family(route)) if route.to == _DEFAULT else Network.parse(route.to)
    tos = int(route.tos, 0)
    if not (0 <= tos <= _LARGEST_TOS and 0 <= route.metric <= _LARGEST):
        raise ValueError(route)
    if route.kind in _WITHOUT_WAY:
        yield Way(to, None, None, route.kind, route.metric, tos)
        return
    if not route.hops or any(hop.interface is None for hop in route.hops):
        raise ValueError(route)
    for hop in route.hops:
        if not hop.dead:
            gateway = None if hop.gateway is None else Address.parse(hop.gateway)
            yield Way(to, hop.interface, gateway, route.kind, route.metric, tos)


def _family(route: _Route) -> int:
    """The family of a default route, which its network does not tell. Raises ValueError."""
    for hop in route.hops:
        if hop.gateway is not None:
            return 4 if hop.foreign else Address.parse(hop.gateway).family  # IPv4 by way of IPv6 (RFC 5549), never the other way round
    return 6 if route.preferred else 4


# ---- JSON --------------------------------------------------------------------------------------------------------------


def _of_json(source: Source) -> Iterator[list[Way]]:
    """The routes in JSON."""
    expected = message("a route as `{command}` prints it", command=_RUN)
    for given in values(source, message("the output of `{command}`", command=_RUN), first=True):  # further on, `dst` is that of a tunnel
        if not isinstance(given, list):
            raise UnreadableValueError(source, "$", message("the output of `{command}`, a list", command=_RUN), given)
        for number, item in enumerate(given):
            try:
                yield list(_ways(_of_item(item)))
            except (AttributeError, KeyError, TypeError, ValueError):
                raise UnreadableValueError(source, f"[{number}]", expected, item) from None


def _of_item(item: object) -> _Route:
    """A route in JSON. Raises AttributeError, KeyError, TypeError, ValueError.

    With `cache` it is what `ip route get` answers; with `from` it holds for one source alone, which no `Way` can say.
    """
    if not isinstance(item, dict) or "cache" in item or "from" in item:
        raise TypeError(item)
    hops = item.get("nexthops", [item])
    metric, tos = item.get("metric", 0), item.get("tos", "0")
    if type(metric) is not int:  # no bool
        raise TypeError(metric)
    return _Route(
        _text(item["dst"]),
        _text(item.get("type", "unicast")),
        tuple([_of_hop(hop) for hop in hops]),
        _text(item.get("table", "main")),
        _text(item.get("protocol", "boot")),
        metric,
        tos if isinstance(tos, str) else "0",  # as a number it is that of the tunnel the route leads through
        "pref" in item,
    )


def _of_hop(item: Mapping[str, object]) -> _Hop:
    """One way of a route. Raises AttributeError, KeyError, TypeError."""
    via, gateway, device, flags = item.get("via"), item.get("gateway"), item.get("dev"), item.get("flags", ())
    if isinstance(via, dict):
        gateway = _text(via["host"])
    dead = isinstance(flags, list) and "dead" in flags
    return _Hop(None if gateway is None else _text(gateway), None if device is None else _text(device), isinstance(via, dict), dead)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


# ---- text --------------------------------------------------------------------------------------------------------------


def _of_text(source: Source) -> Iterator[list[Way]]:
    """The routes in the text that people read: a line for each, its next hops indented behind it or (`-o`) after a backslash."""
    blocks: list[tuple[int, list[list[str]]]] = []
    for number, line in numbered(source):
        if not line[0].isspace():
            blocks.append((number, []))
        elif not blocks:
            raise UnreadableLineError(source, number, _expected())
        blocks[-1][1].extend(part.split() for part in line.split("\\"))
    if not blocks:
        raise UnreadableInputError(message("{file}: no route in it; expected the output of `{command}`", file=source.name, command=_RUN))
    for number, lines in blocks:
        try:
            yield list(_ways(_of_lines(lines)))
        except (ValueError, IndexError):
            raise UnreadableLineError(source, number, _expected()) from None


def _of_lines(lines: Sequence[Sequence[str]]) -> _Route:
    """A route of its line and those of its next hops. Raises ValueError, IndexError."""
    words, *more = lines
    kind = words[0] if words[0] in _KINDS else "unicast"
    rest = list(words[1:] if words[0] in _KINDS else words)
    to = rest[0]
    hops = [_of_words(line[1:]) for line in more if line[0] == "nexthop"]
    strange = [line for line in more if line[0] not in {"nexthop", "nh_info"}]  # `cache`: this is what `ip route get` answers
    if strange or "from" in rest or (to != _DEFAULT and "." not in to and ":" not in to):
        raise ValueError(words)
    about = rest[1:]
    return _Route(
        to,
        kind,
        tuple(hops) or (_of_words(about),),
        _after(about, "table") or "main",
        _after(about, "proto") or "boot",
        int(_after(about, "metric") or "0"),
        about[1] if about[:1] == ["tos"] else "0",  # further on it is that of the tunnel the route leads through
        "pref" in about,
    )


def _of_words(words: Sequence[str]) -> _Hop:
    """One way of a route: `via 10.0.0.1 dev eth0`, `via inet6 fe80::1 dev eth0`, `dev eth0`. Raises ValueError, IndexError."""
    gateway = _after(words, "via")
    foreign = gateway in {"inet", "inet6"}
    return _Hop(words[words.index("via") + 2] if foreign else gateway, _after(words, "dev"), foreign, "dead" in words)


def _after(words: Sequence[str], word: str) -> str | None:
    """What stands behind a word. Raises IndexError."""
    return words[words.index(word) + 1] if word in words else None


def _expected() -> Message:
    return message("a route of `{command}`, such as {example}", command=_READ, example="10.244.2.0/24 via 192.168.0.2 dev eth0")
