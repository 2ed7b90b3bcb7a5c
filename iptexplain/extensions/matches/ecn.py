"""ecn: the bits by which routers and TCP tell of congestion without losing packets (explicit congestion notification).

Man page iptables-extensions(8), ecn; kernel net/netfilter/xt_ecn.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import integer
from iptexplain.extensions.common.tos import Tos
from iptexplain.model.matching import Field, either
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.model.matching import Branch

_ECT = 3
"""The two bits, in the TOS byte."""


def _ect(text: str) -> Tos:
    return Tos(integer(text, _ECT), _ECT)


def _written(bits: Tos) -> str:
    return str(bits.value)


class EcnMatch(Extension):
    """The TCP flags ECE and CWR, and the two bits of the IP header (0: not used, 1 and 2: used, 3: congestion)."""

    NAME: ClassVar[str] = "ecn"

    ece: Given[bool] | None = None
    cwr: Given[bool] | None = None
    ect: Given[Tos] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--ecn-tcp-ece", "ece", negatable=True),
        Option("--ecn-tcp-cwr", "cwr", negatable=True),
        Option("--ecn-ip-ect", "ect", _ect, negatable=True, field=Field.TOS, write=_written),
    )

    def check(self) -> None:
        """One of them at least."""
        if self.ece is None and self.cwr is None and self.ect is None:
            raise ValueError(self)

    def decide(self) -> tuple[Branch, ...]:
        """A packet is described without these flags of TCP, which `-j ECN` may change."""
        if self.ece is None and self.cwr is None:
            return ()
        return either(EcnMatch(ece=self.ece, cwr=self.cwr).question())

    def phrases(self) -> tuple[Phrase, ...]:
        """The flags of TCP, then the bits of the IP header."""
        found = []
        if self.ece is not None:
            found.append(message("with TCP flag ECE not set" if self.ece.negated else "with TCP flag ECE set"))
        if self.cwr is not None:
            found.append(message("with TCP flag CWR not set" if self.cwr.negated else "with TCP flag CWR set"))
        if self.ect is not None:
            text = N_("with any ECN bits but {bits}") if self.ect.negated else N_("with ECN bits {bits}")
            found.append(message(text, bits=message(_MEANINGS[self.ect.value.value], number=self.ect.value.value)))
        return tuple([Phrase(Part.IF, text) for text in found])


_MEANINGS = N_("{number} (Not-ECT: ECN not used)"), N_("{number} (ECT(1))"), N_("{number} (ECT(0))"), N_("{number} (CE: congestion)")
"""What the two bits say (RFC 3168)."""

EXTENSION = EcnMatch
