"""When two places are alike: the rules that packets to them may meet are the same, their own addresses, ports and chain names apart.

Ten thousand Services have a handful of forms. The *fingerprint* of a place is everything in the rules, from the hooks on, that can make a
difference to a packet going there: the shapes of the rules, the results of their tests of destination and port, the words of all others.
Places with equal fingerprints are answered alike, so the walk is done once for each form.

What is left out makes no difference: comments, the names of chains of one Service port (their kind is kept), and addresses and ports that
are the place's own, which only count as such. Checked against the walk of every place by tests/analysis/test_fingerprint.py.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.model.matching import Constraint, Field
from iptexplain.model.shape import per_shape
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Sequence

    from iptexplain.analysis.spread import Spread
    from iptexplain.analysis.traffic import Traffic
    from iptexplain.analysis.walk import IndexedChain, Walker
    from iptexplain.model.matching import Question
    from iptexplain.model.ruleset import Rule
    from iptexplain.model.shape import Shape

_OF_THE_PLACE = (Field.DESTINATION, Field.DESTINATION_PORT, Field.PROTOCOL)
"""What is the same for all packets to a place, whoever sends them: here only the results of tests count."""


_MOST_CHAINS = 100
"""A place that more chains than this have a say in is not compared with others."""


_MOST_KEPT = 1000
"""So many values of a test are kept."""


class _Test(NamedTuple):
    """A test of the place: which of `_OF_THE_PLACE` it looks at, and the constraints that values of its slot have come to."""

    what: int
    slot: int
    negated: bool
    limit: binding.Limit
    known: dict[str, Constraint]

    def met(self, packet: Traffic, text: str) -> bool | Question:
        """Does a packet pass the test with this value. Raises ValueError for a value that cannot be read."""
        found = self.known.get(text)
        if found is None:
            found = Constraint(self.limit.field, self.limit.parse(text), self.limit.negated)
            if len(self.known) < _MOST_KEPT:
                self.known[text] = found
        return packet.test(found.field, found.wanted)


class _Form(NamedTuple):
    """How the rules of a shape enter a fingerprint: tests of the place; slots of source addresses, of other words, of the target."""

    tests: tuple[_Test, ...]
    sources: tuple[int, ...]
    words: tuple[int, ...]
    target: int | None


@per_shape
def _form(shape: Shape) -> _Form:
    tests: list[_Test] = []
    sources: list[int] = []
    words: list[int] = []
    for clause in shape.clauses:
        if clause.name == "comment":
            continue
        for limit in (binding.limits_of((clause,)) or ()) if clause.kind in {"base", "match"} else ():
            if limit.slot is None:
                continue
            if limit.field in _OF_THE_PLACE:
                tests.append(_Test(_OF_THE_PLACE.index(limit.field), limit.slot, limit.negated, limit, {}))
            elif limit.field is Field.SOURCE:
                sources.append(limit.slot)
        known = {test.slot for test in tests} | set(sources)
        slots = [slot for option in clause.options for slot in option.values] + list(clause.words)
        slots += [option.name for option in clause.options if isinstance(option.name, int)]
        words += [slot for slot in slots if slot not in known]
    target = shape.target
    return _Form(tuple(tests), tuple(sources), tuple(words), target.name if target is not None and isinstance(target.name, int) else None)


class _Common(NamedTuple):
    """What of a chain that is not one Service's own may differ from place to place, with all such chains behind it.

    `tests` are those of the place, each with its value; `own` the rules that lead to a Service's chains; `long` the chains with an index,
    where few rules are about one place. Everything else in these chains is the same for all places.
    """

    tests: tuple[tuple[_Test, str], ...]
    own: tuple[Rule, ...]
    long: tuple[IndexedChain, ...]
    tails: tuple[Spread, ...]


class Fingerprints:
    """Makes the fingerprints of the places of one table; `hooks` are the chains that packets enter."""

    def __init__(self, walker: Walker, hooks: Sequence[str]) -> None:
        """See the class."""
        self._walker = walker
        self._hooks = hooks
        self._commons: dict[tuple[str, ...], _Common] = {}

    def of(self, packet: Traffic, own: Collection[str] = ()) -> Fingerprint:
        """The fingerprint of the place that a packet goes to; `own` are the hashes of the Service port that listens there."""
        return Fingerprint(self, self._walker, packet, own)

    def entered(self) -> _Common:
        """What packets meet from the hooks on."""
        return self.common(*self._hooks)

    def common(self, *chains: str) -> _Common:
        """What of some chains, none of them a Service's own, may differ from place to place."""
        found = self._commons.get(chains)
        if found is None:
            found = self._commons[chains] = self._collect(chains)
        return found

    def _collect(self, chains: Sequence[str]) -> _Common:
        tests: list[tuple[_Test, str]] = []
        own: list[Rule] = []
        long: list[IndexedChain] = []
        tails: list[Spread] = []
        seen = set(chains)
        waiting = deque(chains)
        while waiting:
            indexed = self._walker.indexed(waiting.popleft())
            tails += [indexed.tail] if indexed.tail is not None else []
            long += [indexed] if indexed.long else []
            for rule in indexed.common:
                form, values = _form(rule.shape), rule.values
                chain = None if form.target is None else values[form.target]
                if (chain is not None and SERVICE_CHAIN.match(chain)) or form.sources:
                    own.append(rule)
                    continue
                tests += [(test, values[test.slot]) for test in form.tests]
                if chain is not None and chain not in seen and self._walker.table.has_chain(chain):
                    seen.add(chain)
                    waiting.append(chain)
        return _Common(tuple(tests), tuple(own), tuple(long), tuple(tails))


class Fingerprint:
    """The fingerprint of one place; `spreads` are those that packets to it may come to, in the order in which they are found."""

    __slots__ = ("_all", "_hashes", "_own", "_packet", "_seen", "_walker", "_words", "key", "spreads")

    def __init__(self, fingerprints: Fingerprints, walker: Walker, packet: Traffic, own: Collection[str]) -> None:
        """Made by `Fingerprints.of`."""
        self._all = fingerprints
        self._hashes = own
        self._walker = walker
        self._packet = packet
        self._own = packet.own_network
        self._words = self._own, str(packet.port), packet.protocol
        """How a rule for just this place writes what `_OF_THE_PLACE` looks at."""
        self._seen: dict[str, int] = {}
        self.spreads: list[Spread] = []
        self.key: Hashable = (packet.protocol, packet.to_local, packet.to is None, *self._common(fingerprints.entered()))

    def _common(self, common: _Common) -> list[Hashable]:
        """What makes a difference to this place in chains that are not one Service's own."""
        found: list[Hashable] = []
        for test, text in common.tests:
            with suppress(ValueError):  # a value that cannot be read: for all places the same
                found.append(text == self._words[test.what] or test.met(self._packet, text))
        found += [self._rule(rule) for rule in common.own]
        for chain in common.long:
            found.append(tuple([(before, self._rule(rule)) for before, rule in chain.indexed(self._packet)]))
        found += [self._tail(tail) for tail in common.tails]
        return found

    def _tail(self, tail: Spread) -> Hashable:
        self.spreads.append(tail)
        return tail.protocol, not tail.past.numerator, tail.names(self._own), len(self.spreads)

    def _chain(self, name: str) -> Hashable:
        """What a Service's own chain, or one that it leads to, has for this place."""
        seen = self._seen.get(name)
        if seen is not None:
            return seen
        self._seen[name] = len(self._seen)
        if len(self._seen) > _MOST_CHAINS:
            self.spreads.clear()
            return object()  # like nothing else: such a place is walked
        if not SERVICE_CHAIN.match(name):
            return (name, *self._common(self._all.common(name)))
        indexed = self._walker.indexed(name)
        parts: list[Hashable] = [self._rule(rule) for rule in indexed.candidates(self._packet)]
        if indexed.tail is not None:
            parts.append(self._tail(indexed.tail))
        return tuple(parts)

    def _rule(self, rule: Rule) -> Hashable:
        values = rule.values
        shape = rule.shape
        tests, sources, words, target = _form(shape)
        found: list[Hashable] = [shape]
        own = self._words
        for test in tests:
            what, slot, negated, _, _ = test
            text = values[slot]
            try:
                met = text == own[what] or test.met(self._packet, text)
            except ValueError:
                return object()  # a value that cannot be read: like nothing else
            found.append(met)
            if met is negated:
                return tuple(found)  # no packet to this place gets further in this rule
        if sources:
            found += [values[slot] == self._own or values[slot] for slot in sources]
        if words:
            found += [values[slot] for slot in words]
        if target is not None:
            chain = values[target]
            kind = SERVICE_CHAIN.match(chain)
            # the chains of another Service are not like its own: the answer names it
            found.append(kind[1] if kind and (kind[2] in self._hashes or not self._hashes) else chain)
            if self._walker.table.has_chain(chain):
                found.append(self._chain(chain))
        return tuple(found)
