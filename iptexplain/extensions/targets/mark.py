"""MARK: change the packet's mark and go on.

Man page iptables-extensions(8), MARK; kernel net/netfilter/xt_mark.c. iptables-save writes every form of it as `--set-xmark value/mask`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.marking import MARK_OPTIONS
from iptexplain.model.matching import SetMark

if TYPE_CHECKING:
    from iptexplain.model.values import Mark


class MarkTarget(Extension):
    """mark = (mark & ~mask) ^ value."""

    NAME: ClassVar[str] = "MARK"

    mark: Mark

    OPTIONS: ClassVar[tuple[Option, ...]] = MARK_OPTIONS

    def effect(self) -> SetMark:
        """The new mark."""
        return SetMark(self.mark)


EXTENSION = MarkTarget
