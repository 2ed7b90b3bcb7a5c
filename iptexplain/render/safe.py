"""Text from a dump, made harmless for a terminal, a Markdown table or a spreadsheet. Whoever wrote a comment is a stranger."""

from __future__ import annotations

import re
from functools import cache

_CONTROL = "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
"""Control characters, those that turn the direction of text or cannot be seen, and bytes that were no UTF-8."""


def plain(text: str) -> str:
    r"""The text with every character escaped that a terminal would obey instead of show: `\x1b`, `\u202e`; `\xff` for a byte."""
    return text if text.isascii() and text.isprintable() else _control().sub(_escape, text)


@cache
def _control() -> re.Pattern[str]:
    """Compiled when a text first needs it: most are plain."""
    return re.compile(_CONTROL)


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004 - PEP 383: the byte 0x80 … 0xff
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004


def markdown(text: str) -> str:
    """The text for a cell of a Markdown table."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", plain(text)).replace("&", "&amp;")


def cell(text: str) -> str:
    """The text for a CSV cell: what a spreadsheet would take for a formula gets a `'` before it."""
    return "'" + plain(text) if text[:1] in {"=", "+", "-", "@", "\t", "\r"} and len(text) > 1 else plain(text)
