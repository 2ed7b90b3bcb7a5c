"""rateest: how fast traffic flows, as an estimator that a `-j RATEEST` rule feeds has it, against a rate or another estimator.

Man page iptables-extensions(8), rateest; kernel net/netfilter/xt_rateest.c. Estimates are kept in the kernel, not in the dump.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.numbers import MAX_32, integer
from iptexplain.model.content import Content
from iptexplain.model.phrase import Part, Phrase
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message

_PREFIXES = {"ki": 1 << 10, "k": 10**3, "mi": 1 << 20, "m": 10**6, "gi": 1 << 30, "g": 10**9, "ti": 1 << 40, "t": 10**12, "": 1}
_UNITS = {"bit": 1, "bps": 8}
_KILO, _MEGA = 10**3, 10**6
_MODES = ("--rateest-lt", "--rateest-gt", "--rateest-eq")


class Rate(NamedTuple):
    """Bytes a second."""

    bytes: int

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read `64kbit`, `8kbps` (bytes), or bits a second without a unit. Raises ValueError."""
        number, scale = _scaled(text)
        bits = (float.fromhex(number) if number[:2].lower() == "0x" else float(number)) * scale
        if not (number[0].isdigit() or number[0] == ".") or bits >= 1 << 64:  # neither "inf" nor "nan"
            raise ValueError(text)
        return cls(int(bits / 8) & MAX_32)  # more than the 32 bits that the rule has room for loses its upper ones

    def __str__(self) -> str:
        bits = self.bytes * 8
        if bits >= _MEGA * _KILO:
            return f"{bits / _MEGA:.0f}Mbit"
        return f"{bits / _KILO:.0f}Kbit" if bits >= _MEGA else f"{bits}bit"


def _scaled(text: str) -> tuple[str, int]:
    """The number in a rate, and how many bits are one of its unit."""
    for unit, bits in _UNITS.items():
        if text[-len(unit) :].lower() == unit:
            number = text[: -len(unit)]
            prefix = next(prefix for prefix in _PREFIXES if number.lower().endswith(prefix))
            return number[: len(number) - len(prefix)], bits * _PREFIXES[prefix]
    return text, 1


def _bits(text: str = "0bit") -> Rate:
    """The rate; where two estimators are compared with each other none is said."""
    return Rate.parse(text)


def _packets(text: str = "0") -> int:
    """As `_bits`, in packets."""
    return integer(text, MAX_32)


class RateEst(Extension):
    """Is the rate of estimator `first` below, above or equal (`mode`) to the given one (`bits`, `packets`) or to that of `second`.

    With `delta` not the rate counts but what it lacks of `first_bits` and `first_packets` a second.
    """

    NAME: ClassVar[str] = "rateest"

    first: Given[str]
    mode: Given[str]
    second: str | None = None
    delta: bool = False
    first_bits: Rate | None = None
    first_packets: int | None = None
    bits: Rate | None = None
    packets: int | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--rateest-delta", "delta"),
        Option("--rateest", "first", str, negatable=True, content=Content.LIST),
        Option("--rateest1", "first", Given, content=Content.LIST),
        Option("--rateest-bps1", "first_bits", _bits, optional=True),
        Option("--rateest-pps1", "first_packets", _packets, optional=True),
        Option("--rateest-lt", "mode", lambda: "--rateest-lt", negatable=True, words=0),
        Option("--rateest-gt", "mode", lambda: "--rateest-gt", negatable=True, words=0),
        Option("--rateest-eq", "mode", lambda: "--rateest-eq", negatable=True, words=0),
        Option("--rateest-bps", "bits", _bits, optional=True),
        Option("--rateest-bps2", "bits", _bits, optional=True),
        Option("--rateest-pps", "packets", _packets, optional=True),
        Option("--rateest-pps2", "packets", _packets, optional=True),
        Option("--rateest2", "second", str, content=Content.LIST),
    )

    @classmethod
    def read(cls, options: tuple[Words, ...]) -> Self:
        """iptables-save repeats the comparison, once for bits and once for packets."""
        return super().read(tuple([o for number, o in enumerate(options) if o.keyword not in _MODES or o not in options[:number]]))

    def check(self) -> None:
        """Something is compared. The grammar allows `!` before the name, iptables does not."""
        if self.first.negated or not any(given is not None for given in (self.first_bits, self.first_packets, self.bits, self.packets)):
            raise ValueError(self.first)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """A rate that is not given is 0; two estimators without `delta` are compared without rates."""
        del to
        mode = Words(self.mode.value, self.mode.negated, ())
        out = [_said("--rateest-delta")] if self.delta else []
        out.append(_said("--rateest" if self.second is None else "--rateest1", self.first.value))
        for kind, first, rate, none in (("bps", self.first_bits, self.bits, Rate(0)), ("pps", self.first_packets, self.packets, 0)):
            if first is None and rate is None:
                continue
            second = str(none if rate is None else rate)
            if self.delta:
                out += [_said(f"--rateest-{kind}1", str(none if first is None else first)), mode, _said(f"--rateest-{kind}2", second)]
            else:
                out += [mode, _said(f"--rateest-{kind}", *([second] if self.second is None else []))]
        if self.second is not None:
            out.append(_said("--rateest2", self.second))
        return tuple(out)

    def phrases(self) -> tuple[Phrase, ...]:
        """What is compared with what; `!` says that not all comparisons hold."""
        first = None if self.first_bits is None else self.first_bits.bytes * 8
        second = None if self.bits is None else self.bits.bytes * 8
        compared = []
        for left, right, texts in ((first, second, _BITS), (self.first_packets, self.packets, _PACKETS)):
            if left is not None or right is not None:
                sides = self._side(self.first.value, left, texts), self._side(self.second, right, texts)
                compared.append(sides)
        says = _COMPARED[self.mode.value]
        if len(compared) > 1 and self.mode.negated:
            one, other = [message(says[False], left=left, right=right) for left, right in compared]
            return (Phrase(Part.IF, message("it is not so that {one} and {other}", one=one, other=other)),)
        return tuple([Phrase(Part.IF, message(says[self.mode.negated], left=left, right=right)) for left, right in compared])

    def _side(self, estimator: str | None, given: int | None, texts: tuple[str, str, str]) -> Message:
        """The rate itself, what an estimator measures, or what that lacks of the rate."""
        rate, measured, lacking = texts
        text = rate if estimator is None else lacking if self.delta else measured
        return message(text, estimator=estimator, rate=given or 0)


_BITS = (
    N_("{rate} bit/s"),
    N_("the bit rate of estimator {estimator}"),
    N_("what the bit rate of estimator {estimator} lacks of {rate} bit/s"),
)
_PACKETS = (
    N_("{rate} packets/s"),
    N_("the packet rate of estimator {estimator}"),
    N_("what the packet rate of estimator {estimator} lacks of {rate} packets/s"),
)
"""A side of a comparison."""
_COMPARED = {
    "--rateest-lt": (N_("{left} is below {right}"), N_("{left} is not below {right}")),
    "--rateest-gt": (N_("{left} is above {right}"), N_("{left} is not above {right}")),
    "--rateest-eq": (N_("{left} is {right}"), N_("{left} is not {right}")),
}


def _said(keyword: str, *values: str) -> Words:
    return Words(keyword, negated=False, values=values)


EXTENSION = RateEst
