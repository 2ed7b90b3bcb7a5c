"""Fitting tables into a width: column widths, folding of cells, without losing a character."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from tabulate import tabulate

if TYPE_CHECKING:
    from collections.abc import Sequence


def fold(text: str, width: int) -> list[str]:
    """The text on lines of at most `width` characters: broken at blanks, else behind `/ : - . ,`, else anywhere."""
    out: list[str] = []
    for line in textwrap.wrap(text, max(width, 1), break_long_words=False, break_on_hyphens=False) or [""]:
        rest = line
        while len(rest) > width:
            at = max((rest.rfind(mark, 1, width) for mark in "/:-.,"), default=-1) + 1
            at = at if at > 0 else width
            out.append(rest[:at])
            rest = rest[at:]
        out.append(rest)
    return out


def columns(rows: Sequence[Sequence[str]], *, header: Sequence[str] | None = None, form: str = "plain") -> list[str]:
    """The rows as aligned lines; nothing is read as a number."""
    text = tabulate(rows, header or (), tablefmt=form, disable_numparse=True, preserve_whitespace=True)
    return [line.rstrip() for line in text.split("\n")]
