"""Reading an input: each line gets its shape, what cannot be read becomes a `Problem`, and the lines become dumps."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING

from iptexplain.errors import NotADumpError
from iptexplain.model.ruleset import Lines, Ruleset
from iptexplain.model.union import Union
from iptexplain.parsing import assemble, foreign, table
from iptexplain.parsing.decode import decode
from iptexplain.parsing.grammar import SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from iptexplain.model.shape import Shape
    from iptexplain.parsing.shapes import Shapes
    from iptexplain.source import Problem, Source

_MOST_PROBLEMS = 100
"""Unreadable lines that are described; a whole page of prose is one mistake, not thousands."""

_PIECE = 1 << 19
"""So many characters are read at a time; a text shorter than this is no long one."""

_SAMPLE = 4000
"""So many lines, evenly spread over the input, say which shapes are likely."""

_MOST_SHAPES = 64
"""More shapes than this in one expression make each match slow; the rest is looked at line by line."""


def read(name: str, data: bytes, *, default_table: str | None = None) -> Ruleset:
    """The ruleset in the bytes of an input, called `name` in messages.

    `default_table` is where rule lines without a `*table` line belong; by default that is inferred. Raises `NotADumpError` if there is
    neither a table nor a rule, and `UnreadableInputError` if it cannot be unpacked.
    """
    return read_source(decode(name, data), default_table=default_table)


def read_source(
    source: Source, *, default_table: str | None = None, progress: Callable[[float], None] = lambda _: None
) -> Ruleset:
    """The ruleset in a text; see `read` and `shape_lines`."""
    lines, problems = shape_lines(source, table.shapes(), progress)
    dumps, more = assemble.dumps(lines, default_table)
    if not dumps:
        raise NotADumpError(source.name, foreign.hint(source.text), problems[:1])
    return Ruleset(source, dumps, tuple(sorted([*problems, *more], key=lambda problem: problem.line)), lines)


def shape_lines(source: Source, shapes: Shapes, progress: Callable[[float], None] = lambda _: None) -> tuple[Lines, list[Problem]]:
    """The shape of every line. Blank lines and lines that are not in the language have none.

    A sample of the lines says which shapes are likely; one expression for all of them (`model.union`) then runs over the whole text, piece by
    piece. What it does not match is looked at line by line. `progress` is told after each piece how much of the text has been read, 0 to 1.
    """
    text = source.text
    union = Union(_common(text, shapes))
    numbers, pieces = array("I"), [(0, 0)]
    start, size = 0, len(text)
    while start < size:
        end = text.find("\n", start + _PIECE) + 1 or size
        numbers.extend([found.lastindex or 0 for found in union.pattern.finditer(text, start, end)])
        pieces.append((len(numbers), end))
        start = end
        progress(end / size)
    known = list(union.shapes)
    lines = Lines(source, union, known, numbers, pieces)
    return lines, _look_closer(lines, known, numbers, shapes)


def _common(text: str, shapes: Shapes) -> list[Shape]:
    """The likely shapes of an input, the likelier first; for a long one, by a sample of its lines."""
    if len(text) < _PIECE:
        return shapes.likely(text.split("\n"))[:_MOST_SHAPES]
    places = (text.rfind("\n", 0, len(text) * i // _SAMPLE) + 1 for i in range(_SAMPLE))
    sample = [text[place : text.index("\n", place) + 1] for place in places]
    trial = Union(shapes.likely(line[:-1] for line in sample)[:_MOST_SHAPES])
    seen = Counter(trial.shapes[found.lastindex or 0] for found in map(trial.pattern.match, sample) if found)
    return [shape for shape, _ in seen.most_common() if shape is not None]


def _look_closer(lines: Lines, known: list[Shape | None], numbers: array[int], shapes: Shapes) -> list[Problem]:
    """Gives a number to each line that the union has not matched; what cannot be read becomes a problem."""
    text, other = lines.source.text, lines.union.other
    own: dict[Shape, int] = {}
    problems: list[Problem] = []
    line = -1
    while True:
        try:
            line = numbers.index(other, line + 1)
        except ValueError:
            return problems
        start = lines.start(line + 1)
        end = text.index("\n", start)
        if not text[start:end].strip(" \t\r"):
            continue
        try:
            shape = shapes.of(text, start, end)
        except SyntaxProblem as found:
            if len(problems) < _MOST_PROBLEMS:
                from iptexplain.parsing.diagnose import problem

                problems.append(problem(lines.source, line + 1, start, found))
            continue
        number = own.get(shape)
        if number is None:
            number = own[shape] = len(known)
            known.append(shape)
        numbers[line] = number
