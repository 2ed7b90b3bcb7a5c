"""Exact chances. The kernel draws with thresholds k/2³¹, so every chance in a dump is an integer over a power of two.

IPVS gives connections to its servers in turn, by weight: there the denominator has an odd factor too.
"""

from __future__ import annotations

from math import floor, gcd, log10

from iptexplain.named import NamedTuple


class Share(NamedTuple):
    """`numerator` / (2**`exponent` · `odd`), exactly; `odd` is odd. Not reduced; compare with `==` only after `reduced`."""

    numerator: int
    exponent: int
    odd: int = 1

    @classmethod
    def part(cls, numerator: int, denominator: int) -> Share:
        """The share of any fraction, reduced.

        >>> Share.part(2, 12)
        Share(numerator=1, exponent=1, odd=3)
        """
        twos = (denominator & -denominator).bit_length() - 1
        return cls(numerator, twos, denominator >> twos).reduced()

    def times(self, k: int, of: int, odd: int = 1) -> Share:
        """The share times k / (2**of · odd)."""
        return Share(self.numerator * k, self.exponent + of, self.odd * odd)

    def plus(self, other: Share) -> Share:
        """The sum."""
        exponent = max(self.exponent, other.exponent)
        one, more = self.numerator << exponent - self.exponent, other.numerator << exponent - other.exponent
        if self.odd == other.odd:
            return Share(one + more, exponent, self.odd)
        return Share(one * other.odd + more * self.odd, exponent, self.odd * other.odd)

    def reduced(self) -> Share:
        """The same in the smallest numbers (0 and 1 have the exponent 0 and the odd factor 1)."""
        numerator, exponent, odd = self
        if not numerator:
            return Share(0, 0)
        if odd != 1:
            common = gcd(numerator, odd)
            numerator, odd = numerator // common, odd // common
        zeros = min((numerator & -numerator).bit_length() - 1, exponent)
        return Share(numerator >> zeros, exponent - zeros, odd)

    def __float__(self) -> float:
        """The nearest float."""
        return self.numerator / (self.odd << self.exponent)

    def fraction(self, most_digits: int = 100) -> str | None:
        """`715827883/2147483648`; None if it has more than `most_digits` digits."""
        numerator, exponent, odd = self.reduced()
        if exponent + odd.bit_length() + numerator.bit_length() > most_digits * 4:  # a digit is at least 3.32 bits: surely longer
            return None
        denominator = odd << exponent
        text = str(numerator) if denominator == 1 else f"{numerator}/{denominator}"
        return text if len(text) - text.count("/") <= most_digits else None


ONE = Share(1, 0)

_SMALL = 0.1


def percent(share: float) -> str:
    """A share as people read it: with one decimal, and a small one with its first digit."""
    shown = share * 100
    decimals = 1 if not 0 < shown < _SMALL else -floor(log10(shown))
    return f"{shown:.{decimals}f} %"
