"""Where text comes from and where in it something stands.

A `Source` keeps one input: its name, its whole text and a digest of its bytes. A position is a line and a column, both counted from 1;
columns count characters, not bytes and not terminal cells. Nothing here reads files or knows the language of the text.
"""

from __future__ import annotations

import gc
from array import array
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


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

    def __str__(self) -> str:
        return self.english()

    def english(self) -> str:
        """The sentence in English, the language of the templates."""
        return self.template.format_map({k: v.english() if isinstance(v, Message) else v for k, v in self.fields.items()})

    def told(self, translated: Callable[[str], str]) -> str:
        """The sentence in a language: `translated` gives the template there for one in English.

        Templates have blanks around their fields, for words in Latin letters. Where a part of the sentence that is translated itself meets
        another wide character (Chinese, Japanese, Korean) there, the blank is left out: people write none between such.
        """
        text, open_ = "", False
        for literal, name, spec, conversion in _pieces(translated(self.template)):
            text += literal[1:] if open_ and literal[:1] == " " and _is_wide(text[-1:]) and _is_wide(literal[1:2]) else literal
            if name is None:
                open_ = False
                continue
            value = self.fields[name]
            open_ = isinstance(value, Message)
            if isinstance(value, Message):
                part = value.told(translated)
                text = text[:-1] if text[-1:] == " " and _is_wide(text[-2:-1]) and _is_wide(part[:1]) else text
                text += part
            else:
                shown = repr(value) if conversion == "r" else str(value) if conversion == "s" else value
                text += format(shown, spec)
        return text


@cache
def _pieces(template: str) -> tuple[tuple[str, str | None, str, str | None], ...]:
    """A template as texts, each with the field behind it: name (None: the end), format, conversion."""
    from string import Formatter

    return tuple([(literal, name, spec or "", conversion) for literal, name, spec, conversion in Formatter().parse(template)])


def _is_wide(sign: str) -> bool:
    """Does a character take two columns of a terminal."""
    if sign <= _LAST_NARROW:
        return False
    from unicodedata import east_asian_width

    return east_asian_width(sign) in "WF"


_LAST_NARROW = "\u10ff"
"""No wide character comes before; so English text needs no table."""


def N_(template: str) -> str:  # noqa: N802 - the name by which gettext's tools know it
    """The template itself, marked to be translated where it stands apart from its `message`."""
    return template


def message(template: str, **fields: object) -> Message:
    """A `Message` written the way it is read: `message("line {line} is cut", line=4)`."""
    return Message(template, fields)


def all_of(items: Sequence[Message]) -> Message:
    """All of several things, at least one: `a, b, c`."""
    *before, last = items
    for item in reversed(before):
        last = message("{first}, {rest}", first=item, rest=last)
    return last


def either_of(items: Sequence[Message]) -> Message:
    """One of several things, at least one: `a, b or c`."""
    *before, last = items
    if not before:
        return last
    last = message("{first} or {last}", first=before[-1], last=last)
    return all_of([*before[:-1], last])


def verbatim(value: object) -> Message:
    """What is the same in all languages, where a sentence is expected: an address, a name from the dump."""
    return message("{value}", value=value)


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


class Origin(NamedTuple):
    """Where the lines of a repaired text stand in the text before the repair.

    `lines[n - 1]` is the line there of line n here. `moved` has, for each line that begins or goes on at another column there, pairs of a
    column here and the column there, ascending.
    """

    before: Source
    lines: Sequence[int]
    moved: Mapping[int, Sequence[tuple[int, int]]]


class Source:
    """One input as text. Bytes that are no UTF-8 stand in it as lone surrogates (PEP 383), so nothing is lost.

    A text may be a repaired one. Then its lines are told by the numbers that they have in the user's input: `numbers`, None where these are
    the same.
    """

    __slots__ = ("_starts", "complete_line", "name", "notes", "numbers", "origin", "sha256", "text")

    def __init__(self, name: str, text: str, sha256: str, *, notes: Sequence[Message] = (), origin: Origin | None = None) -> None:
        """`text` gets a newline at its end if it has none; `complete_line` remembers whether it had.

        `notes` say what had to be done to the whole input to get this text.
        """
        self.name = name
        self.sha256 = sha256
        self.notes = tuple(notes)
        self.origin = origin
        self.complete_line: bool = (text.endswith("\n") or not text) if origin is None else _complete(origin)
        self.text = text if text.endswith("\n") or not text else text + "\n"
        self.numbers = None if origin is None else _composed(origin)
        self._starts: Sequence[int] | None = None

    def line_at(self, offset: int) -> str:
        """The text of the line that begins at `offset`, without its newline."""
        return self.text[offset : self.text.index("\n", offset)]

    def number(self, line: int) -> int:
        """The number of a line in the user's input; 0 stays 0: no line."""
        return line if self.numbers is None or not line else self.numbers[line - 1]

    def repaired(self, text: str, lines: Sequence[int], moved: Mapping[int, Sequence[tuple[int, int]]]) -> Source:
        """The source of a text that was made of this one; see `Origin`."""
        return Source(self.name, text, self.sha256, notes=self.notes, origin=Origin(self, lines, moved))

    def problem(self, line: int, what: Message, column: int = 1, width: int | None = None) -> Problem:
        """Something to tell about a line of this text, from `column` on: shown in the user's input. `width` None: the whole line."""
        source, number, at = self, line, column
        while source.origin is not None:
            before = [(here, there) for here, there in source.origin.moved.get(number, ()) if here <= at]
            at += before[-1][1] - before[-1][0] if before else 0
            number = source.origin.lines[number - 1]
            source = source.origin.before
        text = source.line(number)
        return Problem(self.name, number, at, len(text) if width is None else width, text, what)

    def line(self, number: int) -> str:
        """The text of a line."""
        if self._starts is None:
            starts, at = array("Q", [0]), 0
            while at := self.text.find("\n", at) + 1:
                starts.append(at)
            self._starts = starts
        return self.line_at(self._starts[number - 1])

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {len(self.text)} characters)"


def _complete(origin: Origin) -> bool:
    """Is the last line a whole one: the last one of the text before was, or it is another one."""
    return origin.before.complete_line or not origin.lines or origin.lines[-1] != origin.before.text.count("\n")


def _composed(origin: Origin) -> Sequence[int] | None:
    """The numbers of lines in the input, through all repairs; None if nothing has moved."""
    before = origin.before.numbers
    if before is not None:
        return array("I", [before[line - 1] for line in origin.lines])
    return None if isinstance(origin.lines, range) else origin.lines
