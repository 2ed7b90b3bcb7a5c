"""The shipped table of common shapes: a normal dump is read without importing lark.

`shapes.json` is derived from the grammar and carries its digest. If the grammar has changed since, the table is not used and every shape is
derived anew; a test says that the table is stale, and `tools/shapes.py` writes a fresh one.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iptexplain.model.shape import ClauseShape, OptionShape, Shape, Slot
from iptexplain.parsing import grammar
from iptexplain.parsing.shapes import Shapes, hint

if TYPE_CHECKING:
    from collections.abc import Iterable

_FILE = Path(__file__).with_name("shapes.json")


def digest() -> str:
    """A digest of all grammar files, by name and content."""
    whole = hashlib.sha256()
    for path in sorted(grammar.folder().glob("*.lark")):
        whole.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


def shapes() -> Shapes:
    """The shapes to begin with: those of the table if it fits the grammar, else none."""
    try:
        table = json.loads(_FILE.read_bytes())
    except FileNotFoundError:
        return Shapes()
    if table["grammar"] != digest():
        return Shapes()
    patterns = table["patterns"]
    return Shapes(table["starts"], {hint: [_Stored(entry, patterns) for entry in entries] for hint, entries in table["shapes"].items()})


class _Stored:
    """One shape of the table, made when a line may have it."""

    __slots__ = ("_entry", "_patterns")

    def __init__(self, entry: list[Any], patterns: list[list[str]]) -> None:
        self._entry = entry
        self._patterns = patterns

    def __call__(self) -> Shape:
        kind, pieces, slots, chain, counters, clauses = self._entry
        return Shape(
            kind,
            tuple(pieces),
            tuple(Slot(*self._patterns[number]) for number in slots),
            chain,
            counters,
            tuple(
                ClauseShape(
                    kind,
                    name,
                    tuple(OptionShape(option, negated, tuple(values), unknown) for option, negated, values, unknown in options),
                    tuple(words),
                    unsupported,
                    unknown,
                )
                for kind, name, options, words, unsupported, unknown in clauses
            ),
        )


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
    table = {"grammar": digest(), "starts": grammar.line_starts(), "patterns": list(patterns), "shapes": dict(sorted(entries.items()))}
    return json.dumps(table, indent=0, ensure_ascii=True) + "\n"
