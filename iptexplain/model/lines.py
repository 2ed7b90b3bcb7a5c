"""All lines of an input: which shape each has, and what its values are when somebody asks.

A line costs one character here: its *mark*, which stands for its shape. So lines of the same shapes one after another are a substring that
comes again, and the values of many lines are read at once wherever their marks repeat.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import chain as joined
from typing import TYPE_CHECKING

from iptexplain.model.quick import for_ascii
from iptexplain.source import without_collector

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.model.shape import Shape
    from iptexplain.model.union import Union
    from iptexplain.source import Source

Values = tuple[str, ...]
"""The values of one line, or of several, one after another: word for word, quotes included."""

Wanted = tuple[int, ...] | None
"""Which values of a block are needed, ascending; None: all."""

_AT_ONCE = 10_000
"""So many lines are read ahead of somebody who goes over all of them."""

_IN_CACHE = 4096
"""So many lines are cut up at a time: what has just been made is still in the processor's cache."""

_OFTEN = 32
"""An expression is made for marks that have come so often."""

_MOST_AT_ONCE = 64
"""More lines than this in one expression take longer to compile than they save."""

_LEAST_GROUPS = 2

_REPEATED = re.compile(r"(.{1,16}?)\1{31,}+", re.DOTALL)
"""The same marks again and again: worth an expression of their own."""


class Lines:
    """All lines of an input. Line 1 has the first mark.

    A mark is a character; its number, `ord(mark)`, is the place of the shape in `shapes`. Numbers below the size of the union are its own
    marks; further ones stand for shapes that it does not hold. A line that no shape describes (a blank one, or one that was not
    understood) is kept as text.
    """

    __slots__ = ("_at", "_blocks", "_counts", "_groups", "_last", "_match", "_seen", "marks", "shapes", "source", "union")

    def __init__(self, source: Source, union: Union, shapes: list[Shape | None], pieces: tuple[Sequence[int], Sequence[int]]) -> None:
        """`shapes` by number: those of the union, then the others. `pieces` are places to count from: lines, and characters, before each.

        `marks` is set when they are known; `start` does not need them.
        """
        self.source = source
        self.union = union
        self.shapes = shapes
        self.marks = ""
        self._groups = union.groups
        self._match = union.pattern.match
        self._counts, self._at = pieces
        self._last = 0, 0
        self._seen: dict[tuple[str, Wanted], int] = {}
        self._blocks: dict[tuple[str, Wanted], tuple[re.Pattern[str], int]] = {}

    def start(self, line: int) -> int:
        """Where a line starts in the text, or where the text ends for the line after the last."""
        before = line - 1
        piece = bisect_right(self._counts, before) - 1
        at, start = self._counts[piece], self._at[piece]
        if at < self._last[0] <= before:
            at, start = self._last  # the next question is mostly about a line further down
        index = self.source.text.index
        for _ in range(before - at):
            start = index("\n", start) + 1
        self._last = before, start
        return start

    def shape(self, line: int) -> Shape:
        """The shape of a line (counted from 1). Raises LookupError if it has none."""
        shape = self.shapes[ord(self.marks[line - 1])]
        if shape is None:
            raise LookupError(line)
        return shape

    def values(self, line: int) -> Values:
        """The values of a line that has a shape."""
        number, start = ord(self.marks[line - 1]), self.start(line)
        if number < self.union.other:
            found = self._match(self.source.text, start)
            if found is not None:
                return self.union.values(found)
        values = self.shape(line).values(self.source.text, start)
        if values is None:
            raise LookupError(line)
        return values

    def span(self, line: int, slot: int) -> tuple[int, int]:
        """Where the value of a slot begins and ends in the text of the input."""
        spans = self.shape(line).spans(self.source.text, self.start(line))
        if spans is None:
            raise LookupError(line)
        return spans[slot]

    def values_in_row(self, line: int, count: int) -> list[Values]:
        """The values of so many lines in a row, which all must have a shape.

        Where the same marks come again and again, one expression reads each repetition (`blocks`); the lines between are read one by one.
        """
        if count > _AT_ONCE:
            with without_collector():
                return self._in_row(line, count)
        return self._in_row(line, count)

    def _in_row(self, line: int, count: int) -> list[Values]:
        out: list[Values] = []
        first = last = line - 1
        for found in _REPEATED.finditer(self.marks, first, first + count):
            if found.start() > last:
                out += self._one_by_one(last + 1, found.start() - last)
            last = found.end()
            size = len(found[1])
            at_once = _IN_CACHE // size * size
            for start in range(found.start(), last, at_once):
                blocks = self.blocks(start + 1, size, min(at_once, last - start) // size)
                out += self._apart(found[1], blocks)
        if last < first + count:
            out += self._one_by_one(last + 1, first + count - last)
        return out

    def _apart(self, marks: str, blocks: Sequence[Values]) -> list[Values]:
        """The values of each line in blocks of lines. Equal ones are made one where that shows at once: two fifths of the memory."""
        shapes = [shape for shape in (self.shapes[ord(mark)] for mark in marks) if shape is not None]
        columns = _shared([[slot.terminal for slot in shape.slots] for shape in shapes], list(zip(*blocks, strict=True)))
        out: list[Values] = [()] * (len(shapes) * len(blocks))
        begin = 0
        for number, shape in enumerate(shapes):
            own = columns[begin : begin + len(shape.slots)]
            begin += len(own)
            if own:
                out[number :: len(shapes)] = list(zip(*own, strict=True))
        return out

    def _one_by_one(self, line: int, count: int) -> list[Values]:
        """The values of so many lines in a row, each read by itself."""
        groups, other = self._groups, self.union.other
        out: list[Values] = []
        matches = self.union.pattern.finditer(self.source.text, self.start(line), self.start(line + count))
        for number, found in zip(map(ord, self.marks[line - 1 : line - 1 + count]), matches, strict=True):
            if number >= other:
                out.append(self.values(line + len(out)))
                continue
            own = groups[number]
            out.append(found.group(*own) if len(own) > 1 else (found[own[0]],) if own else ())
        return out

    def block(self, line: int, size: int, wanted: Wanted = None) -> Values:
        """The values of so many lines in a row, which all must have a shape, one after another; only the `wanted` of them, if given.

        Where the same marks come often, one expression reads all of these lines at once.
        """
        key = self.marks[line - 1 : line - 1 + size], wanted
        if key not in self._blocks:
            seen = self._seen[key] = self._seen.get(key, 0) + 1
            if seen <= _OFTEN or size > _MOST_AT_ONCE:
                values = tuple([value for values in self._one_by_one(line, size) for value in values])
                return values if wanted is None else tuple([values[slot] for slot in wanted])
        expression, slots = self._block(*key)
        found = expression.match(self.source.text, self.start(line))
        if found is None:
            raise LookupError(line)
        return found.groups()[:slots]

    def blocks(self, line: int, size: int, count: int, wanted: Wanted = None) -> list[Values]:
        """The values of so many blocks of `size` lines in a row that all have the marks of the first block, a tuple for each block.

        `wanted` are the places of the values that are needed, counted over all lines of a block; None: all of them.
        """
        if count < _OFTEN or size > _MOST_AT_ONCE:
            return [self.block(at, size, wanted) for at in range(line, line + size * count, size)]
        expression, slots = self._block(self.marks[line - 1 : line - 1 + size], wanted)
        found: list[Values] = expression.findall(self.source.text, self.start(line), self.start(line + size * count))
        return found if slots >= _LEAST_GROUPS else [values[:slots] for values in found]

    def _block(self, marks: str, wanted: Wanted) -> tuple[re.Pattern[str], int]:
        """The expression of lines with these marks, and how many values it finds. With two groups at least, findall gives tuples."""
        known = self._blocks.get((marks, wanted))
        if known is None:
            shapes = [shape for shape in (self.shapes[ord(mark)] for mark in marks) if shape is not None]
            slots, parts = 0, []
            for shape in shapes:
                own = None if wanted is None else [slot - slots for slot in wanted]
                parts.append(shape.finder(own))
                slots += len(shape.slots)
            found = slots if wanted is None else len(wanted)
            whole = "".join(parts) + "()" * max(0, _LEAST_GROUPS - found)
            known = self._blocks[marks, wanted] = re.compile(for_ascii(whole) if self.source.text.isascii() else whole), found
        return known

    def read(self, first: int, last: int) -> Iterator[tuple[Shape, Values]]:
        """Shape and values of the lines from `first` to `last`, which all must have a shape; much faster than one by one."""
        for line in range(first, last + 1, _AT_ONCE):
            count = min(_AT_ONCE, last + 1 - line)
            shapes = [self.shapes[number] for number in map(ord, self.marks[line - 1 : line - 1 + count])]
            if None in shapes:
                raise LookupError(line + shapes.index(None))
            yield from zip(shapes, self.values_in_row(line, count), strict=True)

    def write(self) -> Iterator[str]:
        """Each line with its newline, out of its shape and its values."""
        for line, number in enumerate(map(ord, self.marks), 1):
            if self.shapes[number] is None:
                yield self.source.line_at(self.start(line)) + "\n"
            else:
                yield self.shape(line).write(self.values(line)) + "\n"


def _shared(terminals: Sequence[Sequence[str]], columns: list[Values]) -> list[Values]:
    """Columns of values, with one string for a whole column of equal ones, and for a column that is equal to an earlier one of its kind.

    `terminals` are those of the columns, line by line: the same terminal in another line of the block (a chain's name, say) may be equal.
    """
    first: dict[str, Values] = {}
    for number, terminal in enumerate(joined.from_iterable(terminals)):
        column = columns[number]
        known = first.setdefault(terminal, column)
        if column[0] == column[-1] and column.count(column[0]) == len(column):
            columns[number] = (column[0],) * len(column)
        elif known is not column and column[0] == known[0] and column == known:
            columns[number] = known
    return columns
