"""Warnings and errors for people: place, sentence, the line, and a caret under what is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.render.safe import plain
from iptexplain.render.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.render.style import Style
    from iptexplain.source import Problem

_WIDEST = 160
"""Lines longer than this are shown around the caret only."""


def lines(problem: Problem, style: Style) -> Iterator[str]:
    """A problem in the manner of compilers: `file:line:column: warning: sentence`, then the line with a caret."""
    place = plain(problem.file) + (f":{problem.line}:{problem.column}" if problem.line else "")
    yield f"{style.title(place)}: {style.care('warning')}: {say(problem.message)}"
    if not problem.text:
        return
    before, marked, after = _around(problem)
    yield f"  {before}{marked}{after}"
    yield "  " + " " * _width(before) + style.care("^" + "~" * max(_width(marked) - 1, 0))


def _around(problem: Problem) -> tuple[str, str, str]:
    """The line in three parts: before, at and behind what is meant; a long line is cut to what is around it."""
    at, end = problem.column - 1, problem.column - 1 + problem.width
    start = max(0, at - _WIDEST // 2) if len(problem.text) > _WIDEST else 0
    stop = min(len(problem.text), start + _WIDEST)
    before, marked, after = problem.text[start:at], problem.text[at : min(end, stop)], problem.text[min(end, stop) : stop]
    return ("…" if start else "") + plain(before), plain(marked), plain(after) + ("…" if stop < len(problem.text) else "")


def _width(text: str) -> int:
    """The columns that a text takes on a terminal: wide characters take two, combining ones none."""
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
