"""Text from dumps for Markdown as GitHub reads it: it becomes no markup, no link, no mention of anybody, no reference to an issue.

GitHub looks for `@names`, `#123` and addresses in everything but code. So words in which there is anything but letters, digits and plain
punctuation are put into code; escapes alone would not keep anybody from being notified.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from iptexplain.render.safe import plain
from iptexplain.render.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iptexplain.source import Message

LONGEST = 400
"""So many characters of a text from a dump stand in one place outside the dump itself."""

_HARMLESS = re.compile(r"""(?:[A-Za-z0-9.,;:()[\]/%?!"'=+&-]|[^\x00-\x7f])+""")
"""A word that may stand as it is. What is not ASCII means nothing in Markdown; what is not shown has been escaped before."""

_ESCAPES = str.maketrans({"&": "&amp;", "[": r"\[", "]": r"\]"})
"""What stands in harmless words and is not read as itself."""

_OF_LIST = re.compile(r"[-+=]+|[0-9]+[.)]")
"""What begins a list, or makes a heading of the line above: no word to begin a sentence with."""

_LINK = re.compile(r"://|www\.|:[a-z0-9_+-]+:|GH-\d", re.IGNORECASE)
"""What makes a link or a picture of harmless characters: an address, `:smile:`, the old way to write the number of an issue."""


def prose(what: Message | str) -> str:
    """A sentence; words that may mean something to Markdown or to GitHub are code, and so is what stands between backticks."""
    found: list[str] = []
    strange: list[str] = []
    for word in _WORD.findall(short(plain(what) if isinstance(what, str) else say(what))):
        if _is_harmless(word) and (found or strange or not _OF_LIST.fullmatch(word)):
            found += [*_run(strange), word.translate(_ESCAPES)]
            strange = []
        else:
            strange.append(word)
    return " ".join([*found, *_run(strange)])


def _run(words: list[str]) -> list[str]:
    """Words in a row that may mean something, as code; the punctuation of the sentence stays behind it."""
    if not words:
        return []
    text = " ".join(words)
    end = text.rstrip(".,;:")
    inner = end[1:-1] if _QUOTED.fullmatch(end) else ""
    return [code(inner or end or text) + (text[len(end) :] if end else "")]


_QUOTED = re.compile("`[^`]+`")
"""What a sentence of ours shows as a command to type."""

_WORD = re.compile("`[^`]+`[^ `]*|[^ ]+")
"""A word, or several between backticks."""


def _is_harmless(word: str) -> bool:
    """Does a word mean nothing but itself."""
    return _HARMLESS.fullmatch(word) is not None and _LINK.search(word) is None


def code(text: str) -> str:
    r"""A text from a dump as code. An empty one is nothing.

    In a table even code ends at a `|` without a `\`, and what `\\|` is there, readers of Markdown do not agree on: then only HTML is left.
    """
    shown = short(plain(text)).strip(" ")
    if not shown:
        return ""
    if "\\|" in shown:
        return "<code>" + "".join(sign if sign.isalnum() or sign in " .-" else f"&#{ord(sign)};" for sign in shown) + "</code>"
    marks = "`" * (_backticks(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{marks}{pad}{shown}{pad}{marks}"


def html_text(what: Message) -> str:
    """A sentence for a place where Markdown is not read: the summary of a folded part. Nobody is mentioned there either."""
    return " ".join(_marked(word) for word in _WORD.findall(short(say(what))))


def _marked(word: str) -> str:
    """A word as HTML, as code if it may mean something."""
    return escape(word) if _is_harmless(word) else f"<code>{escape(word)}</code>"


def short(text: str) -> str:
    """The text, cut if it is longer than a reader or GitHub would take."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def fence(lines: Iterable[str], language: str = "") -> Iterator[str]:
    """Lines as they are, as a block of code; characters that nobody would see are escaped."""
    shown = ["\t".join(map(plain, line.split("\t"))) for line in lines]
    marks = "`" * max([3, *(_backticks(line) + 1 for line in shown if "```" in line)])
    yield f"{marks}{language}"
    yield from shown
    yield marks


def _backticks(text: str) -> int:
    """The longest run of backticks."""
    return max(map(len, re.findall("`+", text)), default=0) if "`" in text else 0
