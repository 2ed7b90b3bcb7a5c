"""Which rules on the way to Services may take their packets before these come to the Services' own rules."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import Comes, comes_behind
from iptexplain.extensions import binding
from iptexplain.model.address import Network
from iptexplain.model.matching import Field, Jump, Verdict
from iptexplain.model.values import PortList, Ports

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from iptexplain.analysis.explain.setting import Listens
    from iptexplain.model.address import Address
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule, Table


def taking(table: Table, way: Collection[int], services: Collection[Listens]) -> set[int]:
    """The places of rules in nat that may end the packets to some Services before the rules at the places `way`, which lead there.

    Those are rules before the last of them in each chain of the way, and rules of the chains that such rules lead to. What a rule asks of
    packets but where they go to may be true of any packet; a target that is not known may be the end.
    """
    if table.name != "nat" or not services:
        return set()
    last: dict[str, int] = {}
    for place in way:
        chain = str(table.rules[place].chain)
        last[chain] = max(last.get(chain, -1), place)
    first = [rule for chain, end in last.items() for rule in table.rules_of(chain) if rule.index < end and rule.index not in way]
    met = _Met(table, way, services, first)
    found = met.leading_to([place for place, rule in met.rules.items() if _may_end(table, rule, own_way=str(rule.chain) in last)])
    ends: dict[str, int] = {}
    for place in found:
        chain = str(met.rules[place].chain)
        ends[chain] = max(ends.get(chain, -1), place)
    back = {place for place, rule in met.rules.items() if binding.effect(rule) is Verdict.RETURN and place < ends.get(str(rule.chain), -1)}
    return found | back  # what is sent back does not come to the end behind it


class _Met:
    """The rules that packets to some Services may meet, from some rules on; not those of the way."""

    def __init__(self, table: Table, way: Collection[int], services: Collection[Listens], first: Iterable[Rule]) -> None:
        self.rules: dict[int, Rule] = {}
        self._callers: dict[str, list[int]] = {}
        targets = _Targets(services)
        waiting = deque(first)
        while waiting:
            rule = waiting.popleft()
            if rule.index in self.rules or not targets.may_meet(rule):
                continue
            self.rules[rule.index] = rule
            effect = binding.effect(rule)
            if isinstance(effect, Jump):
                if effect.chain not in self._callers:
                    waiting += [one for one in table.rules_of(effect.chain) if one.index not in way]
                self._callers.setdefault(effect.chain, []).append(rule.index)

    def leading_to(self, places: Iterable[int]) -> set[int]:
        """Some of the rules, and those that lead to their chains."""
        found = set(places)
        waiting = deque({str(self.rules[place].chain) for place in found})
        seen = set(waiting)
        while waiting:
            for place in self._callers.get(waiting.popleft(), ()):
                found.add(place)
                chain = str(self.rules[place].chain)
                if chain not in seen:
                    seen.add(chain)
                    waiting.append(chain)
        return found


def _may_end(table: Table, rule: Rule, *, own_way: bool) -> bool:
    """May the way of a packet end at a rule itself; in a chain of the way that it does not come past it is enough."""
    effect = binding.effect(rule)
    if isinstance(effect, Jump):
        return effect.goto or not table.has_chain(effect.chain)
    if effect is Verdict.RETURN:
        return own_way
    return comes_behind(table, rule) is not Comes.CERTAINLY


class _Targets:
    """The places that are asked for, by their addresses."""

    def __init__(self, services: Collection[Listens]) -> None:
        self._all = services
        self._at: dict[Address | None, list[Listens]] = {}
        for one in services:
            self._at.setdefault(one.address, []).append(one)
        self._ports = {(one.port, one.protocol): one for one in services}.values()
        self._at_port: dict[int, list[Listens]] = {}
        for one in services:
            self._at_port.setdefault(one.port, []).append(one)

    def may_meet(self, rule: Rule) -> bool:
        """May packets to one of them match a rule."""
        constraints = [one for test in binding.tests(rule) for one in test.constraints if one.field in _LOOKED_AT]
        return any(not any(_excludes(one, service) for one in constraints) for service in self._candidates(constraints))

    def _candidates(self, constraints: Iterable[Constraint]) -> Collection[Listens]:
        """Those that a rule may mean by where packets go to."""
        for one in constraints:
            single = one.wanted.single if one.field is Field.DESTINATION and isinstance(one.wanted, Network) else None
            if single is not None and not one.negated:
                return [*self._at.get(single, ()), *self._at.get(None, ())]
        for one in constraints:
            if (
                one.field is Field.DESTINATION_PORT
                and isinstance(one.wanted, Ports)
                and one.wanted.first == one.wanted.last
                and not one.negated
            ):
                return self._at_port.get(one.wanted.first, ())
        return self._all if any(one.field is Field.DESTINATION for one in constraints) else self._ports


_LOOKED_AT = frozenset({Field.DESTINATION, Field.DESTINATION_PORT, Field.PROTOCOL})


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
