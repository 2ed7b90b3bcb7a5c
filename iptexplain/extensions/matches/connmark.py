"""connmark: bits of the mark that the packet's connection carries.

Man page iptables-extensions(8), connmark; kernel net/netfilter/xt_connmark.c. Not the mark of the packet itself, which `mark` asks for.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.marking import asked
from iptexplain.model.matching import Constraint, Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.model.values import Mark, Words
from iptexplain.source import message

_NO_ENTRY = Words(("INVALID", "UNTRACKED"))
"""The states of packets that connection tracking has no entry for."""


class ConnmarkMatch(Extension):
    """The bits that must be set so."""

    NAME: ClassVar[str] = "connmark"

    mark: Given[Mark]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--mark", "mark", Mark.parse, negatable=True, field=Field.CONNECTION_MARK),)

    def constraints(self) -> tuple[Constraint, ...]:
        """There is an entry for the packet, and its mark is so: without one the match fails, `!` or not (`connmark_mt`)."""
        return (Constraint(Field.STATE, _NO_ENTRY, negated=True), *super().constraints())

    def phrases(self) -> tuple[Phrase, ...]:
        """Which bits of the connection's mark."""
        return (Phrase(Part.IF, asked(self.mark.value, message("connection mark"), negated=self.mark.negated)),)


EXTENSION = ConnmarkMatch
