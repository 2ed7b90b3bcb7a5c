"""Reading an input: each line gets its shape, what cannot be read becomes a `Problem`, and the lines become dumps."""

from __future__ import annotations

import re
import sys
from array import array
from collections import Counter
from contextlib import suppress
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

from iptexplain.errors import NotADumpError
from iptexplain.model.lines import Lines
from iptexplain.model.ruleset import Ruleset
from iptexplain.model.shape import MOST_KEPT
from iptexplain.model.union import Union
from iptexplain.named import NamedTuple
from iptexplain.parsing import assemble, foreign, table
from iptexplain.parsing.decode import decode
from iptexplain.parsing.grammar import SyntaxProblem
from iptexplain.source import Problem, message, without_collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from iptexplain.model.shape import Shape
    from iptexplain.parsing.loose import LooseProblem
    from iptexplain.parsing.shapes import Shapes
    from iptexplain.source import Source

_MOST_PROBLEMS = 100
"""Unreadable lines that are described, and problems of one kind that are kept: a whole page of prose is one mistake, not thousands."""

_PIECE = 1 << 13
"""About so many characters are read at a time, and where each such piece begins is kept, to find a line quickly."""

_SHORT = 1 << 17
"""A text shorter than this is read line by line: an expression for all its shapes would take longer to compile."""

_TOLD = 1 << 19
"""After so many characters it is told how far the reading is."""

_BY_HAND = 1 << 20
"""Nobody writes more rules than this by hand; in longer texts lines that read well are not looked at again."""

_SAMPLE = 1500
_SAMPLED_CHARACTERS = 1 << 10
"""One line in so many characters, but at most `_SAMPLE` lines, evenly spread over the input, say which shapes are likely."""

_FEW = 512
"""All lines of a sample so small are looked at alike."""

_SAMPLED = 16
"""Of a larger one, one in so many lines is looked at first; of the others only those that have another shape."""

_MOST_WORDS = 150
"""A shape of more words takes part in no expression with others: that is built word by word, and Python's stack ends somewhere."""

_MOST_SHAPES = 64
"""More shapes than this in one expression make each match slow; the rest is looked at line by line."""


def read(name: str, data: bytes, *, default_table: str | None = None) -> Ruleset:
    """The ruleset in the bytes of an input, called `name` in messages.

    `default_table` is where rule lines without a `*table` line belong; by default that is inferred. Raises `NotADumpError` if there is
    neither a table nor a rule, and `UnreadableInputError` if it cannot be unpacked.
    """
    return read_source(decode(name, BytesIO(data)), default_table=default_table)


def read_source(source: Source, *, default_table: str | None = None, progress: Callable[[float], None] = lambda _: None) -> Ruleset:
    """The ruleset in a text; see `read` and `shape_lines`.

    Lines that are refused, or hold something unknown, are looked at again when all have been read: damage is repaired and the spelling of
    iptables-restore understood. Then the text that came of it is read.
    """
    problems = [Problem(source.name, 0, 0, 0, "", note) for note in source.notes]
    with without_collector():
        lines, more = _mended_lines(source, progress)
        problems += more
        dumps, more = assemble.dumps(lines, default_table)
    if not dumps:
        raise NotADumpError(source.name, foreign.hint(source.text), problems[:1])
    return Ruleset(source, dumps, _first(sorted([*problems, *more], key=lambda problem: problem.line)), lines)


def _first(problems: list[Problem]) -> tuple[Problem, ...]:
    """The first problems of each kind, and how many more of it there are."""
    counts: Counter[str] = Counter()
    kept = []
    for problem in problems:
        counts[problem.message.template] += 1
        if counts[problem.message.template] <= _MOST_PROBLEMS:
            kept.append(problem)
    last = {problem.message.template: problem for problem in kept}
    for template, count in counts.items():
        if count > _MOST_PROBLEMS:
            file, line, *_ = last[template]
            what = message("{count} more problems of this kind", count=count - _MOST_PROBLEMS)
            kept.append(Problem(file, line, 0, 0, "", what))
    return tuple(sorted(kept, key=lambda problem: problem.line))


def _mended_lines(source: Source, progress: Callable[[float], None]) -> tuple[Lines, list[Problem]]:
    """The lines of a text, repaired where they need it."""
    problems: list[Problem] = []
    if "\\" in source.text and "\\n" in source.text:  # a single character is found much quicker
        from iptexplain.parsing.written_out import split

        source, problems = split(source)
    shapes = _shapes()
    lines, refused = shape_lines(source, shapes, progress)
    by_hand = _is_by_hand(source.text)
    strange = any(shape is not None and shape.strange for shape in lines.shapes)
    if not (refused or strange or by_hand or "\r" in source.text or ("\x1b" in source.text and "\x1b[" in source.text)):
        return lines, problems
    from iptexplain.parsing import unknown
    from iptexplain.parsing.repair import mend

    mended, more, why = mend(lines, shapes, by_hand=by_hand)
    problems += more
    if mended is not source:
        lines, refused = shape_lines(mended, shapes, progress, lines.union)
    return lines, [*problems, *_told(lines.source, refused, why), *unknown.tell(lines)]


def _is_by_hand(text: str) -> bool:
    """May there be rules that read well and that iptables-save does not print: with several addresses in one place, or names in quotes."""
    return len(text) < _BY_HAND and re.search(r' -[sd] [0-9a-fA-F.:/]+,|-[Ajg] "', text) is not None


_learnt = cache(table.shapes)
"""The shapes of the table, and what inputs have taught since: who reads many inputs derives each form of line once."""


def _shapes() -> Shapes:
    """The shapes known in this process; when there are too many, those of the table again."""
    if len(_learnt()) > MOST_KEPT:
        _learnt.cache_clear()
    found = _learnt()
    found.forget_refused()
    return found


class Refused(NamedTuple):
    """Lines that are not in the language: the first of them with what is wrong, and how many there are."""

    first: list[tuple[int, SyntaxProblem]]
    total: int

    def __bool__(self) -> bool:
        return bool(self.total)


def shape_lines(
    source: Source, shapes: Shapes, progress: Callable[[float], None] = lambda _: None, union: Union | None = None
) -> tuple[Lines, Refused]:
    """The shape of every line. Blank lines and lines that are not in the language have none.

    A sample of the lines says which shapes are likely; one expression for all of them (`model.union`) then runs over the text, piece by
    piece. What it does not match is looked at line by line, and so is all of a short text. `progress` is told now and then how much of the
    text has been read, 0 to 1. `union` is an expression that fits, if there is one already.
    """
    text = source.text
    if union is None or (union.ascii_only and not text.isascii()):
        union = Union(_common(text, shapes), ascii_only=text.isascii())
    numbers, counts, places = array("I"), array("I", [0]), array("Q", [0])
    start, size, told = 0, len(text), 0
    while start < size:
        end = text.find("\n", start + _PIECE) + 1 or size
        numbers.extend([found.lastindex or 0 for found in union.pattern.finditer(text, start, end)])
        counts.append(len(numbers))
        places.append(end)
        start = end
        if end - told > _TOLD:
            told = end
            progress(end / size)
    lines = Lines(source, union, list(union.shapes), (counts, places))
    refused = _look_closer(lines, numbers, shapes)
    lines.marks = numbers.tobytes().decode(f"utf-32-{sys.byteorder[0]}e", "surrogatepass")  # the characters of these numbers
    return lines, refused


def _common(text: str, shapes: Shapes) -> list[Shape]:
    """The shapes that come most often in a sample of a text's lines, the commonest first. None for a short text."""
    if len(text) < _SHORT:
        return []
    sample = list(_sample(text))
    counts = _counted(sample if len(sample) <= _FEW else sample[::_SAMPLED], shapes)
    if len(sample) > _FEW:
        trial = Union([shape for shape, _ in counts.most_common(_MOST_SHAPES) if shape.words <= _MOST_WORDS], ascii_only=text.isascii())
        found = [trial.shapes[(match.lastindex or 0) if (match := trial.pattern.match(line)) else trial.other] for line in sample]
        counts = Counter([shape for shape in found if shape is not None])
        counts += _counted([line for line, shape in zip(sample, found, strict=True) if shape is None], shapes)
    return [shape for shape, _ in counts.most_common(_MOST_SHAPES) if shape.words <= _MOST_WORDS]


def _counted(lines: Iterable[str], shapes: Shapes) -> Counter[Shape]:
    """How many of the lines have each shape; what cannot be read counts for nothing here."""
    counts: Counter[Shape] = Counter()
    for line in lines:
        with suppress(SyntaxProblem):
            counts[shapes.of(line, 0, len(line) - 1)] += 1
    return counts


def _sample(text: str) -> Iterator[str]:
    """Lines evenly spread over a text."""
    end = 0
    count = min(_SAMPLE, len(text) // _SAMPLED_CHARACTERS)
    for number in range(count):
        place = text.rfind("\n", end, len(text) * number // count) + 1 or end
        if place >= end and place < len(text):
            end = text.index("\n", place) + 1
            yield text[place:end]


def _look_closer(lines: Lines, numbers: array[int], shapes: Shapes) -> Refused:
    """Gives a number to each line that the union has not matched; what cannot be read is refused."""
    known = lines.shapes
    text, other = lines.source.text, lines.union.other
    own: dict[Shape, int] = {}
    first: list[tuple[int, SyntaxProblem]] = []
    line, refused = -1, 0
    while True:
        try:
            line = numbers.index(other, line + 1)
        except ValueError:
            return Refused(first, refused)
        start = lines.start(line + 1)
        end = text.index("\n", start)
        if not text[start:end].strip(" \t\r"):
            continue
        try:
            shape = shapes.of(text, start, end)
        except SyntaxProblem as found:
            refused += 1
            if refused <= _MOST_PROBLEMS:
                first.append((line + 1, found.alone()))
            continue
        number = own.get(shape)
        if number is None:
            number = own[shape] = len(known)
            known.append(shape)
        numbers[line] = number


def _told(source: Source, refused: Refused, why: Mapping[int, LooseProblem]) -> list[Problem]:
    """The lines that could not be read, in words: those of rules by hand where these came further."""
    if not refused:
        return []
    from iptexplain.parsing.diagnose import sentence

    problems = []
    for line, found in refused.first:
        text, by_hand = source.line(line), why.get(line)
        if by_hand is not None and (by_hand.offset > found.offset or text.startswith("-", by_hand.offset)):
            problems.append(source.problem(line, by_hand.message, by_hand.offset + 1, by_hand.length))
        else:
            problems.append(source.problem(line, sentence(text, found), found.offset + 1, found.length))
    if refused.total > len(refused.first):
        what = message("{count} further lines could not be read", count=refused.total - len(refused.first))
        problems.append(Problem(source.name, problems[-1].line + 1, 0, 0, "", what))
    return problems
