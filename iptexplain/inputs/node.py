"""The node as a user describes it in a JSON file of his own: interfaces, addresses, routes, settings, bridges.

What such a file does not name does not exist. `lo` with 127.0.0.1/8 and ::1/128 is always there, and so are interfaces that only a route
or a bridge names. Addresses and routes come to be as with `ip address add` and `ip route add` without further words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.errors import UsageError
from iptexplain.inputs.json_text import UnreadableValueError, values
from iptexplain.model.address import Address, Network
from iptexplain.model.node import LOOPBACK, Assigned, Link, Node, Way
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iptexplain.model.ipset import IpSets
    from iptexplain.source import Message, Source

_BITS = {4: 32, 6: 128}
_LOOPBACK = ("127.0.0.1/8", "::1/128")
_KEYS = ("interfaces", "local_addrs", "routes", "sysctls", "bridges")
_DEFAULT = "default"
_LEAST, _MOST = -(1 << 31), (1 << 31) - 1
"""A setting is an `int` of C."""


def parse_node(source: Source) -> Node:
    """The node that a JSON object describes. Raises `UnreadableValueError`, and `UnreadableInputError` for what is no JSON."""
    expected = message("one JSON object with some of the keys {keys}", keys=", ".join(_KEYS))
    found = list(values(source, expected))
    if len(found) != 1 or not isinstance(found[0], dict):
        raise UnreadableValueError(source, "$", expected, found[0] if len(found) == 1 else found)
    return _Reader(source).node(found[0])


def compose(
    node: Node | None = None,
    links: Mapping[str, Link] | None = None,
    ways: tuple[Way, ...] | None = None,
    sets: IpSets | None = None,
) -> Node:
    """One node of all that is known of it: a description, its interfaces, its routes, its sets; None: not known.

    An interface that only a route names exists. Raises `UsageError` if the description says the interfaces or routes too: which of the two
    is right, nobody could tell.
    """
    if node is not None and links is not None and node.links != _plain(node.links):
        raise UsageError(message("the interfaces are given twice: by the description of the node, and as the node printed them"))
    if node is not None and ways is not None and node.ways:
        raise UsageError(message("the routes are given twice: by the description of the node, and as the node printed them"))
    known = node or Node(_plain(()), links_known=False, ways_known=False, sysctls_known=False)
    if links is not None:
        known = known._replace(links=links, links_known=True)
    if ways is not None:
        known = known._replace(ways=ways, ways_known=True, connected=False)
    if known.links_known:
        named = {name: Link(name) for way in known.ways if (name := way.interface) is not None}
        known = known._replace(links={**known.links, **{name: link for name, link in named.items() if name not in known.links}})
    return known if sets is None else known._replace(sets=sets)


def _plain(names: Iterable[str]) -> Mapping[str, Link]:
    """Interfaces of which nothing but the name is known, and `lo`."""
    loopback = tuple([assigned(*network(text), secondary=False, globally=False, onlink=False) for text in _LOOPBACK])
    return {LOOPBACK: Link(LOOPBACK, loopback), **{name: Link(name) for name in names if name != LOOPBACK}}


class _Reader:
    """Reads the parts of one file, and says where in it a value does not fit."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def node(self, given: Mapping[str, object]) -> Node:
        """The node."""
        self._only("$", given, _KEYS)
        addresses = {name: list(link.addresses) for name, link in _plain(()).items()}
        for name, interface in self._object("interfaces", given.get("interfaces", {})).items():
            where = f"interfaces.{name}"
            self._only(where, self._object(where, interface), ("addrs",))
            of = addresses.setdefault(name, [])
            for at, text in self._texts(f"{where}.addrs", self._object(where, interface).get("addrs", [])):
                self._add(at, of, text, onlink=name != LOOPBACK)
        for at, text in self._texts("local_addrs", given.get("local_addrs", [])):
            if "/" in text:
                raise UnreadableValueError(self._source, at, message("an address such as {example}", example="10.96.0.1"), text)
            self._add(at, addresses[LOOPBACK], text, onlink=False)
        ways = tuple(self._ways(given.get("routes", [])))
        bridges = {
            name: tuple(dict.fromkeys(text for _, text in self._texts(f"bridges.{name}", ports)))
            for name, ports in self._object("bridges", given.get("bridges", {})).items()
        }
        for named in (*(way.interface for way in ways), *bridges, *(port for ports in bridges.values() for port in ports)):
            if named is not None:
                addresses.setdefault(named, [])
        links = {name: Link(name, tuple(found), bridges.get(name, ()), name in bridges) for name, found in addresses.items()}
        return Node(links, ways, self._settings(given.get("sysctls", {})))

    def _add(self, where: str, to: list[Assigned], text: str, *, onlink: bool) -> None:
        """Gives an interface one more address; one that it has already changes nothing."""
        try:
            address, of = network(text)
        except ValueError:
            raise UnreadableValueError(
                self._source, where, message("an address such as {example}", example="192.168.0.1/24"), text
            ) from None
        if all((known.address, known.network) != (address, of) for known in to):
            to.append(assigned(address, of, secondary=_is_secondary(address, of, to), globally=not _narrow(address), onlink=onlink))

    def _ways(self, given: object) -> Iterator[Way]:
        """The routes. The default one holds for the family of its gateway; without a gateway for both."""
        for at, route in self._items("routes", given):
            expected = message("a route such as {one}, or with its gateway {other}", one=_EXAMPLES[0], other=_EXAMPLES[1])
            match route:
                case [str(to), str(interface)] if interface:
                    via = None
                case [str(to), str(interface), str(text)] if interface:
                    via = self._gateway(at, text, expected, route)
                case _:
                    raise UnreadableValueError(self._source, at, expected, route)
            try:
                found = [Network.whole(via.family)] if via else [Network.whole(4), Network.whole(6)]
                found = found if to == _DEFAULT else [Network.parse(to)]
            except ValueError:
                raise UnreadableValueError(self._source, at, expected, route) from None
            if via and found[0].family > via.family:  # an IPv4 route may have an IPv6 gateway (RFC 5549), but not the other way round
                raise UnreadableValueError(self._source, at, message("a gateway of the family of the route"), route)
            yield from (Way(one, interface, via) for one in found)

    def _gateway(self, where: str, text: str, expected: Message, route: object) -> Address:
        try:
            return Address.parse(text)
        except ValueError:
            raise UnreadableValueError(self._source, where, expected, route) from None

    def _settings(self, given: object) -> Mapping[str, int]:
        """The settings, by name."""
        found = {}
        for name, value in self._object("sysctls", given).items():
            if type(value) is not int or not _LEAST <= value <= _MOST:  # no bool
                raise UnreadableValueError(self._source, f"sysctls.{name}", message("a number"), value)
            found[name] = value
        return found

    def _only(self, where: str, given: Mapping[str, object], keys: tuple[str, ...]) -> None:
        """Refuses an object with other keys than these."""
        if unknown := [key for key in given if key not in keys]:
            raise UnreadableValueError(self._source, where, message("only the keys {keys}", keys=", ".join(keys)), unknown)

    def _object(self, where: str, value: object) -> Mapping[str, object]:
        if not isinstance(value, dict) or "" in value:
            raise UnreadableValueError(self._source, where, message("an object, by names"), value)
        return value

    def _items(self, where: str, value: object) -> Iterator[tuple[str, object]]:
        """The values of a list, each with its place."""
        if not isinstance(value, list):
            raise UnreadableValueError(self._source, where, message("a list"), value)
        return ((f"{where}[{number}]", item) for number, item in enumerate(value))

    def _texts(self, where: str, value: object) -> Iterator[tuple[str, str]]:
        """The texts of a list, each with its place."""
        for at, text in self._items(where, value):
            if not isinstance(text, str) or not text:
                raise UnreadableValueError(self._source, at, message("a text in quotes"), text)
            yield at, text


_EXAMPLES = ('["10.244.2.0/24", "cali1"]', '["default", "eth0", "192.168.0.254"]')


def network(text: str) -> tuple[Address, Network]:
    """An address and its network, of `192.168.0.1/24`; without a length the network is the address alone. Raises ValueError."""
    host, slash, length = text.partition("/")
    address = Address.parse(host)
    if slash and not (length.isascii() and length.isdigit() and int(length) <= _BITS[address.family]):
        raise ValueError(text)
    return address, Network.parse(f"{address}/{int(length)}") if slash else Network.of(address)


def assigned(address: Address, of: Network, *, secondary: bool, globally: bool, onlink: bool) -> Assigned:
    """An address as the kernel keeps it: no route follows from a secondary one, nor from a network that is the address alone.

    Without `onlink` none follows anyway: its interface is `lo` or down, or none was wanted (net/ipv4/fib_frontend.c `fib_add_ifaddr`).
    """
    return Assigned(address, of, secondary, globally, onlink and of.single != address and not secondary)


def _is_secondary(address: Address, of: Network, earlier: Iterable[Assigned]) -> bool:
    """Is an address the second one in its network (net/ipv4/devinet.c `__inet_insert_ifa`); IPv6 knows nothing of the kind."""
    return address.family == 4 and any(one.network == of for one in earlier)  # noqa: PLR2004


def _narrow(address: Address) -> bool:
    """Is the scope of an address host or link: 127/8 (iproute2 ip/ipaddress.c `default_scope`), ::1 and fe80::/10 (RFC 4291)."""
    if address.family == 4:  # noqa: PLR2004
        return address.value >> 24 == 127  # noqa: PLR2004 - the first octet
    return address.value == 1 or address.value >> 118 == 0xFE80 >> 6
