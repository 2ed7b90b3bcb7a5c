"""TCPMSS: change the greatest size of segments that a TCP connection starts with, so that they fit the line, and go on.

Man page iptables-extensions(8), TCPMSS; kernel net/netfilter/xt_TCPMSS.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.numbers import integers
from iptexplain.model.matching import Verdict
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


_MOST = 65515
"""What is left of the longest IPv4 packet without its header."""


class TcpMss(Extension):
    """The size in bytes, or `clamp`: what fits the way that the packet takes."""

    NAME: ClassVar[str] = "TCPMSS"

    mss: int | None = None
    clamp: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--set-mss", "mss", integers(_MOST)),
        Option("--clamp-mss-to-pmtu", "clamp"),
    )

    def check(self) -> None:
        """One of the two."""
        if self.clamp is (self.mss is not None):
            raise ValueError(self.NAME)

    def effect(self) -> Verdict:
        """Nothing that decides about this packet."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """It never becomes more (`tcpmss_mangle_packet`)."""
        if self.mss is None:
            return message("lower the TCP segment size (MSS) to what fits its path (TCPMSS)")
        return message("lower the TCP segment size (MSS) to at most {bytes} bytes (TCPMSS)", bytes=self.mss)


EXTENSION = TcpMss
