"""CHECKSUM: compute the checksum of a packet that has none yet, for clients that insist on one, and go on.

Man page iptables-extensions(8), CHECKSUM; kernel net/netfilter/xt_CHECKSUM.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.matching import Verdict
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


class Checksum(Extension):
    """`fill` is all it can do."""

    NAME: ClassVar[str] = "CHECKSUM"

    fill: bool

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--checksum-fill", "fill"),)

    def effect(self) -> Verdict:
        """Nothing that a match asks for."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """For clients that insist on one."""
        return message("fill in the checksum if it has none yet (CHECKSUM)")


EXTENSION = Checksum
