"""RATEEST: count the packet for an estimate of how much comes by, which `-m rateest` asks for, and go on.

Man page iptables-extensions(8), RATEEST; kernel net/netfilter/xt_RATEEST.c. Both times are powers of two of a quarter of a second; what is
saved is what they come to.
"""

from __future__ import annotations

import math
from string import ascii_letters
from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Option, Words
from iptexplain.extensions.common.numbers import MAX_32
from iptexplain.model.content import Content
from iptexplain.model.matching import Verdict
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message


_MILLISECOND, _SECOND = 1_000, 1_000_000
_QUARTER = _SECOND // 4
_UNITS = {"": 1, "us": 1, "usec": 1, "usecs": 1, "ms": _MILLISECOND, "msec": _MILLISECOND, "msecs": _MILLISECOND} | dict.fromkeys(
    ("s", "sec", "secs"), _SECOND
)
_INTERVALS = 6
_WEIGHTS = range(1, 31)


class Duration(NamedTuple):
    """A time in microseconds."""

    microseconds: int

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read `250ms`, `1.5s`, `40` (microseconds). Raises ValueError."""
        digits = text.rstrip(ascii_letters)
        number = float(digits) * _UNITS.get(text.removeprefix(digits).lower(), -1)
        if not 0 <= number <= MAX_32 or "_" in text:  # Python alone knows `1_000`
            raise ValueError(text)
        return cls(int(number))

    def __str__(self) -> str:
        for size, name in ((_SECOND, "s"), (_MILLISECOND, "ms")):
            if self.microseconds >= size:
                return f"{self.microseconds / size:.1f}{name}"
        return f"{self.microseconds}us"


class RateEstimator(Extension):
    """The name of the estimate; how often it is made; over which time it is smoothed."""

    NAME: ClassVar[str] = "RATEEST"

    name: str
    interval: Duration
    smoothing: Duration

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--rateest-name", "name", str, content=Content.LIST),
        Option("--rateest-interval", "interval", Duration.parse),
        Option("--rateest-ewmalog", "smoothing", Duration.parse),
    )

    def check(self) -> None:
        """Times that the kernel can keep."""
        self._kept()

    def _kept(self) -> tuple[Duration, Duration]:
        """The times as the kernel keeps them (libxt_RATEEST.c, `RATEEST_final_check`). Raises ValueError."""
        asked = self.interval.microseconds
        interval = next((size for size in (_QUARTER << exponent for exponent in range(_INTERVALS)) if asked <= size), None)
        too_long = next((k for k in range(1, 32) if asked / -math.log(1 - 1 / (1 << k)) > self.smoothing.microseconds), 32)
        if interval is None or too_long - 1 not in _WEIGHTS:
            raise ValueError(self.name)
        return Duration(interval), Duration(interval << (too_long - 1) & MAX_32)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """With the times that the kernel keeps."""
        name, *times = super().save(to)
        return name, *(words._replace(values=(str(kept),)) for words, kept in zip(times, self._kept(), strict=True))

    def effect(self) -> Verdict:
        """Nothing happens to the packet."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """With the times that the kernel keeps."""
        interval, smoothing = self._kept()
        text = N_('count it for the rate estimate "{name}", made every {interval} and smoothed over {smoothing} (RATEEST)')
        return message(text, name=self.name, interval=interval, smoothing=smoothing)


EXTENSION = RateEstimator
