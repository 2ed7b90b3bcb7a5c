"""Comments in a dump that silence checks: `# iptexplain: ignore=KP101,IT7 because of …`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.lint.registry import CODES
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.source import Message, Problem, Source

_COMMENT = re.compile(r"\s*#\s*iptexplain\s*:(.*)", re.IGNORECASE)
_CODES = re.compile(r"\s*ignore\s*=\s*([a-z]+\d*(?:\s*,\s*[a-z]+\d*)*)(?:\s.*)?", re.IGNORECASE)
"""A reason may stand behind the codes."""


class Ignored(NamedTuple):
    """The beginnings of codes that are silenced, `everywhere` and in single lines of the input. `problems`: comments that do nothing."""

    everywhere: tuple[str, ...]
    lines: dict[int, tuple[str, ...]]
    problems: tuple[Problem, ...]

    def has(self, code: str, line: int) -> bool:
        """Is a check silenced in a line."""
        return code.startswith((*self.everywhere, *self.lines.get(line, ())))


def ignored(source: Source) -> Ignored:
    """What the comments of a text silence: in the line below them, or everywhere if they stand above the first table or rule."""
    everywhere: list[str] = []
    waiting: list[str] = []
    lines: dict[int, tuple[str, ...]] = {}
    problems: list[Problem] = []
    before = True
    for number, line in enumerate(_lines(source.text) if "iptexplain" in source.text.lower() else (), 1):
        said = _COMMENT.fullmatch(line)
        if said is not None:
            codes, why = _read(said[1])
            (everywhere if before else waiting).extend(codes)
            problems += [source.problem(number, what) for what in why]
        elif line.strip() and not line.startswith("#"):
            before = before and not line.startswith(("*", ":", "-", "["))
            if waiting:
                lines[source.number(number)] = tuple(waiting)
                waiting.clear()
    return Ignored(tuple(everywhere), lines, tuple(problems))


def _read(said: str) -> tuple[list[str], list[Message]]:
    """The codes behind `# iptexplain:`, and what is wrong with it."""
    found = _CODES.fullmatch(said)
    if found is None:
        return [], [message("this comment silences nothing: expected {expected}", expected="# iptexplain: ignore=CODE,…")]
    words = [word.strip().upper() for word in found[1].split(",")]
    fitting = [word for word in words if any(code.startswith(word) for code in CODES)]
    what = N_("this comment does not silence {word}: no check has a code that begins so (iptexplain rule lists all)")
    return fitting, [message(what, word=word) for word in words if word not in fitting]


def _lines(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        yield text[at:end] if end >= 0 else text[at:]
        at = end + 1 if end >= 0 else len(text)
