"""Names that stand for other names: the same for the same key, easy to read and to say, and never one for two.

A word is five letters for 16 bits, consonants and vowels in turn: `lusab` (D. S. Wilkerson, "A Proposal for Proquints", arXiv:0901.4016).
"""

from __future__ import annotations

from itertools import chain, count, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from iptexplain.anonymize.key import Key

_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aiou"
WORD = 5
"""The letters of a word."""


def words(drawn: bytes, number: int) -> str:
    """So many words of random bytes, with `-` between them."""
    return "-".join([_word(int.from_bytes(drawn[2 * at : 2 * at + 2])) for at in range(number)])


def _word(bits: int) -> str:
    return "".join(
        [
            _CONSONANTS[bits >> 12],
            _VOWELS[bits >> 10 & 3],
            _CONSONANTS[bits >> 6 & 15],
            _VOWELS[bits >> 4 & 3],
            _CONSONANTS[bits & 15],
        ]
    )


class Pseudonyms:
    """The pseudonyms of all kinds of names under one key. Those of one kind are told apart; `seen` is what they stand for."""

    def __init__(self, key: Key) -> None:
        """None has been given yet."""
        self.key = key
        self.seen: dict[str, dict[str, str]] = {}
        self._taken: dict[str, set[str]] = {}

    def give(self, kind: str, name: str, form: Callable[[bytes], str], fits: Callable[[str], bool] = lambda _: True) -> str:
        """The pseudonym of a name: what `form` makes of random bytes, the first that `fits` and that no other name of the kind has.

        Where the form has no room for so many names, words are added to it.
        """
        known = self.seen.setdefault(kind, {})
        if name in known:
            return known[name]
        taken = self._taken.setdefault(kind, set())
        drawn = (self.key.draw(kind, name, str(turn)) for turn in count())
        tried = chain((form(one) for one in islice(drawn, _MOST_TURNS)), (f"{form(one)}-{words(one[8:], 4)}" for one in drawn))
        found = next(one for turn, one in enumerate(tried) if one not in taken and (turn >= _MOST_TURNS or fits(one)))
        taken.add(found)
        known[name] = found
        return found

    def worded(self, kind: str, name: str, number: int = 2) -> str:
        """A pseudonym of words behind the kind: `chain-lusab-babad`."""
        return self.give(kind, name, lambda drawn: f"{kind}-{words(drawn, number)}")

    def is_taken(self, kind: str, found: str) -> bool:
        """Does a pseudonym of the kind stand for a name already."""
        return found in self._taken.get(kind, ())

    def kind(self, kind: str) -> Mapping[str, str]:
        """The pseudonyms of one kind by what they stand for."""
        return self.seen.get(kind, {})


_MOST_TURNS = 24
"""So many tries find a free pseudonym unless hardly any is left."""


def like(drawn: bytes, text: str) -> str:
    """Random letters and digits in the form of a text: of the same kinds in the same places, `-`, `_`, `.` and `:` as they are.

    >>> like(bytes(range(32)), "4f9a-BC")
    '0b2d-FA'
    """
    out = []
    for sign, byte in zip(text, _endless(drawn), strict=False):
        for signs in _KINDS:
            if sign in signs:
                out.append(signs[byte % len(signs)])
                break
        else:
            out.append(sign if sign in "-_.:" else "x")
    return "".join(out)


_KINDS = "0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ"
"""Signs that stand for each other: a hexadecimal number stays one."""


def _endless(drawn: bytes) -> Iterator[int]:
    while True:
        yield from drawn
