"""Shapes: what all lines of one form have in common.

`-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT` and `-A FORWARD -p udp -m tcp --dport 80 -j ACCEPT` have one shape: the same keywords and
blanks, other values. The shape owns the keywords, the spacing and the structure; a line is its shape and its values. A value is kept word
for word, quotes included, so that writing a line back is exact.

Shapes are made by `parsing.shapes` from a derivation of the grammar, never by hand.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_OFTEN = 512
"""A shape that has been tried so often gets an expression for the whole line."""

MOST_KEPT = 10_000
"""So many shapes are kept in a process, and what was worked out for them: tens of MB. Inputs of nothing but new forms take no more."""

per_shape = lru_cache(maxsize=MOST_KEPT)
"""For functions of a shape: the answer is worked out once."""

compiled = lru_cache(maxsize=1000)(re.compile)
"""The expression of a slot, compiled; the grammar has a few dozen."""


_WORD = "(?>[^ \t\n]+)"
"""How the expression of a slot ends that takes any bare word (with the characters themselves, as lark hands it on)."""


class Slot(NamedTuple):
    """A place for a value: the terminal of the grammar that stands there, and the expression that a value has to match."""

    terminal: str
    pattern: str


class OptionShape(NamedTuple):
    """One option: its keyword, whether `!` stands before it, and the slots of its values.

    `name` is the slot of the keyword itself where the grammar does not know the option (`unknown`).
    """

    name: str | int
    negated: bool
    values: tuple[int, ...]
    unknown: bool = False


class ClauseShape(NamedTuple):
    """The base options, one match, or the target of a rule.

    `kind` is `base`, `match`, `jump` (`-j`) or `goto` (`-g`). `name` is the name itself if it is a keyword of the grammar, else the slot
    where it stands (a chain, an unknown extension). `words` are the slots of the words behind an unknown match or target.
    `unsupported` marks `[unsupported revision]`: the extension is known, but what it said is lost.
    """

    kind: str
    name: str | int
    options: tuple[OptionShape, ...]
    words: tuple[int, ...] = ()
    unsupported: bool = False
    unknown: bool = False


class Shape:
    """The form of a line. Two shapes are the same if they have the same identity; `parsing.shapes` makes each once."""

    def __init__(  # noqa: PLR0913, PLR0917 - made in two places only, from a derivation and from the shipped table
        self,
        kind: str,
        pieces: tuple[str, ...],
        slots: tuple[Slot, ...],
        chain: int | None = None,
        counters: int | None = None,
        clauses: tuple[ClauseShape, ...] = (),
    ) -> None:
        """`pieces` are the texts before, between and behind the slots: always one more than there are slots.

        `kind` is `table`, `chain`, `rule`, `commit` or `comment`; `chain` and `counters` are slots.
        """
        self.kind = kind
        self.pieces = pieces
        self.slots = slots
        self.chain = chain
        self.counters = counters
        self.clauses = clauses
        self._asked = 0

    @cached_property
    def matcher(self) -> re.Pattern[str]:
        """The regular expression of a line of this shape with its newline, one group a slot."""
        parts = [re.escape(self.pieces[0])]
        for slot, piece in zip(self.slots, self.pieces[1:], strict=True):
            parts += ["(", slot.pattern, ")", re.escape(piece)]
        return re.compile("".join(parts) + "\n")

    def finder(self, wanted: Sequence[int] | None = None) -> str:
        """An expression that finds the `wanted` values (None: all) in a line that is known to have this shape, with its newline."""
        parts = [re.escape(self.pieces[0])]
        for number, piece in enumerate(self.pieces[1:]):
            group = "(" if wanted is None or number in wanted else "(?:"
            parts += [group, self.found(number), ")", re.escape(piece)]
        return "".join(parts) + "\n"

    def found(self, number: int) -> str:
        """An expression that finds the value of a slot in a line that is known to have this shape.

        A bare word ends where what follows it begins, and has been looked at: then nothing else has to be asked.
        """
        pattern = self.slots[number].pattern
        return f"[^{re.escape((self.pieces[number + 1] + chr(10))[0])}]++" if pattern.endswith(_WORD) else pattern

    @cached_property
    def before_chain(self) -> str:
        """An expression that finds what stands before the chain's name in such a line; only for kinds that have one."""
        parts = [re.escape(self.pieces[0])]
        for number in range(self.chain or 0):
            parts += ["(?:", self.found(number), ")", re.escape(self.pieces[number + 1])]
        return "".join(parts)

    def values(self, text: str, start: int) -> tuple[str, ...] | None:
        """The values of the line that begins at `start`, None if that line has another shape."""
        if self._asked >= _OFTEN:
            found = self.matcher.match(text, start)
            return None if found is None else found.groups()
        self._asked += 1
        spans = self.spans(text, start)
        return None if spans is None else tuple([text[begin:end] for begin, end in spans])

    def spans(self, text: str, start: int) -> list[tuple[int, int]] | None:
        """Where the values of that line stand in the text.

        Goes from piece to piece, each value with the small expression of its slot. That finds what `matcher` finds, since no part of
        `expression` has a second way to match; and it spares a shape that few lines have an expression of its own, which takes as long to
        compile as a hundred lines to read.
        """
        spans = []
        for piece, slot in zip(self.pieces, self.slots, strict=False):
            if not text.startswith(piece, start):
                return None
            found = compiled(slot.pattern).match(text, start + len(piece))
            if found is None:
                return None
            spans.append(found.span())
            start = found.end()
        last = self.pieces[-1]
        return spans if text.startswith(last, start) and text.startswith("\n", start + len(last)) else None

    @cached_property
    def target(self) -> ClauseShape | None:
        """What follows `-j` or `-g`; None if the rule has no target."""
        last = self.clauses[-1] if self.clauses else None
        return last if last is not None and last.kind in {"jump", "goto"} else None

    @cached_property
    def words(self) -> int:
        """How many words such a line has, about."""
        return len(self.slots) + sum(piece.count(" ") for piece in self.pieces)

    @cached_property
    def unknown(self) -> bool:
        """Is there something in it that the grammar does not know (`[unsupported revision]` is known for what it is)."""
        return any(clause.unknown or any(option.unknown for option in clause.options) for clause in self.clauses)

    @cached_property
    def strange(self) -> bool:
        """Is there something in it that is not understood, `[unsupported revision]` included."""
        return self.unknown or any(clause.unsupported for clause in self.clauses)

    def write(self, values: tuple[str, ...]) -> str:
        """The line with these values, without its newline: the exact inverse of reading it."""
        out = [self.pieces[0]]
        for value, piece in zip(values, self.pieces[1:], strict=True):
            out += [value, piece]
        return "".join(out)

    def __repr__(self) -> str:
        return f"<Shape {self.write(tuple(f'<{slot.terminal}>' for slot in self.slots))}>"
