"""Comparisons of a byte with a number, for ttl and hl: the numbers that a comparison means, and the number that it was made with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.common.numbers import MAX_8, Range, integer
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.extensions.common.extension import Given
    from iptexplain.source import Message


def exactly(text: str) -> Range:
    """One number alone. Raises ValueError."""
    number = integer(text, MAX_8)
    return Range(number, number)


def below(text: str) -> Range:
    """The numbers that are less. Raises ValueError."""
    return Range(0, integer(text, MAX_8) - 1)


def above(text: str) -> Range:
    """The numbers that are greater. Raises ValueError."""
    return Range(integer(text, MAX_8) + 1, MAX_8)


def below_what(numbers: Range) -> str:
    """What `below` was given."""
    return str(numbers.last + 1)


def above_what(numbers: Range) -> str:
    """What `above` was given."""
    return str(numbers.first - 1)


_EQUAL = N_("with {name} {number}"), N_("with any {name} but {number}")


def said(name: Message, equal: Given[Range] | None, less: Range | None, greater: Range | None) -> tuple[Phrase, ...]:
    """The comparisons that are asked for; `name` is what is compared: "TTL", "hop limit"."""
    found = []
    if equal is not None:
        found.append(message(_EQUAL[equal.negated], name=name, number=equal.value))
    if less is not None:
        found.append(message("with {name} below {number}", name=name, number=below_what(less)))
    if greater is not None:
        found.append(message("with {name} above {number}", name=name, number=above_what(greater)))
    return tuple([Phrase(Part.IF, text) for text in found])
