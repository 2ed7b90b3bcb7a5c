"""Whether an abstract packet is in a set of ipset or belongs to a connection of IPVS: a `State` of the walk that knows both.

The source of the packet is some member of a network (`analysis.traffic`), and it is no single address in particular, so it is in no set of
single addresses; except that the node speaks to an address of its own from that address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.extensions.matches.ipvs import Ipvs
from iptexplain.extensions.matches.set import SetMatch
from iptexplain.model import ipset
from iptexplain.model.ipset import Absent, Device, Port
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from iptexplain.analysis.traffic import Traffic
    from iptexplain.extensions.common.ipset import Entry
    from iptexplain.model.address import Address, Network
    from iptexplain.model.ipset import IpSets, PacketPart
    from iptexplain.model.matching import Change, Field, Question, Wanted
    from iptexplain.model.ruleset import Table

_PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132}


class Visit(NamedTuple):
    """A packet on its way; a `State` of the walk that knows the sets. `to_server`: IPVS has chosen a server for it already."""

    packet: Traffic
    sets: IpSets | None
    to_server: bool = False

    @property
    def mark(self) -> int:
        """The packet's mark."""
        return self.packet.mark

    @property
    def destination(self) -> Address | None:
        """Where the packet was sent to; behind IPVS some server."""
        return None if self.to_server else self.packet.destination

    @property
    def destination_port(self) -> int | None:
        """The port that the packet was sent to, None behind IPVS."""
        return None if self.to_server else self.packet.destination_port

    def changed(self, change: Change) -> Visit:
        """The packet after a target has changed it."""
        return self._replace(packet=self.packet.changed(change))

    def learned(self, question: Question, answer: bool) -> Visit:  # noqa: ARG002, FBT001 - the walk knows what was answered
        """The same packet."""
        return self

    def comes_from_none_of(self, addresses: Collection[str]) -> bool:
        """Is the source certainly none of these."""
        return self.packet.comes_from_none_of(addresses)

    def test(self, field: Field, wanted: Wanted) -> bool | Question:
        """Is the field in the set; a question also where nobody knows what is in a set, or which server IPVS has chosen."""
        if isinstance(wanted, SetMatch):
            found = self.is_in(wanted.members.value, return_no_match=wanted.return_no_match)
            return wanted.question() if found is None else found
        if isinstance(wanted, Ipvs):
            found = _of_ipvs(wanted, self)
            return wanted.question() if found is None else found
        return self.packet.test(field, wanted)

    def is_in(self, entry: Entry, *, return_no_match: bool = False) -> bool | None:
        """Is the packet in a set of the node; None if the set is not given, or if that depends on what is not known."""
        if self.sets is None or self.to_server:
            return None
        found = self.sets.sets.get(entry.name)
        single = found is not None and found.options.mask is None
        return self.sets.holds(entry.name, entry.parts, _Parts(self.packet, single), return_no_match=return_no_match)


class _Parts(NamedTuple):
    """What an abstract packet has for the entries of a set; `single`: the set's addresses stand for themselves."""

    packet: Traffic
    single: bool

    @property
    def family(self) -> int:
        """4 or 6."""
        return self.packet.family

    def part(self, kind: str, direction: str) -> PacketPart:
        """One part, None if nobody knows it."""
        packet, source = self.packet, self.packet.source
        if kind in {ipset.IP, ipset.NET}:
            address = packet.to if direction == "dst" or source.local else None
            if kind == ipset.IP and self.single:
                return address if address is not None else Absent()
            return address if address is not None and direction == "dst" else _Address(packet, direction)
        if kind == ipset.PORT and direction == "dst":
            protocol = _PROTOCOLS.get(packet.protocol)
            return None if protocol is None else Port(protocol, packet.port)
        if kind == ipset.DEVICE and direction == "src":
            if source.local:
                return Absent()
            return None if source.interface is None or source.interface.prefix else Device(source.interface.name)
        return None


class _Address:
    """The source or the destination of an abstract packet; `ipset.Somewhere`."""

    __slots__ = ("direction", "packet")

    def __init__(self, packet: Traffic, direction: str) -> None:
        self.packet = packet
        self.direction = direction

    def within(self, network: Network) -> bool | None:
        """Is it in a network."""
        packet = self.packet
        found = packet.goes_to(network) if self.direction == "dst" else packet.source.holds(network, packet.to)
        return found if isinstance(found, bool) else None


def set_lines(tables: Iterable[Table]) -> dict[str, int]:
    """Where each set is first asked for."""
    found: dict[str, int] = {}
    for table in tables:
        for rule in table.rules:
            if any(clause.name == "set" for clause in rule.shape.clauses):  # without making the matches of all other rules
                for match in binding.matches(rule):
                    if isinstance(match, SetMatch):
                        found.setdefault(match.members.value.name, rule.line)
    return found


def _of_ipvs(match: Ipvs, visit: Visit) -> bool | None:
    """Is it the packet of a connection that IPVS has: that it was sent to, in its original direction (net/netfilter/xt_ipvs.c)."""
    packet = visit.packet
    if not visit.to_server:
        return match.ipvs is not None and match.ipvs.negated
    asked = ((match.ipvs, True), (match.protocol, _PROTOCOLS.get(packet.protocol)), (match.port, packet.port))
    met = [(given.value == known) is not given.negated for given, known in asked if given is not None]
    if match.address is not None:
        wanted = match.address.value
        if packet.to is None or wanted.length is not None:
            return None
        met.append((wanted.address == packet.to) is not match.address.negated)
    if not all(met) or match.direction == "REPLY":
        return False
    return None if match.method is not None or match.control_port is not None else True
