"""Rates: packets in a time (`5/min`) and bytes in a second (`512kb/s`), as `limit` and `hashlimit` keep and print them.

The kernel keeps how much of a second a packet, or 16 bytes, cost. What is asked for is rounded to such a cost, and what is printed is made
from the cost again: 9999/sec becomes 10000/sec, and 24/day becomes 1/hour.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from iptexplain.extensions.common.numbers import MAX_32, MAX_64
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message

_UNITS = (("day", 86_400), ("hour", 3_600), ("min", 60), ("sec", 1))
_WORDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
_BYTES_SHIFT = 4
_BYTES_IN = {"m": 1 << 20, "k": 1 << 10}
_BYTES_MARK = "b/s"


def leading_number(text: str) -> int:
    """The number that the text begins with, as `atoi` of C reads it; 0 if there is none, or if it is negative."""
    digits = text.lstrip().removeprefix("+")
    return int("0" + digits[: len(digits) - len(digits.lstrip(string.digits))])


def bytes_in(unit: str) -> int:
    """How many bytes `m` and `k` stand for; anything else is bytes."""
    return _BYTES_IN.get(unit, 1)


class PacketRate(NamedTuple):
    """Packets in a time: each costs `cost` of the `scale` parts of a second; `unit` is the time that the rule named, in seconds."""

    cost: int
    scale: int
    unit: int = 1

    @classmethod
    def parse(cls, text: str, scale: int) -> PacketRate:
        """Read `5/min`, `5/minute`, `5/m`, or `5`, which is for a second. Raises ValueError, also for more than the kernel can tell."""
        _, slash, word = text.partition("/")
        units = [seconds for name, seconds in _WORDS.items() if word and name.startswith(word.lower())] if slash else [1]
        packets = leading_number(text)
        if not units or not packets or packets > scale * units[0]:
            raise ValueError(text)
        return cls(scale * units[0] // packets, scale, units[0])

    def in_a_second(self) -> PacketRate:
        """As many packets, but in one second."""
        return self._replace(cost=self.cost // self.unit, unit=1)

    def shown(self) -> tuple[int, str, int]:
        """How many packets in which time are printed: the name of the time, and its seconds."""
        name, seconds = _UNITS[0]
        for smaller, its_seconds in _UNITS[1:]:
            parts = self.scale * its_seconds
            if self.cost > parts or parts // self.cost < parts % self.cost:
                break
            name, seconds = smaller, its_seconds
        return self.scale * seconds // self.cost, name, seconds

    def __str__(self) -> str:
        packets, name, _ = self.shown()
        return f"{packets}/{name}"


class ByteRate(NamedTuple):
    """Bytes in a second: 16 bytes cost `cost` of the 2³² - 1 parts of a second."""

    cost: int

    @classmethod
    def parse(cls, text: str) -> ByteRate:
        """Read `512kb/s`. Raises ValueError, also for more than the kernel can tell."""
        at = text.find(_BYTES_MARK)
        wanted = leading_number(text) * bytes_in(text[at - 1 : at])
        if not wanted or at < 1 or wanted > MAX_64:
            raise ValueError(text)
        cost = MAX_32 // (((wanted >> _BYTES_SHIFT) & MAX_32) + 1)
        if not cost:
            raise ValueError(text)
        return cls(cost)

    @staticmethod
    def says(text: str) -> bool:
        """Is this a rate of bytes."""
        return text.find(_BYTES_MARK) > 0

    @property
    def bytes(self) -> int:
        """The bytes that may pass in a second."""
        return (MAX_32 // self.cost - 1) << _BYTES_SHIFT

    def bursts(self, size: int) -> int:
        """How many seconds' worth of bytes are at least as many as `size`."""
        return -(-size // self.bytes)

    def shown(self) -> tuple[int, str]:
        """How many of which unit are printed: `m`, `k`, or none for bytes."""
        for unit, size in _BYTES_IN.items():  # iptables looks at 32 bits only, so that more than 4 GB has no unit
            if self.bytes >= size and MAX_32 // (((self.bytes & MAX_32 & -size) >> _BYTES_SHIFT) + 1) == self.cost:
                return self.bytes // size, unit
        return self.bytes, ""

    def __str__(self) -> str:
        number, unit = self.shown()
        return f"{number}{unit}{_BYTES_MARK}"


def bytes_shown(size: int) -> str:
    """A number of bytes in the greatest unit that is not more, the rest cut off: `901mb`."""
    for unit, whole in _BYTES_IN.items():
        if size >= whole:
            return f"{size // whole}{unit}b"
    return f"{size}b"


_PACKETS = {
    "day": (N_("1 packet a day"), N_("{number} packets a day")),
    "hour": (N_("1 packet an hour"), N_("{number} packets an hour")),
    "min": (N_("1 packet a minute"), N_("{number} packets a minute")),
    "sec": (N_("1 packet a second"), N_("{number} packets a second")),
}
"""By the unit: one, and several."""
_BYTES = {"m": N_("{number} MiB a second"), "k": N_("{number} KiB a second"), "": N_("{number} bytes a second")}
_SIZES = {"m": N_("{number} MiB"), "k": N_("{number} KiB"), "": N_("{number} bytes")}
"""By the unit."""


def said(rate: PacketRate | ByteRate) -> Message:
    """A rate in words: `5 packets a second`, `3 packets an hour`, `512 KiB a second`."""
    if isinstance(rate, PacketRate):
        number, unit, _ = rate.shown()
        return message(_PACKETS[unit][number != 1], number=number)
    number, unit = rate.shown()
    return message(_BYTES[unit], number=number)


def said_bytes(size: int) -> Message:
    """A number of bytes in words, in the greatest unit that is not more, the rest cut off: `901 MiB`."""
    unit = next((unit for unit, whole in _BYTES_IN.items() if size >= whole), "")
    return message(_SIZES[unit], number=size // bytes_in(unit))


def said_in(rate: PacketRate | ByteRate, seconds: int) -> Message:
    """What is counted within so many seconds, and compared with the number of the rate (xt_hashlimit.c, XT_HASHLIMIT_RATE_MATCH)."""
    if isinstance(rate, PacketRate):
        cost = rate.in_a_second().cost
        number = rate.scale // cost if cost else 0
        return message("1 packet in {seconds} s" if number == 1 else "{number} packets in {seconds} s", number=number, seconds=seconds)
    number, unit = rate.shown()
    return message("{size} in {seconds} s", size=message(_SIZES[unit], number=number), seconds=seconds)
