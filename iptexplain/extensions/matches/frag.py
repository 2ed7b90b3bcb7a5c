"""frag: whether the IPv6 packet is a fragment, and which one.

Man page iptables-extensions(8), frag; kernel net/ipv6/netfilter/ip6t_frag.c. Without an option it asks for the fragment header alone.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.indexes import asked
from iptexplain.extensions.common.numbers import MAX_32, Range, but_everything, integer, ranges
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message


class Frag(Extension):
    """The identification of the fragment, the length of its header in bytes, whether the reserved field must be 0.

    `first`: the first fragment; `more`: others follow; `last`: none follows.
    """

    NAME: ClassVar[str] = "frag"
    WHOLE: ClassVar[Field | None] = Field.FRAGMENT

    identification: Given[Range] | None = None
    length: Given[int] | None = None
    reserved: bool = False
    first: bool = False
    more: bool = False
    last: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--fragid", "identification", ranges(MAX_32), negatable=True),
        Option("--fraglen", "length", integer, negatable=True),
        Option("--fragres", "reserved"),
        Option("--fragfirst", "first"),
        Option("--fragmore", "more"),
        Option("--fraglast", "last"),
    )

    def check(self) -> None:
        """The last fragment is not followed by more."""
        if self.more and self.last:
            raise ValueError(self)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Without a range of every identification."""
        return but_everything(super().save(to), "--fragid")

    def phrases(self) -> tuple[Phrase, ...]:
        """Which fragment; at least that it is one. No kernel since 2.6.10 looks at the length of the header, which is always the same."""
        found = [message(text) for name, text in _PLACES.items() if getattr(self, name)] or [message("only fragments (IPv6)")]
        if self.identification is not None:
            found.append(asked(self.identification, message("fragment identification")))
        if self.reserved:
            found.append(message("with 0 in the reserved fields of the fragment header"))
        if self.length is not None:
            found.append(message(_LENGTHS[self.length.negated], length=self.length.value))
        return tuple([Phrase(Part.IF, text) for text in found])


_PLACES = {
    "first": N_("only first fragments (IPv6)"),
    "more": N_("only fragments with more to follow (IPv6)"),
    "last": N_("only last fragments (IPv6)"),
}
"""By the attribute that asks for it."""
_LENGTHS = (
    N_("whatever the length of the fragment header (the rule wants {length}, the kernel does not look)"),
    N_("whatever the length of the fragment header (the rule wants any but {length}, the kernel does not look)"),
)

EXTENSION = Frag
