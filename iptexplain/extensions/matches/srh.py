"""srh: fields of the segment routing header of IPv6, which lists the nodes that the packet has to pass.

Man page iptables-extensions(8), srh; kernel net/ipv6/netfilter/ip6t_srh.c. The rule keeps one number for `-eq`, `-gt` and `-lt` of a field:
if several of them are given, all have the one given last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from iptexplain.extensions.common.extension import Extension, Given, Option, Words
from iptexplain.extensions.common.numbers import MAX_8, MAX_16, integers
from iptexplain.model.address import Address, Network
from iptexplain.model.content import Content
from iptexplain.model.phrase import Part, Phrase
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message

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
        Option("--srh-psid", "previous", SegmentId.parse, negatable=True, content=Content.ADDRESS),
        Option("--srh-nsid", "next", SegmentId.parse, negatable=True, content=Content.ADDRESS),
        Option("--srh-lsid", "last", SegmentId.parse, negatable=True, content=Content.ADDRESS),
    )

    @classmethod
    def read(cls, options: tuple[Words, ...]) -> Self:
        """The comparisons of a field share their number."""
        last = {_field(words.keyword): words.values for words in options}
        return super().read(tuple(words._replace(values=last[_field(words.keyword)]) for words in options))

    def phrases(self) -> tuple[Phrase, ...]:
        """That there is such a header; what its fields hold. Without one no packet matches, `!` or not."""
        found = [message("with a segment routing header")]
        for attribute, what in _WHAT.items():
            for suffix, texts in _COMPARED.items():
                given = getattr(self, attribute + suffix, None)
                if given is not None:
                    found.append(_said(what, texts, given))
        return tuple([Phrase(Part.IF, text) for text in found])


def _said(what: str, texts: tuple[str, str], given: Given[int] | Given[SegmentId]) -> Message:
    value = given.value
    if not isinstance(value, SegmentId):
        return message(texts[given.negated], what=message(what), value=value)
    whole = value.length == _ALL_BITS
    return message((texts if whole else _INSIDE)[given.negated], what=message(what), value=value.address if whole else value)


_ALL_BITS = 128
_WHAT = {
    "next_header": N_("the number of its next header"),
    "length": N_("its length field"),
    "segments_left": N_("its number of segments left"),
    "last_entry": N_("its last entry"),
    "tag": N_("its tag"),
    "previous": N_("its previous segment"),
    "next": N_("its next segment"),
    "last": N_("its last segment"),
}
_COMPARED = {
    "": (N_("{what} is {value}"), N_("{what} is not {value}")),
    "_above": (N_("{what} is above {value}"), N_("{what} is not above {value}")),
    "_below": (N_("{what} is below {value}"), N_("{what} is not below {value}")),
}
"""By what the attribute ends with: what is asked of a field, and the opposite."""
_INSIDE = N_("{what} is in {value}"), N_("{what} is not in {value}")


def _field(keyword: str) -> str:
    return next((field for field in _SHARED if keyword.startswith(field)), keyword)


EXTENSION = Srh
