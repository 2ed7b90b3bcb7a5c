"""Many shapes as one regular expression: one match says which shape a line has and what its values are.

The shapes become a tree of words, so that what they begin with in common is matched once. Each shape ends in an empty group, its *mark*:
the last group of a match (`lastindex`) tells the shape. A line matches at most one shape, because its derivation is unique
(`parsing.shapes`); so the order of the branches only matters for speed, and likelier shapes stand first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.model.quick import for_ascii

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iptexplain.model.shape import Shape

_WORDS = re.compile(r"[^ \t]*[ \t]+|[^ \t]+")

_Tree = dict[tuple[str, str], "_Tree | Shape"]
"""Branches by (kind, expression): `literal` and `value` lead on, `end` leads to a shape."""


class Union:
    """The expression of some shapes, and of any other line.

    `pattern` matches a whole line with its newline. `shapes[mark]` is the shape of a match with that `lastindex`, None for a line that has
    none of them; `groups[mark]` are the groups of its values.
    """

    def __init__(self, shapes: Iterable[Shape], *, ascii_only: bool = False) -> None:
        """`shapes`, the likeliest first. `ascii_only`: the expression is for texts of ASCII alone, and quicker."""
        tree: _Tree = {}
        for shape in shapes:
            _plant(tree, shape)
        self.ascii_only = ascii_only
        self._found: list[tuple[Shape, tuple[int, ...]]] = []
        self._marks: list[int] = []
        self._count = 0
        expression = self._write(tree, ()) if tree else "(?!)"
        self.other = self._count + 1
        self.pattern = re.compile(f"{expression}|[^\n]*\n()")
        self.shapes: list[Shape | None] = [None] * (self.other + 1)
        self.groups: list[tuple[int, ...]] = [()] * (self.other + 1)
        for mark, (shape, groups) in zip(self._marks, self._found, strict=True):
            self.shapes[mark], self.groups[mark] = shape, groups

    def _write(self, tree: _Tree, groups: tuple[int, ...]) -> str:
        parts = []
        for (kind, text), below in tree.items():
            if not isinstance(below, dict):
                self._count += 1
                self._marks.append(self._count)
                self._found.append((below, groups))
                parts.append("\n()")
            elif kind == "value":
                self._count += 1
                value = for_ascii(text) if self.ascii_only else text
                parts.append(f"({value})" + self._write(below, (*groups, self._count)))
            else:
                parts.append(text + self._write(below, groups))
        return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"

    def values(self, found: re.Match[str]) -> tuple[str, ...]:
        """The values in a match of one of the shapes."""
        groups = self.groups[found.lastindex or 0]
        return found.group(*groups) if len(groups) > 1 else (found[groups[0]],) if groups else ()


def _plant(tree: _Tree, shape: Shape) -> None:
    """Adds the way of one shape to the tree."""
    for kind, text in _steps(shape):
        below = tree.setdefault((kind, text), {})
        if not isinstance(below, dict):
            return
        tree = below
    tree[("end", "")] = shape


def _steps(shape: Shape) -> Sequence[tuple[str, str]]:
    steps = []
    for number, piece in enumerate(shape.pieces):
        steps += [("literal", re.escape(word)) for word in _WORDS.findall(piece)]
        if number < len(shape.slots):
            steps.append(("value", shape.slots[number].pattern))
    return steps
