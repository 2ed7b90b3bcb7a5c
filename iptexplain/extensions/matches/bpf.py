"""bpf: a small program (Berkeley Packet Filter) looks at the packet.

Man page iptables-extensions(8), bpf; kernel net/netfilter/xt_bpf.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.numbers import MAX_8, MAX_16, MAX_32
from iptexplain.extensions.common.quoting import always
from iptexplain.extensions.common.rate import leading_number
from iptexplain.model.content import Content
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.named import NamedTuple
from iptexplain.source import message

_MOST_INSTRUCTIONS = 64
_SIZES = (MAX_16, MAX_8, MAX_8, MAX_32)


class Program(NamedTuple):
    """The instructions, each of four numbers: what to do, where to go on if true and if false, and an operand."""

    instructions: tuple[tuple[int, ...], ...]

    @classmethod
    def parse(cls, text: str) -> Program:
        """Read `2,48 0 0 9,6 0 0 1`: how many instructions follow, and these. Raises ValueError."""
        count, comma, rest = text.removesuffix(",").partition(",")
        said = [part.split() for part in rest.split(",")]
        if not (comma and count.strip().isdigit()) or int(count) != len(said) or len(said) > _MOST_INSTRUCTIONS:
            raise ValueError(text)
        return cls(tuple(cls._instruction(words) for words in said))

    @staticmethod
    def _instruction(words: list[str]) -> tuple[int, ...]:
        """Four decimal numbers, cut to the bits that there is room for; what follows the last one is not looked at."""
        if len(words) < len(_SIZES) or not (all(word.isdigit() for word in words[:3]) and words[3][:1].isdigit()):
            raise ValueError(words)
        return tuple(leading_number(word) & most for word, most in zip(words, _SIZES, strict=False))

    def __str__(self) -> str:
        return ",".join([str(len(self.instructions)), *(" ".join(map(str, numbers)) for numbers in self.instructions)])


class Bpf(Extension):
    """The program itself, or the file of a program that is loaded already."""

    NAME: ClassVar[str] = "bpf"
    WHOLE: ClassVar[Field | None] = Field.PAYLOAD

    program: Program | None = None
    pinned: str | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--bytecode", "program", Program.parse, quote=always, content=Content.PROGRAM),
        Option("--object-pinned", "pinned", str, content=Content.PROGRAM),
    )

    def check(self) -> None:
        """Exactly one of them."""
        if (self.program is None) is (self.pinned is None):
            raise ValueError(self.NAME)

    def phrases(self) -> tuple[Phrase, ...]:
        """Which program has to accept the packet."""
        if self.pinned is not None:
            return (Phrase(Part.IF, message("accepted by the BPF program loaded as {path}", path=self.pinned)),)
        return (Phrase(Part.IF, message('accepted by the BPF program "{program}"', program=self.program)),)


EXTENSION = Bpf
