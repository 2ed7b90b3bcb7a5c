"""TRACE: have the kernel tell which rules the packet meets from here on; it goes on.

Man page iptables-extensions(8), TRACE; kernel net/netfilter/xt_TRACE.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension
from iptexplain.model.matching import Verdict
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


class Trace(Extension):
    """It has no options."""

    NAME: ClassVar[str] = "TRACE"

    def effect(self) -> Verdict:
        """Nothing happens to the packet."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """What the kernel tells from here on."""
        return message("have the kernel report every rule that it meets from here on (TRACE)")


EXTENSION = Trace
