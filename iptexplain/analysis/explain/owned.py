"""Who has written what of a dump: the programs behind its chains and rules."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.named import NamedTuple
from iptexplain.owners import makers

if TYPE_CHECKING:
    from iptexplain.model.ruleset import Dump, Rule
    from iptexplain.owners.owner import Owner
    from iptexplain.source import Message


class Owned(NamedTuple):
    """How many chains and rules of a dump are of one program; `owner` "" : of none that is known. Built-in chains are the kernel's."""

    owner: str
    chains: int
    rules: int


class Owners:
    """Says of the chains and rules of one dump whose they are. Names that others give too count only if the dump shows the program."""

    def __init__(self, dump: Dump) -> None:
        """See the class."""
        self._dump = dump
        self._found: dict[tuple[str, str], Owner | None] = {}
        self._shown: dict[str, bool] = {}

    def of_chain(self, table: str, chain: str) -> Owner | None:
        """What is known of the program that a chain is of; None for built-in ones, and names that only begin like one of a program's."""
        if (table, chain) not in self._found:
            self._found[table, chain] = self._of_chain(table, chain)
        return self._found[table, chain]

    def of_rule(self, table: str, rule: Rule) -> str | None:
        """The program that a rule is of: by its chain, in a built-in one by the chain that it leads to, else by its comment."""
        found = self.of_chain(table, rule.chain) or (self.of_chain(table, rule.target_name or "") if rule.chain in BUILT_IN else None)
        if found is None and rule.chain in BUILT_IN:
            said = comment(rule)
            found = None if said is None else makers.by_comment(said)
        return None if found is None else found.name

    def summary(self) -> tuple[Owned, ...]:
        """The programs of the dump, those with most rules first; what is nobody's last."""
        chains: Counter[str] = Counter()
        rules: Counter[str] = Counter()
        for table in self._dump.tables:
            for chain in dict.fromkeys((*table.chains, *table.by_chain)):
                if chain in BUILT_IN:
                    rules.update(self.of_rule(table.name, rule) or "" for rule in table.rules_of(chain))
                    continue
                owner = self.of_chain(table.name, chain)
                name = "" if owner is None else owner.name
                chains[name] += 1
                rules[name] += len(table.places_of(chain))
        found = [Owned(name, chains[name], rules[name]) for name in {**chains, **rules} if chains[name] or rules[name]]
        return tuple(sorted(found, key=lambda one: (not one.owner, -one.rules, one.owner)))

    def what(self, name: str) -> Message | None:
        """What a program is, None if that is not known."""
        return makers.named(name).what if name else None

    def _of_chain(self, table: str, chain: str) -> Owner | None:
        found = makers.owner(chain, table)
        kind = None if found is None else found.kind(chain, table)
        if found is None or kind is None or (kind.generic and not self._is_shown(found)):
            return None
        return found

    def _is_shown(self, owner: Owner) -> bool:
        """Do other chains show that a program is there."""
        if owner.name not in self._shown:
            self._shown[owner.name] = owner.shown_by(self._names)
        return self._shown[owner.name]

    @cached_property
    def _names(self) -> frozenset[str]:
        """The user-defined chains of all tables."""
        names = (str(chain) for table in self._dump.tables for chain in (*table.chains, *table.by_chain))
        return frozenset(names) - BUILT_IN
