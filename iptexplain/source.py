"""Where text comes from and where in it something stands.

A `Source` keeps one input: its name, its whole text and a digest of its bytes. A position is a line and a column, both counted from 1;
columns count characters, not bytes and not terminal cells. Nothing here reads files or knows the language of the text.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextmanager
def without_collector() -> Iterator[None]:
    """Lets the garbage collector rest while many values are made that all stay: it would look at each again and again, for nothing.

    At the end they count as old, so that the collector, once it is back, does not begin by looking at all of them. (What an application has
    frozen stays frozen, at the price of that look.)
    """
    rested = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if rested:
            if not gc.get_freeze_count():
                gc.freeze()  # moves all values out of the young generations, without a look at them,
                gc.unfreeze()  # and into the oldest
            gc.enable()


class Message(NamedTuple):
    """A sentence for people: a template with named fields, filled in by `render` (and there alone translated)."""

    template: str
    fields: Mapping[str, object]

    def __hash__(self) -> int:
        return hash(self.template)

    def english(self) -> str:
        """The sentence in English, the language of the templates."""
        return self.template.format_map({k: v.english() if isinstance(v, Message) else v for k, v in self.fields.items()})


def message(template: str, **fields: object) -> Message:
    """A `Message` written the way it is read: `message("line {line} is cut", line=4)`."""
    return Message(template, fields)


class Problem(NamedTuple):
    """Something in an input that was not understood, or was repaired; everything else was read.

    `line` 0 speaks of the whole input. `width` is the number of characters from `column` that the message is about, 0 for none;
    `text` is that line as it stands in the input.
    """

    file: str
    line: int
    column: int
    width: int
    text: str
    message: Message


class Source:
    """One input as text. Bytes that are no UTF-8 stand in it as lone surrogates (PEP 383), so nothing is lost."""

    __slots__ = ("carriage_returns", "complete_line", "name", "sha256", "text")

    def __init__(self, name: str, text: str, sha256: str, *, carriage_returns: bool = False) -> None:
        """`text` gets a newline at its end if it has none; `complete_line` remembers whether it had.

        `carriage_returns`: the lines of the input ended in CR LF, which is LF here.
        """
        self.name = name
        self.sha256 = sha256
        self.carriage_returns = carriage_returns
        self.complete_line = text.endswith("\n") or not text
        self.text = text if self.complete_line else text + "\n"

    def line_at(self, offset: int) -> str:
        """The text of the line that begins at `offset`, without its newline."""
        return self.text[offset : self.text.index("\n", offset)]

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {len(self.text)} characters)"
