"""The entry of an ipset that a packet makes: for the match set and the target SET."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.common.joining import together
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message

_NAME, _PARTS = 31, 6
"""The longest name of a set in bytes; the most parts that an entry has."""
_PAIR = 2


class Entry(NamedTuple):
    """A set, and for each part of its entries whether the packet's source or its destination makes it."""

    name: str
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, name: str, parts: str) -> Entry:
        """Read the two words `blocked src,dst`. Raises ValueError."""
        found = tuple(parts.split(","))
        size = len(name.encode("utf-8", "surrogateescape"))
        if not 0 < size <= _NAME or len(found) > _PARTS or not {"src", "dst"}.issuperset(found):
            raise ValueError(name, parts)
        return cls(name, found)

    def words(self) -> tuple[str, str]:
        """The two words of iptables-save."""
        return self.name, ",".join(self.parts)

    def member(self) -> Message:
        """What of the packet makes the entry: "source", "pair of source and destination"; the set knows whether address or port."""
        parts = together([message("source") if part == "src" else message("destination") for part in self.parts])
        if len(self.parts) == 1:
            return parts
        return message("pair of {parts}" if len(self.parts) == _PAIR else "combination of {parts}", parts=parts)

    def __str__(self) -> str:
        return " ".join(self.words())
