"""Fitting text into columns of a terminal: how wide it is, folding, tables; without losing a character.

A wide character (Chinese, Japanese, Korean, most emoji) takes two columns, a combining one none. wcwidth knows which; it is imported
when there is text that needs it.
"""

from __future__ import annotations

import re
import sys
import textwrap
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NOT_BEFORE = frozenset("、。，．・：；？！）」』】〕〉》｝］ー々ゝゞヽヾ゛゜ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ…‥,.:;?!)]}>%")  # noqa: RUF001 - meant as they are
"""What no line begins with, the most common of JIS X 4051."""

_NOT_BEHIND = frozenset("（「『【〔〈《｛［([{<")  # noqa: RUF001 - as above
"""What no line ends with."""


def columns_of(text: str) -> int:
    """How many columns a text takes on a terminal."""
    if _is_narrow(text):
        return len(text)
    from wcwidth import wcswidth, wcwidth

    size = wcswidth(text)
    return size if size >= 0 else sum(max(wcwidth(sign), 0) for sign in text)  # with control characters, which views have escaped


def padded(text: str, width: int) -> str:
    """The text, with blanks behind it up to so many columns."""
    return text + " " * (width - columns_of(text))


def _is_narrow(text: str) -> bool:
    """Does each character take one column: ASCII, and the marks that English text has."""
    return text.isascii() or text.replace("…", "").isascii()


def fold(text: str, width: int) -> list[str]:
    """The text on lines of at most `width` columns: broken at blanks, else behind `/ : - . ,`, else anywhere.

    Between wide characters a line may end anywhere, but not before a closing bracket or a full stop, nor behind an opening bracket. At a
    width of 1 a wide character stands on a line alone.
    """
    if not _is_narrow(text):
        return list(_fold_wide(text, max(width, 2)))
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


def hanging(text: str, width: int, indent: int) -> list[str]:
    """The text folded, with so many blanks before each line but the first."""
    first, *rest = fold(text, width)
    if not rest:
        return [first]
    # Between wide characters there was no blank where the line ends, so what is left is taken from the text.
    left = " ".join(rest) if _is_narrow(text) else text[len(first) :].strip()
    return [first, *(" " * indent + line for line in fold(left, width - indent))]


def _fold_wide(text: str, width: int) -> Iterator[str]:
    """The same for text with characters that are wide, or have no width: as many pieces on a line as there is room for."""
    line = ""
    for found in re.finditer(r"(\s*)(\S+)", text):
        blank = " " * len(found[1]) if line or not found.start() else ""
        for piece in _pieces(found[2]):
            longer = line + blank + piece
            if line.strip() and columns_of(longer) > width:
                yield line
                longer = piece
            while columns_of(longer) > width:
                first = _fitting(longer, width)
                yield first
                longer = longer[len(first) :]
            line, blank = longer, ""
    yield line


def _pieces(word: str) -> Iterator[str]:
    """The parts of a word between which a line may end."""
    from wcwidth import iter_graphemes

    piece, wide = "", False
    for sign in iter_graphemes(word):
        is_wide = columns_of(sign) > 1
        if piece and (wide or is_wide) and sign[0] not in _NOT_BEFORE and piece[-1] not in _NOT_BEHIND:
            yield piece
            piece = ""
        piece += sign
        wide = is_wide
    yield piece


def _fitting(piece: str, width: int) -> str:
    """The beginning of a piece that is too wide, up to the last of `/ : - . ,` that fits, or as much as fits."""
    from wcwidth import iter_graphemes

    fitting = ""
    for sign in iter_graphemes(piece):
        if columns_of(fitting + sign) > width:
            fitting = fitting or sign[0]  # what is drawn as one sign, but is wider than the line
            break
        fitting += sign
    at = max(fitting.rfind(mark, 1) for mark in "/:-.,") + 1
    return fitting[:at] if at > 0 else fitting


def columns(rows: Sequence[Sequence[str]], *, header: Sequence[str] | None = None, form: str = "plain") -> list[str]:
    """The rows as aligned lines; nothing is read as a number."""
    module = _tabulate()
    if not all(_is_narrow(cell) for row in (*rows, header or ()) for cell in row):
        import wcwidth

        module.wcwidth, module.WIDE_CHARS_MODE = wcwidth, True
    text: str = module.tabulate(rows, header or (), tablefmt=form, disable_numparse=True, preserve_whitespace=True)
    return [line.rstrip() for line in text.split("\n")]


@cache
def _tabulate() -> Any:  # noqa: ANN401 - a module, of which an attribute is set
    """The module tabulate without wcwidth, which it would import at once: that takes longer than a table of English words.

    Once there is text that needs it, `columns` gives it to tabulate.
    """
    known = sys.modules.pop("wcwidth", None)
    sys.modules["wcwidth"] = None  # type: ignore[assignment]  # so that its import fails
    try:
        import tabulate
    finally:
        del sys.modules["wcwidth"]
        if known is not None:
            sys.modules["wcwidth"] = known
    return tabulate
