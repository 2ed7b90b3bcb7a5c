"""Who has written what of a dump: the programs behind its chains and rules."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.named import NamedTuple
from iptexplain.owners import makers

if TYPE_CHECKING:
    from iptexplain.model.ruleset import Dump, Rule
    from iptexplain.owners.owner import Owner


class Owned(NamedTuple):
    """How many chains and rules of a dump are of one program; `owner` "" : of none that is known. Built-in chains are the kernel's."""

    owner: str
    chains: int
    rules: int


def owned(dump: Dump) -> tuple[Owned, ...]:
    """The programs of a dump, those with most rules first; what is nobody's last."""
    chains: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    for table in dump.tables:
        for chain in dict.fromkeys((*table.chains, *table.by_chain)):
            if chain in BUILT_IN:
                rules.update(owner_of(table.name, rule) or "" for rule in table.rules_of(chain))
                continue
            name = _name(table.name, chain) or ""
            chains[name] += 1
            rules[name] += len(table.places_of(chain))
    found = [Owned(name, chains[name], rules[name]) for name in {**chains, **rules} if chains[name] or rules[name]]
    return tuple(sorted(found, key=lambda one: (not one.owner, -one.rules, one.owner)))


def owner_of(table: str, rule: Rule) -> str | None:
    """The program that a rule is of: by its chain, in a built-in one by the chain that it leads to, else by its comment."""
    found = _name(table, rule.chain) or (_name(table, rule.target_name or "") if rule.chain in BUILT_IN else None)
    if found is not None or rule.chain not in BUILT_IN:
        return found
    said = comment(rule)
    by_comment = None if said is None else makers.by_comment(said)
    return None if by_comment is None else by_comment.name


def owner_of_chain(table: str, chain: str) -> Owner | None:
    """What is known of the program that a chain is of; None for built-in ones, and for names that only begin like one of a program's."""
    found = makers.owner(chain)
    return None if found is None or found.kind(chain, table) is None else found


def _name(table: str, chain: str) -> str | None:
    found = owner_of_chain(table, chain)
    return None if found is None else found.name
