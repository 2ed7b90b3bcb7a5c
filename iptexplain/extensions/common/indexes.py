"""Ranges of numbers in headers, in words: the index of a security association, the identification of a fragment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.common.numbers import extent_of
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.extensions.common.extension import Given
    from iptexplain.extensions.common.numbers import Range
    from iptexplain.source import Message

_ASKED = {
    "one": N_("with {name} {first}"),
    "but one": N_("with any {name} but {first}"),
    "between": N_("with {name} {first} to {last}"),
    "but between": N_("with any {name} but {first} to {last}"),
    "at least": N_("with {name} of at least {first}"),
    "at most": N_("with {name} of at most {last}"),
    "any": N_("with any {name}"),
    "none": N_("no packet at all ({name} {first} to {last} is an empty range)"),
}
"""By what `extent_of` finds."""


def asked(given: Given[Range], name: Message) -> Message:
    """What a match asks of such a number of 32 bits; `name` is what it is called: "SPI"."""
    kind, wanted = extent_of(given.value, negated=given.negated)
    return message(_ASKED[kind], name=name, first=wanted.first, last=wanted.last)
