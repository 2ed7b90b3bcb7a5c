"""Warnings and errors for people: place, sentence, the line, and a caret under what is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.render.layout import columns_of
from iptexplain.render.safe import plain
from iptexplain.render.words import say
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.render.style import Style
    from iptexplain.source import Problem

ERROR, WARNING, INFO = "error", "warning", "info"
"""How grave a problem is."""

KINDS = {ERROR: N_("error"), WARNING: N_("warning"), INFO: N_("info")}
"""The same as people read it."""

_WIDEST = 160
"""Lines longer than this are shown around the caret only."""


def lines(problem: Problem, style: Style, kind: str = WARNING, code: str | None = None) -> Iterator[str]:
    """A problem in the manner of compilers: `file:line:column: warning: sentence [code]`, then the line with a caret."""
    tone = {ERROR: style.bad, WARNING: style.care, INFO: style.quiet}[kind]
    behind = "" if code is None else f" [{code}]"
    yield f"{style.title(place(problem))}: {tone(say(message(KINDS[kind])))}: {say(problem.message)}{behind}"
    if not problem.text:
        return
    before, marked, after = _around(problem)
    yield f"  {before}{marked}{after}"
    yield "  " + " " * columns_of(before) + style.care("^" + "~" * max(columns_of(marked) - 1, 0))


def place(problem: Problem) -> str:
    """Where a problem stands: `file:line:column`; the file alone where it speaks of all of it."""
    return plain(problem.file) + (f":{problem.line}:{problem.column}" if problem.line else "")


def _around(problem: Problem) -> tuple[str, str, str]:
    """The line in three parts: before, at and behind what is meant; a long line is cut to what is around it."""
    at, end = problem.column - 1, problem.column - 1 + problem.width
    start = max(0, at - _WIDEST // 2) if len(problem.text) > _WIDEST else 0
    stop = min(len(problem.text), start + _WIDEST)
    before, marked, after = problem.text[start:at], problem.text[at : min(end, stop)], problem.text[min(end, stop) : stop]
    return ("…" if start else "") + plain(before), plain(marked), plain(after) + ("…" if stop < len(problem.text) else "")
