"""Comparisons of a byte with a number, for ttl and hl: the numbers that a comparison means, and the number that it was made with."""

from __future__ import annotations

from iptexplain.extensions.common.numbers import MAX_8, Range, integer


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
