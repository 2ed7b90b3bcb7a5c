"""What is known of a program that writes chains: its name, the kinds of chains it makes and what each is for, and where that is written."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iptexplain.source import Message


class Kind(NamedTuple):
    """A kind of chains: how their names look, and what they are for.

    `pattern` is a name in which `*` stands for anything, as in `f2b-*`, `?` for one letter or digit, of a hash, `#` for the beginning of
    a UUID. `purpose` is the template of a sentence that goes on "This chain …" without its subject ("holds the addresses that the jail
    {name} has banned"); `{name}` is what the first `*` or `#` stands for. `tables`: only there; empty: wherever. `since` and `until` are
    versions of the program, "" where that is not known or always so. `generic`: others may give such names too, so that they count only in
    a dump that shows the program by other chains (`Owner.evidence`).
    """

    pattern: str
    purpose: str
    tables: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    generic: bool = False


class Owner(NamedTuple):
    """A program. `what` says what it is to somebody who never heard of it; `source` is where its chains are written, files and manuals.

    `kinds` are looked through in order, so the special ones stand before the general ones. `comments` are patterns of the comments that it
    writes on rules in built-in chains which lead to none of its chains. `evidence` are patterns of chains: where none of them is in a dump,
    no kind that is `generic` is in it either.
    """

    name: str
    what: Message
    source: str
    kinds: tuple[Kind, ...]
    comments: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()

    def kind(self, chain: str, table: str) -> Kind | None:
        """Of which kind a chain is, None if it is none that is known."""
        return next((one for one in self.kinds if (not one.tables or table in one.tables) and looks(one.pattern).fullmatch(chain)), None)

    def has(self, chain: str) -> bool:
        """Is a chain of a known kind, in some table."""
        return any(looks(one.pattern).fullmatch(chain) for one in self.kinds)

    def shown_by(self, chains: Iterable[str]) -> bool:
        """Do the chains of a dump show that the program is there, whatever names others give too."""
        return any(looks(pattern).fullmatch(chain) for chain in chains for pattern in self.evidence)

    def purpose(self, chain: str, table: str) -> Message | None:
        """What a chain is for, None if that is not known."""
        kind = self.kind(chain, table)
        if kind is None:
            return None
        found = looks(kind.pattern).fullmatch(chain)
        return message(kind.purpose, name=found[1] if found is not None and found.re.groups else chain)

    def says(self, comment: str) -> bool:
        """Is a comment one that this program writes."""
        return any(looks(pattern).fullmatch(comment) for pattern in self.comments)


@cache
def looks(pattern: str) -> re.Pattern[str]:
    """A pattern as an expression, with a group for what its first `*` or `#` stands for."""
    found, wanted = "", True
    for part in re.split("([*?#])", pattern):
        if wanted and part in {"*", "#"}:
            found, wanted = f"{found}({_OPEN[part]})", False
        else:
            found += _OPEN.get(part) or re.escape(part)
    return re.compile(found, re.DOTALL)


_OPEN = {"*": ".*", "?": "[0-9A-Za-z]", "#": "[0-9a-f-]{1,11}"}
"""What the signs of a pattern stand for."""
