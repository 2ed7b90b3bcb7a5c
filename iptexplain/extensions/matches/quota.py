"""quota: match until so many bytes have gone by, then never again.

Man page iptables-extensions(8), quota; kernel net/netfilter/xt_quota.c. A dump has the quota of the rule, not what is left of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_64, integers
from iptexplain.model.matching import Question, either
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.model.matching import Branch


class Quota(Extension):
    """How many bytes; negated: match only when they are used up."""

    NAME: ClassVar[str] = "quota"

    quota: Given[int]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--quota", "quota", integers(MAX_64), negatable=True),)

    def decide(self) -> tuple[Branch, ...]:
        """What is left of it is not known."""
        text = message("the quota of {bytes} bytes in line {line} is not used up", bytes=self.quota.value, line="?")
        return either(Question(self.NAME, text, per_rule=True), negated=self.quota.negated)

    def phrases(self) -> tuple[Phrase, ...]:
        """Until when, or from when on."""
        text = N_("once a quota of {bytes} bytes is used up") if self.quota.negated else N_("until a quota of {bytes} bytes is used up")
        return (Phrase(Part.IF, message(text, bytes=self.quota.value)),)


EXTENSION = Quota
