"""ipcomp: the number in a compressed packet (IPComp) that tells how it is compressed.

Man page iptables-extensions(8), ipcomp; kernel net/netfilter/xt_ipcomp.c. In a dump a match without `--ipcompspi` is one for every number;
iptables-restore makes number 0 of the same text.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.indexes import asked
from iptexplain.extensions.common.numbers import MAX_32, Range, but_everything, ranges
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import message


class Ipcomp(Extension):
    """The index, and whether the reserved field of the header must be 0."""

    NAME: ClassVar[str] = "ipcomp"

    spi: Given[Range] | None = None
    reserved: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--ipcompspi", "spi", ranges(MAX_32), negatable=True),
        Option("--compres", "reserved"),
    )

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Without a range of every index."""
        return but_everything(super().save(to), "--ipcompspi")

    def phrases(self) -> tuple[Phrase, ...]:
        """The index; without one there is nothing to say, since the rule has the protocol. No kernel looks at the reserved field."""
        found = [] if self.spi is None else [asked(self.spi, message("IPComp index (CPI)"))]
        if self.reserved:
            found.append(message("whatever the reserved field of the IPComp header (the rule wants 0, the kernel does not look)"))
        return tuple([Phrase(Part.IF, text) for text in found])


EXTENSION = Ipcomp
