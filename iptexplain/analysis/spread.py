"""Choices that do not depend on the packet: what a load-balancing chain comes to, worked out once for all packets.

kube-proxy's chains for a Service end in rules that only draw (`-m statistic`) and jump to chains that translate. For a packet that none of
these rules names, the outcome is always the same set of ends with the same chances: a `Spread`. The walk uses it instead of going through
the rules again for each packet; for a packet that a rule may name (its source is an endpoint's own address) it goes through them.

What a rule looks at is a matter of its shape. So each form of chain (the shapes of its rules) is looked at once and gives a recipe: which
slots of which rules hold the values. A million endpoints have three or four forms.

Rests on effects, not on names. Checked against the walk without it by tests/analysis/test_walk.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iptexplain.extensions import binding
from iptexplain.extensions.common.extension import Words
from iptexplain.extensions.matches.statistic import Statistic
from iptexplain.model.address import Endpoint, Network
from iptexplain.model.matching import Field, Jump
from iptexplain.model.share import ONE, Share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iptexplain.model.address import Address
    from iptexplain.model.matching import Question, State
    from iptexplain.model.ruleset import Table
    from iptexplain.model.shape import Shape

_BITS = 31
_ALL = 1 << _BITS


class Leaf(NamedTuple):
    """The end of every packet in a chain, unless it comes from one of the addresses that the chain's rules name.

    `place` is that of the translating rule among the rules of the table. `protocol` is what it asks for, None if nothing.
    """

    to: Endpoint
    chain: str
    place: int
    line: int
    protocol: str | None
    unless_from: tuple[Address, ...]


class Way(NamedTuple):
    """One way of a spread: its chance, the k of k/2³¹ of the rule that leads there (None: it draws nothing), its place, and the end."""

    share: Share
    threshold: int | None
    place: int
    end: Leaf


class Spread(NamedTuple):
    """The ways from rule number `start` of a chain on; `past` is the chance to get past all of them."""

    start: int
    ways: tuple[Way, ...]
    past: Share
    protocol: str | None
    unless_from: frozenset[Address]

    def holds_for(self, state: State) -> bool:
        """Does a packet in this state come to these ends: the protocol fits, and no rule names its source."""
        if self.protocol is not None and state.test(Field.PROTOCOL, self.protocol) is not True:
            return False
        return state.comes_from_none_of(self.unless_from)


class _LeafForm(NamedTuple):
    """Where a chain of some form has its values: (rule, slot) of each named source; slots of the last rule."""

    sources: tuple[tuple[int, int], ...]
    protocol: int | None
    to: int


class _WayForm(NamedTuple):
    """Where a rule that draws and jumps has its values. `never`: it is known not to match."""

    chain: int
    probability: int | None
    negated: bool
    never: bool


class Spreads:
    """The spreads and leaves of one table. `answer` says which questions have a known answer."""

    def __init__(self, table: Table, answer: Callable[[Question], bool | None]) -> None:
        """See the class."""
        self._table = table
        self._answer = answer
        self._leaves: dict[str, Leaf | None] = {}
        self._leaf_forms: dict[tuple[Shape, ...], _LeafForm | None] = {}
        self._way_forms: dict[Shape, _WayForm | None] = {}
        self._chances: dict[tuple[str, bool], int] = {}
        self._shares: dict[tuple[int | None, ...], tuple[tuple[Share, ...], Share]] = {}

    def spread(self, chain: str) -> Spread | None:
        """The longest end of a chain that is a spread, None if it has none."""
        places = self._table.by_chain.of(chain)
        rules = self._table.rules
        found: list[tuple[int | None, int, Leaf]] = []
        ways = [self._way(place, shape) for place, shape in zip(places, rules.shapes_of(places), strict=True)]
        start = next((number for number in range(len(ways), 0, -1) if ways[number - 1] is None), 0)
        tail = zip(places[start:], ways[start:], rules.values_of(places[start:]), strict=True)
        for number, (place, way, values) in enumerate(tail, start):
            if way is None or way.never:
                continue
            end = self.leaf(values[way.chain])
            threshold = None if way.probability is None else self._chance(values[way.probability], negated=way.negated)
            if end is None or threshold == _UNREADABLE:
                found, start = [], number + 1
            else:
                found.append((threshold, place, end))
        return _assembled(start, found, self._shared(tuple([threshold for threshold, _, _ in found]))) if found else None

    def leaf(self, chain: str) -> Leaf | None:
        """The end of a chain whose last rule translates and whose other rules are all about single source addresses; None for another."""
        try:
            return self._leaves[chain]
        except KeyError:
            found = self._leaves[chain] = self._find_leaf(chain)
            return found

    def _find_leaf(self, chain: str) -> Leaf | None:
        places = self._table.by_chain.of(chain)
        rules = self._table.rules
        if not 0 < len(places) <= _LONGEST_LEAF:
            return None
        shapes = rules.shapes_of(places)
        try:
            form = self._leaf_forms[shapes]
        except KeyError:
            form = self._leaf_forms[shapes] = _leaf_form(shapes)
        if form is None:
            return None
        values = rules.values_of(places)
        last = values[-1]
        try:
            sources = [Network.one(values[rule][slot]) for rule, slot in form.sources]
            to = Endpoint.parse(last[form.to])
        except ValueError:
            return None
        if None in sources:
            return None
        protocol = None if form.protocol is None else last[form.protocol]
        return Leaf(to, chain, places[-1], rules.line(places[-1]), protocol, tuple(sources))  # type: ignore[arg-type]  # no None is left

    def _way(self, place: int, shape: Shape) -> _WayForm | None:
        try:
            return self._way_forms[shape]
        except KeyError:
            form = self._way_forms[shape] = self._way_form(place, shape)
            return form

    def _way_form(self, place: int, shape: Shape) -> _WayForm | None:
        """The form of rules of a shape, by one of them: what they look at does not depend on the values, except the probability."""
        target = shape.target
        rule = self._table.rules[place]
        if target is None or target.kind != "jump" or not isinstance(target.name, int) or not isinstance(binding.effect(rule), Jump):
            return None
        probability, negated, never = None, False, False
        for clause in shape.clauses:
            if clause.kind not in {"base", "match"} or clause.name == "comment":
                continue
            match = binding.match_of(clause, rule.values)
            if match.constraints():
                return None
            if isinstance(match, Statistic) and match.threshold is not None and probability is None:
                (option,) = (option for option in clause.options if option.name == "--probability")
                probability, negated = option.values[0], option.negated
                continue
            for branch in match.decide():
                known = None if branch.question is None else self._answer(branch.question)
                if known is None or (known is branch.answer and branch.matches):
                    return None
                never = True
        return _WayForm(target.name, probability, negated, never)

    def _chance(self, text: str, *, negated: bool) -> int:
        key = text, negated
        found = self._chances.get(key)
        if found is None:
            try:
                words = (Words("--mode", negated=False, values=("random",)), Words("--probability", negated, (text,)))
                found = Statistic.read(words).threshold
            except ValueError:
                found = None
            found = self._chances[key] = _UNREADABLE if found is None else found
        return found

    def _shared(self, thresholds: tuple[int | None, ...]) -> tuple[tuple[Share, ...], Share]:
        """The chance of each way, and to get past all, by their thresholds: the same for all Services with as many endpoints."""
        found = self._shares.get(thresholds)
        if found is None:
            left, shares = ONE, []
            for threshold in thresholds:
                k = _ALL if threshold is None else threshold
                shares.append(left.times(k, _BITS).reduced())
                left = left.times(_ALL - k, _BITS).reduced()
            found = tuple(shares), left
            if len(thresholds) <= _FEW:
                self._shares[thresholds] = found
        return found


_UNREADABLE = -1
_LONGEST_LEAF = 16
"""A chain with more rules before the translating one is walked, not summed up."""
_FEW = 256
"""Chances of longer spreads are not kept: the numbers are long, and few Services have so many endpoints."""


def _assembled(start: int, found: Sequence[tuple[int | None, int, Leaf]], shared: tuple[tuple[Share, ...], Share]) -> Spread | None:
    """The spread of some ways; None if their ends ask for different protocols, or none is ever taken."""
    shares, past = shared
    protocols = {end.protocol for _, _, end in found}
    asked = protocols - {None}
    if len(asked) > 1 or not any(share.numerator for share in shares):
        return None
    ways = tuple(
        [Way(share, threshold, place, end) for share, (threshold, place, end) in zip(shares, found, strict=True) if share.numerator]
    )
    named = frozenset([address for _, _, end in found for address in end.unless_from])
    return Spread(start, ways, past, next(iter(asked), None), named)


def _leaf_form(shapes: Sequence[Shape]) -> _LeafForm | None:
    """The form of chains with these shapes, None if they are no leaves."""
    last = shapes[-1]
    target = last.target
    if target is None or target.name != "DNAT" or target.unsupported or any(option.unknown for option in target.options):
        return None
    destinations = [option for option in target.options if option.name == "--to-destination"]
    if len(destinations) != 1:
        return None
    protocol = None
    asked = _limits_beside_recent_set(last)
    if asked is None:
        return None
    for field, slot, _, negated in asked:
        if field is not Field.PROTOCOL or negated or protocol is not None:
            return None
        protocol = slot
    sources = []
    for number, shape in enumerate(shapes[:-1]):
        slot = next((s for f, s, _, negated in binding.limits(shape) or () if f is Field.SOURCE and not negated), None)
        if slot is None:
            return None
        sources.append((number, slot))
    return _LeafForm(tuple(sources), protocol, destinations[0].values[0])


def _limits_beside_recent_set(shape: Shape) -> tuple[binding.Limit, ...] | None:
    """The constraints of a shape; `-m recent --set` always matches, so it may stand beside them. None if there is more."""
    clauses = [
        clause
        for clause in shape.clauses
        if not (clause.name == "recent" and any(option.name == "--set" and not option.negated for option in clause.options))
    ]
    return binding.limits_of(clauses)
