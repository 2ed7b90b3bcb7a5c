"""esp: the number in an encrypted IPsec packet (ESP) that tells its security association.

Man page iptables-extensions(8), esp; kernel net/netfilter/xt_esp.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.indexes import asked
from iptexplain.extensions.common.numbers import MAX_32, Range, but_everything, ranges
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import message


class Esp(Extension):
    """The security parameter index; None where the rule does not say."""

    NAME: ClassVar[str] = "esp"

    spi: Given[Range] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--espspi", "spi", ranges(MAX_32), negatable=True),)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Without a range of every index."""
        return but_everything(super().save(to), "--espspi")

    def phrases(self) -> tuple[Phrase, ...]:
        """The index; without one there is nothing to say, since the rule has the protocol."""
        return () if self.spi is None else (Phrase(Part.IF, asked(self.spi, message("ESP SPI"))),)


EXTENSION = Esp
