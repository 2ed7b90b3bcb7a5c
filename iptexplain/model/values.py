"""The smaller values in rules: ports, marks, thresholds, interfaces, flags. Each is read from its saved form; `str` gives it back."""

from __future__ import annotations

from iptexplain.model.names import number, port
from iptexplain.named import NamedTuple

_PORT_MAX = 0xFFFF
_MARK_MAX = 0xFFFFFFFF
_MOST_PORTS = 15

CERTAIN = 1 << 31
"""The threshold that every draw is below."""

TCP_FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG")
"""The flags in the order of iptables-save."""


class Ports(NamedTuple):
    """The ports from `first` to `last`, both included."""

    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Ports:
        """Read `80`, `8000:8010`, `:1024`, `1024:`, or names of services (`ssh`). Raises ValueError."""
        low, colon, high = text.partition(":")
        if not (low or high or colon):
            raise ValueError(text)
        first = port(low) if low else 0
        last = port(high) if high else (_PORT_MAX if colon else first)
        if not 0 <= first <= last <= _PORT_MAX:
            raise ValueError(text)
        return cls(first, last)

    def holds(self, port: int) -> bool:
        """Is the port one of them."""
        return self.first <= port <= self.last

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}:{self.last}"


class PortList(NamedTuple):
    """Ports and ranges of ports, in the order of the rule."""

    ports: tuple[Ports, ...]

    @classmethod
    def parse(cls, text: str) -> PortList:
        """Read `ssh,80,8000:8010`, at most 15 numbers; both ends of a range have to be written, and to differ. Raises ValueError."""
        found = tuple([cls._ports(part) for part in text.split(",")])
        if sum(1 if ports.first == ports.last else 2 for ports in found) > _MOST_PORTS:
            raise ValueError(text)
        return cls(found)

    @staticmethod
    def _ports(text: str) -> Ports:
        low, colon, high = text.partition(":")
        found = Ports(port(low), port(high if colon else low))
        if colon and found.first >= found.last:
            raise ValueError(text)
        return found

    def holds(self, port: int) -> bool:
        """Is the port one of them."""
        return any(first <= port <= last for first, last in self.ports)

    def __str__(self) -> str:
        return ",".join(map(str, self.ports))


class Mark(NamedTuple):
    """A value of the bits in `mask` of a packet's mark."""

    value: int
    mask: int = _MARK_MAX

    @classmethod
    def parse(cls, text: str) -> Mark:
        """Read `0x4000/0x4000` or `0x1`. Raises ValueError."""
        value, slash, mask = text.partition("/")
        found = cls(number(value), number(mask) if slash else _MARK_MAX)
        if not (0 <= found.value <= _MARK_MAX and 0 <= found.mask <= _MARK_MAX):
            raise ValueError(text)
        return found

    def holds(self, mark: int) -> bool:
        """Does a packet with this mark have these bits (net/netfilter/xt_mark.c, `mark_mt`)."""
        return mark & self.mask == self.value

    def put(self, mark: int) -> int:
        """The mark of a packet after `--set-xmark` of this (net/netfilter/xt_mark.c, `mark_tg`)."""
        return (mark & ~self.mask & _MARK_MAX) ^ self.value

    def __str__(self) -> str:
        return f"{self.value:#x}" if self.mask == _MARK_MAX else f"{self.value:#x}/{self.mask:#x}"


class Threshold(NamedTuple):
    """A chance as the kernel keeps it: `k` of 2³¹ (net/netfilter/xt_statistic.c compares 31 random bits)."""

    k: int

    @classmethod
    def parse(cls, text: str) -> Threshold:
        """Read `0.33333333349`: iptables rounds p·2³¹ to the nearest integer (libxt_statistic.c). Raises ValueError."""
        chance = float(text)
        if not 0 <= chance <= 1:
            raise ValueError(text)
        return cls(int(chance * CERTAIN + 0.5))

    def __str__(self) -> str:
        return f"{self.k / CERTAIN:.11f}"


class Interface(NamedTuple):
    """An interface by name, or all whose names begin so (`veth+`)."""

    name: str
    prefix: bool

    @classmethod
    def parse(cls, text: str) -> Interface:
        """Read `eth0` or `veth+`."""
        return cls(text.removesuffix("+"), text.endswith("+"))

    def holds(self, name: str) -> bool:
        """Is this the interface; a packet without one has the name "" (net/ipv4/netfilter/ip_tables.c, `ip_packet_match`)."""
        return name.startswith(self.name) if self.prefix else name == self.name

    def covers(self, other: Interface) -> bool:
        """Is every interface of the other one of these."""
        return other.name.startswith(self.name) if self.prefix else (not other.prefix and other.name == self.name)

    def __str__(self) -> str:
        return self.name + ("+" if self.prefix else "")


class Words(NamedTuple):
    """A set of names written with commas: `RELATED,ESTABLISHED`."""

    names: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Words:
        """Read the names in their order."""
        return cls(tuple(text.split(",")))

    def holds(self, name: str) -> bool:
        """Is the name among them."""
        return name in self.names

    def __str__(self) -> str:
        return ",".join(self.names)


class TypesOn(NamedTuple):
    """Types of an address where only the addresses of one interface count as the node's own: of the `output`, else the input interface."""

    types: Words
    output: bool

    def holds(self, name: str) -> bool:
        """Is the type, found so, among them."""
        return name in self.types.names

    def __str__(self) -> str:
        return f"{self.types} --limit-iface-{'out' if self.output else 'in'}"


class TcpFlags(NamedTuple):
    """Which TCP flags are looked at, and which of these must be set."""

    looked_at: frozenset[str]
    wanted: frozenset[str]

    @classmethod
    def parse(cls, looked_at: str, wanted: str) -> TcpFlags:
        """Read `FIN,SYN,RST,ACK SYN`; `ALL` and `NONE` are understood. Raises ValueError."""
        return cls(cls._flags(looked_at), cls._flags(wanted))

    @classmethod
    def _flags(cls, text: str) -> frozenset[str]:
        if text == "ALL":
            return frozenset(TCP_FLAGS)
        found = frozenset() if text == "NONE" else frozenset(text.split(","))
        if not found <= frozenset(TCP_FLAGS):
            raise ValueError(text)
        return found

    def holds(self, flags: frozenset[str]) -> bool:
        """Does a packet with these flags have them so (net/netfilter/xt_tcpudp.c, `tcp_mt`)."""
        return flags & self.looked_at == self.wanted

    def words(self) -> tuple[str, str]:
        """The two words of iptables-save: the flags looked at, and those that must be set."""
        looked_at, wanted = (",".join(f for f in TCP_FLAGS if f in part) or "NONE" for part in (self.looked_at, self.wanted))
        return looked_at, wanted

    def __str__(self) -> str:
        return " ".join(self.words())
