"""What stays the same during a trace: the node, the packet as it was said, and what the dump proves about addresses.

Unknown things have a *key* (`("local", address)`); what a branch of the trace has assumed about them is kept in its `State` by that key.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from iptexplain.model import names
from iptexplain.model.address import IPV4, IPV6, Address, Network
from iptexplain.model.node import LOOPBACK
from iptexplain.model.packet import ICMP, ICMPV6, RELATED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from iptexplain.model.node import Assigned, Link, Node
    from iptexplain.model.packet import Packet

_LOOPBACK_NETWORK = {4: Network.parse("127.0.0.0/8"), 6: Network.parse("::1/128")}
_MULTICAST = {4: Network.parse("224.0.0.0/4"), 6: Network.parse("ff00::/8")}
_EVERYBODY = Address.parse("255.255.255.255")
_NOBODY = {Address(4, 0), Address(6, 0)}
_LINK_LOCAL = {4: Network.parse("169.254.0.0/16"), 6: Network.parse("fe80::/10")}
_LAST_OF_LO = Address.parse("127.255.255.255")

LOCAL, BROADCAST, MULTICAST, UNICAST, ANYCAST = "LOCAL", "BROADCAST", "MULTICAST", "UNICAST", "ANYCAST"


class Ground:
    """The node. `proven` says of an address whether it is one of the node's own, as far as the dump itself proves that."""

    def __init__(self, node: Node, proven: Callable[[Address], bool | None] = lambda _: None) -> None:
        """See the class."""
        self.node = node
        self._proven = proven
        self._types: dict[Address, str] = {}
        self._on: dict[Address, set[str]] = {}
        self._addresses: dict[str, tuple[Assigned, ...]] = {}
        for name, link in node.links.items():
            self._addresses[name] = link.addresses
            for assigned in link.addresses:
                self._types[assigned.address] = LOCAL
                self._on.setdefault(assigned.address, set()).add(name)
        self._own_networks = [way.to for way in node.ways if way.kind == "local"]
        self._own_networks += [a.network for a in node.links[LOOPBACK].addresses if a.address.family == IPV4]
        for link in node.links.values():
            for assigned in link.addresses:
                last = last_of(assigned.network)
                if last is not None:
                    self._types.setdefault(last, BROADCAST)
                    self._on.setdefault(last, set()).add(link.name)
                first = Address(assigned.network.family, assigned.network.value)
                if first.family == IPV6 and assigned.network.single is None:
                    self._types.setdefault(first, ANYCAST)  # the routers of a subnet (RFC 4291): a node that forwards is one

    def type_of(self, address: Address) -> str | None:
        """What kind of address it is to the node, None if nobody knows (fib_frontend.c `inet_dev_addr_type`, addrconf_core.c)."""
        found = self._types.get(address)
        if found is not None:
            return found
        if _MULTICAST[address.family].holds(address):
            return MULTICAST
        if address.family == IPV4:
            if address == _EVERYBODY or address in _NOBODY:
                return BROADCAST
            if address == _LAST_OF_LO:
                return BROADCAST
        if _LOOPBACK_NETWORK[address.family].holds(address) or any(net.holds(address) for net in self._own_networks):
            return LOCAL
        proven = False if self.node.links_known else self._proven(address)
        return None if proven is None else LOCAL if proven else UNICAST

    def is_anycast(self, address: Address) -> bool:
        """Is it the address of the routers of a connected network (IPv6; net/ipv6/anycast.c `ipv6_chk_acast_addr`, route.c)."""
        if address.family == IPV4:
            return False
        onlink = (way for way in self.node.ways if way.gateway is None and way.kind == "unicast" and way.to.single is None)
        return self._types.get(address) == ANYCAST or any(way.to.value == address.value and way.to.family == IPV6 for way in onlink)

    def type_on(self, address: Address, interface: str) -> str | None:
        """As `type_of`, where only the addresses of one interface count (`addrtype --limit-iface-in`)."""
        found = self.type_of(address)
        if found not in {LOCAL, BROADCAST} or address == _EVERYBODY or address in _NOBODY:
            return found
        if _LOOPBACK_NETWORK[address.family].holds(address):
            return found if interface == LOOPBACK else UNICAST
        if not self.node.links_known:
            return None
        return found if interface in self._on.get(address, ()) else UNICAST

    def addresses(self, interface: str) -> tuple[Assigned, ...] | None:
        """The addresses of an interface in their order, None if they are not known."""
        found = self._addresses.get(interface)
        return found if found is not None or not self.node.links_known else ()

    @property
    def links(self) -> Mapping[str, Link]:
        """The known interfaces."""
        return self.node.links

    def setting(self, name: str, interface: str, default: int = 0) -> int:
        """A setting of an interface, the greater of its own and that of all (include/linux/inetdevice.h `IN_DEV_MAXCONF`)."""
        sysctls = self.node.sysctls
        return max(sysctls.get(f"net.ipv4.conf.{which}.{name}", default) for which in ("all", interface))


def last_of(network: Network) -> Address | None:
    """The broadcast address of a subnet; None where there is none (IPv6, /31, /32)."""
    rest = ~network.mask & 0xFFFFFFFF
    return Address(4, network.value | rest) if network.family == IPV4 and rest > 1 else None


def is_loopback(address: Address | None) -> bool:
    """Is it in 127.0.0.0/8, or ::1."""
    return address is not None and _LOOPBACK_NETWORK[address.family].holds(address)


def is_multicast(address: Address | None) -> bool:
    """Is it a multicast address."""
    return address is not None and _MULTICAST[address.family].holds(address)


def is_link_local(address: Address | None) -> bool:
    """Is it only valid on one link."""
    return address is not None and _LINK_LOCAL[address.family].holds(address)


def is_nowhere(address: Address | None) -> bool:
    """Is it 0.0.0.0, or ::."""
    return address in _NOBODY


def is_everybody(address: Address | None) -> bool:
    """Is it 255.255.255.255."""
    return address == _EVERYBODY


class Scene:
    """One packet on one node.

    `said` is the packet as it was said, `packet` as rules see it: one that is said to be `related` is an ICMP error about the flow that was
    said. `backend` is nft or legacy. `at` is the time for matches that ask for it, None if nobody said. `protocols` are the names by which
    rules may call its protocol.
    """

    __slots__ = ("at", "backend", "family", "ground", "packet", "protocols", "said")

    def __init__(self, ground: Ground, said: Packet, backend: str, at: datetime | None = None) -> None:
        """See the class."""
        self.ground = ground
        self.said = said
        self.packet = _error(said) if said.connection == RELATED else said
        self.backend = backend
        self.at = at
        self.family = said.family
        self.protocols = _names(self.packet.protocol)


@cache
def _names(protocol: int) -> frozenset[str]:
    return frozenset({names.protocol(str(protocol)), str(protocol), "all", "0"})


def _error(flow: Packet) -> Packet:
    """The ICMP port-unreachable about a flow."""
    protocol, kind, code = (ICMP, 3, 3) if flow.family == IPV4 else (ICMPV6, 1, 4)
    return flow._replace(protocol=protocol, icmp_type=kind, icmp_code=code, source_port=0, destination_port=None)
