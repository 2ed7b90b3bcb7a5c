"""mark: bits of the packet's mark.

Man page iptables-extensions(8), mark; kernel net/netfilter/xt_mark.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.marking import asked
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.model.values import Mark
from iptexplain.source import message


class MarkMatch(Extension):
    """The bits that must be set so."""

    NAME: ClassVar[str] = "mark"

    mark: Given[Mark]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--mark", "mark", Mark.parse, negatable=True, field=Field.MARK),)

    def phrases(self) -> tuple[Phrase, ...]:
        """Which bits of the mark."""
        (own,) = self.constraints()
        return (Phrase(Part.IF, asked(self.mark.value, message("mark"), negated=self.mark.negated), own),)


EXTENSION = MarkMatch
