"""The text of a rule without what it has counted: it stays the same while packets pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iptexplain.model.ruleset import Rule


def uncounted(rule: Rule) -> str:
    """The rule as it stands in the dump, without its counters in front."""
    slot = rule.shape.counters
    return rule.text if slot is None else rule.text.removeprefix(f"{rule.values[slot]} ")
