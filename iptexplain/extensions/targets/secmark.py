"""SECMARK: give the packet a security label, for SELinux, and go on.

Man page iptables-extensions(8), SECMARK; kernel net/netfilter/xt_SECMARK.c. No match asks for the label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.content import Content
from iptexplain.model.matching import Verdict
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


class SecMark(Extension):
    """The label, as SELinux spells it."""

    NAME: ClassVar[str] = "SECMARK"

    context: str

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--selctx", "context", str, content=Content.ACCOUNT),)

    def effect(self) -> Verdict:
        """Nothing that a match asks for."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """The label."""
        return message("set the security label to {label} (SECMARK)", label=self.context)


EXTENSION = SecMark
