"""ecn: the bits by which routers and TCP tell of congestion without losing packets (explicit congestion notification).

Man page iptables-extensions(8), ecn; kernel net/netfilter/xt_ecn.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import integers

_ECT_MAX = 3


class EcnMatch(Extension):
    """The TCP flags ECE and CWR, and the two bits of the IP header (0: not used, 1 and 2: used, 3: congestion)."""

    NAME: ClassVar[str] = "ecn"

    ece: Given[bool] | None = None
    cwr: Given[bool] | None = None
    ect: Given[int] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--ecn-tcp-ece", "ece", negatable=True),
        Option("--ecn-tcp-cwr", "cwr", negatable=True),
        Option("--ecn-ip-ect", "ect", integers(_ECT_MAX), negatable=True),
    )

    def check(self) -> None:
        """One of them at least."""
        if self.ece is None and self.cwr is None and self.ect is None:
            raise ValueError(self)


EXTENSION = EcnMatch
