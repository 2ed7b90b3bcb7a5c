"""Names that stand for other names: the same for the same key, easy to read and to say, and never one for two.

A word is five letters for 16 bits, consonants and vowels in turn: `lusab` (D. S. Wilkerson, "A Proposal for Proquints", arXiv:0901.4016).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from iptexplain.anonymize.key import Key

_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aiou"
WORD = 5
"""The letters of a word."""


def words(drawn: bytes, count: int) -> str:
    """So many words of random bytes, with `-` between them."""
    return "-".join([_word(int.from_bytes(drawn[2 * at : 2 * at + 2])) for at in range(count)])


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
        """The pseudonym of a name: what `form` makes of random bytes, the first that `fits` and that no other name of the kind has."""
        known = self.seen.setdefault(kind, {})
        if name in known:
            return known[name]
        taken = self._taken.setdefault(kind, set())
        drawn = (form(self.key.draw(kind, name, str(turn))) for turn in range(_MOST_TURNS))
        found = next((one for one in drawn if one not in taken and fits(one)), None)
        if found is None:
            raise OverflowError(kind, name)
        taken.add(found)
        known[name] = found
        return found

    def worded(self, kind: str, name: str, count: int = 2) -> str:
        """A pseudonym of words behind the kind: `chain-lusab-babad`."""
        return self.give(kind, name, lambda drawn: f"{kind}-{words(drawn, count)}")

    def kind(self, kind: str) -> Mapping[str, str]:
        """The pseudonyms of one kind by what they stand for."""
        return self.seen.get(kind, {})


_MOST_TURNS = 10_000
"""More tries than an input needs whose names have room for their pseudonyms."""


def like(drawn: bytes, text: str) -> str:
    """Random letters and digits in the form of a text: of the same kinds in the same places, other signs as they are.

    >>> like(bytes(range(32)), "4f9a-BC")
    '0b2d-EF'
    """
    out = []
    for sign, byte in zip(text, _endless(drawn), strict=False):
        for signs in _KINDS:
            if sign in signs:
                out.append(signs[byte % len(signs)])
                break
        else:
            out.append(sign)
    return "".join(out)


_KINDS = "0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ"
"""Signs that stand for each other: a hexadecimal number stays one."""


def _endless(drawn: bytes) -> Iterator[int]:
    while True:
        yield from drawn
