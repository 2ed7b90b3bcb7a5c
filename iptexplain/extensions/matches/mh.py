"""mh: which message of Mobile IPv6 the packet carries.

Man page iptables-extensions(8), mh; kernel net/ipv6/netfilter/ip6t_mh.c. Without an option it matches every message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.numbers import MAX_8, Range, but_everything, extent_of, integer
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message, verbatim

if TYPE_CHECKING:
    from iptexplain.source import Message

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

    def phrases(self) -> tuple[Phrase, ...]:
        """Which message."""
        types, negated = self.types or Given(Range(0, MAX_8))
        kind, (first, last) = extent_of(types, MAX_8, negated=negated)
        return (Phrase(Part.IF, message(_MESSAGES[kind], name=_said(first), first=first, last=last)),)


_NAMES = (
    *("Binding Refresh Request", "Home Test Init", "Care-of Test Init", "Home Test", "Care-of Test"),
    *("Binding Update", "Binding Acknowledgement", "Binding Error"),
)
"""What RFC 6275 calls the types, by number."""
_MESSAGES = {
    "one": N_("with the Mobile IPv6 message {name}"),
    "but one": N_("with a Mobile IPv6 message other than {name}"),
    "between": N_("with a Mobile IPv6 message of the types {first} to {last}"),
    "but between": N_("with a Mobile IPv6 message not of the types {first} to {last}"),
    "at least": N_("with a Mobile IPv6 message of the types from {first} on"),
    "at most": N_("with a Mobile IPv6 message of the types up to {last}"),
    "any": N_("with a Mobile IPv6 message"),
    "none": N_("with a Mobile IPv6 message of no type"),
}


def _said(number: int) -> Message:
    """A type by its name, or by its number."""
    return verbatim(_NAMES[number]) if 0 <= number < len(_NAMES) else message("type {number}", number=number)


EXTENSION = Mh
