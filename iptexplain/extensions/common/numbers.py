"""Numbers in options: how they may be written, their ranges, masks and lists, and what iptables-save makes of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from iptexplain.model.names import number
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from iptexplain.extensions.common.extension import Words

MAX_8, MAX_16, MAX_32, MAX_64 = (2**bits - 1 for bits in (8, 16, 32, 64))

_MOST_TYPES = 16
_NO_LENGTH = 0xFF
"""What stands for a missing length, so that 255 cannot be asked for: iptables takes it and forgets it."""


def integer(text: str, most: int = MAX_32, least: int = 0) -> int:
    """A number as C reads it: decimal, `0x1f`, or octal if it begins with 0. Raises ValueError, also for a number that is too big.

    >>> integer("31"), integer("0x1F"), integer("037")
    (31, 31, 31)
    """
    found = number(text.lstrip().removeprefix("+"))
    if not least <= found <= most:
        raise ValueError(text)
    return found


def integers(most: int, least: int = 0) -> Callable[[str], int]:
    """What reads a number from `least` to `most`."""
    return partial(integer, most=most, least=least)


class Range(NamedTuple):
    """The numbers from `first` to `last`, both included; none if `first` is the greater one, which most options take."""

    first: int
    last: int

    @classmethod
    def parse(cls, text: str, most: int = MAX_32) -> Range:
        """Read `5`, `5:9`, and with an end left open `:9`, `5:`. Raises ValueError."""
        low, colon, high = text.partition(":")
        first = integer(low, most) if low else 0
        if not colon:
            return cls(first, first)
        return cls(first, integer(high, most) if high else most)

    def holds(self, number: int) -> bool:
        """Is the number one of them."""
        return self.first <= number <= self.last

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}:{self.last}"


def ranges(most: int) -> Callable[[str], Range]:
    """What reads a range of numbers up to `most`."""
    return partial(Range.parse, most=most)


def extent(wanted: Range, most: int = MAX_32) -> str:
    """How people say which of the numbers up to `most`: `none`, `any`, `one`, `at least`, `at most`, `between`.

    >>> extent(Range(5, MAX_8), MAX_8), extent(Range(3, 2))
    ('at least', 'none')
    """
    first, last = wanted
    if first > last:
        return "none"
    if first == last:
        return "one"
    if last >= most:
        return "at least" if first else "any"
    return "between" if first else "at most"


def extent_of(wanted: Range, most: int = MAX_32, *, negated: bool = False) -> tuple[str, Range]:
    """The same with the numbers to name; for those not wanted `but one`, `but between`, or what the others are.

    >>> extent_of(Range(0, 9), negated=True)
    ('at least', Range(first=10, last=4294967295))
    """
    kind = extent(wanted, most)
    if not negated:
        return kind, wanted
    if kind == "at most":
        return "at least", Range(wanted.last + 1, most)
    if kind == "at least":
        return "at most", Range(0, wanted.first - 1)
    return {"none": "any", "any": "none"}.get(kind, f"but {kind}"), wanted


def but_everything(said: tuple[Words, ...], keyword: str, most: int = MAX_32) -> tuple[Words, ...]:
    """Without the range of all numbers: iptables-save leaves it out, even where `!` stands before it."""
    everything = str(Range(0, most))
    return tuple(words for words in said if words.keyword != keyword or words.values != (everything,))


class TypeLengths(NamedTuple):
    """Options in a header of IPv6 in their order: the number of each, and its length in bytes, None for any (`5,7:3`)."""

    options: tuple[tuple[int, int | None], ...]

    @classmethod
    def parse(cls, text: str) -> TypeLengths:
        """Read up to 16 of them; iptables keeps the low eight bits of each number. Raises ValueError."""
        found = tuple(cls._option(part) for part in text.split(","))
        if len(found) > _MOST_TYPES:
            raise ValueError(text)
        return cls(found)

    @staticmethod
    def _option(text: str) -> tuple[int, int | None]:
        kind, colon, length = text.partition(":")
        size = integer(length, MAX_64) & MAX_8 if colon else _NO_LENGTH
        return integer(kind, MAX_64) & MAX_8, None if size == _NO_LENGTH else size

    def __str__(self) -> str:
        return ",".join(str(kind) if length is None else f"{kind}:{length}" for kind, length in self.options)
