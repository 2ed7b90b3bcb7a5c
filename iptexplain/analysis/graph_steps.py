"""Where the rules of each chain lead, and which chains lead to which."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from iptexplain.extensions import binding, phrasing
from iptexplain.model.matching import Jump, Opaque, Queue, Reject, Translate, Verdict
from iptexplain.model.ruleset import BUILT_IN_OF
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from iptexplain.model.ruleset import Dump, Rule, Table

Place = tuple[str, str]
"""A chain: the name of its table, and its own."""

_TABLES = ("raw", "mangle", "nat", "filter", "security")
"""The order of tables in a picture: that of OUTPUT, the hook that has all of them (netfilter_ipv4.h, `nf_ip_hook_priorities`)."""


class Step(NamedTuple):
    """What a rule does.

    `chain` is where it leads, `goto` without coming back. `verdict` is how it ends the way of a packet (`DROP`, `MASQUERADE`); `to` the
    new destination that DNAT gives. `act` is a target that does something and goes on. A rule that only counts or returns has none of all.
    """

    rule: Rule
    chain: str | None = None
    goto: bool = False
    verdict: str | None = None
    to: str | None = None
    act: str | None = None


def step(rule: Rule) -> Step:
    """What one rule does."""
    found = Step(rule)
    match binding.effect(rule):
        case Jump(chain, goto):
            found = Step(rule, chain=chain, goto=goto)
        case Reject() | Queue() | Verdict.ACCEPT | Verdict.DROP:
            found = Step(rule, verdict=rule.target_name)
        case Translate(kind, to):
            found = Step(rule, verdict=rule.target_name, to=str(to) if kind == "DNAT" and to is not None else None)
        case Verdict.RETURN:
            pass
        case Opaque() if not phrasing.goes_on(rule):
            found = Step(rule, verdict=rule.target_name)
        case _:
            found = Step(rule, act=rule.target_name)
    return found


class Steps:
    """What the rules of one dump do, chain by chain; looked up when somebody asks."""

    def __init__(self, dump: Dump, only: str | None = None) -> None:
        """`only` is the name of a table: others are left out."""
        self.tables: dict[str, Table] = {}
        for name in (*_TABLES, *sorted(table.name for table in dump.tables)):
            table = dump.table(name) if only in {None, name} else None
            if table is not None:
                self.tables.setdefault(name, table)
        self._known: dict[Place, tuple[Step, ...]] = {}

    def of(self, place: Place) -> tuple[Step, ...]:
        """What the rules of a chain do, in order."""
        found = self._known.get(place)
        if found is None:
            found = self._known[place] = tuple([step(rule) for rule in self.tables[place[0]].rules_of(place[1])])
        return found

    def has(self, place: Place) -> bool:
        """Is the chain in the dump."""
        return self.tables[place[0]].has_chain(place[1])

    def mentions(self, place: Place) -> bool:
        """Does a rule of another chain hold the name of this one; without looking at each of them."""
        rules = self.tables[place[0]].rules
        return any(not line.startswith(f"-A {place[1]} ") for line in rules.with_text(range(len(rules)), [place[1]]))

    def named(self, chain: str) -> list[Place]:
        """The chains of this name, in all tables."""
        return [(name, chain) for name, table in self.tables.items() if table.has_chain(chain)]

    def hooks(self) -> list[Place]:
        """The built-in chains that do something, in the order of packets."""
        found = []
        for name, table in self.tables.items():
            for chain in BUILT_IN_OF.get(name, ()):
                declared = table.chains.get(chain)
                if table.places_of(chain) or (declared is not None and declared.policy == "DROP"):
                    found.append((name, str(chain)))
        return found

    def beyond(self, starts: Iterable[Place], known: Callable[[Place], bool] = lambda _: False) -> list[Place]:
        """These chains and all that they lead to, in the order of rules; not what lies behind `known` ones."""
        seen: dict[Place, None] = {}
        waiting = list(starts)[::-1]
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen[place] = None
            if not known(place):
                waiting += [(place[0], one.chain) for one in reversed(self.of(place)) if one.chain is not None]
        return list(seen)

    def all(self, known: Callable[[Place], bool], *, idle: bool = False) -> list[Place]:
        """All chains that do something: from the hooks on, then those that nothing leads to; `idle`: those that do nothing, too."""
        found = dict.fromkeys(self.beyond(self.hooks(), known))
        for name, table in self.tables.items():
            left = [(name, str(chain)) for chain in table.by_chain if (name, str(chain)) not in found]
            targets = {(name, one.chain) for place in left if not known(place) for one in self.of(place)}
            starts = [place for place in left if place not in targets]
            found |= dict.fromkeys(self.beyond([*starts, *left], known))
            if idle:
                found |= dict.fromkeys((name, str(chain)) for chain, own in table.chains.items() if own.policy is None)
        return list(found)

    def before(self, places: Sequence[Place], passed: Callable[[Place], bool]) -> list[Place]:
        """The chains that lead to some chains. Those for which `passed` holds are not looked at."""
        callers: dict[Place, list[Place]] = {}
        for name in dict.fromkeys(table for table, _ in places):
            for chain in self.tables[name].by_chain:
                place = name, str(chain)
                if not passed(place):
                    for target in {one.chain for one in self.of(place) if one.chain is not None}:
                        callers.setdefault((name, target), []).append(place)
        found: dict[Place, None] = {}
        waiting, asked = deque(places), set(places)
        while waiting:
            for caller in callers.get(waiting.popleft(), ()):
                if caller not in found and caller not in asked:
                    found[caller] = None
                    waiting.append(caller)
        return list(found)
