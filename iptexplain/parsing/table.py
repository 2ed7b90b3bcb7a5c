"""The shipped table of common shapes: a normal dump is read without importing lark.

`shapes.json` is derived from the grammar and carries its digest. If the grammar has changed since, the table is not used and every shape is
derived anew; a test says that the table is stale, and `tools/shapes.py` writes a fresh one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iptexplain.model.shape import ClauseShape, OptionShape, Shape, Slot
from iptexplain.parsing import grammar
from iptexplain.parsing.shapes import Shapes, hint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_FILE = Path(__file__).with_name("shapes.json")


def shapes() -> Shapes:
    """The shapes to begin with: those of the table if it fits the grammar, else none."""
    table = _fitting()
    return (
        Shapes() if table is None else Shapes(table["starts"], _Stored(table["shapes"], [Slot(*pattern) for pattern in table["patterns"]]))
    )


def words_by_hand() -> dict[str, str]:
    """As `grammar.words_by_hand`, out of the table if it fits the grammar."""
    table = _fitting()
    found: dict[str, str] = grammar.words_by_hand() if table is None else table["words"]
    return found


def _fitting() -> dict[str, Any] | None:
    """The table, None if there is none that fits the grammar."""
    try:
        table: dict[str, Any] = json.loads(grammar.shipped(_FILE))
    except FileNotFoundError:
        return None
    return table if table["grammar"] == grammar.digest() else None


class _Stored:
    """The shapes of the table by hint. They stand in it as JSON texts in a JSON text, so that only what is asked for is taken apart."""

    def __init__(self, texts: Mapping[str, str], slots: Sequence[Slot]) -> None:
        self._texts = texts
        self._slots = slots

    def __call__(self, key: str) -> Iterator[Shape]:
        """The shapes that stand under a hint."""
        for kind, pieces, slots, chain, counters, clauses in json.loads(self._texts.get(key, "[]")):
            taken = tuple([self._slots[number] for number in slots])
            yield Shape(kind, tuple(pieces), taken, chain, counters, tuple(map(_clause, clauses)))


def _clause(entry: list[Any]) -> ClauseShape:
    kind, name, options, words, unsupported, unknown = entry
    made = tuple([OptionShape(option, negated, tuple(values), unknown_) for option, negated, values, unknown_ in options])
    return ClauseShape(kind, name, made, tuple(words), unsupported, unknown)


def build(lines: Iterable[str]) -> str:
    """The text of a fresh table, from lines whose shapes are common. Lines that the grammar does not accept raise `SyntaxProblem`."""
    known = Shapes()
    patterns: dict[Slot, int] = {}
    entries: dict[str, list[object]] = {}
    seen: set[tuple[str, Shape]] = set()
    for line in lines:
        shape, key = known.of(line + "\n", 0, len(line)), hint(line)
        if (key, shape) in seen:
            continue
        seen.add((key, shape))
        slots = [patterns.setdefault(slot, len(patterns)) for slot in shape.slots]
        entries.setdefault(key, []).append([shape.kind, shape.pieces, slots, shape.chain, shape.counters, shape.clauses])
    texts = {key: json.dumps(found, separators=(",", ":")) for key, found in sorted(entries.items())}
    table = {
        "grammar": grammar.digest(),
        "starts": grammar.line_starts(),
        "words": grammar.words_by_hand(),
        "patterns": list(patterns),
        "shapes": texts,
    }
    return json.dumps(table, indent=0, ensure_ascii=True) + "\n"
