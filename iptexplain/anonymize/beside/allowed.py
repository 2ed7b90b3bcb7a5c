"""What the modules of this package share: objects of JSON with only the keys that are known, and lines in their places."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    Maker = Callable[[object], object]
    """Gives what is written for a value. Raises ValueError or TypeError for one that is left out."""


def chosen(given: object, makers: Mapping[str, Maker]) -> dict[str, object]:
    """The keys of an object that are known, in its order, each with what its maker gives; what that refuses is left out.

    Raises TypeError for what is no object.
    """
    if not isinstance(given, dict):
        raise TypeError(given)
    found = {}
    for key, value in given.items():
        if key in makers:
            try:
                found[key] = makers[key](value)
            except (TypeError, ValueError):
                continue
    return found


def vocabulary(text_: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text_.split())


def number(value: object) -> int:
    """A number that stays. Raises TypeError."""
    if type(value) is not int:  # no bool
        raise TypeError(value)
    return value


def truth(value: object) -> bool:
    """True or false. Raises TypeError."""
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def text(make: Callable[[str], str]) -> Maker:
    """For texts: what stands for one."""

    def made(value: object) -> str:
        if not isinstance(value, str) or not value:
            raise TypeError(value)
        return make(value)

    return made


def word(known: Collection[str], otherwise: str = "") -> Maker:
    """For words that stay if they are known; another is left out, or is written `otherwise`."""

    def made(value: str) -> str:
        if value in known or otherwise:
            return value if value in known else otherwise
        raise ValueError(value)

    return text(made)


def words(known: Collection[str]) -> Maker:
    """For lists of words: those that are known."""

    def made(value: object) -> list[str]:
        if not isinstance(value, list):
            raise TypeError(value)
        return [one for one in value if isinstance(one, str) and one in known]

    return made


def each(make: Maker) -> Maker:
    """For lists: what `make` gives for each value that it does not refuse."""

    def made(value: object) -> list[object]:
        if not isinstance(value, list):
            raise TypeError(value)
        found = []
        for one in value:
            try:
                found.append(make(one))
            except (TypeError, ValueError):
                continue
        return found

    return made


def renamed(name: Callable[[str], str], make: Maker) -> Maker:
    """For objects by names: what stands for each name, "" for one that is left out, and what `make` gives for its value."""

    def made(value: object) -> dict[str, object]:
        if not isinstance(value, dict):
            raise TypeError(value)
        return {new: make(one) for old, one in value.items() if (new := name(old))}

    return made


def array(items: Iterable[object]) -> Iterator[str]:
    """The lines of a JSON array, one for each value."""
    comma = "["
    for item in items:
        yield comma + json.dumps(item)
        comma = ","
    yield "]" if comma == "," else "[]"


def placed(numbered: Iterable[tuple[int, str]]) -> Iterator[str]:
    """Lines at their numbers, ascending; those between are blank: remarks and blank lines stood there."""
    at = 1
    for number_, line in numbered:
        yield from [""] * (number_ - at)
        yield line
        at = number_ + 1
