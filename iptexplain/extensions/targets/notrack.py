"""NOTRACK: do not track the packet's connection.

Man page iptables-extensions(8), NOTRACK; kernel net/netfilter/xt_CT.c. The same as `CT --notrack` under its older name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension
from iptexplain.model.matching import Untrack
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


class NoTrack(Extension):
    """It has no options."""

    NAME: ClassVar[str] = "NOTRACK"

    def effect(self) -> Untrack:
        """No more tracking."""
        return Untrack()

    def action(self) -> Message:
        """As CT does it."""
        return message("leave it out of connection tracking (NOTRACK)")


EXTENSION = NoTrack
