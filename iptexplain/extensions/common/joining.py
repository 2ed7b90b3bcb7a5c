"""Several things of which all count, named in one phrase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.source import all_of, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.source import Message


def together(items: Sequence[Message]) -> Message:
    """All of several things, at least one: `a, b and c`, where `all_of` would run into the rest of the sentence."""
    *before, last = items
    if not before:
        return last
    return all_of([*before[:-1], message("{first} and {rest}", first=before[-1], rest=last)])
