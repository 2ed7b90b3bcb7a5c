"""When two places are alike: the rules that packets to them may meet are the same, their own addresses, ports and chain names apart.

Ten thousand Services have a handful of forms. The *fingerprint* of a place is everything in the rules, from the hooks on, that can make a
difference to a packet going there: the shapes of the rules, the results of their tests of destination and port, the words of all others.
Places with equal fingerprints are answered alike, so the walk is done once for each form.

What is left out makes no difference: comments, the names of chains of one Service port (their kind is kept), and addresses and ports that
are the place's own, which only count as such. Checked against the walk of every place by tests/analysis/test_fingerprint.py.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from iptexplain.extensions import binding
from iptexplain.model.matching import Field
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from iptexplain.analysis.spread import Spread
    from iptexplain.analysis.traffic import Traffic
    from iptexplain.analysis.walk import Walker
    from iptexplain.model.ruleset import Rule
    from iptexplain.model.shape import Shape

_OF_THE_PLACE = frozenset({Field.DESTINATION, Field.DESTINATION_PORT, Field.PROTOCOL})
"""What is the same for all packets to a place, whoever sends them: here only the results of tests count."""


_MOST_CHAINS = 100
"""A place that more chains than this have a say in is not compared with others."""


class _Form(NamedTuple):
    """How the rules of a shape enter a fingerprint: tests of the place; slots of source addresses, of other words, of the target."""

    tests: tuple[binding.Limit, ...]
    sources: tuple[int, ...]
    words: tuple[int, ...]
    target: int | None


@cache
def _form(shape: Shape) -> _Form:
    tests: list[binding.Limit] = []
    sources: list[int] = []
    words: list[int] = []
    for clause in shape.clauses:
        if clause.name == "comment":
            continue
        limits = binding.limits_of((clause,)) or () if clause.kind in {"base", "match"} else ()
        tests += [limit for limit in limits if limit.field in _OF_THE_PLACE and limit.slot is not None]
        sources += [limit.slot for limit in limits if limit.field is Field.SOURCE and limit.slot is not None]
        known = {limit.slot for limit in tests} | set(sources)
        slots = [slot for option in clause.options for slot in option.values] + list(clause.words)
        slots += [option.name for option in clause.options if isinstance(option.name, int)]
        words += [slot for slot in slots if slot not in known]
    target = shape.target
    return _Form(tuple(tests), tuple(sources), tuple(words), target.name if target is not None and isinstance(target.name, int) else None)


class Fingerprint:
    """The fingerprint of the place that a packet goes to; `spreads` are those that it may come to, in the order in which they are found."""

    def __init__(self, walker: Walker, packet: Traffic, hooks: Sequence[str]) -> None:
        """`hooks` are the chains that packets enter."""
        self._walker = walker
        self._packet = packet
        self._own = f"{packet.to}/{32 if packet.family == 4 else 128}"  # noqa: PLR2004 - IPv4
        self._seen: dict[str, int] = {}
        self.spreads: list[Spread] = []
        self.key: Hashable = (packet.protocol, packet.to_local, packet.to is None, tuple([self._chain(hook) for hook in hooks]))

    def _chain(self, name: str) -> Hashable:
        seen = self._seen.get(name)
        if seen is not None:
            return seen
        self._seen[name] = len(self._seen)
        if len(self._seen) > _MOST_CHAINS:
            self.spreads.clear()
            return object()  # like nothing else: such a place is walked
        indexed = self._walker.indexed(name)
        parts: list[Hashable] = [self._rule(rule) for rule in indexed.candidates(self._packet)]
        tail = indexed.tail
        if tail is not None:
            self.spreads.append(tail)
            parts.append((tail.protocol, not tail.past.numerator, self._packet.to in tail.unless_from, len(self.spreads)))
        return tuple(parts)

    def _rule(self, rule: Rule) -> Hashable:
        values = rule.values
        tests, sources, words, target = _form(rule.shape)
        found: list[Hashable] = [rule.shape]
        for test in tests:
            try:
                field, wanted, negated = test.constraint(values)
            except ValueError:
                return rule.text  # a value that cannot be read: like nothing else
            met = self._packet.test(field, wanted)
            if met is negated:
                found.append(False)
                return tuple(found)  # no packet to this place gets further in this rule
            found.append(met)
        found += [values[slot] == self._own or values[slot] for slot in sources]
        found += [values[slot] for slot in words]
        if target is not None:
            chain = values[target]
            kind = SERVICE_CHAIN.match(chain)
            found.append(kind[1] if kind else chain)
            if self._walker.table.has_chain(chain):
                found.append(self._chain(chain))
        return tuple(found)
