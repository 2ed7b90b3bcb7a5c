"""What nobody knows of a packet on its way: numbers and interfaces, which answers make narrower."""

from __future__ import annotations

from iptexplain.model.values import Interface
from iptexplain.named import NamedTuple


class Some(NamedTuple):
    """A number that nobody knows, in one of these ranges. `drawn`: the kernel draws it, nobody could have said it. `new`: by nat."""

    ranges: tuple[tuple[int, int], ...]
    drawn: bool = False
    new: bool = False

    @property
    def only(self) -> int | None:
        """The number, if there is no other."""
        return self.ranges[0][0] if len(self.ranges) == 1 and self.ranges[0][0] == self.ranges[0][1] else None


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
