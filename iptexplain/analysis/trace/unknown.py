"""What nobody knows of a packet on its way: numbers and interfaces, which answers make narrower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.model.values import Interface
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Some(NamedTuple):
    """A number that nobody knows, in one of these ranges. `drawn`: the kernel draws it, nobody could have said it. `new`: by nat."""

    ranges: tuple[tuple[int, int], ...]
    drawn: bool = False
    new: bool = False

    @property
    def only(self) -> int | None:
        """The number, if there is no other."""
        return self.ranges[0][0] if len(self.ranges) == 1 and self.ranges[0][0] == self.ranges[0][1] else None

    @property
    def size(self) -> int:
        """How many numbers it may be."""
        return sum(last + 1 - first for first, last in self.ranges)

    def has(self, number: int) -> bool:
        """May it be this number."""
        return any(first <= number <= last for first, last in self.ranges)

    def within(self, parts: Sequence[tuple[int, int]]) -> Some:
        """The numbers that are in some ranges too, which are in order."""
        found: list[tuple[int, int]] = []
        for low, high in self.ranges:
            for first, last in parts:
                begin, end = max(low, first), min(high, last)
                if begin <= end:
                    if found and begin <= found[-1][1] + 1:
                        found[-1] = found[-1][0], max(found[-1][1], end)
                    else:
                        found.append((begin, end))
        return self._replace(ranges=tuple(found))

    def without(self, parts: Sequence[tuple[int, int]]) -> Some:
        """The numbers that are in none of some ranges."""
        left = list(self.ranges)
        for first, last in parts:
            cut: list[tuple[int, int]] = []
            for low, high in left:
                if last < low or high < first:
                    cut.append((low, high))
                    continue
                cut += [(low, first - 1)] if low < first else []
                cut += [(last + 1, high)] if last < high else []
            left = cut
        return self._replace(ranges=tuple(left))


class Device(NamedTuple):
    """An interface that nobody knows: one of all of these, and none of those. `again`: by another decision, behind a change."""

    one_of: tuple[Interface, ...] = ()
    none_of: tuple[Interface, ...] = ()
    again: bool = False

    def holds(self, wanted: Interface) -> bool | None:
        """Is it the wanted interface."""
        if (wanted.prefix and not wanted.name) or any(wanted.covers(known) for known in self.one_of):
            return True
        if any(not (known.covers(wanted) or wanted.covers(known)) for known in self.one_of):
            return False
        return False if any(known.covers(wanted) for known in self.none_of) else None

    @property
    def name(self) -> str | None:
        """Its name, if that is known by now."""
        return next((known.name for known in self.one_of if not known.prefix), None)


ANY_NUMBER = Some(((0, 65535),))
OUTSIDE_DEVICE = Device(none_of=(Interface("lo", prefix=False),))
NO_DEVICE = ""
"""The name of the missing interface (ip_tables.c: `nulldevname`)."""


class Narrowing(NamedTuple):
    """What an attribute of the state is if the answer is yes, and if it is no."""

    attribute: str
    yes: object
    no: object
