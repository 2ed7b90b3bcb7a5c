"""Whether an abstract packet is in a set of ipset, and so what the matches `set` and `ipvs` of a table's rules come to for it.

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
    from collections.abc import Collection, Iterable, Iterator

    from iptexplain.analysis.traffic import Traffic
    from iptexplain.extensions.common.ipset import Entry
    from iptexplain.model.address import Address, Network
    from iptexplain.model.ipset import IpSets, PacketPart
    from iptexplain.model.matching import Field, Question, Wanted
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.values import Mark

_PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132}
_EXTENSIONS = frozenset({"set", "ipvs"})
_MOST_KEPT = 1000
"""So many questions are known by their identity."""


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

    def marked(self, mark: Mark) -> Visit:
        """The packet with another mark."""
        return self._replace(packet=self.packet.marked(mark))

    def comes_from_none_of(self, addresses: Collection[str]) -> bool:
        """Is the source certainly none of these."""
        return self.packet.comes_from_none_of(addresses)

    def test(self, field: Field, wanted: Wanted) -> bool | Question:
        """Is the field in the set."""
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


class Memberships:
    """The answers to what the rules of some tables ask about sets and IPVS, one packet after the other."""

    def __init__(self, tables: Iterable[Table]) -> None:
        """Nothing is known before a packet comes (`visit`)."""
        self._visit: Visit | None = None
        self._place: object = None
        self._matches: dict[Question, SetMatch | Ipvs] = {}
        self._asked: dict[int, tuple[Question, SetMatch | Ipvs | None]] = {}
        self._at_place: dict[int, bool | None] = {}
        self.lines: dict[str, int] = {}
        """Where each set is first asked for."""
        for table in tables:
            for rule in table.rules:
                for match in _matches(rule):
                    if isinstance(match, SetMatch):
                        self.lines.setdefault(match.members.value.name, rule.line)
                    for branch in match.decide():
                        if branch.question is not None:
                            self._matches[branch.question] = match

    def visit(self, visit: Visit) -> None:
        """The packet that questions are about from now on."""
        self._visit = visit
        place = visit.packet.to, visit.packet.port, visit.packet.protocol, visit.to_server
        if place != self._place:
            self._place = place
            self._at_place.clear()

    def answer(self, question: Question) -> bool | None:
        """Does the packet match, None if nobody knows."""
        match = self._match(question)
        if match is None or self._visit is None:
            return None
        if isinstance(match, Ipvs):
            return _of_ipvs(match, self._visit)
        if "src" in match.members.value.parts:
            return _in_set(match, self._visit)
        if id(match) not in self._at_place:  # all packets to one place have the same answer
            self._at_place[id(match)] = _in_set(match, self._visit)
        return self._at_place[id(match)]

    def _match(self, question: Question) -> SetMatch | Ipvs | None:
        """The match that asks; by the identity of the question first, since comparing two of them means writing out their sentences."""
        known = self._asked.get(id(question))
        if known is None:
            if len(self._asked) > _MOST_KEPT:
                self._asked.clear()
            known = self._asked[id(question)] = question, self._matches.get(question)
        return known[1]


def _matches(rule: Rule) -> Iterator[SetMatch | Ipvs]:
    """The matches of a rule that are answered here; without making the others where there is none."""
    if any(clause.name in _EXTENSIONS for clause in rule.shape.clauses):
        for match in binding.matches(rule):
            if isinstance(match, (SetMatch, Ipvs)):
                yield match


def _in_set(match: SetMatch, visit: Visit) -> bool | None:
    """Does the packet match; the counters of its entry are not known (net/netfilter/xt_set.c, `set_match_v4`)."""
    found = visit.is_in(match.members.value, return_no_match=match.return_no_match)
    met = None if found is None else found is not match.members.negated
    counted = (match.packets, match.packets_below, match.packets_above, match.bytes, match.bytes_below, match.bytes_above)
    return met if not met or all(count is None for count in counted) else None


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
