"""The walk through a table as one kernel path does it: where iptables-nft loads another rule than it saves, what it loads is meant.

Measured with iptables-nft 1.8.9: `! --sport 1 ! --dport 2` becomes *not both*, and `! --dport 0:65535` is dropped (iptables/nft-shared.c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.walk import Walker
from iptexplain.extensions import binding
from iptexplain.model.matching import BothPorts, Constraint, Field, Question
from iptexplain.model.values import Ports
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iptexplain.model.ruleset import Rule, Table

THE_REST = Question("rest", message("what is not here, of these rules alone, lets the packet go on"), ("rest", ""))
"""What is asked of rule lines alone, at once for all chains that are not among them and for the policies."""

_PORTS = (Field.SOURCE_PORT, Field.DESTINATION_PORT)


class KernelWalker(Walker):
    """Walks a table as legacy or `nft` loads it."""

    def __init__(self, table: Table, answer: Callable[[Question], bool | None], *, nft: bool) -> None:
        """See `Walker`."""
        super().__init__(table, answer)
        self._tests: dict[int, Sequence[binding.Test]] = {}
        self._nft = nft

    def missing(self, chain: str) -> Question | None:
        """Of rule lines alone a chain without rules leaves no trace."""
        return None if self.table.line or self.table.has_chain(chain) else THE_REST

    def tests(self, rule: Rule) -> Sequence[binding.Test]:
        """What the matches of a rule ask; kept, since many packets meet the same rules."""
        found = self._tests.get(rule.index)
        if found is None:
            found = binding.tests(rule)
            if self._nft and any(clause.name in {"tcp", "udp"} for clause in rule.shape.clauses):
                found = [test._replace(constraints=_as_loaded(test.constraints)) for test in found]
            self._tests[rule.index] = found
        return found


def _as_loaded(constraints: tuple[Constraint, ...]) -> tuple[Constraint, ...]:
    """One match as iptables-nft loads it."""
    negated = [c for c in constraints if c.field in _PORTS and c.negated]
    if not negated:
        return constraints
    kept = tuple([c for c in constraints if not (c in negated and c.wanted == Ports(0, 65535))])
    negated = [c for c in negated if c in kept]
    single = [c.wanted for c in negated if isinstance(c.wanted, Ports) and c.wanted.first == c.wanted.last > 0]
    if {c.field for c in negated} != set(_PORTS) or len(single) != len(_PORTS):
        return kept
    first, second = (next(c for c in negated if c.field is field) for field in _PORTS)
    both = BothPorts(first.wanted, second.wanted)  # type: ignore[arg-type]  # Ports, as was just seen
    return (*(c for c in kept if c not in negated), Constraint(Field.BOTH_PORTS, both, negated=True))
