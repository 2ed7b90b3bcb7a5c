"""MARK: change the packet's mark and go on.

Man page iptables-extensions(8), MARK; kernel net/netfilter/xt_mark.c. iptables-save writes every form of it as `--set-xmark value/mask`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.marking import MARK_OPTIONS, put
from iptexplain.model.matching import SetMark
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.model.values import Mark
    from iptexplain.source import Message


class MarkTarget(Extension):
    """mark = (mark & ~mask) ^ value."""

    NAME: ClassVar[str] = "MARK"

    mark: Mark

    OPTIONS: ClassVar[tuple[Option, ...]] = MARK_OPTIONS

    def effect(self) -> SetMark:
        """The new mark."""
        return SetMark(self.mark)

    def action(self) -> Message:
        """What becomes of the mark."""
        return put(self.mark, message("mark"))


EXTENSION = MarkTarget
