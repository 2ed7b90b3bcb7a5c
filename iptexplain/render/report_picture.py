"""The graph of one Service port as SVG that stands in a page: who sends, where it listens, through which chains, who answers.

Colours and fonts come from the style sheet of the page, which says them for light and for dark (`templates/report.css`); here is only where
things are. The text is well-formed XML, and everything in it is escaped.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple
from iptexplain.render.layout import columns_of
from iptexplain.render.report_picture_parts import WHO, parts
from iptexplain.render.safe import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iptexplain.analysis.service_port import ServicePort
    from iptexplain.model.ruleset import Table
    from iptexplain.render.report_picture_parts import Box, Line

_SIGN, _SMALL = 7, 6
"""Pixels for a character of a box's text and of its head, rounded up from 11 and 10 pixels of a fixed-width font."""

_LOW, _HIGH = 24, 38
"""The height of a box with one line and with two."""

_MARGIN, _GAP, _BETWEEN = 8, 8, 40
"""Pixels inside a box, between boxes, and between columns."""

_LONGEST = 44
"""Longer texts are cut: an IPv6 address with its port has room."""


class _Placed(NamedTuple):
    """A box with its place: the left and the upper edge, width and height."""

    box: Box
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        """Where lines come in and go out."""
        return self.y + self.height // 2


def svg(port: ServicePort, nat: Table | None, title: str, prefix: str) -> str:
    """The graph; `title` says what it is, `prefix` and the number of a line are the anchor of that line."""
    boxes, lines = parts(port, nat)
    placed = _placed(boxes, lines)
    width = max((one.x + one.width for one in placed), default=0) + 2
    height = max((one.y + one.height for one in placed), default=0) + 2
    drawn = [_lines(placed, [line for line in lines if line.kind == kind], kind) for kind in dict.fromkeys(line.kind for line in lines)]
    drawn += [_box(one, prefix) for one in placed]
    head = f'<svg class="g" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="group">'
    return f"{head}<title>{_text(title)}</title>{''.join(drawn)}</svg>"


def _text(text: str) -> str:
    return escape(plain(text), quote=True)


def _box(placed: _Placed, prefix: str) -> str:
    """A box; a link to its rule if it has one."""
    box, x, y, width, height = placed
    drawn = f'<rect class="{box.kind}" x="{x}" y="{y}" width="{width}" height="{height}"/>'
    if box.share:
        drawn += f'<rect class="part" x="{x}" y="{y}" width="{max(round(width * box.share), 3)}" height="{height}"/>'
    base = y + height - (7 if box.head else 8)
    if box.head:
        drawn += f'<text class="k" x="{x + _MARGIN}" y="{y + 14}">{_text(box.head)}</text>'
    start = x + width - _MARGIN // 2 if box.kind == WHO else x + _MARGIN  # a sender stands where its line begins
    drawn += f'<text x="{start}" y="{base}">{_text(_cut(box.text))}</text>'
    if box.beside:
        drawn += f'<text class="s" x="{x + width - _MARGIN}" y="{base}">{_text(box.beside)}</text>'
    return f'<a href="#{prefix}{box.line}">{drawn}</a>' if box.line else drawn


def _lines(placed: Sequence[_Placed], lines: Sequence[Line], kind: str) -> str:
    """All lines of a kind as one path."""
    path = ""
    for line in lines:
        start, end = placed[line.start], placed[line.end]
        x, to = start.x + start.width, end.x
        bend = to - _BETWEEN if to - x > _BETWEEN else x
        mid = (bend + to) // 2
        path += f"M{x} {start.middle}" + (f"H{bend}" if bend != x else "")
        path += f"H{to}" if start.middle == end.middle else f"C{mid} {start.middle} {mid} {end.middle} {to} {end.middle}"
    return f'<path class="{kind}" d="{path}"/>'


# ---- where boxes stand ---------------------------------------------------------------------------------------------------


def _placed(boxes: Sequence[Box], lines: Sequence[Line]) -> list[_Placed]:
    """The boxes with their places: in each column near what they lead to, none over another."""
    columns = sorted({box.column for box in boxes})
    widths = {column: max(map(_width, (box for box in boxes if box.column == column))) for column in columns}
    left, at = {}, 1
    for column in columns:
        left[column] = at
        at += widths[column] + _BETWEEN
    tops: dict[int, int] = {}
    for column in reversed(columns):
        tops |= _column([number for number, box in enumerate(boxes) if box.column == column], boxes, lines, tops)
    above = min(tops.values(), default=0) - 1
    return [_Placed(box, left[box.column], tops[number] - above, widths[box.column], _height(box)) for number, box in enumerate(boxes)]


def _column(numbers: Sequence[int], boxes: Sequence[Box], lines: Sequence[Line], tops: Mapping[int, int]) -> dict[int, int]:
    """The upper edges of one column's boxes, those of the columns to the right being known."""
    wanted: dict[int, float] = {}
    for number in numbers:
        after = [tops[line.end] + _height(boxes[line.end]) / 2 for line in lines if line.start == number and line.end in tops]
        wanted[number] = sum(after) / len(after) if after else max([*wanted.values(), 0.0])
    found: dict[int, int] = {}
    at = -(1 << 30)
    for number in sorted(numbers, key=lambda one: wanted[one]):
        found[number] = max(round(wanted[number] - _height(boxes[number]) / 2), at)
        at = found[number] + _height(boxes[number]) + _GAP
    # Whoever was pushed down was pushed by those above: half of it they take themselves.
    pushed = sum(found[number] + _height(boxes[number]) / 2 - wanted[number] for number in numbers)
    return {number: top - round(pushed / len(numbers)) for number, top in found.items()}


def _height(box: Box) -> int:
    return _HIGH if box.head else _LOW


def _width(box: Box) -> int:
    """How wide the texts of a box are, with room around them."""
    beside = columns_of(box.beside) + 2 if box.beside else 0
    return max((columns_of(_cut(box.text)) + beside) * _SIGN, columns_of(box.head) * _SMALL) + 2 * _MARGIN


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
