"""AUDIT: write what happens to the packet to the kernel's audit log and go on.

Man page iptables-extensions(8), AUDIT; kernel net/netfilter/xt_AUDIT.c. The type is only what the log says; the packet goes on with any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.matching import Verdict
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


def _type(text: str) -> str:
    found = text.lower()
    if found not in {"accept", "drop", "reject"}:
        raise ValueError(text)
    return found


class Audit(Extension):
    """The verdict that the log names: `accept`, `drop` or `reject`."""

    NAME: ClassVar[str] = "AUDIT"

    type: str

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--type", "type", _type),)

    def effect(self) -> Verdict:
        """Nothing happens to the packet."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """What the log says."""
        return message("write to the audit log, as type {type} (AUDIT)", type=self.type)


EXTENSION = Audit
