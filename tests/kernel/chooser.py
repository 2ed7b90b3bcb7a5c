"""Random words of rules: networks, addresses, ports, marks, sets; the same for the same seed. What was chosen is likely to come again."""

from __future__ import annotations

import random
from ipaddress import IPv4Address, IPv6Address, ip_network

from tests.kernel.worlds import MARKS, PORTS, WORLDS

USUAL = ("ipsets", "ct", "output", "kube")
TOP = 65535


class Chooser:
    """Chooses for one case."""

    def __init__(self, seed: int, family: int = 4, features: tuple[str, ...] = USUAL) -> None:
        self.seed, self.features = seed, features
        self.random = random.Random(f"{seed} {family}")  # noqa: S311 - the same for the same seed is what is wanted
        self.world = WORLDS[family]
        self.networks = list(self.world.networks)
        self.ports = [80, 40000]
        self.marks = [0]
        self.sets: dict[str, tuple[str, list[str]]] = {}

    def has(self, feature: str, chance: float) -> bool:
        """Shall something of this feature happen."""
        return feature in self.features and self.random.random() < chance

    def likely(self, chance: float) -> bool:
        return self.random.random() < chance

    def inverted(self, chance: float = 0.2) -> str:
        return "! " if self.likely(chance) else ""

    def network(self) -> str:
        found = self.random.choice(self.world.networks)
        if self.likely(0.2):
            bits = 32 if self.world.family == 4 else 128
            length = bits - self.random.choice([24, 17, 9, 5, 2, 1, 0])
            found = str(ip_network(f"{found.split('/')[0]}/{length}", strict=False))
        self.networks += [found, found]
        return found

    def host(self, network: str = "") -> str:
        """An address in a network or just beside it."""
        among = ip_network(network or self.random.choice(self.networks))
        if among.prefixlen < 8:
            return self.random.choice(self.world.elsewhere)
        first, last = int(among.network_address), int(among.broadcast_address)
        inside = self.random.randint(first, min(last, first + 300)) if self.likely(0.7) else self.random.randint(first, last)
        value = self.random.choice([first, last, first - 1, last + 1, inside, inside, min(first + 1, last)])
        return self.usable(value)

    def usable(self, value: int) -> str:
        """The address of this number, another one if packets with it say nothing about rules."""
        lowest, highest = (0x0100_0000, 0xDFFF_FFFE) if self.world.family == 4 else (0x2000 << 112, 0xFEFF << 112)
        if not lowest <= value <= highest:
            return self.random.choice(self.world.elsewhere)
        return str(IPv4Address(value) if self.world.family == 4 else IPv6Address(value))

    def port(self) -> int:
        found = self.random.choice([*PORTS, *self.ports]) if self.likely(0.9) else self.random.randint(1, TOP)
        self.ports.append(found)
        return found

    def ports_range(self) -> str:
        low = self.port()
        if self.likely(0.6):
            return str(low)
        high = min(TOP, low + self.random.choice([0, 1, 2, 10, 1000]))
        self.ports += [low, high]
        return self.random.choice([f"{low}:{high}"] * 4 + [f":{low}", f"{low}:"])

    def mark(self) -> tuple[int, int]:
        value, mask = self.random.choice(MARKS)
        self.marks += [value, mask, value ^ 1]
        return value, mask

    def ending(self, address: str, port: str) -> str:
        """An address and a port, as targets want them."""
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"

    def set_element(self, part: str) -> str:
        match part:
            case "ip":
                found = self.host()
                self.networks.append(found)
                return found
            case "net":
                found = self.network()
                return self.world.cluster if found.endswith("/0") else found
            case "port":
                return f"{self.random.choice(['', 'tcp:', 'udp:', 'sctp:'])}{self.port()}"
            case _:
                return self.random.choice(["eth0", "cni0", "docker0", "cali123", "lo"])

    def set_entry(self, kind: str) -> str:
        if kind == "bitmap:port":
            return str(self.port())
        if kind == "bitmap:ip":
            found = f"10.244.1.{self.random.randint(0, 255)}"
            self.networks.append(found)
            return found
        entry = ",".join(self.set_element(part) for part in kind.removeprefix("hash:").split(","))
        return f"{entry} nomatch" if "net" in kind and kind != "hash:net,iface" and self.likely(0.15) else entry

    def new_set(self) -> tuple[str, str]:
        """The name and the type of a set."""
        if self.sets and self.likely(0.6):
            name = self.random.choice(sorted(self.sets))
            return name, self.sets[name][0]
        kind, name = self.random.choice(self.world.set_types), f"S{len(self.sets)}"
        more = {"bitmap:port": " range 0-65535", "bitmap:ip": " range 10.244.1.0/24"}.get(kind, "")
        if self.world.family == 6 and kind != "bitmap:port":
            more = " family inet6"
        entries = [f"add {name} {self.set_entry(kind)}" for _ in range(self.random.randint(1, 5))]
        self.sets[name] = kind, [f"create {name} {kind}{more}", *entries]
        return name, kind

    def inside(self, network: str) -> str:
        """An address in a network."""
        among = ip_network(network)
        if among.prefixlen < 8:
            return self.host()
        first, last = int(among.network_address), int(among.broadcast_address)
        return self.usable(self.random.choice([min(first + 1, last), max(last - 1, first), self.random.randint(first, last)]))


__all__ = ["TOP", "USUAL", "Chooser"]
