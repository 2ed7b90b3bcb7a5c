"""Exact chances. The kernel draws with thresholds k/2³¹, so every chance in a dump is an integer over a power of two."""

from __future__ import annotations

from iptexplain.named import NamedTuple


class Share(NamedTuple):
    """`numerator` / 2**`exponent`, exactly. Not reduced; compare with `==` only after `reduced`."""

    numerator: int
    exponent: int

    def times(self, k: int, of: int) -> Share:
        """The share times k / 2**of."""
        return Share(self.numerator * k, self.exponent + of)

    def plus(self, other: Share) -> Share:
        """The sum."""
        exponent = max(self.exponent, other.exponent)
        return Share((self.numerator << exponent - self.exponent) + (other.numerator << exponent - other.exponent), exponent)

    def reduced(self) -> Share:
        """The same with an odd numerator (0 and 1 have the exponent 0)."""
        if not self.numerator:
            return Share(0, 0)
        zeros = min((self.numerator & -self.numerator).bit_length() - 1, self.exponent)
        return Share(self.numerator >> zeros, self.exponent - zeros)

    def __float__(self) -> float:
        """The nearest float."""
        return self.numerator / (1 << self.exponent)

    def fraction(self, most_digits: int = 100) -> str | None:
        """`715827883/2147483648`; None if it has more than `most_digits` digits."""
        numerator, exponent = self.reduced()
        if exponent + numerator.bit_length() > most_digits * 4:  # a digit is at least 3.32 bits: surely longer
            return None
        text = f"{numerator}/{1 << exponent}" if exponent else str(numerator)
        return text if len(text) - text.count("/") <= most_digits else None


ONE = Share(1, 0)
