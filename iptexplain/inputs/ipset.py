"""The output of `ipset save`: all sets of a node and their entries.

Man page ipset(8); how save prints is lib/print.c and lib/data.c of ipset. Read are the lines that save writes: `create` and `add`, each
entry by itself. What only people write (ranges and networks that stand for many entries, other commands) is refused.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from iptexplain.errors import UnreadableInputError
from iptexplain.extensions.common.icmp import ICMP, ICMPV6, IcmpType
from iptexplain.inputs.lines import UnreadableLineError, numbered
from iptexplain.model import ipset as sets
from iptexplain.model import names
from iptexplain.model.address import Address, Network
from iptexplain.model.ipset import Device, Entry, IpSet, IpSets, Kind, Mac, Member, Options, Port
from iptexplain.model.values import Mark
from iptexplain.named import NamedTuple
from iptexplain.source import message, without_collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iptexplain.model.ipset import EntryPart
    from iptexplain.source import Message, Source

KINDS = tuple(
    Kind(method, tuple(parts.split(",")))
    for method, parts in (
        ("bitmap", "ip"),
        ("bitmap", "ip,mac"),
        ("bitmap", "port"),
        ("hash", "ip"),
        ("hash", "mac"),
        ("hash", "ip,mac"),
        ("hash", "net"),
        ("hash", "net,net"),
        ("hash", "ip,port"),
        ("hash", "net,port"),
        ("hash", "ip,port,ip"),
        ("hash", "ip,port,net"),
        ("hash", "ip,mark"),
        ("hash", "net,port,net"),
        ("hash", "net,iface"),
        ("list", "set"),
    )
)
"""All types of ipset 7."""

_FLAGS = frozenset({"counters", "comment", "skbinfo", "forceadd"})
_IGNORED = frozenset({"hashsize", "maxelem", "bucketsize", "initval", "range", "size", "probes", "resize"})
"""Options of `create` with a word that says nothing about what is in the set."""

_EXAMPLES = {
    sets.IP: "10.0.0.1",
    sets.NET: "10.0.0.0/8",
    sets.PORT: "tcp:80",
    sets.MARK: "0x00000001",
    sets.MAC: "02:00:00:00:00:01",
    sets.DEVICE: "eth0",
    sets.SET: "NAME",
}
_BITS = {4: 32, 6: 128}
_FAMILIES = {"inet": 4, "inet6": 6}
_TCP, _ICMP, _ICMPV6 = 6, 1, 58
_WORDS = re.compile(r'"[^"]*"|\S+')
_HARDWARE = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}")
_LONGEST = 20
"""No number has more digits: counters have 64 bits."""


class _Open(NamedTuple):
    """A set while its entries are read."""

    kind: Kind
    options: Options
    line: int
    entries: list[Entry]
    readers: tuple[Callable[[str], EntryPart], ...]


def parse_ipset(source: Source, *, may_be_empty: bool = False) -> IpSets:
    """The sets in the output of `ipset save`. Raises `UnreadableLineError`, and `UnreadableInputError` if there is none.

    A node without sets prints nothing at all: that is fine if it `may_be_empty`.
    """
    found: dict[str, _Open] = {}
    with without_collector():
        for number, line in numbered(source):
            words = line.split(" ")
            try:
                if words[0] == "add" and len(words) > 2:  # noqa: PLR2004 - add, the set, the entry
                    _add(found[words[1]], words[2], line)
                    continue
                if words[0] == "create" and len(words) > 2 and words[1] not in found:  # noqa: PLR2004 - create, the set, its type
                    found[words[1]] = _created(words[2:], number)
                    continue
                expected = message("a line of `ipset save`, which begins with create or add")
            except (KeyError, ValueError):
                expected = _expected(words, found)
            raise UnreadableLineError(source, number, expected)
        if not (found or (may_be_empty and not source.text.strip())):
            raise UnreadableInputError(message("{file}: no set in it; expected the output of `ipset save` (as root)", file=source.name))
        _check_members(source, found)
        return IpSets({name: IpSet(name, s.kind, s.options, tuple(s.entries), s.line) for name, s in found.items()})


def _expected(words: Sequence[str], found: dict[str, _Open]) -> Message:
    """What should stand in a line that begins as it should."""
    if words[0] == "create":
        return message("one of the types {types} with its options, as `ipset save` writes them", types=", ".join(map(str, KINDS)))
    if words[1] not in found:
        return message("an entry of a set that was created in a line before")
    kind = found[words[1]].kind
    example = ",".join(_EXAMPLES[part] for part in kind.parts)
    return message("one entry of {kind} as `ipset save` writes it, such as {example}", kind=str(kind), example=example)


def _check_members(source: Source, found: dict[str, _Open]) -> None:
    """A list holds only sets that are there, and no lists (ip_set_list_set.c); so no list holds itself."""
    for name, opened in found.items():
        for entry in opened.entries if opened.kind.method == "list" else ():
            for part in entry.parts:
                if not isinstance(part, Member) or part.name not in found or found[part.name].kind.method == "list":
                    raise UnreadableLineError(
                        source, opened.line, message("a list of sets that are in this file, and no lists themselves ({name})", name=name)
                    )


def _created(words: Sequence[str], line: int) -> _Open:
    """The set of a `create` line. Raises ValueError, KeyError."""
    kind = _kinds()[words[0]]
    said: dict[str, str] = {}
    rest: Iterator[str] = iter(word for word in words[1:] if word)
    for word in rest:
        if word not in _FLAGS:
            if word not in _IGNORED | {"family", "netmask", "bitmask", "markmask", "timeout"}:
                raise ValueError(word)
            said[word] = next(rest, "")
    family = None
    if {sets.IP, sets.NET} & set(kind.parts):
        family = _FAMILIES[said.get("family", "inet")]
    options = Options(family, _mask(said, family), _mark_mask(said), _count(said["timeout"]) if "timeout" in said else None)
    readers = tuple([_READERS[part](kind, family) for part in kind.parts])
    return _Open(kind, options, line, [], readers)


def _mask(said: dict[str, str], family: int | None) -> int | None:
    """What addresses are cut to."""
    if "bitmask" in said:
        return Address.parse(said["bitmask"]).value
    if "netmask" not in said or family is None:
        return None
    length = _count(said["netmask"])
    if not 0 < length <= _BITS[family]:
        raise ValueError(length)
    whole = (1 << _BITS[family]) - 1
    return whole ^ (whole >> length)


def _mark_mask(said: dict[str, str]) -> int | None:
    return Mark.parse(said["markmask"]).value if "markmask" in said else None


def _add(to: _Open, text: str, line: str) -> None:
    """Enters the entry of an `add` line. Raises ValueError, KeyError."""
    readers = to.readers
    if len(readers) == 1:
        parts: tuple[EntryPart, ...] = (readers[0](text),)
    else:
        texts = text.split(",", len(readers) - 1)
        if len(texts) < len(readers) and to.kind.method != "bitmap":
            raise ValueError(text)
        parts = tuple([read(part) for read, part in zip(readers, texts, strict=False)])
    if line.count(" ") > 2:  # noqa: PLR2004 - add, the set, the entry, and something behind it
        to.entries.append(_with_options(parts, iter(_WORDS.findall(line)[3:])))
    else:
        to.entries.append(Entry(parts))


def _with_options(parts: tuple[EntryPart, ...], words: Iterator[str]) -> Entry:
    """An entry with what stands behind it. Raises ValueError."""
    said: dict[str, str] = {}
    for word in words:
        if word in said or word not in {"nomatch", "wildcard", "timeout", "packets", "bytes", "comment", "skbmark", "skbprio", "skbqueue"}:
            raise ValueError(word)
        said[word] = "" if word in {"nomatch", "wildcard"} else next(words, "")
    comment = said.get("comment")
    if comment is not None and (len(comment) < 2 or comment[0] != '"'):  # noqa: PLR2004 - the quotes
        raise ValueError(comment)
    if "wildcard" in said:
        parts = tuple([part._replace(wildcard=True) if isinstance(part, Device) else part for part in parts])
    timeout, packets, size = (_count(said[word]) if word in said else None for word in ("timeout", "packets", "bytes"))
    return Entry(
        parts,
        "nomatch" in said,
        timeout,
        packets,
        size,
        None if comment is None else comment[1:-1],
        Mark.parse(said["skbmark"]) if "skbmark" in said else None,
    )


def _count(text: str) -> int:
    """A number without a sign. Raises ValueError."""
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST):
        raise ValueError(text)
    return int(text)


@cache
def _kinds() -> dict[str, Kind]:
    return {str(kind): kind for kind in KINDS}


@cache
def _protocols() -> dict[str, int]:
    """The numbers of protocols by all names that ipset may print."""
    return {name: number for number in range(256) for name in (names.protocol(str(number)), str(number))}


@lru_cache(maxsize=1 << 16)
def _port(text: str) -> Port:
    """Read `tcp:80`, `80` (which is TCP), `icmp:echo-request`, `icmp:3/1`, `gre:0`, `253:0`. Raises ValueError, KeyError."""
    protocol, colon, number = text.rpartition(":")
    known = _protocols()[protocol] if colon else _TCP
    if known in {_ICMP, _ICMPV6}:
        kind, code = IcmpType.parse(number, ICMP if known == _ICMP else ICMPV6)
        return Port(known, kind << 8 | (code or 0))
    return Port(known, names.port(str(_count(number))))


def _address_reader(_: Kind, family: int | None) -> Callable[[str], Address]:
    def read(text: str) -> Address:
        found = Address.parse(text)
        if found.family != family:
            raise ValueError(text)
        return found

    return read


def _network_reader(_: Kind, family: int | None) -> Callable[[str], Network]:
    def read(text: str) -> Network:
        if "/" not in text:
            return Network.of(address(text))
        found = Network.parse(text)
        if found.family != family or not text.rpartition("/")[2].isdigit() or not text.isascii():
            raise ValueError(text)
        return found

    address = _address_reader(_, family)
    return read


def _port_reader(kind: Kind, _: int | None) -> Callable[[str], Port]:
    return (lambda text: Port(None, names.port(str(_count(text))))) if kind.method == "bitmap" else _port


def _mark_reader(_: Kind, __: int | None) -> Callable[[str], Mark]:
    return lambda text: Mark(Mark.parse(text).value)


def _mac(text: str) -> Mac:
    if not _HARDWARE.fullmatch(text):
        raise ValueError(text)
    return Mac(int(text.replace(":", ""), 16))


def _device(text: str) -> Device:
    name = text.removeprefix("physdev:")
    if not name:
        raise ValueError(text)
    return Device(name, physdev=name != text)


_READERS: dict[str, Callable[[Kind, int | None], Callable[[str], EntryPart]]] = {
    sets.IP: _address_reader,
    sets.NET: _network_reader,
    sets.PORT: _port_reader,
    sets.MARK: _mark_reader,
    sets.MAC: lambda _, __: _mac,
    sets.DEVICE: lambda _, __: _device,
    sets.SET: lambda _, __: Member,
}
"""For each part of an entry what makes its reader."""
