"""hashlimit: match while each sender or receiver (or any group of packets) stays below a rate of packets or bytes, or goes above it.

Man page iptables-extensions(8), hashlimit; kernel net/netfilter/xt_hashlimit.c. How many packets came before no dump tells: a question.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.joining import together
from iptexplain.extensions.common.numbers import MAX_64, integer
from iptexplain.extensions.common.rate import ByteRate, PacketRate, bytes_in, bytes_shown, leading_number, said, said_bytes, said_in
from iptexplain.model.address import Address
from iptexplain.model.content import Content
from iptexplain.model.matching import Question, either
from iptexplain.model.phrase import Part, Phrase
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message, verbatim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.model.matching import Branch
    from iptexplain.source import Message

_SCALE = 1_000_000
_BURST = 5
_MOST_BURST = 1_000_000
_COLLECTS_EVERY = 1_000
_BYTES_EXPIRE = 15_000
_BYTES_EXPIRE_BURST = 60_000
_BITS = {4: 32, 6: 128}
_PARTS = ("srcip", "srcport", "dstip", "dstport")


class Grouping(NamedTuple):
    """What the packets of a group have in common; nothing: all packets are one group."""

    parts: frozenset[str]

    @classmethod
    def parse(cls, text: str) -> Grouping:
        """Read `srcip,dstport`. Raises ValueError."""
        parts = frozenset(filter(None, text.replace("|", ",").split(",")))
        if not parts <= frozenset(_PARTS):
            raise ValueError(text)
        return cls(parts)

    def __str__(self) -> str:
        return ",".join(part for part in _PARTS if part in self.parts)


def _rate(text: str) -> PacketRate | ByteRate:
    return ByteRate.parse(text) if ByteRate.says(text) else PacketRate.parse(text, _SCALE)


def _burst(text: str) -> int:
    """Packets, or bytes with their unit; what follows the unit is not looked at."""
    start, digits = (2, string.hexdigits) if text[:2].lower() == "0x" else (0, string.digits)
    rest = text[start:].lstrip(digits)
    number = integer(text[: len(text) - len(rest)], MAX_64 if rest else _MOST_BURST, 1) * bytes_in(rest[:1])
    if number > MAX_64:
        raise ValueError(text)
    return number


def _prefix_length(text: str) -> int:
    """A length, or a mask that has it."""
    if "." not in text and ":" not in text:
        return integer(text, _BITS[6])
    family, mask = Address.parse(text)
    whole = (1 << _BITS[family]) - 1
    length = mask.bit_count()
    if mask != whole ^ (whole >> length):
        raise ValueError(text)
    return length


def _seconds(text: str) -> int:
    found = leading_number(text)
    if not found:
        raise ValueError(text)
    return found


class HashLimit(Extension):
    """`upto` or `above` a rate, `burst` packets (or bytes) at once before it counts, in groups by `mode`.

    The groups are in a table in memory: its `name`, its buckets (`size`) and most entries, after how many milliseconds an entry that is not
    used any more is forgotten (`expire`) and how often that is looked at. `source_length` and `destination_length`: addresses that begin
    with the same bits are one. `matches_rate`: only look at the rate of the last `interval` seconds, do not count what matched.
    """

    NAME: ClassVar[str] = "hashlimit"

    upto: Given[PacketRate | ByteRate] | None = None
    above: Given[PacketRate | ByteRate] | None = None
    burst: int | None = None
    mode: Grouping = Grouping(frozenset())
    name: str
    size: int = 0
    most: int = 0
    collects_every: int = _COLLECTS_EVERY
    expire: int | None = None
    source_length: int | None = None
    destination_length: int | None = None
    matches_rate: bool = False
    interval: int | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--hashlimit-upto", "upto", _rate, negatable=True),
        Option("--hashlimit-above", "above", _rate, negatable=True),
        Option("--hashlimit-burst", "burst", _burst),
        Option("--hashlimit-mode", "mode", Grouping.parse),
        Option("--hashlimit-name", "name", str, content=Content.LIST),
        Option("--hashlimit-htable-size", "size", integer),
        Option("--hashlimit-htable-max", "most", integer),
        Option("--hashlimit-htable-gcinterval", "collects_every", integer),
        Option("--hashlimit-htable-expire", "expire", integer),
        Option("--hashlimit-srcmask", "source_length", _prefix_length),
        Option("--hashlimit-dstmask", "destination_length", _prefix_length),
        Option("--hashlimit-rate-match", "matches_rate"),
        Option("--hashlimit-rate-interval", "interval", _seconds),
        Option("--hashlimit", "upto", _rate, negatable=True),
    )

    def check(self) -> None:
        """One rate, a name, and a burst that goes with the rate."""
        rate, _ = self._asked()
        enough = self.burst is None or (self.burst >= rate.bytes > 0 if isinstance(rate, ByteRate) else self.burst <= _MOST_BURST)
        if not (enough and self.name):
            raise ValueError(self.name, self.burst)

    def _asked(self) -> tuple[PacketRate | ByteRate, bool]:
        """The rate, and whether packets above it match."""
        match self.upto, self.above:
            case (rate, negated), None:
                return rate, negated
            case None, (rate, negated):
                return rate, not negated
            case _:
                raise ValueError(self.upto, self.above)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """`--hashlimit-above` for what is not `upto`; without what is the default, which depends on the rate and on the family."""
        return tuple(self._saved(to))

    def _saved(self, to: Dialect) -> Iterator[Words]:
        rate, above = self._asked()
        expire = self.expire
        if isinstance(rate, ByteRate):
            interval, by_default = 1, _BYTES_EXPIRE if self.burst is None else _BYTES_EXPIRE_BURST
            burst = None if self.burst is None else bytes_shown(rate.bursts(self.burst) * rate.bytes)
        else:
            interval, burst = rate.unit, str(_BURST if self.burst is None else self.burst)
            expire = rate.unit * 1_000 if expire is None else expire
            rate = rate.in_a_second() if self.matches_rate else rate
            by_default = rate.shown()[2] * 1_000
        interval = self.interval or interval
        for keyword, value in (
            ("--hashlimit-above" if above else "--hashlimit-upto", rate),
            ("--hashlimit-burst", burst),
            ("--hashlimit-mode", str(self.mode) or None),
            ("--hashlimit-name", self.name),
            ("--hashlimit-htable-size", self.size or None),
            ("--hashlimit-htable-max", self.most or None),
            ("--hashlimit-htable-gcinterval", None if self.collects_every == _COLLECTS_EVERY else self.collects_every),
            ("--hashlimit-htable-expire", None if expire == by_default else expire),
            ("--hashlimit-srcmask", None if self.source_length == _BITS[to.family] else self.source_length),
            ("--hashlimit-dstmask", None if self.destination_length == _BITS[to.family] else self.destination_length),
        ):
            if value is not None:
                yield Words(keyword, negated=False, values=(str(value),))
        if self.matches_rate:
            yield Words("--hashlimit-rate-match", negated=False, values=())
            if interval != 1:
                yield Words("--hashlimit-rate-interval", negated=False, values=(str(interval),))

    def decide(self) -> tuple[Branch, ...]:
        """How fast packets came of late is not known."""
        rate, above = self._asked()
        text = message("the limit of {rate} of {name} in line {line} is not exceeded", rate=rate, name=self.name, line="?")
        return either(Question(self.NAME, text, per_rule=True), negated=above)

    def phrases(self) -> tuple[Phrase, ...]:
        """The rate for each group; when it is counted anew, and what if there are too many groups."""
        rate, above = self._asked()
        said_rate = said_in(rate, self._interval(rate)) if self.matches_rate else said(rate)
        usual = self.matches_rate or self._burst(rate) is None
        found = [message(_RATES[above, usual], rate=said_rate, group=self._group(), name=self.name, burst=self._burst(rate))]
        if self.expire is not None and self.expire != self._expires(rate):
            found.append(message("counting anew after {seconds} s without packets", seconds=f"{self.expire / 1_000:g}"))
        if self.most:
            found.append(message("with room for {most} counts (packets beyond that are dropped)", most=self.most))
        return tuple([Phrase(Part.IF, text) for text in found])

    def _interval(self, rate: PacketRate | ByteRate) -> int:
        """How many seconds are looked at with `matches_rate`."""
        return self.interval or (1 if isinstance(rate, ByteRate) else rate.unit)

    def _expires(self, rate: PacketRate | ByteRate) -> int:
        """After how many milliseconds a group is forgotten by default."""
        if isinstance(rate, ByteRate):
            return _BYTES_EXPIRE if self.burst is None else _BYTES_EXPIRE_BURST
        return rate.unit * 1_000

    def _burst(self, rate: PacketRate | ByteRate) -> Message | None:
        """What may pass at once: of bytes, as many seconds' worth as it takes. None where nothing says it."""
        if isinstance(rate, PacketRate):
            return verbatim(self.burst or _BURST)
        return None if self.burst is None else said_bytes(rate.bursts(self.burst) * rate.bytes)

    def _group(self) -> Message:
        """What is counted together."""
        lengths = {"srcip": self.source_length, "dstip": self.destination_length}
        found = []
        for part in (part for part in _PARTS if part in self.mode.parts):
            length = lengths.get(part)
            text = _NAMES[part] if length in {None, _BITS[6]} else _NETWORKS[part]
            found.append(message(text, length=length))
        if not found:
            return message("all packets together")
        return message("each {part}" if len(found) == 1 else "each combination of {part}", part=together(found))


_RATES = {
    (False, True): N_("at most {rate} for {group} (counter {name})"),
    (False, False): N_("at most {rate} for {group} (up to {burst} at once; counter {name})"),
    (True, True): N_("more than {rate} for {group} (counter {name})"),
    (True, False): N_("more than {rate} for {group} (after {burst} at once; counter {name})"),
}
"""By whether packets above the rate match, and whether nothing is said of a burst."""
_NAMES = {
    "srcip": N_("source address"),
    "srcport": N_("source port"),
    "dstip": N_("destination address"),
    "dstport": N_("destination port"),
}
_NETWORKS = {"srcip": N_("source network (/{length})"), "dstip": N_("destination network (/{length})")}
"""What the packets of a group have in common."""

EXTENSION = HashLimit
