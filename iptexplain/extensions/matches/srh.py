"""srh: fields of the segment routing header of IPv6, which lists the nodes that the packet has to pass.

Man page iptables-extensions(8), srh; kernel net/ipv6/netfilter/ip6t_srh.c. The rule keeps one number for `-eq`, `-gt` and `-lt` of a field:
if several of them are given, all have the one given last.
"""

from __future__ import annotations

from typing import ClassVar, Self

from iptexplain.extensions.common.extension import Extension, Given, Option, Words
from iptexplain.extensions.common.numbers import MAX_8, MAX_16, integers
from iptexplain.model.address import Address, Network
from iptexplain.named import NamedTuple

_BYTE = integers(MAX_8)
_SHARED = ("--srh-hdr-len-", "--srh-segs-left-", "--srh-last-entry-")


class SegmentId(NamedTuple):
    """An address whose first `length` bits count; the others are kept as they were written."""

    address: Address
    length: int

    @classmethod
    def parse(cls, text: str) -> SegmentId:
        """Read `2001:db8::1`, `2001:db8::1/64` or `2001:db8::1/ffff::`; of a mask with holes iptables forgets all. Raises ValueError."""
        address = Address.parse(text.partition("/")[0])
        if address.family != 6:  # noqa: PLR2004
            raise ValueError(text)
        length = str(Network.parse(text)).rpartition("/")[2]
        return cls(address, int(length) if length.isdecimal() else 128)

    def __str__(self) -> str:
        return f"{self.address}/{self.length}"


class Srh(Extension):
    """Next header, length in units of 8 bytes, segments left, last entry, tag; the previous, next and last segment."""

    NAME: ClassVar[str] = "srh"

    next_header: Given[int] | None = None
    length: Given[int] | None = None
    length_above: Given[int] | None = None
    length_below: Given[int] | None = None
    segments_left: Given[int] | None = None
    segments_left_above: Given[int] | None = None
    segments_left_below: Given[int] | None = None
    last_entry: Given[int] | None = None
    last_entry_above: Given[int] | None = None
    last_entry_below: Given[int] | None = None
    tag: Given[int] | None = None
    previous: Given[SegmentId] | None = None
    next: Given[SegmentId] | None = None
    last: Given[SegmentId] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--srh-next-hdr", "next_header", _BYTE, negatable=True),
        Option("--srh-hdr-len-eq", "length", _BYTE, negatable=True),
        Option("--srh-hdr-len-gt", "length_above", _BYTE, negatable=True),
        Option("--srh-hdr-len-lt", "length_below", _BYTE, negatable=True),
        Option("--srh-segs-left-eq", "segments_left", _BYTE, negatable=True),
        Option("--srh-segs-left-gt", "segments_left_above", _BYTE, negatable=True),
        Option("--srh-segs-left-lt", "segments_left_below", _BYTE, negatable=True),
        Option("--srh-last-entry-eq", "last_entry", _BYTE, negatable=True),
        Option("--srh-last-entry-gt", "last_entry_above", _BYTE, negatable=True),
        Option("--srh-last-entry-lt", "last_entry_below", _BYTE, negatable=True),
        Option("--srh-tag", "tag", integers(MAX_16), negatable=True),
        Option("--srh-psid", "previous", SegmentId.parse, negatable=True),
        Option("--srh-nsid", "next", SegmentId.parse, negatable=True),
        Option("--srh-lsid", "last", SegmentId.parse, negatable=True),
    )

    @classmethod
    def read(cls, options: tuple[Words, ...]) -> Self:
        """The comparisons of a field share their number."""
        last = {_field(words.keyword): words.values for words in options}
        return super().read(tuple(words._replace(values=last[_field(words.keyword)]) for words in options))


def _field(keyword: str) -> str:
    return next((field for field in _SHARED if keyword.startswith(field)), keyword)


EXTENSION = Srh
