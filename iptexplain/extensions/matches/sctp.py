"""sctp: the ports of SCTP, and which chunks the packet holds.

Man page iptables-extensions(8), sctp; kernel net/netfilter/xt_sctp.c. Chunks are a question: a packet is described without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.ports import PORT_OPTIONS
from iptexplain.model.matching import Branch, Question, either
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.model.values import Ports


class Chunks(NamedTuple):
    """`any DATA,INIT`: which of the chunk types, and how many of them must be there."""

    how: str
    types: str

    def __str__(self) -> str:
        return f"{self.how} {self.types}"


class Sctp(Extension):
    """Source and destination ports, chunk types; None where the rule does not say."""

    sport: Given[Ports] | None = None
    dport: Given[Ports] | None = None
    chunks: Given[Chunks] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (*PORT_OPTIONS, Option("--chunk-types", "chunks", Chunks, negatable=True))

    def decide(self) -> tuple[Branch, ...]:
        """The chunks are not known."""
        if self.chunks is None:
            return ()
        question = Question("sctp", message("the packet holds SCTP chunks {chunks}", chunks=str(self.chunks.value)))
        return either(question, negated=self.chunks.negated)


EXTENSION = Sctp
