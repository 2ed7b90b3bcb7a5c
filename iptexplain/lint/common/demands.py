"""What a rule demands of a packet, where that is nothing but constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding

if TYPE_CHECKING:
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule


def demands(rule: Rule) -> tuple[Constraint, ...] | None:
    """All constraints of a rule, None if it asks more than these: a chance, or something that is not known."""
    found: list[Constraint] = []
    for test in binding.tests(rule):
        if test.branches:
            return None
        found += test.constraints
    return tuple(found)
