"""Which programs have chains and rules in a dump, and what their chains are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.model.ruleset import BUILT_IN
from iptexplain.report.facts import OwnerFacts, Purpose

if TYPE_CHECKING:
    from iptexplain.analysis.explain.setting import Setting


def owners(setting: Setting) -> tuple[OwnerFacts, ...]:
    """The programs, those with most rules first; chains and rules of none that is known come last."""
    asked = setting.owners
    purposes = _purposes(setting)
    return tuple(
        [
            OwnerFacts(one.owner, asked.what(one.owner), one.chains, one.rules, tuple(purposes.get(one.owner, {}).values()))
            for one in asked.summary()
        ]
    )


def _purposes(setting: Setting) -> dict[str, dict[object, Purpose]]:
    """By program the kinds of its chains, in the order of the dump; a chain of no program stands for itself."""
    found: dict[str, dict[object, Purpose]] = {}
    for table in setting.dump.tables:
        for chain in dict.fromkeys((*table.chains, *table.by_chain)):
            if chain in BUILT_IN:
                continue
            owner = setting.owners.of_chain(table.name, chain)
            kinds = found.setdefault("" if owner is None else owner.name, {})
            kind = None if owner is None else owner.kind(chain, table.name)
            key = table.name, chain if kind is None else kind.pattern
            known = kinds.get(key)
            if known is None:
                pattern = chain if kind is None else kind.pattern
                known = Purpose(table.name, pattern, None if owner is None else owner.purpose(chain, table.name), 0, 0, chain)
            kinds[key] = known._replace(chains=known.chains + 1, rules=known.rules + len(table.places_of(chain)))
    return found
