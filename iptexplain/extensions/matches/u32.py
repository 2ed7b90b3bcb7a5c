"""u32: numbers anywhere in the packet, found by offset, mask and shift.

Man page iptables-extensions(8), u32; kernel net/netfilter/xt_u32.c. iptables-save prints all numbers in hexadecimal, without blanks.
"""

from __future__ import annotations

import re
from typing import ClassVar, TypeVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_32, integer
from iptexplain.extensions.common.quoting import always
from iptexplain.model.content import Content
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.named import NamedTuple
from iptexplain.source import message

_MOST = 10
"""Of everything: tests in a rule, numbers in a location, ranges for it."""

_BITS = 32

T = TypeVar("T")


class Test(NamedTuple):
    """A location, as numbers with an operator before each but the first (""), and the ranges in which its value may lie."""

    location: tuple[tuple[str, int], ...]
    ranges: tuple[tuple[int, int], ...]

    def holds(self, packet: bytes) -> bool | None:
        """Does the value lie in a range; not if a location is behind the end. None for shifts by more bits than a number has."""
        at, value = 0, self._read(packet, self.location[0][1])
        for operator, number in self.location[1:]:
            if value is None:
                return False
            match operator:
                case "&":
                    value &= number
                case "@":
                    at += value
                    value = self._read(packet, at + number)
                case _ if number >= _BITS:
                    return None
                case "<<":
                    value = value << number & MAX_32
                case _:
                    value >>= number
        return value is not None and any(first <= value <= last for first, last in self.ranges)

    @staticmethod
    def _read(packet: bytes, at: int) -> int | None:
        """The number in four bytes of the packet."""
        found = packet[at : at + 4]
        return int.from_bytes(found) if len(found) == 4 else None  # noqa: PLR2004 - the bytes of a number

    def __str__(self) -> str:
        location = "".join(f"{operator}{number:#x}" for operator, number in self.location)
        ranges = (f"{first:#x}" if first == last else f"{first:#x}:{last:#x}" for first, last in self.ranges)
        return f"{location}={','.join(ranges)}"


class Tests(NamedTuple):
    """Tests that must all hold."""

    tests: tuple[Test, ...]

    @classmethod
    def parse(cls, text: str) -> Tests:
        """Read `0>>22&0x3C@4=0x17,0x20:0x2f && 6&0xFF=6`. Raises ValueError."""
        tests = []
        rest = text
        while True:
            location, equals, rest = rest.partition("=")
            if not equals:
                raise ValueError(text)
            values, both, rest = rest.partition("&&")
            tests.append(Test(_few(_location(location)), _few([_range(part) for part in values.split(",")])))
            if not both:
                return cls(_few(tests))

    def holds(self, packet: bytes) -> bool | None:
        """Do they all hold, one after the other."""
        for test in self.tests:
            met = test.holds(packet)
            if not met:
                return met
        return True

    def __str__(self) -> str:
        return "&&".join(map(str, self.tests))


def _few(found: list[T]) -> tuple[T, ...]:
    if len(found) > _MOST:
        raise ValueError(found)
    return tuple(found)


def _location(text: str) -> list[tuple[str, int]]:
    """The numbers of a location with their operators."""
    parts = ["", *re.split("(&|<<|>>|@)", text)]
    return [(operator, integer(number.rstrip())) for operator, number in zip(parts[::2], parts[1::2], strict=True)]


def _range(text: str) -> tuple[int, int]:
    first, colon, last = text.partition(":")
    low = integer(first.rstrip())
    return low, integer(last.rstrip()) if colon else low


class U32(Extension):
    """The tests."""

    NAME: ClassVar[str] = "u32"

    tests: Given[Tests]

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--u32", "tests", Tests.parse, negatable=True, field=Field.PAYLOAD, quote=always, content=Content.PROGRAM),
    )

    def phrases(self) -> tuple[Phrase, ...]:
        """The tests in their own language, which says more than words could."""
        return (
            Phrase(
                Part.IF,
                message("failing the u32 test {tests}" if self.tests.negated else "passing the u32 test {tests}", tests=self.tests.value),
            ),
        )


EXTENSION = U32
