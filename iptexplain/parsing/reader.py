"""Reading an input: each line gets its shape, what cannot be read becomes a `Problem`, and the lines become dumps."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from iptexplain.errors import NotADumpError
from iptexplain.model.ruleset import Lines, Ruleset
from iptexplain.parsing import assemble, foreign, table
from iptexplain.parsing.decode import decode
from iptexplain.parsing.grammar import SyntaxProblem

if TYPE_CHECKING:
    from iptexplain.parsing.shapes import Shapes
    from iptexplain.source import Problem, Source

_MOST_PROBLEMS = 100
"""Unreadable lines that are described one by one; the rest is counted. A whole page of prose is one mistake, not thousands."""


def read(name: str, data: bytes, *, default_table: str | None = None) -> Ruleset:
    """The ruleset in the bytes of an input, called `name` in messages.

    `default_table` is where rule lines without a `*table` line belong; by default that is inferred. Raises `NotADumpError` if there is
    neither a table nor a rule, and `UnreadableInputError` if it cannot be unpacked.
    """
    source = decode(name, data)
    lines, problems = shape_lines(source, table.shapes())
    dumps, more = assemble.dumps(lines, default_table)
    if not dumps:
        raise NotADumpError(name, foreign.hint(source.text), problems[:1])
    return Ruleset(source, dumps, tuple(sorted([*problems, *more], key=lambda problem: problem.line)), lines)


def shape_lines(source: Source, shapes: Shapes) -> tuple[Lines, list[Problem]]:
    """The shape of every line. Blank lines and lines that are not in the language have none."""
    text = source.text
    numbers, starts = array("I"), array("I")
    problems: list[Problem] = []
    refused = 0
    start = 0
    while start < len(text):
        end = text.index("\n", start)
        try:
            number = shapes.number_of(text, start, end) if end > start and not text[start:end].isspace() else 0
        except SyntaxProblem as found:
            number = 0
            refused += 1
            if refused <= _MOST_PROBLEMS:
                from iptexplain.parsing.diagnose import problem

                problems.append(problem(source, len(numbers) + 1, start, found))
        numbers.append(number)
        starts.append(start)
        start = end + 1
    return Lines(source, shapes.all, numbers, starts), problems
