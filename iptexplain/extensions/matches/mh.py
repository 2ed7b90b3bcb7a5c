"""mh: which message of Mobile IPv6 the packet carries.

Man page iptables-extensions(8), mh; kernel net/ipv6/netfilter/ip6t_mh.c. Without an option it matches every message.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.numbers import MAX_8, Range, but_everything, integer

_TYPES = {
    "binding-refresh-request": 0,
    "brr": 0,
    "home-test-init": 1,
    "hoti": 1,
    "careof-test-init": 2,
    "coti": 2,
    "home-test": 3,
    "hot": 3,
    "careof-test": 4,
    "cot": 4,
    "binding-update": 5,
    "bu": 5,
    "binding-acknowledgement": 6,
    "ba": 6,
    "binding-error": 7,
    "be": 7,
}
"""In the order of libip6t_mh.c: of the names that begin like an abbreviation the first is meant."""


def _type(text: str) -> int:
    name = text.lower()
    if name in _TYPES:
        return _TYPES[name]
    for known, number in _TYPES.items():
        if known.startswith(name):
            return number
    return integer(text, MAX_8)


def _types(text: str) -> Range:
    low, colon, high = text.partition(":")
    if not colon:
        return Range(_type(text), _type(text))
    first, last = _type(low) if low else 0, _type(high) if high else MAX_8
    if first > last:
        raise ValueError(text)
    return Range(first, last)


class Mh(Extension):
    """The numbers of the message types; None where the rule does not say."""

    NAME: ClassVar[str] = "mh"

    types: Given[Range] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--mh-type", "types", _types, negatable=True),)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Without a range of every type."""
        return but_everything(super().save(to), "--mh-type", MAX_8)


EXTENSION = Mh
