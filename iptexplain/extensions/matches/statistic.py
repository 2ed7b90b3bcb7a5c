"""statistic: match by chance, or every n-th packet.

Man page iptables-extensions(8), statistic; kernel net/netfilter/xt_statistic.c. By chance, each look at the rule is a draw of its own.
Every n-th packet depends on how many came before, which no dump tells: a question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_32, integers
from iptexplain.model.matching import Branch, Question, either
from iptexplain.model.phrase import Part, Phrase
from iptexplain.model.share import Share, percent
from iptexplain.model.values import CERTAIN, Threshold
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message

_BITS = 31


class Statistic(Extension):
    """`random` with a probability, or `nth` with `every` and the first `packet`."""

    NAME: ClassVar[str] = "statistic"

    mode: str
    probability: Given[Threshold] | None = None
    every: Given[int] | None = None
    packet: int | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--mode", "mode", str),
        Option("--probability", "probability", Threshold.parse, negatable=True),
        Option("--every", "every", integers(MAX_32, 1), negatable=True),
        Option("--packet", "packet", integers(MAX_32)),
    )

    def check(self) -> None:
        """Without what decides it is no match that anybody could tell."""
        given = (self.mode, self.probability is not None, self.every is not None, self.packet is not None)
        if given not in {("random", True, False, False), ("nth", False, True, True)}:
            raise ValueError(self.mode)
        if self.every is not None and self.packet is not None and self.packet >= self.every.value:
            raise ValueError(self.packet)

    @property
    def threshold(self) -> int | None:
        """The k of k/2³¹ with which the rule matches, None if it does not match by chance."""
        if self.probability is None:
            return None
        k = self.probability.value.k
        return CERTAIN - k if self.probability.negated else k

    def decide(self) -> tuple[Branch, ...]:
        """Two branches with their chances, or a question; packets are numbered from 0. Every first packet is each."""
        k = self.threshold
        if k is not None:
            return (Branch(True, Share(k, _BITS)), Branch(False, Share(CERTAIN - k, _BITS)))  # noqa: FBT003
        every, negated = self.every or Given(1)
        if every == 1:
            return (Branch(not negated),)
        text = message("this packet is number {packet} of every {every} in line {line}", packet=self.packet, every=every, line="?")
        return either(Question(self.NAME, text, per_rule=True), negated=negated)

    def phrases(self) -> tuple[Phrase, ...]:
        """How often it matches."""
        return (Phrase(Part.IF, said(self)),)


def said(match: Statistic) -> Message:
    """With which chance, or which packets in turn, counted from 1 here."""
    k = match.threshold
    if k is not None:
        return message("with probability {share}", share=percent(k / CERTAIN))
    every, negated = match.every or Given(1)
    if every == 1:
        return message("no packet at all" if negated else "every packet")
    first = (match.packet or 0) + 1
    return message(_NTH[negated], every=every, first=first)


_NTH = (
    N_("one packet in every {every}, beginning with packet {first}"),
    N_("all packets but one in every {every}, beginning with packet {first}"),
)
"""In mode nth, and the opposite."""

EXTENSION = Statistic
