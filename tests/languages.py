"""Languages for tests: one that is all full-width letters, and Japanese that knows what its catalogue lacks."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from babel.messages.pofile import read_po

from iptexplain.render import language
from tests.checkout import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest

LOCALE = PACKAGE / "locale"
LANGUAGES = tuple(sorted(path.parent.name for path in LOCALE.glob("*/LC_MESSAGES")))

_ALONE = re.compile(r"\{[^{}]*\}")
"""A template that is nothing but a field is the same in all languages."""
_KEPT = re.compile(r"(\{[^{}]*\}|(?<![^\s(])--?[a-z][\w-]*|`[^`]*`)")


@cache
def catalogue(code: str) -> Mapping[str, str]:
    """All texts with their translation into a language, empty where there is none; without a code as the tool has found them."""
    path = LOCALE / code / "LC_MESSAGES" / "iptexplain.po" if code else LOCALE / "iptexplain.pot"
    with path.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id}


def wide(template: str) -> str:
    """The template with full-width letters, but for its fields, for options and for what stands between backticks."""
    parts = _KEPT.split(template)
    return "".join(part if number % 2 else "".join(map(_widened, part)) for number, part in enumerate(parts))


def _widened(sign: str) -> str:
    return chr(ord(sign) + 0xFEE0) if sign.isascii() and sign.isalpha() else sign


def speak(monkeypatch: pytest.MonkeyPatch, translate: Callable[[str], str]) -> None:
    """From here on `--lang ja` is told by this function."""
    monkeypatch.setattr(language, "_catalogue", lambda _: translate)


class Strict:
    """Japanese, with the templates that it was asked for and that are in no catalogue."""

    def __init__(self) -> None:
        self.missing: set[str] = set()

    def __call__(self, template: str) -> str:
        known = catalogue("ja")
        if template not in known and not _ALONE.fullmatch(template):
            self.missing.add(template)
        return known.get(template) or template
