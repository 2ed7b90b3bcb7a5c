"""ah: numbers in the IPsec authentication header, which tell the security association of the packet.

Man page iptables-extensions(8), ah; kernel net/ipv4/netfilter/ipt_ah.c, net/ipv6/netfilter/ip6t_ah.c. Length and reserved field: IPv6 only.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.indexes import asked
from iptexplain.extensions.common.numbers import MAX_32, Range, but_everything, integers, ranges
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message


class Ah(Extension):
    """The security parameter index, the length of the header in bytes, and whether its reserved field must be 0."""

    NAME: ClassVar[str] = "ah"

    spi: Given[Range] | None = None
    length: Given[int] | None = None
    reserved: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--ahspi", "spi", ranges(MAX_32), negatable=True),
        Option("--ahlen", "length", integers(MAX_32), negatable=True),
        Option("--ahres", "reserved"),
    )

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Without what asks nothing: every index, and length 0, which the kernel takes for any."""
        any_length = Words("--ahlen", negated=False, values=("0",))
        return but_everything(tuple(words for words in super().save(to) if words != any_length), "--ahspi")

    def phrases(self) -> tuple[Phrase, ...]:
        """The index, and what of the header is asked; at least that it is there, which is a question in IPv6."""
        found = []
        if self.spi is not None:
            found.append(asked(self.spi, message("AH SPI")))
        if self.length is not None and self.length.value:
            found.append(message(_LENGTHS[self.length.negated], length=self.length.value))
        if self.reserved:
            found.append(message("with 0 in the reserved field of the AH header"))
        return tuple([Phrase(Part.IF, text) for text in found or [message("with an authentication header (AH)")]])


_LENGTHS = N_("with an AH header of {length} bytes"), N_("with an AH header of any length but {length} bytes")

EXTENSION = Ah
