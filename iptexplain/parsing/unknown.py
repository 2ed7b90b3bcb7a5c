"""What in rules was read but is not understood: told once for each match, target or option, at its first place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.model.lines import Lines, Values
    from iptexplain.model.shape import ClauseShape, Shape
    from iptexplain.source import Problem

_LONGEST = 60
"""Characters of a name that are shown; the kernel takes 28 of an extension's."""

_SENTENCES = {
    "match": N_("match {name} is not known here: whether packets match is shown as unknown (rules: {count})"),
    "target": N_("target {name} is not known here: what happens to packets is shown as unknown (rules: {count})"),
    "option": N_("option {name} of {owner} is not known here: what it does is shown as unknown (rules: {count})"),
    "unsupported": N_(
        "iptables-save could not print what {name} says ([unsupported revision]: it was written by another version); "
        "it is shown as unknown (rules: {count})"
    ),
}


class _Strange(NamedTuple):
    """A kind of thing that is not understood, its name, and of which match or target it is an option."""

    kind: str
    name: str
    owner: str = ""


def tell(lines: Lines) -> list[Problem]:
    """One problem for each kind of thing that is not understood."""
    found: dict[_Strange, list[int]] = {}
    for number, shape in enumerate(lines.shapes):
        if shape is None or not shape.strange:
            continue
        at = -1
        while (at := lines.marks.find(chr(number), at + 1)) >= 0:
            for strange in dict.fromkeys(_strange(shape, lines.values(at + 1))):
                found.setdefault(strange, []).append(at + 1)
    return [_problem(lines, strange, where) for strange, where in found.items()]


def _strange(shape: Shape, values: Values) -> Iterator[_Strange]:
    """What is not understood in a line."""

    def word(name: str | int) -> str:
        return name if isinstance(name, str) else values[name]

    for clause in shape.clauses:
        if clause.unsupported:
            yield _Strange("unsupported", word(clause.name))
        elif clause.unknown:
            yield _Strange(_kind(clause), word(clause.name))
        yield from (_Strange("option", word(option.name), word(clause.name)) for option in clause.options if option.unknown)


def _kind(clause: ClauseShape) -> str:
    return "match" if clause.kind == "match" else "target"


def _problem(lines: Lines, strange: _Strange, where: list[int]) -> Problem:
    first = min(where)
    what = message(_SENTENCES[strange.kind], name=_short(strange.name), owner=_short(strange.owner), count=len(where))
    text = lines.source.line_at(lines.start(first))
    column = text.find(f" {strange.name}") + 1
    return lines.source.problem(first, what, column + 1, len(_short(strange.name)))


def _short(name: str) -> str:
    """A name that a sentence can hold."""
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
