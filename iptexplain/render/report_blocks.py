"""What a page in Markdown is made of: tables, and parts that open on a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.render.report_escapes import html_text, prose
from iptexplain.render.words import say
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iptexplain.source import Message

_FEW = 40
"""Tables of more rows than this are folded."""

MOST_ROWS = 200
"""So many things does a table show."""

_PIPE = r"\|"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table; the cells are Markdown already."""
    yield _row(titles)
    yield _row(["---"] * len(titles))
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    """What would end a cell is escaped, in code too."""
    return f"| {' | '.join([cell.replace('|', _PIPE) for cell in cells])} |"


def _titles(*templates: str) -> list[str]:
    """The heads of columns."""
    return [say(message(template)) for template in templates]


def without_empty(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """The columns in which something stands."""
    kept = [number for number in range(len(heads)) if any(row[number] for row in rows)]
    return [heads[number] for number in kept], [[row[number] for number in kept] for row in rows]


def listed(summary: Message, heads: Sequence[str], rows: Iterable[Sequence[str]], count: int, command: str) -> Iterator[str]:
    """A table with what is in it above; a long one is folded. Of more than `MOST_ROWS` things it has the first; `command` shows all."""
    lines = list(compact(heads, rows))
    if count > MOST_ROWS:
        text = N_("and {count} more: -f html shows all, and so does `iptexplain {command}`")
        lines += ["", prose(message(text, count=count - MOST_ROWS, command=command))]
    if len(lines) > _FEW:
        yield from folded(summary, lines)
    else:
        yield from [f"**{prose(summary)}**", "", *lines, ""]


def compact(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table without the columns in which nothing stands."""
    return table(*without_empty(_titles(*heads), list(rows)))


def folded(summary: Message, lines: Iterable[str]) -> Iterator[str]:
    """A part that opens on a click. The empty lines around make GitHub read what is in it as Markdown."""
    every = list(lines)
    while every and not every[-1]:
        every.pop()
    yield f"<details><summary>{html_text(summary)}</summary>"
    yield ""
    yield from every
    yield ""
    yield "</details>"
    yield ""


def more(count: int) -> Message:
    """That so many things are left out."""
    return message("and {count} more", count=count)
