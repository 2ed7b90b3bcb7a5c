"""Names of chains: those that the kernel and programs give stay, with other words where these hold a name or a hash; others are replaced.

What a program's names look like is known of its owner (`owners`): of `f2b-sshd` and `cali-tw-cali1a2b3c4d5e6` only what stands for `*`
is replaced. So whoever reads the dump still sees whose each chain is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from iptexplain.anonymize.pseudonyms import WORD, like, words
from iptexplain.extensions.binding import TARGETS, VERDICTS
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.owners import makers

if TYPE_CHECKING:
    from collections.abc import Collection

    from iptexplain.anonymize.interfaces import Interfaces
    from iptexplain.anonymize.pseudonyms import Pseudonyms
    from iptexplain.anonymize.services import HashedChains
    from iptexplain.owners.owner import Owner

KIND = "chain"

_PART = "part"

_LONGEST = 28
"""The most letters of a name (XT_EXTENSION_MAXNAMELEN without its end, include/uapi/linux/netfilter/x_tables.h)."""

_KNOWN = BUILT_IN | VERDICTS.keys() | TARGETS.keys()


class Chains:
    """The names that stand for those of chains."""

    def __init__(self, pseudonyms: Pseudonyms, interfaces: Interfaces, hashed: HashedChains, names: Collection[str]) -> None:
        """`names` are all chains of the inputs: they show which programs are there."""
        self._pseudonyms = pseudonyms
        self._interfaces = interfaces
        self._hashed = hashed
        self._names = names
        for name in sorted(names):
            self.name(name)

    def name(self, chain: str) -> str:
        """What stands for a chain."""
        known = self._pseudonyms.kind(KIND).get(chain)
        return known if known is not None else self._find(chain)

    def known(self, name: str) -> str | None:
        """What stands for a name, if it is that of a chain of the inputs or of an endpoint; None else."""
        return self.name(name) if name in self._names or self._hashed.chain(name) is not None else None

    def _find(self, chain: str) -> str:
        if chain in _KNOWN:
            return chain
        hashed = self._hashed.chain(chain)
        if hashed is not None:
            return self._pseudonyms.give(KIND, chain, lambda _: hashed)
        owner = makers.owner(chain)
        pattern = None if owner is None else self._pattern(owner, chain)
        if owner is not None and pattern is not None:
            return self._inside(chain, owner, pattern)
        begins = _prefix(chain, owner)
        if not begins:
            return self._pseudonyms.worded(KIND, chain)
        maker = makers.maker(chain)
        return self._pseudonyms.give(
            KIND,
            chain,
            lambda drawn: begins + _words(drawn, _room(chain, begins)),
            lambda found: makers.maker(found) == maker and found not in self._names,
        )

    def _pattern(self, owner: Owner, chain: str) -> str | None:
        """How names of its kind look, None if a program knows no such kind, or others may give the name and the program is not there."""
        fitting = (kind for kind in owner.kinds if _form(kind.pattern).fullmatch(chain))
        return next((kind.pattern for kind in fitting if not kind.generic or owner.shown_by(self._names)), None)

    def _inside(self, chain: str, owner: Owner, pattern: str) -> str:
        """The name with other words where its pattern has places for them."""
        found = _form(pattern).fullmatch(chain)
        if found is None or not found.groups():
            return chain
        literals = _PLACES.split(pattern)[::2]
        room = _room(chain, "".join(literals))
        signs = _PLACES.findall(pattern)
        parts = [self._part(text, room, fixed=sign != "*") for sign, text in zip(signs, found.groups(), strict=True)]
        name = literals[0] + "".join([part + literal for part, literal in zip(parts, literals[1:], strict=True)])
        if self._pattern(owner, name) != pattern:  # by its new words it would be of another kind
            name = self._pseudonyms.give(KIND, chain, lambda drawn: literals[0] + words(drawn, 1) + "".join(literals[1:]))
        return self._pseudonyms.give(KIND, chain, lambda _: name)

    def _part(self, text: str, room: int, *, fixed: bool) -> str:
        """What stands for a part of names: the same in all of them. Small numbers stay, and interfaces are those of the rules.

        `fixed`: such a part has always as many letters, since it is a hash.
        """
        if (text.isdigit() and len(text) <= _LONGEST_NUMBER) or not text:
            return text
        interface = self._interfaces.known(text)
        if interface is not None and len(interface) <= room:
            return interface
        made = fixed or _MADE.fullmatch(text) is not None or room < WORD
        return self._pseudonyms.give(_PART, text, lambda drawn: like(drawn, text) if made else words(drawn, 1))


_LONGEST_NUMBER = 4
"""The digits of a number that counts something; longer ones may be somebody's."""

_MADE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_-]{8,}|[A-Z2-7]{16,}")
"""What looks as if it were made of something: letters and digits mixed, and long."""


def _prefix(chain: str, owner: Owner | None) -> str:
    """How the chains of its program and perhaps of its kind begin, "" for one whose name tells nothing."""
    maker = makers.maker(chain)
    if maker is None or owner is None:
        return ""
    known = [one for name, _, prefixes in makers.MAKERS if name == maker for one in prefixes]
    known += [lead for kind in owner.kinds if len(lead := _PLACES.split(kind.pattern)[0]) < len(kind.pattern)]
    return max((one for one in known if chain.startswith(one)), key=len, default="")


def _room(chain: str, literals: str) -> int:
    """How many letters there are for what stands in a name beside its literals."""
    return max(_LONGEST, len(chain)) - len(literals)


def _words(drawn: bytes, room: int) -> str:
    return words(drawn, 2) if room > 2 * WORD else words(drawn, 1)


_PLACES = re.compile(r"([*#]|\?+)")
"""The places in the pattern of a kind of chains (`owners.owner.Kind`)."""


@cache
def _form(pattern: str) -> re.Pattern[str]:
    """A pattern as an expression with a group for each place."""
    parts = _PLACES.split(pattern)
    return re.compile("".join([f"({_place(part)})" if at % 2 else re.escape(part) for at, part in enumerate(parts)]), re.DOTALL)


def _place(sign: str) -> str:
    return {"*": ".*", "#": "[0-9a-f-]{1,11}"}.get(sign) or f"[0-9A-Za-z]{{{len(sign)}}}"
