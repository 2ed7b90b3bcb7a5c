"""Abstract packets: the first packet of a connection from a pod, from the node or from outside, to a place where a Service listens.

Nobody knows the exact source, so it is *some* member of a network, and every test asks whether all such members pass. A single address in a
rule (the hairpin rule of an endpoint) is not that member. What this does not settle is a `Question`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.common.extension import Extension
from iptexplain.model.address import Address, Network
from iptexplain.model.matching import Field, Question, SetMark
from iptexplain.model.values import Interface, Mark, PortList, Ports, TcpFlags, Words
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from iptexplain.model.matching import Change, Wanted

POD = "pod"
NODE = "node"
OUTSIDE = "outside"
OUTSIDE_ALLOWED = "outside_allowed"

_WHOLE = {4: 32, 6: 128}
_LOOPBACK = {4: Network.parse("127.0.0.0/8"), 6: Network.of(Address(6, 1))}
_PROTOCOLS = {"tcp": ("tcp", "6", "all"), "udp": ("udp", "17", "all"), "sctp": ("sctp", "132", "all")}
"""How a rule may name each protocol (/etc/protocols)."""

_SYN = frozenset({"SYN"})


class Source(NamedTuple):
    """Where a packet comes from: some address of `network` that is in none of `outside_of`.

    `interface` is where it arrives: an interface or a prefix, None if only `not_interface` is known. The node's own have `local`.
    """

    kind: str
    network: Network
    outside_of: tuple[Network, ...] = ()
    interface: Interface | None = None
    not_interface: Interface | None = None
    local: bool = False

    def holds(self, wanted: Network, destination: Address | None) -> bool | Question:
        """Is the source in the network."""
        if self.local and wanted.single is not None and wanted.single == destination:
            # A node that speaks to an address of its own uses that address as source: the KUBE-FW rule for the node (`-s <LB IP>/32`).
            return True
        if any(net.covers(wanted) for net in self.outside_of):
            return False
        if wanted.covers(self.network):
            return True
        if wanted.single is not None or not wanted.meets(self.network):
            return False
        return Question("source", message("the source is in {network}", network=wanted))

    def arrives(self, wanted: Interface) -> bool | Question:
        """Does the packet arrive on the interface."""
        if self.local:
            return wanted.holds("")
        if wanted.name == "" and wanted.prefix:
            return True
        if self.interface is not None:
            if wanted.covers(self.interface):
                return True
            if not self.interface.covers(wanted):
                return False
        elif (self.not_interface is not None and self.not_interface.covers(wanted)) or wanted == Interface("lo", prefix=False):
            return False
        return Question("interface", message("the packet arrives on {interface}", interface=wanted))


class Traffic(NamedTuple):
    """The first packet of a connection; a `State` of the walk.

    `to` None is some address of this node, no particular one; `to_local` says whether the destination is an address of this node.
    """

    family: int
    source: Source
    to: Address | None
    to_local: bool
    protocol: str
    port: int
    mark: int = 0

    @property
    def destination(self) -> Address | None:
        """The destination address, None for some address of the node."""
        return self.to

    @property
    def destination_port(self) -> int:
        """The destination port."""
        return self.port

    def changed(self, change: Change) -> Traffic:
        """The packet with another mark; what else targets change, no rule of kube-proxy's asks for."""
        return self._replace(mark=change.mark.put(self.mark)) if isinstance(change, SetMark) else self

    def learned(self, question: Question, answer: bool) -> Traffic:  # noqa: ARG002, FBT001 - the walk knows what was answered
        """The same packet."""
        return self

    @property
    def own_network(self) -> str | None:
        """The network of the destination alone, `10.0.0.1/32`; None for some address of the node."""
        return None if self.to is None else f"{self.to}/{_WHOLE[self.family]}"

    def comes_from_none_of(self, addresses: Collection[str]) -> bool:
        """An unknown source is no address in particular, except that a node speaks to an address of its own from that address."""
        return not self.source.local or self.own_network not in addresses

    def test(self, field: Field, wanted: Wanted) -> bool | Question:
        """Is the field in the set."""
        known = _TESTS.get(field)
        found = None if known is None else known(self, wanted)
        return _unknown(field, wanted) if found is None else found

    def goes_to(self, wanted: Network) -> bool | Question:
        """Is the destination in the network."""
        if self.to is not None:
            return wanted.holds(self.to)
        if wanted.mask == 0:
            return True
        if wanted.single is not None or _LOOPBACK[self.family].covers(wanted):
            return False
        return Question("destination", message("the node's address is in {network}", network=wanted))


def _unknown(field: Field, wanted: Wanted) -> Question:
    """Something that is not known of packets of this kind."""
    if isinstance(wanted, Extension):
        return wanted.question()
    return Question("packet", message("the {field} is {wanted}", field=message(field.value), wanted=wanted))


def _in_source(packet: Traffic, wanted: Wanted) -> bool | Question | None:
    return packet.source.holds(wanted, packet.to) if isinstance(wanted, Network) else None


def _in_destination(packet: Traffic, wanted: Wanted) -> bool | Question | None:
    return packet.goes_to(wanted) if isinstance(wanted, Network) else None


def _in_interface(packet: Traffic, wanted: Wanted) -> bool | Question | None:
    return packet.source.arrives(wanted) if isinstance(wanted, Interface) else None


def _in_flags(packet: Traffic, wanted: Wanted) -> bool | None:
    return packet.protocol == "tcp" and wanted.looked_at & _SYN == wanted.wanted if isinstance(wanted, TcpFlags) else None


def _no(_packet: Traffic, _wanted: Wanted) -> bool:
    return False


_TESTS: dict[Field, Callable[[Traffic, Wanted], bool | Question | None]] = {
    Field.SOURCE: _in_source,
    Field.DESTINATION: _in_destination,
    Field.PROTOCOL: lambda packet, wanted: wanted in _PROTOCOLS.get(packet.protocol, (packet.protocol,)),
    Field.DESTINATION_PORT: lambda packet, wanted: wanted.holds(packet.port) if isinstance(wanted, (Ports, PortList)) else None,
    Field.MARK: lambda packet, wanted: wanted.holds(packet.mark) if isinstance(wanted, Mark) else None,
    Field.STATE: lambda _, wanted: wanted.holds("NEW") if isinstance(wanted, Words) else None,
    Field.SOURCE_TYPE: lambda packet, wanted: (
        wanted.holds("LOCAL" if packet.source.local else "UNICAST") if isinstance(wanted, Words) else None
    ),
    Field.DESTINATION_TYPE: lambda packet, wanted: (
        wanted.holds("LOCAL" if packet.to_local else "UNICAST") if isinstance(wanted, Words) else None
    ),
    Field.IN: _in_interface,
    Field.TCP_FLAGS: _in_flags,
    Field.FRAGMENT: _no,
    Field.BRIDGE_IN: _no,
    Field.BRIDGE_OUT: _no,
    Field.BRIDGED: _no,
}
"""How each field is looked at; a field that is not here, or a set of another kind, is a question."""


def pod(family: int, cluster: Network | None, interface: Interface | None, refused: tuple[Network, ...] = ()) -> Source:
    """A pod as the dump's own local detector sees it; without one, a source that is neither local nor special.

    `refused` are networks that pods are taken to be outside of (source ranges that do not hold the whole cluster CIDR).
    """
    return Source(POD, cluster or Network.whole(family), (*refused, _LOOPBACK[family]), interface)


def node(family: int, not_in: tuple[Network, ...]) -> Source:
    """A process of the node, with a source address of the node that is in none of the networks `not_in`."""
    return Source(NODE, Network.whole(family), (*not_in, _LOOPBACK[family]), local=True)


def outside(family: int, not_in: tuple[Network, ...], not_interface: Interface | None, within: Network | None = None) -> Source:
    """Neither a pod nor the node; `within` limits where from."""
    kind = OUTSIDE if within is None else OUTSIDE_ALLOWED
    return Source(kind, within or Network.whole(family), (*not_in, _LOOPBACK[family]), not_interface=not_interface)


class Sources:
    """The kinds of source, as a dump tells them apart: by the Pods' addresses (`cluster`) or interface, None where it does not tell."""

    def __init__(self, family: int, cluster: Network | None, interface: Interface | None) -> None:
        """`family` is 4 or 6."""
        self._family = family
        self._cluster = cluster
        self._interface = interface
        self._known: dict[tuple[Network, ...], tuple[Source, ...]] = {}

    def of(self, ranges: tuple[Network, ...] = ()) -> tuple[Source, ...]:
        """A Pod, the node, somebody outside; with source ranges a fourth, inside of an allowed one."""
        found = self._known.get(ranges)
        if found is None:
            found = self._known[ranges] = self._find(ranges)
        return found

    def _find(self, ranges: tuple[Network, ...]) -> tuple[Source, ...]:
        family, cluster = self._family, (self._cluster,) if self._cluster is not None else ()
        pods = self._cluster or Network.whole(family)
        refused = tuple(net for net in ranges if not net.covers(pods))
        narrow = tuple(net for net in ranges if net.mask)
        found = (
            pod(family, self._cluster, self._interface, refused),
            node(family, (*cluster, *narrow)),
            outside(family, (*cluster, *narrow), self._interface),
        )
        if not ranges:
            return found
        allowed = next((net for net in ranges if not any(c.covers(net) for c in cluster)), ranges[0])
        return (*found, outside(family, cluster, self._interface, allowed))
