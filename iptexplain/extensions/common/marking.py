"""How a mark is set, for MARK and CONNMARK: iptables-save writes every form of it as `--set-xmark value/mask`."""

from __future__ import annotations

from iptexplain.extensions.common.extension import Option
from iptexplain.extensions.common.numbers import MAX_32, integer
from iptexplain.model.values import Mark


def _set_mark(text: str) -> Mark:
    found = Mark.parse(text)
    return Mark(found.value, found.value | found.mask)


def _and_mark(text: str) -> Mark:
    return Mark(0, ~integer(text) & MAX_32)


def _or_mark(text: str) -> Mark:
    value = integer(text)
    return Mark(value, value)


def _xor_mark(text: str) -> Mark:
    return Mark(integer(text), 0)


def with_mask(mark: Mark) -> str:
    """A mark in the words of a target, which always have the mask, unlike those of a match."""
    return f"{mark.value:#x}/{mark.mask:#x}"


MARK_OPTIONS = (
    Option("--set-xmark", "mark", Mark.parse, write=with_mask),
    Option("--set-mark", "mark", _set_mark),
    Option("--and-mark", "mark", _and_mark),
    Option("--or-mark", "mark", _or_mark),
    Option("--xor-mark", "mark", _xor_mark),
)
