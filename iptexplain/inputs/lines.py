"""What the readers of other inputs share: the lines of a text, and the error for one that cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.errors import UnreadableInputError
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.source import Message, Source

_MOST = 100
"""So many characters of a line that cannot be read are shown."""


class UnreadableLineError(UnreadableInputError):
    """A line that is not of the language of its input. Remedy: the output of the program that is named in `expected`."""

    def __init__(self, source: Source, line: int, expected: Message) -> None:
        """`line` counts from 1; `expected` says what should stand there."""
        text = source.line(line)
        shown = text if len(text) <= _MOST else text[:_MOST] + "…"
        super().__init__(
            message("{file}:{line}: expected {expected}, found: {text}", file=source.name, line=line, expected=expected, text=shown)
        )
        self.file = source.name
        self.line = line
        self.expected = expected


def numbered(source: Source) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers: no blank ones, no remarks (`#`)."""
    for number, line in enumerate(source.text.split("\n"), 1):
        if line and not line.isspace() and not line.lstrip().startswith("#"):
            yield number, line
