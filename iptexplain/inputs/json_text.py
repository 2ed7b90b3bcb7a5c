"""JSON that a user gives: read, with errors that say where it is broken or which value does not fit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from iptexplain.errors import UnreadableInputError
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.source import Message, Source

_MOST = 100
"""So many characters of a value that does not fit are shown."""


class UnreadableValueError(UnreadableInputError):
    """A value in JSON that does not fit. Remedy: what is said in `expected`, at the place `where` (`interfaces.eth0.addrs`)."""

    def __init__(self, source: Source, where: str, expected: Message, value: object) -> None:
        """`value` is what stands there."""
        super().__init__(
            message(
                "{file}: {where}: expected {expected}, found: {value}", file=source.name, where=where, expected=expected, value=shown(value)
            )
        )
        self.file = source.name
        self.where = where
        self.expected = expected


def shown(value: object) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST else text[:_MOST] + "…"


def is_json(source: Source) -> bool:
    """Does a text begin as JSON objects and lists do."""
    return source.text.lstrip()[:1] in {"{", "["}


class RepeatedKeyError(ValueError):
    """A key that stands twice in one object, so that nobody knows which value is meant."""

    def __init__(self, key: str) -> None:
        """`key` is that key."""
        super().__init__(key)
        self.key = key


def values(source: Source, expected: Message, *, first: bool = False) -> Iterator[object]:
    """The JSON values that stand one after the other in a text; `expected` is what an error asks for. Raises `UnreadableInputError`.

    `first`: of two values of one key in an object the first holds; otherwise that is an error.
    """
    text, at = source.text, 0
    decoder = json.JSONDecoder(object_pairs_hook=_firsts if first else once)
    while (at := _skipped(text, at)) < len(text):
        try:
            found, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            where = {"line": error.lineno, "column": error.colno, "reason": error.msg}
            raise UnreadableInputError(message("{file}:{line}:{column}: broken JSON: {reason}", file=source.name, **where)) from error
        except RepeatedKeyError as error:
            raise UnreadableInputError(
                message("{file}: {key} stands twice in one object", file=source.name, key=shown(error.key))
            ) from error
        except (ValueError, RecursionError) as error:  # a number of thousands of digits, lists in lists without end
            raise UnreadableInputError(
                message("{file}: JSON that nobody writes; expected {expected}", file=source.name, expected=expected)
            ) from error
        yield found


def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object of these keys and values. Raises `RepeatedKeyError`."""
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise RepeatedKeyError(next(key for key in keys if keys.count(key) > 1))
    return found


def _firsts(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found


def _skipped(text: str, at: int) -> int:
    """The place of the next character that is no blank."""
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
