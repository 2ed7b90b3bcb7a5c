"""The output of `ipset save` (`--ipset`), line by line: sets, and entries of all types.

Comments are left out, and the numbers that a set begins its hashes with (`initval`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.anonymize.beside.allowed import placed
from iptexplain.anonymize.dump import gather_place
from iptexplain.inputs.ipset import parse_ipset
from iptexplain.inputs.lines import numbered
from iptexplain.model import ipset as sets
from iptexplain.model.address import Address, Network

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.anonymize.needs import Needs
    from iptexplain.model.ipset import Entry, EntryPart, IpSet
    from iptexplain.source import Source

_FLAGS = frozenset({"counters", "comment", "skbinfo", "forceadd"})
_NUMBERS = frozenset({"hashsize", "maxelem", "bucketsize", "size", "probes", "resize", "netmask", "markmask", "timeout"})
_COUNTED = frozenset({"packets", "bytes"})
_OF_ENTRY = frozenset({"timeout", "skbmark", "skbprio", "skbqueue"})
_BARE = frozenset({"nomatch", "wildcard"})
_NUMBER = re.compile(r"(?:0x[0-9a-fA-F]+|[0-9]+)(?:[/:](?:0x[0-9a-fA-F]+|[0-9a-fA-F]+))?")
_WORDS = re.compile(r'"[^"]*"|\S+')
_BITS = {4: 32, 6: 128}


def gather(source: Source, needs: Needs) -> None:
    """Adds interfaces, the ranges of bitmaps, and masks with holes. Raises `UnreadableInputError`."""
    found = parse_ipset(source, may_be_empty=True)
    for _, line in numbered(source):
        command, _, *options = line.split(" ")
        if command == "create" and "range" in options[:-1]:
            gather_place(options[options.index("range") + 1], needs)
    for one in found.sets.values():
        for entry in one.entries:
            for part in entry.parts:
                _gather_part(part, one, needs)


def _gather_part(part: EntryPart, of: IpSet, needs: Needs) -> None:
    if isinstance(part, sets.Device):
        needs.interfaces.add(f"{part.name}+" if part.wildcard else part.name)
    elif isinstance(part, (Address, Network)) and of.options.mask is not None:
        gather_place(str(_cut(part, of)), needs)


def _cut(part: Address | Network, of: IpSet) -> Network:
    """The addresses that an entry stands for in a set that cuts addresses to a mask before it looks them up."""
    network = Network.of(part) if isinstance(part, Address) else part
    mask = network.mask if of.options.mask is None else network.mask & of.options.mask
    return Network(network.family, network.value & mask, mask)


def lines(source: Source, disguise: Disguise, *, counters: bool) -> Iterator[str]:
    """The same sets in other words, each line in its place. Raises `UnreadableInputError`."""
    found = parse_ipset(source, may_be_empty=True)
    rests = {name: iter(one.entries) for name, one in found.sets.items()}
    writer = _Writer(disguise, counters=counters)

    def written() -> Iterator[tuple[int, str]]:
        for number, line in numbered(source):
            words = line.split(" ")
            one = found.sets[words[1]]
            new = writer.set(one, words[3:]) if words[0] == "create" else writer.entry(one, next(rests[words[1]]), words[2], line)
            yield number, new

    return placed(written())


class _Writer:
    """Writes sets and entries with what stands for their values."""

    def __init__(self, disguise: Disguise, *, counters: bool) -> None:
        self._to = disguise
        self._kept = _OF_ENTRY | _COUNTED if counters else _OF_ENTRY

    def set(self, one: IpSet, options: Sequence[str]) -> str:
        """The line that creates a set."""
        out = ["create", self._to.set_name(one.name), str(one.kind)]
        rest = iter(word for word in options if word)
        for word in rest:
            if word in _FLAGS:
                out.append(word)
                continue
            value = next(rest, "")
            if word == "family":
                out += [word, value if value == "inet6" else "inet"]
            elif word == "bitmask":
                out += [word, str(Address.parse(value))]
            elif word == "range":
                out += [word, self._range(value)]
            elif word in _NUMBERS and _NUMBER.fullmatch(value):
                out += [word, value]
        return " ".join(out)

    def _range(self, text: str) -> str:
        """What stands for what a bitmap may hold; what is no range is no more than that."""
        try:
            return self._to.place(text)
        except ValueError:
            return self._to.value(text)

    def entry(self, one: IpSet, entry: Entry, text: str, line: str) -> str:
        """The line of an entry: `text` is the entry itself."""
        texts = text.split(",", len(one.kind.parts) - 1)
        parts = ",".join([self._part(part, text, one) for part, text in zip(entry.parts, texts, strict=True)])
        out = ["add", self._to.set_name(one.name), parts]
        rest = iter(_WORDS.findall(line)[3:])
        for word in rest:
            value = "" if word in _BARE else next(rest, "")
            if word in _BARE:
                out.append(word)
            elif word in self._kept and _NUMBER.fullmatch(value):
                out += [word, value]
        return " ".join(out)

    def _part(self, part: EntryPart, text: str, one: IpSet) -> str:
        """What stands for a part of an entry."""
        match part:
            case Address():
                network = self._to.addresses.network(_cut(part, one))
                return str(Address(network.family, network.value))
            case Network():
                network = self._to.addresses.network(_cut(part, one))
                address, length = Address(network.family, network.value), part.mask.bit_count()
                return str(address) if length == _BITS[part.family] else f"{address}/{length}"
            case sets.Device(name=name, wildcard=wildcard, physdev=physdev):
                new = self._to.interface(f"{name}+").removesuffix("+") if wildcard else self._to.interface(name)
                return f"physdev:{new}" if physdev else new
            case sets.Mac():
                return self._to.hardware(text)
            case sets.Member(name=name):
                return self._to.set_name(name)
            case _:
                return text  # a port or a mark
