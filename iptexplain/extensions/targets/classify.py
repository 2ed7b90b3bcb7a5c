"""CLASSIFY: put the packet into a class of traffic control, for its share of the line, and go on.

Man page iptables-extensions(8), CLASSIFY; kernel net/netfilter/xt_CLASSIFY.c. Both numbers of a class are hexadecimal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.matching import Verdict
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


_MAX = 0xFFFF


class TrafficClass(NamedTuple):
    """A class of traffic control (tc): `major:minor`."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> TrafficClass:
        """Read `1:10`; of each number iptables keeps the low 16 bits. Raises ValueError."""
        major, _, minor = text.partition(":")
        if not (major.isalnum() and minor.isalnum()):  # Python would take signs, blanks and `_` too
            raise ValueError(text)
        return cls(int(major, 16) & _MAX, int(minor, 16) & _MAX)

    def __str__(self) -> str:
        return f"{self.major:04x}:{self.minor:04x}"


class Classify(Extension):
    """The class."""

    NAME: ClassVar[str] = "CLASSIFY"

    traffic_class: TrafficClass

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--set-class", "traffic_class", TrafficClass.parse),)

    def effect(self) -> Verdict:
        """Nothing that a match asks for."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """The class as `tc` prints it."""
        major, minor = self.traffic_class
        return message("put it into the traffic control class {traffic_class} (CLASSIFY)", traffic_class=f"{major:x}:{minor:x}")


EXTENSION = Classify
