"""How a mark is set, for MARK and CONNMARK: iptables-save writes every form of it as `--set-xmark value/mask`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.common.extension import Option
from iptexplain.extensions.common.numbers import MAX_32, integer
from iptexplain.model.values import Mark
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.extensions.common.tos import Tos
    from iptexplain.source import Message


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


_ASKED = {
    "whole": (N_("with {mark} {value}"), N_("with any {mark} but {value}")),
    "bit": (N_("with bit {value} of the {mark} set"), N_("with bit {value} of the {mark} not set")),
    "set": (N_("with all bits {value} of the {mark} set"), N_("with not all bits {value} of the {mark} set")),
    "clear": (N_("with none of the bits {mask} of the {mark} set"), N_("with any of the bits {mask} of the {mark} set")),
    "part": (N_("with {value} in the bits {mask} of the {mark}"), N_("with anything but {value} in the bits {mask} of the {mark}")),
    "any": (N_("whatever the {mark}"), N_("with a {mark} that no packet has")),
}
"""What may be asked of a mark, and its opposite."""


def asked(wanted: Mark, whose: Message, *, negated: bool = False) -> Message:
    """What a match asks of a mark; `whose` is "mark" or "connection mark"."""
    value, mask = wanted
    if value & ~mask or not mask:  # (mark & mask) == value cannot be, or always is
        kind, negated = "any", negated is not bool(value)
    elif mask == MAX_32:
        kind = "whole"
    elif mask.bit_count() == 1:
        kind, negated = "bit", negated is bool(value)
    elif value == mask:
        kind = "set"
    else:
        kind = "part" if value else "clear"
    shown = mask if kind == "bit" else value
    return message(_ASKED[kind][negated], mark=whose, value=f"{shown:#x}", mask=f"{mask:#x}")


def put(new: Mark | Tos, whose: Message, *, whole: int = MAX_32) -> Message:
    """What becomes of a mark: (mark & ~mask) ^ value; `whose` is "mark" or "connection mark"; `whole` has all bits that it has."""
    value, mask = new
    if mask == whole:
        return message("set the {mark} to {value}", mark=whose, value=f"{value:#x}")
    if not value and not mask:
        text = N_("leave the {mark} as it is")
    elif value == mask:
        text = N_("set bit {value} of the {mark}") if value.bit_count() == 1 else N_("set the bits {value} of the {mark}")
    elif not value:
        text = N_("clear bit {mask} of the {mark}") if mask.bit_count() == 1 else N_("clear the bits {mask} of the {mark}")
    elif not mask:
        text = N_("flip bit {value} of the {mark}") if value.bit_count() == 1 else N_("flip the bits {value} of the {mark}")
    elif value & ~mask == 0:
        text = N_("set the bits {mask} of the {mark} to {value}")
    else:
        text = N_("clear the bits {mask} of the {mark}, then flip the bits {value}")
    return message(text, mark=whose, value=f"{value:#x}", mask=f"{mask:#x}")
