"""limit: match only so many packets in a time, for example so that a log is not flooded.

Man page iptables-extensions(8), limit; kernel net/netfilter/xt_limit.c. How many packets came before no dump tells: a question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Option, Words
from iptexplain.extensions.common.numbers import integer
from iptexplain.extensions.common.rate import PacketRate, said
from iptexplain.model.matching import Question, either
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.model.matching import Branch

_SCALE = 10_000
_BURST = 5
_MOST_BURST = 10_000


def _rate(text: str) -> PacketRate:
    return PacketRate.parse(text, _SCALE)


def _burst(text: str) -> int:
    return integer(text, _MOST_BURST) or _BURST  # what nf_tables makes of 0; legacy refuses it


class Limit(Extension):
    """The rate in the long run, and how many packets may pass at once before it counts."""

    NAME: ClassVar[str] = "limit"

    rate: PacketRate = _rate("3/hour")
    burst: int = _BURST

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--limit", "rate", _rate),
        Option("--limit-burst", "burst", _burst),
    )

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Without the burst that is the default."""
        return tuple(words for words in super().save(to) if (words.keyword, words.values) != ("--limit-burst", (str(_BURST),)))

    def decide(self) -> tuple[Branch, ...]:
        """Whether packets came too fast of late is not known."""
        text = message("the limit of {rate} in line {line} is not exceeded", rate=self.rate, line="?")
        return either(Question(self.NAME, text, per_rule=True))

    def phrases(self) -> tuple[Phrase, ...]:
        """How many packets in which time."""
        text = N_("at most {rate} (up to {burst} at once)") if self.burst > 1 else N_("at most {rate}, never several at once")
        return (Phrase(Part.IF, message(text, rate=said(self.rate), burst=self.burst)),)


EXTENSION = Limit
