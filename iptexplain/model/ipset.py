"""Sets of ipset as values, and whether a packet is in one, as the kernel decides it.

Source: net/netfilter/ipset/ip_set_core.c `ip_set_test` (dimensions, families, --return-nomatch), ip_set_hash_gen.h `mtype_test_cidrs` (the
most specific prefix decides; where interfaces stand beside networks, the first network that is there with any), ip_set_getport.c (ports),
ip_set_bitmap_*.c, ip_set_list_set.c. Checked against the kernel's answers in tests/data/ipvs.

A part of the packet may be unknown, or only known to be somewhere: then the answer may be None. The counters of entries are not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeGuard

from iptexplain.model.address import Address, Network
from iptexplain.model.values import Mark
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

IP, NET, PORT, MARK, MAC, DEVICE, SET = "ip", "net", "port", "mark", "mac", "iface", "set"
"""What the parts of an entry may be, in the words of ipset's types."""

_OF_BITMAPS = frozenset({6, 17})
"""The protocols whose ports may be in a bitmap:port: TCP and UDP (ip_set_getport.c, `ip_set_get_ip_port`)."""


class Kind(NamedTuple):
    """The type of a set: how it is stored (`bitmap`, `hash` or `list`), and the parts of its entries in order."""

    method: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method}:{','.join(self.parts)}"


class Port(NamedTuple):
    """A port with the number of its protocol, None in a set that knows no protocols; for ICMP the type times 256 plus the code."""

    protocol: int | None
    number: int


class Mac(NamedTuple):
    """A hardware address as a number of 48 bits."""

    value: int


class Device(NamedTuple):
    """An interface; with `wildcard` all whose names begin so; with `physdev` it is meant as the port of a bridge."""

    name: str
    wildcard: bool = False
    physdev: bool = False

    def holds(self, other: Device) -> bool:
        """Is the interface of a packet this one (ip_set_hash_netiface.c, `hash_netiface4_data_equal`)."""
        same = other.name.startswith(self.name) if self.wildcard else other.name == self.name
        return same and self.physdev is other.physdev


class Member(NamedTuple):
    """The name of a set in a list of sets."""

    name: str


class Absent(NamedTuple):
    """What a packet does not have (the port of a fragment, the input interface of the node's own): it is in no set."""


class Somewhere(Protocol):
    """An address that is not known exactly."""

    def within(self, network: Network) -> bool | None:
        """Is it in a network; None if it may be or not."""


class Packet(Protocol):
    """What a packet has for the parts of entries."""

    @property
    def family(self) -> int:
        """4 or 6."""

    def part(self, kind: str, direction: str) -> PacketPart:
        """The part of one kind that its source (`src`) or its destination (`dst`) makes; None if it is not known.

        Mark and ICMP type are the same for both; `src` is the interface where it comes in, `dst` the one where it goes out.
        """


class Entry(NamedTuple):
    """One entry of a set. `timeout` is in seconds, 0 for an entry that stays; counters and timeout are None in sets without them.

    `nomatch`: what is in this network is not in the set. An entry of bitmap:ip,mac may lack its second part: any hardware address.
    """

    parts: tuple[EntryPart, ...]
    nomatch: bool = False
    timeout: int | None = None
    packets: int | None = None
    bytes: int | None = None
    comment: str | None = None
    mark: Mark | None = None


_Key = tuple[object, ...]
_Group = tuple[Entry, ...]
"""Entries that are looked up alike; more than one where interfaces are compared behind that."""


class Options(NamedTuple):
    """How a set was created, as far as it matters to what is in it.

    `family` is 4, 6 or None for a type without addresses. `mask` is what addresses are cut to before they are looked up, `mark_mask` is
    that for marks; None: they are not cut. `timeout` is that of new entries in seconds, None in a set without timeouts.
    """

    family: int | None
    mask: int | None = None
    mark_mask: int | None = None
    timeout: int | None = None


class IpSet:
    """A set; its entries are put in order when somebody asks for the first time. `line` is where the set is created."""

    __slots__ = ("_behind", "_keyed", "_tables", "_vague", "entries", "kind", "line", "name", "options")

    def __init__(self, name: str, kind: Kind, options: Options, entries: tuple[Entry, ...], line: int = 0) -> None:
        """See the class."""
        self.name = name
        self.kind = kind
        self.options = options
        self.entries = entries
        self.line = line
        behind = {DEVICE, MAC} if kind.method == "bitmap" else {DEVICE}
        self._behind = tuple([at for at, part in enumerate(kind.parts) if part in behind])
        self._keyed = tuple([at for at, part in enumerate(kind.parts) if part == DEVICE or part not in behind])
        self._tables: list[tuple[tuple[int, ...], dict[_Key, _Group]]] | None = None
        self._vague: dict[tuple[int, ...], dict[_Key, list[_Group]]] = {}

    def __repr__(self) -> str:
        return f"IpSet({self.name!r}, {str(self.kind)!r}, {len(self.entries)} entries)"

    def holds(self, parts: Sequence[PacketPart], *, return_no_match: bool = False) -> bool | None:
        """Are these parts of a packet, in the order of the type, in the set; None if that depends on parts that are not known.

        With `return_no_match` it is the other way round: only what a `nomatch` entry excepts is found. Lists of sets: `IpSets.holds`.
        """
        if len(parts) < len(self.kind.parts):
            return False  # too few flags behind --match-set
        cut = [self._cut(part) for part in parts[: len(self.kind.parts)]]
        if any(isinstance(part, Absent) for part in cut):
            return False
        known = not any(part is None or _is_somewhere(part) for part in cut)
        possible = (self._found(cut),) if known else self._possible(cut)
        answers = {entry is not None and entry.nomatch is return_no_match for entry in possible}
        return answers.pop() if len(answers) == 1 else None

    def _cut(self, part: PacketPart) -> PacketPart:
        """A part of the packet as it is looked up."""
        family, mask, mark_mask, _ = self.options
        if isinstance(part, Address):
            if part.family != family:
                return Absent()
            return part if mask is None else Address(family, part.value & mask)
        if isinstance(part, Mark) and mark_mask is not None:
            return Mark(part.value & mark_mask)
        if isinstance(part, Port) and self.kind.method == "bitmap":
            return Port(None, part.number) if part.protocol in _OF_BITMAPS else Absent()
        return part

    def _found(self, parts: Sequence[PacketPart]) -> Entry | None:
        """The entry that decides about parts that are all known: one of the most specific networks."""
        for masks, table in self._ordered():
            key = [
                part.value & mask if isinstance(part := parts[at], Address) else _raw(part)
                for at, mask in zip(self._keyed, masks, strict=True)
            ]
            group = table.get(tuple(key))
            if group is not None:
                return next(iter(self._of_group(group, parts)))
        return None

    def _ordered(self) -> list[tuple[tuple[int, ...], dict[_Key, _Group]]]:
        """The entries by what is looked up, for each combination of netmasks; the longest masks first, as the kernel tries them."""
        if self._tables is None:
            tables: dict[tuple[int, ...], dict[_Key, _Group]] = {}
            for entry in {entry.parts: entry for entry in self.entries}.values():  # of an entry that is there twice the later one holds
                masks = tuple([part.mask if isinstance(part := entry.parts[at], Network) else -1 for at in self._keyed])
                table = tables.setdefault(masks, {})
                key = tuple([_raw(entry.parts[at]) for at in self._keyed])
                table[key] = (*table[key], entry) if key in table else (entry,)
            self._tables = sorted(tables.items(), reverse=True, key=lambda item: item[0])
        return self._tables

    def _possible(self, parts: Sequence[PacketPart]) -> Iterator[Entry | None]:
        """The entries one of which decides about parts that are not all known; None among them: perhaps none does."""
        unsure = {at for at, part in enumerate(parts) if part is None or _is_somewhere(part) or self.kind.parts[at] == NET}
        exact = tuple([at for at in self._keyed if at not in unsure])
        table = self._vague.get(exact)
        if table is None:
            table = self._vague[exact] = {}
            for _, groups in self._ordered():
                for group in groups.values():
                    table.setdefault(tuple([_raw(group[0].parts[at]) for at in exact]), []).append(group)
        others = [at for at in self._keyed if at in unsure]
        for group in table.get(tuple([_raw(parts[at]) for at in exact]), ()):
            there = [_is_in(parts[at], group[0].parts[at], self.options.mask) for at in others]
            if False not in there:
                yield from self._of_group(group, parts)
                if None not in there:
                    return
        yield None

    def _of_group(self, group: _Group, parts: Sequence[PacketPart]) -> Iterator[Entry | None]:
        """The entries of a group one of which decides, by what is compared behind the key; None: perhaps none does."""
        for entry in group:
            behind = [_is_in(parts[at], entry.parts[at]) for at in self._behind if at < len(entry.parts)]
            if False not in behind:
                yield entry
                if None not in behind:
                    return
        yield None


class IpSets(NamedTuple):
    """The sets of a node by name."""

    sets: Mapping[str, IpSet]

    def __hash__(self) -> int:
        return hash(len(self.sets))  # states of a walk are kept by their hash, and all of one walk have the same sets

    def ports(self, name: str) -> frozenset[int]:
        """All ports that entries of a set, or of the sets in a list, have."""
        found = self.sets.get(name)
        parts = () if found is None else tuple([part for entry in found.entries for part in entry.parts])
        own = frozenset([part.number for part in parts if isinstance(part, Port)])
        return own.union(*[self.ports(part.name) for part in parts if isinstance(part, Member)])

    def parts(self, name: str, directions: Sequence[str], packet: Packet) -> tuple[PacketPart, ...]:
        """What a packet has for an entry of a set; empty if the set is not here."""
        found = self.sets.get(name)
        return () if found is None else tuple([packet.part(kind, way) for kind, way in zip(found.kind.parts, directions, strict=False)])

    def holds(self, name: str, directions: Sequence[str], packet: Packet, *, return_no_match: bool = False) -> bool | None:
        """Is a packet in a set, its parts made from `directions` (`src` or `dst` each); None if the set is not here, or nobody knows."""
        found = self.sets.get(name)
        if found is None:
            return None
        if SET in found.kind.parts:
            members = [part.name for entry in found.entries for part in entry.parts if isinstance(part, Member)]
            answers = {self.holds(member, directions, packet, return_no_match=return_no_match) for member in members}
            return True if True in answers else None if None in answers else False
        if found.options.family not in {None, packet.family}:
            return False
        parts = [packet.part(kind, direction) for kind, direction in zip(found.kind.parts, directions, strict=False)]
        return found.holds(parts, return_no_match=return_no_match)


def _is_somewhere(part: PacketPart) -> TypeGuard[Somewhere]:
    return part is not None and not isinstance(part, (Address, Port, Mark, Mac, Device, Absent))


def _raw(part: EntryPart | PacketPart) -> object:
    """What a part is looked up by; of an interface only how it is meant, which is all that the kernel hashes of it."""
    return part.value if isinstance(part, (Address, Network)) else part.physdev if isinstance(part, Device) else part


def _is_in(part: PacketPart, wanted: EntryPart, mask: int | None = None) -> bool | None:
    """Is a part of a packet what an entry has in its place; None if that is not known. `mask` is what the set cuts addresses to."""
    if part is None:
        return None
    if _is_somewhere(part):
        network = Network.of(wanted) if isinstance(wanted, Address) else wanted
        if not isinstance(network, Network):
            return None
        return part.within(network if mask is None else Network(network.family, network.value & mask, network.mask & mask))
    if isinstance(wanted, Network):
        return isinstance(part, Address) and wanted.holds(part)
    if isinstance(wanted, Device):
        return isinstance(part, Device) and wanted.holds(part)
    return part == wanted


if TYPE_CHECKING:
    EntryPart = Address | Network | Port | Mark | Mac | Device | Member
    PacketPart = Address | Somewhere | Port | Mark | Mac | Device | Absent | None
