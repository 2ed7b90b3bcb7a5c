"""MARK: change the packet's mark and go on.

Man page iptables-extensions(8), MARK; kernel net/netfilter/xt_mark.c. iptables-save writes every form of it as `--set-xmark value/mask`.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.matching import SetMark
from iptexplain.model.values import Mark


def _set_mark(text: str) -> Mark:
    found = Mark.parse(text)
    return Mark(found.value, found.value | found.mask)


def _and_mark(text: str) -> Mark:
    return Mark(0, ~Mark.parse(text).value & 0xFFFFFFFF)


def _or_mark(text: str) -> Mark:
    value = Mark.parse(text).value
    return Mark(value, value)


def _xor_mark(text: str) -> Mark:
    return Mark(Mark.parse(text).value, 0)


def _with_mask(mark: Mark) -> str:
    """The target always has its mask, unlike the match."""
    return f"{mark.value:#x}/{mark.mask:#x}"


class MarkTarget(Extension):
    """mark = (mark & ~mask) ^ value."""

    mark: Mark

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--set-xmark", "mark", Mark.parse, write=_with_mask),
        Option("--set-mark", "mark", _set_mark),
        Option("--and-mark", "mark", _and_mark),
        Option("--or-mark", "mark", _or_mark),
        Option("--xor-mark", "mark", _xor_mark),
    )

    def effect(self) -> SetMark:
        """The new mark."""
        return SetMark(self.mark)


EXTENSION = MarkTarget
