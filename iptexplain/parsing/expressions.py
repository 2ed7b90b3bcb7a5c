"""Questions about a regular expression that are answered by looking at its structure, not by trying it.

The structure is that of Python's own `re` parser. The answers are on the safe side: what is not recognised counts as "it may".
"""

from __future__ import annotations

import re
import re._parser as sre  # type: ignore[import-not-found]  # typeshed has no stub for the parser that re itself uses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    _Items = Any
    """What the parser of re makes: nested sequences of (operation, argument), which typeshed does not describe."""


def _admits(op: object, argument: _Items, character: str) -> bool | None:
    """Does a single-character element match the character; None if the element is no such thing."""
    match str(op):
        case "LITERAL":
            return bool(argument == ord(character))
        case "NOT_LITERAL":
            return bool(argument != ord(character))
        case "ANY":
            return character != "\n"
        case "IN":
            inside, negated = False, False
            for kind, value in argument:
                match str(kind):
                    case "NEGATE":
                        negated = True
                    case "LITERAL":
                        inside |= value == ord(character)
                    case "RANGE":
                        inside |= value[0] <= ord(character) <= value[1]
                    case _:
                        inside |= re.match(_category(str(value)), character) is not None
            return inside != negated
        case _:
            return None


def _category(name: str) -> str:
    letters = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}
    _, _, rest = name.partition("CATEGORY_")
    letter = letters[rest.removeprefix("NOT_")]
    return "\\" + (letter.upper() if rest.startswith("NOT_") else letter)


def _flagged(op: object, argument: _Items) -> bool:
    """Is it a part with flags of its own, `(?i:…)`, which may change what its elements match."""
    return str(op) == "SUBPATTERN" and bool(argument[1] or argument[2])


def _parts(op: object, argument: _Items) -> list[_Items]:
    """The expressions inside an element."""
    match str(op):
        case "BRANCH":
            return list(argument[1])
        case "SUBPATTERN":
            return [argument[-1]]
        case "ATOMIC_GROUP":
            return [argument]
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return [argument[2]]
        case "ASSERT" | "ASSERT_NOT":
            return [argument[1]]
        case _:
            return []


def can_hold(expression: str, character: str) -> bool:
    """May a match, or what a look-ahead sees, contain the character."""

    def search(items: _Items) -> bool:
        for op, argument in items:
            admitted = _admits(op, argument, character)
            if admitted or (admitted is None and (_flagged(op, argument) or any(search(part) for part in _parts(op, argument)))):
                return True
        return False

    tree = sre.parse(expression)
    return bool(tree.state.flags & ~re.UNICODE) or search(tree)


def can_begin_with(expression: str, characters: str) -> bool:
    """May a match begin with one of the characters, or be empty."""

    def first(items: _Items, character: str) -> tuple[bool, bool]:
        """Whether the items may begin with the character, and whether they may match nothing."""
        for op, argument in items:
            admitted = _admits(op, argument, character)
            if admitted is not None:
                return admitted, False
            name = str(op)
            if name in {"ASSERT", "ASSERT_NOT"}:
                continue
            if _flagged(op, argument):
                return True, True
            found = [first(part, character) for part in _parts(op, argument)]
            optional = name.endswith("REPEAT") and argument[0] == 0
            if not found or any(begins for begins, _ in found):
                return True, False
            if not optional and not any(empty for _, empty in found):
                return False, False
        return False, True

    tree = sre.parse(expression)
    if tree.state.flags & ~re.UNICODE:
        return True
    return any(any(first(tree, character)) for character in characters)


def looks_around(expression: str) -> bool:
    """Does it look behind, or ask for the beginning or end of the text: its answer would depend on what stands around the line."""

    def search(items: _Items) -> bool:
        for op, argument in items:
            name = str(op)
            if name == "AT" or (name in {"ASSERT", "ASSERT_NOT"} and argument[0] < 0) or name.startswith("GROUPREF"):
                return True
            if any(search(part) for part in _parts(op, argument)):
                return True
        return False

    return search(sre.parse(expression))
