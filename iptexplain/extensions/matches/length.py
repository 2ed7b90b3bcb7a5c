"""length: the size of the packet in bytes, without the Ethernet header.

Man page iptables-extensions(8), length; kernel net/netfilter/xt_length.c. In IPv6 the header of 40 bytes counts too.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_16, Range, extent_of, ranges
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message


class Length(Extension):
    """The sizes, in bytes."""

    NAME: ClassVar[str] = "length"

    length: Given[Range]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--length", "length", ranges(MAX_16), negatable=True, field=Field.LENGTH),)

    def phrases(self) -> tuple[Phrase, ...]:
        """The sizes."""
        kind, sizes = extent_of(self.length.value, MAX_16, negated=self.length.negated)
        text = _SIZES[kind] if (kind, sizes.first) != ("one", 1) else N_("1 byte long")
        return (Phrase(Part.IF, message(text, first=sizes.first, last=sizes.last)),)


_SIZES = {
    "one": N_("{first} bytes long"),
    "but one": N_("not {first} bytes long"),
    "between": N_("{first} to {last} bytes long"),
    "but between": N_("not {first} to {last} bytes long"),
    "at least": N_("at least {first} bytes long"),
    "at most": N_("at most {last} bytes long"),
    "any": N_("whatever its length"),
    "none": N_("of a length that no packet has"),
}

EXTENSION = Length
