"""Random rules, and packets that go to their edges: the same for the same seed.

What a case holds is said by features: `ct` (packets of connections that there are already, connection marks), `output` (packets of the node
itself), `ipsets`, `kube` (nat as kube-proxy writes it), `random` (statistic), `stateful` (nth, limit, recent), `rare` (NETMAP, TTL, TOS,
SET, NFQUEUE, CT, rpfilter, owner, other protocols, …).
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, NamedTuple

from tests.kernel.chooser import TOP, USUAL
from tests.kernel.oracle import Probe, Topology
from tests.kernel.rules import PORTFUL, Hint, RuleMaker
from tests.kernel.worlds import PROTOCOLS


class Case(NamedTuple):
    """Rules, the sets they name, packets, and the node they meet."""

    seed: int
    family: int
    dump: str
    ipsets: str
    packets: tuple[Probe, ...]
    features: tuple[str, ...]
    node: Topology

    def json(self) -> dict[str, Any]:
        """The case as it is recorded."""
        return {
            "seed": self.seed, "family": self.family, "dump": self.dump, "ipsets": self.ipsets, "features": list(self.features),
            **self.node.json(), "packets": [packet.json() for packet in self.packets],
        }  # fmt: skip


class Generator(RuleMaker):
    """Makes one case."""

    def foreign(self) -> str:
        """A source that the routing of IPv4 does not refuse for itself: such packets say nothing about rules."""
        for _ in range(20):
            found = self.host()
            if not self.refused(found):
                return found
        return self.world.usual_source

    def refused(self, source: str) -> bool:
        if self.world.family == 6:
            return source == "::1"
        return source in self.world.own or source.startswith("127.") or source.endswith((".0", ".255")) or source == "203.0.113.15"

    def packet(self) -> Probe:
        """A packet, most often one that a rule is meant for."""
        near = [max(0, min(TOP, self.random.choice(self.ports) + self.random.choice([0, 0, 0, 1, -1]))) for _ in range(2)]
        sport = self.random.choice([near[1], self.random.randint(1024, TOP), self.random.randint(1024, TOP)]) or 1
        dst = self.random.choice(self.world.own) if self.likely(0.25) else self.host()
        found = Probe(self.random.choice(PROTOCOLS), self.world.usual_source, dst, sport=sport, dport=near[0] or 1)
        found = self.sent(found) if self.has("output", 0.3) else self.coming(found)
        if self.likely(0.25):
            found = found._replace(mark=self.random.choice(self.marks) & 0xFFFFFFFF)
        if self.hints and self.likely(0.6):
            translating = [hint for hint in self.hints if hint.translates]
            found = self.aimed(found, self.random.choice(translating if translating and self.likely(0.6) else self.hints))
        return self.detailed(found)

    def sent(self, packet: Probe) -> Probe:
        """The node itself sends it; to no link-local address, for which a program has to say the interface."""
        if ip_address(packet.dst).is_link_local:
            packet = packet._replace(dst=self.world.own[0])
        source = packet.dst if packet.dst in self.world.own and self.likely(0.5) else self.random.choice(self.world.own)
        if ip_address(packet.dst).is_loopback:
            source = "127.0.0.1" if self.world.family == 4 else "::1"
        return packet._replace(iif=None, src=source)

    def coming(self, packet: Probe) -> Probe:
        dst = self.world.own[0] if ip_address(packet.dst).is_loopback else packet.dst
        return packet._replace(iif=self.random.choice(["eth0", *self.world.node.interfaces]), src=self.foreign(), dst=dst)

    def detailed(self, packet: Probe) -> Probe:
        """With its flags, its type, its connection and its rarer fields."""
        if packet.proto == "tcp" and self.likely(0.15):
            packet = packet._replace(flags=self.random.choice(["SA", "A", "R", "FA", "RA", "", "SF", "PA", "SR", "FPU"]))
        if packet.proto == "icmp":
            kind, code = self.random.choice(self.world.icmp_packets)
            packet = packet._replace(icmp_type=kind, icmp_code=code)
        if self.has("ct", 0.25):
            packet = self.known(packet)
        if self.likely(0.05):
            packet = packet._replace(ttl=self.random.choice([2, 63, 128]))
        if self.likely(0.05):
            packet = packet._replace(tos=self.random.choice([0x10, 0x08]))
        if self.likely(0.05):
            packet = packet._replace(payload=self.random.choice([10, 100]))
        if self.has("rare", 0.02):
            packet = packet._replace(bad_csum=packet.iif is not None and packet.ct == "new")
        return packet

    def known(self, packet: Probe) -> Probe:
        """A packet of a connection that there is already."""
        ct = self.random.choice(["established", "reply", "established", "related"])
        if packet.proto not in {*PORTFUL, "icmp"}:
            return packet
        packet = packet._replace(ct=ct, ct_mark=self.random.choice(self.marks) & 0xFFFFFFFF if self.likely(0.4) else 0)
        if packet.proto == "tcp":
            packet = packet._replace(flags=self.random.choice(["A", "PA", "FA", "A"]))
        if packet.proto == "icmp":
            request, answer = (8, 0) if self.world.family == 4 else (128, 129)
            packet = packet._replace(icmp_type=answer if ct == "reply" else request, icmp_code=0)
        return packet

    def aimed(self, packet: Probe, hint: Hint) -> Probe:
        """The packet changed into, almost, what the rule matches."""
        wanted = hint.wanted
        if "proto" in wanted and self.likely(0.95):
            packet = packet._replace(proto=wanted["proto"])
        if "dport" in wanted and self.likely(0.9):
            low, colon, high = wanted["dport"].partition(":")
            first, last = int(low or 0), int(high) if high else TOP if colon else int(low)
            port = self.random.choice(
                [first, last, self.random.randint(min(first, last), max(first, last)), first, last + self.random.choice([0, 1, -1])]
            )
            packet = packet._replace(dport=max(1, min(TOP, port)))
        if "mark" in wanted and self.likely(0.8):
            packet = packet._replace(mark=wanted["mark"])
        if "output" in self.features and (hint.chain == "OUTPUT" or (hint.user and self.likely(0.2))):
            packet = packet if packet.iif is None else self.sent(packet)
        elif hint.chain in {"PREROUTING", "INPUT", "FORWARD"} and packet.iif is None:
            packet = packet._replace(iif="eth0", src=self.world.usual_source)
            packet = packet._replace(dst=self.world.own[0]) if ip_address(packet.dst).is_loopback else packet
        if "-i" in wanted and packet.iif is not None and self.likely(0.9):
            stem = wanted["-i"].rstrip("+")
            names = [
                name
                for name in self.world.node.interfaces
                if name == wanted["-i"] or (wanted["-i"].endswith("+") and name.startswith(stem))
            ]
            packet = packet._replace(iif=self.random.choice(names or [packet.iif]))
        return self.aimed_at(packet, hint)

    def aimed_at(self, packet: Probe, hint: Hint) -> Probe:
        """With addresses that the rule matches."""
        wanted = hint.wanted
        if "-d" in wanted and self.likely(0.9):
            dst = self.inside(wanted["-d"])
            dst = self.world.own[0] if packet.iif is None and ip_address(dst).is_link_local else dst
            if packet.iif is None and ip_address(dst).is_loopback:
                packet = packet._replace(src="127.0.0.1" if self.world.family == 4 else "::1")
            if packet.iif is None or not ip_address(dst).is_loopback:
                packet = packet._replace(dst=dst)
        elif hint.chain == "INPUT" and self.likely(0.8):
            packet = packet._replace(dst=self.random.choice(self.world.own))
        if "-s" in wanted and self.likely(0.9):
            src = self.inside(wanted["-s"])
            if src in self.world.own if packet.iif is None else not self.refused(src):
                packet = packet._replace(src=src)
        return packet

    def case(self, count: int = 30) -> Case:
        """The rules and so many packets."""
        tables = []
        kube = self.has("kube", 0.5)
        for name, chance in (("raw", 0.3), ("mangle", 0.6), ("nat", 0.8), ("filter", 0.95), ("security", 0.05)):
            if name == "nat" and kube:
                tables.append(self.kube_nat())
            elif self.likely(chance):
                tables.append(self.table(name))
        dump = "\n".join([*(tables or [self.table("filter")]), ""])
        packets = tuple(self.packet() for _ in range(count))
        sets = "".join(f"{line}\n" for _, lines in self.sets.values() for line in lines)
        return Case(self.seed, self.world.family, dump, sets, packets, tuple(sorted(self.features)), self.world.node)


def case(seed: int, family: int = 4, features: tuple[str, ...] = USUAL, count: int = 30) -> Case:
    """The case of a seed."""
    return Generator(seed, family, features).case(count)


__all__ = ["USUAL", "Case", "case"]
