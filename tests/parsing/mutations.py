"""Lines that are nearly lines of a dump, and the places where reading by shapes and reading by Lark disagree about them.

From a checkout: `differences(mutated(saved_lines(), 1_000_000, seed=7))` must give an empty list.
"""

from __future__ import annotations

import random
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from unittest import mock

from iptexplain.parsing import grammar, reader
from iptexplain.parsing.shapes import Shapes, shape_of
from iptexplain.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from iptexplain.model.shape import Shape

TEXT = 1_000
"""Lines that are read as one text."""

CHUNK = 20_000
"""After so many lines the shapes learnt on the way are forgotten, else a bench would hoard them."""

_BLANKS = ("  ", "\t", " \t ", "   ")
_CHARACTERS = "\"\\'!-[]:#*/,.+=@\r\v\f\x00\x1f\x85\xa0\u2028é€𝄞\udc80aZ09"
_WORDS = (
    "!", "-j", "-m", "-g", "-A", "-s", "-f", "--", "---", "-", '""', '"', '"a', 'a"', '"a b"', '"a\\"', '"-j"', '"a"b', "\\",
    "ACCEPT", "RETURN", "QUEUE", "DNAT", "tcp", "comment", "COMMIT", "[unsupported", "revision]", "[0:0]", "[0:0", "*nat", ":X", "#",
    "--comment", "--dport", "--dports", "--dport80", "--to-destination", "--unknown", "--set", "--mark", "--name", "nfacct", "80", "0x0",
)  # fmt: skip


# ---- mutations -----------------------------------------------------------------------------------------------------------


def _place(draw: random.Random, line: str) -> int:
    return draw.randrange(len(line) + 1)


def _on_words(change: Callable[[random.Random, list[str]], None]) -> Callable[[random.Random, str], str]:
    def changed(draw: random.Random, line: str) -> str:
        words = line.split(" ")
        change(draw, words)
        return " ".join(words)

    return changed


def _drop(draw: random.Random, words: list[str]) -> None:
    del words[draw.randrange(len(words))]


def _double(draw: random.Random, words: list[str]) -> None:
    words.insert(draw.randrange(len(words)), draw.choice(words))


def _swap(draw: random.Random, words: list[str]) -> None:
    one, other = draw.randrange(len(words)), draw.randrange(len(words))
    words[one], words[other] = words[other], words[one]


def _insert(draw: random.Random, words: list[str]) -> None:
    words.insert(draw.randrange(len(words) + 1), draw.choice(_WORDS))


def _replace(draw: random.Random, words: list[str]) -> None:
    words[draw.randrange(len(words))] = draw.choice(_WORDS)


def _quote(draw: random.Random, words: list[str]) -> None:
    at = draw.randrange(len(words))
    words[at] = f'"{words[at]}"'


def _join(draw: random.Random, words: list[str]) -> None:
    at = draw.randrange(len(words))
    words[at : at + 2] = ["".join(words[at : at + 2])]


def _change_character(draw: random.Random, line: str) -> str:
    at = _place(draw, line)
    return line[:at] + draw.choice(_CHARACTERS) + line[at + 1 :]


def _add_character(draw: random.Random, line: str) -> str:
    at = _place(draw, line)
    return line[:at] + draw.choice(_CHARACTERS) + line[at:]


def _drop_character(draw: random.Random, line: str) -> str:
    at = _place(draw, line)
    return line[:at] + line[at + 1 :]


def _cut(draw: random.Random, line: str) -> str:
    return line[: _place(draw, line)]


def _other_blanks(draw: random.Random, line: str) -> str:
    return draw.choice(_BLANKS).join(line.split(" ", draw.randrange(1, 4)))


def _blanks_at_an_end(draw: random.Random, line: str) -> str:
    blanks = draw.choice((" ", *_BLANKS))
    return line + blanks if draw.random() < 0.7 else blanks + line


def _counters(draw: random.Random, line: str) -> str:
    return f"[{draw.randrange(100)}:{draw.randrange(10_000)}] {line}"


_CHANGES = (
    *(_on_words(change) for change in (_drop, _double, _swap, _insert, _replace, _quote, _join)),
    _change_character, _add_character, _drop_character, _cut, _other_blanks, _blanks_at_an_end, _counters,
)  # fmt: skip


def mutated(lines: Sequence[str], count: int, seed: int) -> Iterator[str]:
    """`count` lines, each one of `lines` with one to three changes; the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 - a test wants the same numbers again, not secret ones
    for _ in range(count):
        line = draw.choice(lines)
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            line = draw.choice(_CHANGES)(draw, line)
        yield line


# ---- the two ways of reading ---------------------------------------------------------------------------------------------


class Reading(NamedTuple):
    """How a line was read: what it is, its pieces and values in turn, and its structure. The values are without their names."""

    kind: str
    pieces: tuple[str, ...]
    terminals: tuple[str, ...]
    values: tuple[str, ...]
    structure: tuple[object, ...]


class Difference(NamedTuple):
    """A line that the two ways read differently; None: refused."""

    line: str
    fast: Reading | None
    plain: Reading | None


def _reading(shape: Shape, values: tuple[str, ...]) -> Reading:
    terminals = tuple(slot.terminal for slot in shape.slots)
    return Reading(shape.kind, shape.pieces, terminals, values, (shape.chain, shape.counters, shape.clauses))


class Plain:
    """Reading by Lark, line by line, with nothing kept but the structure of token sequences seen before (Lark looks at tokens only)."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._structures: dict[tuple[object, ...], tuple[str, tuple[object, ...]]] = {}
        self._patterns = {t.name: t.pattern.type for t in grammar.parser().terminals}

    def read(self, line: str) -> Reading | None:
        """How Lark reads the line, None if it refuses it."""
        try:
            tokens = grammar.derive(line).tokens
        except grammar.SyntaxProblem:
            return None
        pieces, values, terminals, begin = [], [], [], 0
        for token in tokens:
            if self._patterns[token.terminal] == "re":
                pieces.append(line[begin : token.start])
                values.append(line[token.start : token.end])
                terminals.append(grammar.plain_name(token.terminal))
                begin = token.end
        pieces.append(line[begin:])
        key = (tuple(pieces), tuple((token.terminal, token.state) for token in tokens))
        known = self._structures.get(key)
        if known is None:
            shape = shape_of(line)
            known = self._structures[key] = shape.kind, (shape.chain, shape.counters, shape.clauses)
        return Reading(known[0], tuple(pieces), tuple(terminals), tuple(values), known[1])


def fast_readings(lines: Sequence[str], shapes: Shapes, *, by_union: bool = False) -> list[Reading | None]:
    """How the lines are read by their shapes, all of them as one text. Lines of blanks alone are passed over, as if refused.

    `by_union`: with one expression for all likely shapes, as a long text is read; else line by line.
    """
    text = "".join(f"{line}\n" for line in lines)
    with mock.patch.object(reader, "_SHORT", 0 if by_union else len(text) + 1):
        found, _ = reader.shape_lines(Source("-", text, ""), shapes)
    out: list[Reading | None] = []
    assert text == "".join(found.write())
    for number, index in enumerate(map(ord, found.marks), 1):
        out.append(None if found.shapes[index] is None else _reading(found.shape(number), found.values(number)))
    return out


def differences(lines: Iterable[str], known: Iterable[str] = (), start: Callable[[], Shapes] = Shapes) -> list[Difference]:
    """The lines that are not read alike. `known` are lines whose shapes are learnt before, on top of those of `start()`.

    Each line is read line by line, when its shape may be new, then with all others by one expression, and those of ASCII alone by one that
    is for ASCII alone.
    """
    plain = Plain()
    known = list(known)
    found: list[Difference] = []
    waiting = iter(lines)
    shapes, read = start(), CHUNK
    while text := list(islice(waiting, TEXT)):
        read += len(text)
        if read > CHUNK:
            shapes, read = start(), len(text)
            if known:
                fast_readings(known, shapes)
        expected = [None if line.isspace() or not line else plain.read(line) for line in text]
        wanted = list(zip(text, expected, strict=True))
        for by_union, pairs in ((False, wanted), (True, wanted), (True, [pair for pair in wanted if pair[0].isascii()])):
            readings = fast_readings([line for line, _ in pairs], shapes, by_union=by_union)
            found += [Difference(line, own, true) for (line, true), own in zip(pairs, readings, strict=True) if own != true]
    return list(dict.fromkeys(found))
