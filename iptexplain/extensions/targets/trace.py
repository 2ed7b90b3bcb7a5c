"""TRACE: have the kernel tell which rules the packet meets from here on; it goes on.

Man page iptables-extensions(8), TRACE; kernel net/netfilter/xt_TRACE.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension
from iptexplain.model.matching import Verdict


class Trace(Extension):
    """It has no options."""

    NAME: ClassVar[str] = "TRACE"

    def effect(self) -> Verdict:
        """Nothing happens to the packet."""
        return Verdict.CONTINUE


EXTENSION = Trace
