"""tos: the type-of-service byte, with which a packet asks for low delay or low cost.

Man page iptables-extensions(8), tos; kernel net/netfilter/xt_dscp.c. The same byte holds what `dscp` and `ecn` look at.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.tos import Tos, asked
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase


class TosMatch(Extension):
    """The bits that must be set so."""

    NAME: ClassVar[str] = "tos"

    tos: Given[Tos]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--tos", "tos", Tos.parse, negatable=True, field=Field.TOS),)

    def phrases(self) -> tuple[Phrase, ...]:
        """Which bits of the byte."""
        return (Phrase(Part.IF, asked(self.tos.value, negated=self.tos.negated)),)


EXTENSION = TosMatch
