"""cpu: which processor of this machine handles the packet.

Man page iptables-extensions(8), cpu; kernel net/netfilter/xt_cpu.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import integer
from iptexplain.model.matching import Question, either
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.model.matching import Branch


class Cpu(Extension):
    """The number of the processor; the first is 0."""

    NAME: ClassVar[str] = "cpu"

    cpu: Given[int]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--cpu", "cpu", integer, negatable=True),)

    def decide(self) -> tuple[Branch, ...]:
        """Nobody knows beforehand."""
        text = message("the packet is handled by processor {number}", number=self.cpu.value)
        return either(Question(self.NAME, text), negated=self.cpu.negated)

    def phrases(self) -> tuple[Phrase, ...]:
        """Which processor."""
        text = N_("handled by any CPU but {number}") if self.cpu.negated else N_("handled by CPU {number}")
        return (Phrase(Part.IF, message(text, number=self.cpu.value)),)


EXTENSION = Cpu
