"""Which rules on the way to a Service may take its packets before they come to its own rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import leaves
from iptexplain.extensions import binding
from iptexplain.model.address import Network
from iptexplain.model.matching import Field, Jump, Verdict
from iptexplain.model.values import PortList, Ports

if TYPE_CHECKING:
    from collections.abc import Collection

    from iptexplain.analysis.explain.setting import Listens
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule, Table


def taking(table: Table, way: Collection[int], services: Collection[Listens]) -> set[int]:
    """The places of rules in nat that may end the packets to some Services before the rules at the places `way`, which lead there.

    Those are rules before the last of them in each chain of the way, and rules of the chains that such rules lead to. What a rule asks of
    packets but where they go to may be true of any packet.
    """
    if table.name != "nat" or not services:
        return set()
    found: set[int] = set()
    last: dict[str, int] = {}
    for place in way:
        chain = str(table.rules[place].chain)
        last[chain] = max(last.get(chain, -1), place)
    known: dict[str, set[int]] = {}
    for chain, end in last.items():
        for rule in table.rules_of(chain):
            if rule.index < end and rule.index not in way:
                found |= _taken(table, rule, services, known)
    return found


def _taken(table: Table, rule: Rule, services: Collection[Listens], known: dict[str, set[int]]) -> set[int]:
    """The places of the rule and of those it leads to, as far as they may end the packets; empty if none of them does."""
    if not any(_may_meet(rule, one) for one in services):
        return set()
    effect = binding.effect(rule)
    if not isinstance(effect, Jump):
        return {rule.index} if leaves(effect) else set()
    if effect.chain not in known:
        known[effect.chain] = set()  # a loop ends here
        inner: set[int] = set()
        for one in table.rules_of(effect.chain):
            if binding.effect(one) is not Verdict.RETURN:
                inner |= _taken(table, one, services, known)
        known[effect.chain] = inner
    inner = known[effect.chain]
    return {rule.index, *inner} if inner or effect.goto else set()


def _may_meet(rule: Rule, service: Listens) -> bool:
    """May packets to a Service match a rule."""
    return not any(_excludes(one, service) for test in binding.tests(rule) for one in test.constraints)


def _excludes(one: Constraint, service: Listens) -> bool:
    """Is it certain that packets to a Service do not meet a constraint."""
    address, port, protocol = service
    met: bool | None = None
    if one.field is Field.DESTINATION and isinstance(one.wanted, Network) and address is not None:
        met = one.wanted.holds(address)
    elif one.field is Field.DESTINATION_PORT and isinstance(one.wanted, (Ports, PortList)):
        met = one.wanted.holds(port)
    elif one.field is Field.PROTOCOL:
        met = one.wanted in {protocol, "all"}
    return met is one.negated
