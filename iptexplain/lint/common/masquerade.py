"""How kube-proxy's rules ask for the mark of what is to be masqueraded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.model.matching import Field
from iptexplain.model.values import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.model.ruleset import Rule


def marks_asked(rule: Rule) -> Iterator[Mark]:
    """The marks that a rule asks for, whether a packet is to have them or not."""
    if not asks_for_mark(rule):
        return
    for match in binding.matches(rule):
        for field, wanted, _ in match.constraints():
            if field is Field.MARK and isinstance(wanted, Mark):
                yield wanted


def asks_for_mark(rule: Rule) -> bool:
    """Does a rule ask for the mark of the packet or of its connection, understood or not."""
    return any(clause.kind == "match" and clause.name in {"mark", "connmark"} for clause in rule.shape.clauses)
