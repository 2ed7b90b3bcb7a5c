"""Chains that may be part of a circle of jumps. The kernel refuses such rules; an edited dump may have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iptexplain.model.ruleset import Table


def in_circles(table: Table) -> frozenset[str]:
    """The chains that may lead to themselves: all of those, and perhaps some between two circles.

    What is left when chains are taken away, again and again, that lead to no other one, or that no other one leads to.
    """
    on = {str(chain): {rule.target_name or "" for rule in table.rules_of(chain)} for chain in table.by_chain}
    return frozenset(_left(_turned(_left(on))))


def _left(on: dict[str, set[str]]) -> dict[str, set[str]]:
    """The chains that lead to others without end."""
    waiting = {chain: sum(name in on for name in names) for chain, names in on.items()}
    callers = _turned(on)
    ends = [chain for chain, count in waiting.items() if not count]
    gone = set(ends)
    while ends:
        for caller in callers.get(ends.pop(), ()):
            waiting[caller] -= 1
            if not waiting[caller] and caller not in gone:
                gone.add(caller)
                ends.append(caller)
    return {chain: {name for name in names if name in on and name not in gone} for chain, names in on.items() if chain not in gone}


def _turned(on: dict[str, set[str]]) -> dict[str, set[str]]:
    """Who leads to each chain."""
    found: dict[str, set[str]] = {chain: set() for chain in on}
    for chain, names in on.items():
        for name in names:
            if name in found:
                found[name].add(chain)
    return found
