"""Damage to single lines, as data: what a line went through in mails, terminals, web pages and word processors, and how to undo it.

Nothing here decides whether a line needs it: `repair` tries it on lines that cannot be read, one thing after another.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple
from iptexplain.source import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    from iptexplain.source import Message


class Repair(NamedTuple):
    """One thing to do to a line: an expression, what takes the place of what it finds, and how to tell it.

    `only`: the whole line has to be so.
    """

    expression: str
    by: str | Callable[[re.Match[str]], str]
    told: str
    only: str = ""


_MARK = r"(?=[-*:\[#`]|COMMIT)"
"""What a line of a dump begins with."""

RETURNS = N_("CR is read as the end of a line (lines: {count})")
REMARK = Repair(
    r"(?<![ \t\r])\r*[ \t]+#[^\"\n]*\Z", "", N_("a remark (#) behind a rule was left out; iptables-restore takes none (lines: {count})")
)

REPAIRS = (
    Repair(
        r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])",
        "",
        N_("colour codes of a terminal were taken away (lines: {count})"),
    ),
    Repair(r"\r+(?=[ \t]|\Z)", "", RETURNS),
    Repair("[\xa0\u2007\u202f]", " ", N_("blanks of a web page (U+00A0) are read as blanks (lines: {count})")),
    Repair("[\u200b\u200c\u200d\u2060\ufeff]", "", N_("invisible characters were taken away (lines: {count})")),
    Repair(
        rf"\A[ \t]*(?:[>|][ \t]?)+(?:[ \t]*{_MARK}|\Z)",
        "",
        N_("marks of a quotation (>, |) before the line were taken away (lines: {count})"),
    ),
    Repair(r"\A[ \t]+", "", N_("blanks before the line were taken away; iptables-save prints none (lines: {count})")),
    Repair(
        rf"\A(?:[\w./-]*[./][\w./-]*:)?[0-9]+(?:[:-]|[ ]*\t| +){_MARK}",
        "",
        N_("the number before the line was taken away (lines: {count})"),
    ),
    Repair(
        r"\A[\w./-]+:(?=(?:\[[0-9]+:[0-9]+\] )?-[AIPN] )",
        "",
        N_("the name of a file before the line, as grep prints it, was taken away (lines: {count})"),
    ),
    Repair("[\u201c\u201d\u201e\u201f]", '"', N_("typographic quotes are read as double quotes (lines: {count})")),
    Repair(r"(?<![^ \t])[\u2013\u2014]{1,2}(?=[a-z]{2})", "--", N_("a long dash is read as the two hyphens of an option (lines: {count})")),
    Repair(r"(?<![^ \t])[\u2013\u2014\u2212](?=[A-Za-z] )", "-", N_("a long dash is read as a hyphen (lines: {count})")),
    Repair(
        r"&(?:quot|apos|lt|gt|amp|#[0-9]{1,6});",
        lambda found: _unescaped(found[0]),
        N_("characters written for HTML (&quot;) are read as themselves (lines: {count})"),
    ),
    Repair(r'\\(?=")', "", N_('quotes written as \\" are read as quotes (lines: {count})'), only=r'(?:[^"\\]++|\\.)*+'),
    REMARK,
)

_SUDO = r"(?:sudo +(?:-\S+ +)*)?"
_TOOL = r"(?:\S*/)?ip6?tables"
_TYPED = N_("the command that was typed was left out (lines: {count})")

DROPPED = (
    (r"`{3,}[\w-]*[ \t]*\Z|~{3,}[\w-]*[ \t]*\Z", N_("fences of Markdown (```) were left out (lines: {count})")),
    (rf"[^\n]{{0,160}}?[$#%>] *{_SUDO}{_TOOL}(?:-\w+)*\b[^\n]*\Z", _TYPED),
    (rf"{_SUDO}{_TOOL}(?:-legacy|-nft)?(?:-save| (?:-t \w+ )?-S)\b[^:\n]*\Z", _TYPED),
    (r"[^\s*:#-]\S*@\S+[^\n]*[$#%] ?\Z|[$%] ?\Z|\[\S+@\S+ [^\]\n]*\][$#%] ?\Z", N_("the prompt of a shell was left out (lines: {count})")),
    (
        r"(?:sudo|(?:\S*/)?ip6?tables\S*|modprobe|nft|libkmod|[Ww](?:arning|ARNING)|# Warning)(?:\[[0-9]+\])?(?: v[0-9.]+ \S+)?: [^\n]*\Z",
        N_("messages of a program were left out (lines: {count})"),
    ),
)


def _unescaped(text: str) -> str:
    from html import unescape

    return unescape(text)


_compiled = cache(re.compile)
"""An expression, compiled when the first line needs it."""


def left_out(text: str) -> str | None:
    """How to tell that a line is none of a dump and can be left out; None for a line that is not known to be such."""
    return next((told for expression, told in DROPPED if _compiled(expression).match(text)), None)


class Line(NamedTuple):
    """A line while it is mended: its text, pairs of columns here and in the line as it was, and what was done."""

    text: str
    pairs: tuple[tuple[int, int], ...] = ((1, 1),)
    told: tuple[str | Message, ...] = ()

    def mended(self, repair: Repair) -> Line:
        """The line after one kind of repair, the same if there is nothing to do."""
        if repair.only and not re.fullmatch(repair.only, self.text):
            return self
        parts: list[str] = []
        pairs: list[tuple[int, int]] = []
        at, column = 0, 1
        for found in _compiled(repair.expression).finditer(self.text):
            by = repair.by if isinstance(repair.by, str) else repair.by(found)
            parts += [self.text[at : found.start()], by]
            pairs += self._kept(at, found.start(), column)
            column += found.start() - at + len(by)
            at = found.end()
        if not parts:
            return self
        pairs += self._kept(at, len(self.text), column)
        return Line("".join([*parts, self.text[at:]]), tuple(pairs), (*self.told, repair.told))

    def _kept(self, start: int, end: int, column: int) -> list[tuple[int, int]]:
        """Pairs of columns for a part of the text that stays, and now begins at a column."""
        first = bisect_right(self.pairs, start + 1, key=itemgetter(0))
        last = bisect_right(self.pairs, end, key=itemgetter(0))
        return [(column, self.there(start + 1)), *((column + here - 1 - start, there) for here, there in self.pairs[first:last])]

    def there(self, column: int) -> int:
        """The column in the line as it was."""
        here, there = self.pairs[max(bisect_right(self.pairs, column, key=itemgetter(0)) - 1, 0)]
        return there + column - here
