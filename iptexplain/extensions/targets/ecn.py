"""ECN: change the bits by which routers and hosts tell each other of a full line, and go on.

Man page iptables-extensions(8), ECN; kernel net/ipv4/netfilter/ipt_ECN.c. Both TCP bits 0 are saved as
`--ecn-tcp-remove`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Option, Words
from iptexplain.extensions.common.numbers import integers
from iptexplain.model.matching import SetTos, Verdict
from iptexplain.source import all_of, message

if TYPE_CHECKING:
    from iptexplain.source import Message


_ECT = 3
"""The two bits, in the TOS byte."""


class EcnTarget(Extension):
    """`remove`: both TCP bits 0; else the bits ECE and CWR of TCP, and the two bits of IP."""

    NAME: ClassVar[str] = "ECN"

    remove: bool = False
    ece: int | None = None
    cwr: int | None = None
    ect: int | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--ecn-tcp-remove", "remove"),
        Option("--ecn-tcp-ece", "ece", integers(1)),
        Option("--ecn-tcp-cwr", "cwr", integers(1)),
        Option("--ecn-ip-ect", "ect", integers(_ECT)),
    )

    def check(self) -> None:
        """Something to do, and the TCP bits only once."""
        bits = (self.ece, self.cwr) != (None, None)
        if (self.remove and bits) or not (self.remove or bits or self.ect is not None):
            raise ValueError(self.NAME)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """`--ecn-tcp-remove` stands alone: with bits of IP to set too, the TCP bits are written one by one."""
        if self.ect is None and (self.remove or (self.ece, self.cwr) == (0, 0)):
            return (Words("--ecn-tcp-remove", negated=False, values=()),)
        return EcnTarget(ece=0, cwr=0, ect=self.ect).save(to) if self.remove else super().save(to)

    def effect(self) -> Verdict | SetTos:
        """The bits of IP, if they change; those of TCP are none that a match here is sure of."""
        return Verdict.CONTINUE if self.ect is None else SetTos(self.ect, _ECT)

    def action(self) -> Message:
        """What becomes of the bits of TCP, and of those of IP."""
        tcp = (0, 0) if self.remove else (self.ece, self.cwr)
        done = []
        if tcp[0] is not None and tcp[0] == tcp[1]:
            done.append(message("set the TCP flags ECE and CWR" if tcp[0] else "clear the TCP flags ECE and CWR"))
        else:
            flags = (("ECE", tcp[0]), ("CWR", tcp[1]))
            done += [
                message("set the TCP flag {flag}" if bit else "clear the TCP flag {flag}", flag=flag)
                for flag, bit in flags
                if bit is not None
            ]
        if self.ect is not None:
            done.append(message("set the ECN bits of IP to {value} ({name})", value=self.ect, name=_ECN[self.ect]))
        return all_of(done)


_ECN = ("Not-ECT", "ECT(1)", "ECT(0)", "CE")
"""What the two bits of IP are called (RFC 3168)."""

EXTENSION = EcnTarget
