"""Choices that do not depend on the packet: what a load-balancing chain comes to, worked out once for all packets.

kube-proxy's chains for a Service end in rules that only draw (`-m statistic`) and jump to chains that translate. For a packet that none of
these rules names, the outcome is always the same set of ends with the same chances: a `Spread`. The walk uses it instead of going through
the rules again for each packet; for a packet that a rule may name (its source is an endpoint's own address) it goes through them.

What a rule looks at is a matter of its shape. So each form of chain (the shapes of its rules) is looked at once and gives a recipe: which
slots of which rules hold the values. A million endpoints have three or four forms. The chains at the ends are those of `analysis.leaf`.

Rests on effects, not on names. Checked against the walk without it by tests/analysis/test_walk.py.
"""

from __future__ import annotations

from itertools import accumulate, pairwise, repeat
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from iptexplain.analysis.leaf import LONGEST, Leaf, leaf_form
from iptexplain.extensions import binding
from iptexplain.extensions.common.extension import Words
from iptexplain.extensions.matches.recent import Recent
from iptexplain.extensions.matches.statistic import Statistic
from iptexplain.model.matching import Field, Jump
from iptexplain.model.ruleset import Rule
from iptexplain.model.share import ONE, Share
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iptexplain.analysis.leaf import LeafForm, Recovery
    from iptexplain.model.lines import Values
    from iptexplain.model.matching import Match, Question, State
    from iptexplain.model.ruleset import Table
    from iptexplain.model.shape import Shape

_BITS = 31
_ALL = 1 << _BITS


class Way(NamedTuple):
    """One way of a spread: its chance, the k of k/2³¹ of the rule that leads there (None: it draws nothing), its place, and the end."""

    share: Share
    threshold: int | None
    place: int
    end: Leaf


class Spread(NamedTuple):
    """The ways from rule number `start` of a chain on, in columns; `past` is the chance to get past all of them.

    `numbers` are those of their rules in the chain, `chain` the places of all rules of the chain.
    """

    start: int
    shares: Sequence[Share]
    thresholds: Sequence[int | None]
    numbers: Sequence[int]
    ends: Sequence[Leaf]
    past: Share
    protocol: str | None
    chain: Sequence[int]

    @property
    def ways(self) -> Iterator[Way]:
        """Its ways in the order of the rules."""
        return map(Way, self.shares, self.thresholds, [self.chain[number] for number in self.numbers], self.ends)

    @property
    def unless_from(self) -> frozenset[str]:
        """All single addresses that its rules name as sources."""
        return frozenset([address for end in self.ends for address in end.unless_from])

    def names(self, address: str | None) -> bool:
        """Does one of its rules name this single address as a source."""
        return any([address in end.unless_from for end in self.ends])  # noqa: C419 - for a few ends a list is quicker than a generator

    def holds_for(self, state: State) -> bool:
        """Does a packet in this state come to these ends: the protocol fits, and no rule names its source."""
        if self.protocol is not None and state.test(Field.PROTOCOL, self.protocol) is not True:
            return False
        return state.comes_from_none_of(self.unless_from)


class _WayForm(NamedTuple):
    """Where a rule that draws and jumps has its values. `never`: it is known not to match."""

    chain: int
    probability: int | None
    negated: bool
    never: bool


class _Chances(NamedTuple):
    """What the probabilities of some ways come to: the k of each (None: it draws nothing), the share of each, and what gets past all.

    `taken` says which ways are ever taken, None if all are.
    """

    thresholds: tuple[int | None, ...]
    shares: tuple[Share, ...]
    past: Share
    taken: tuple[int, ...] | None


class _Draw(NamedTuple):
    """How a way is chosen: the slot of its probability, None if it draws nothing, and whether the draw is negated."""

    slot: int | None
    negated: bool


class _TailForm:
    """The ways at the end of chains whose rules have some shapes. Slots are counted over all rules of the chain.

    `start` is the number of the first rule; `numbers` are those of the ways, `chains` the slots of the chains that they lead to, `draws`
    how they are chosen. `wanted` are the slots that are needed, those of the rules before the ways included; `heads`, `leads` and `texts`
    pick the values of these rules, the chains and the probabilities out of them; `known` is what such probabilities have come to.
    """

    __slots__ = ("chains", "draws", "heads", "known", "leads", "numbers", "shapes", "start", "texts", "wanted")

    def __init__(
        self, shapes: Sequence[Shape], start: int, numbers: tuple[int, ...], chains: tuple[int, ...], draws: tuple[_Draw, ...]
    ) -> None:
        self.shapes = shapes
        self.start = start
        self.numbers = numbers
        self.chains = chains
        self.draws = draws
        begins = (0, *accumulate(len(shape.slots) for shape in shapes[:start]))
        self.heads = [slice(*ends) for ends in pairwise(begins)]
        drawn = [draw.slot for draw in draws if draw.slot is not None]
        self.wanted = tuple(sorted({*range(begins[-1]), *chains, *drawn}))
        at = {slot: number for number, slot in enumerate(self.wanted)}
        self.leads = _picker([at[slot] for slot in chains])
        self.texts = _picker([at[slot] for slot in drawn])
        self.known: dict[Values, _Chances] = {}

    def behind(self, number: int) -> _TailForm:
        """The ways behind one of them."""
        cut = number + 1
        return _TailForm(self.shapes, self.numbers[number] + 1, self.numbers[cut:], self.chains[cut:], self.draws[cut:])


def _picker(slots: Sequence[int]) -> Callable[[Values], Values]:
    """Picks the values in some slots."""
    if len(slots) > 1:
        return itemgetter(*slots)
    return lambda values: tuple([values[slot] for slot in slots])


class Spreads:
    """The spreads and leaves of one table. `answer` says which questions have a known answer, `recovery` finds what the dump has lost."""

    def __init__(self, table: Table, answer: Callable[[Question], bool | None], recovery: Recovery) -> None:
        """See the class."""
        self._table = table
        self._answer = answer
        self._recovery = recovery
        self._leaves: dict[str, Leaf | None] = {}
        self._read: dict[str, tuple[_TailForm, Values]] = {}
        self._leaf_forms: dict[str, LeafForm | None] = {}
        self._tail_forms: dict[str, _TailForm] = {}
        self._way_forms: dict[Shape, _WayForm | None] = {}
        self._chances: dict[tuple[str, bool], int] = {}

    def read_ahead(self) -> None:
        """Looks at all chains of the table: whoever will ask for most of them has them quicker so than one by one."""
        rules = self._table.rules
        for key, chains, places in self._table.alike:
            if not isinstance(places, range):
                continue  # its rules stand in several places
            size, count = len(places), len(chains)
            form = self._leaf_form(key, places) if size <= LONGEST else None
            if form is not None:
                for begin in range(0, count, _AT_ONCE):
                    some = chains[begin : begin + _AT_ONCE]
                    ends = range(places[0] + size * (begin + 1) - 1, places[0] + size * (begin + len(some)), size)
                    blocks = rules.blocks(range(ends[0] + 1 - size, ends[0] + 1), len(some), form.wanted)
                    self._leaves.update(zip(some, form.leaves(some, ends, rules.lines_of(ends), blocks), strict=True))
            elif (tail := self._tail_form(key, places)).numbers:
                self._read.update(zip(chains, zip(repeat(tail), rules.blocks(places, count, tail.wanted), strict=False), strict=True))

    def leaf(self, chain: str) -> Leaf | None:
        """The end of a chain whose last rule translates and whose other rules are all about single source addresses; None for another."""
        try:
            return self._leaves[chain]
        except KeyError:
            found = self._leaves[chain] = self._find_leaf(chain)
            return found

    def _find_leaf(self, chain: str) -> Leaf | None:
        places = self._table.places_of(chain)
        if not places:
            found = None if self._table.has_chain(chain) else self._recovery.endpoint(chain)
            return None if found is None else Leaf(found[0], chain, -1, 0, found[1], (), recovered=True)
        rules = self._table.rules
        form = self._leaf_form(rules.form(places), places) if 0 < len(places) <= LONGEST else None
        if form is None:
            return None
        values = rules.block(places, form.wanted)
        return form.leaf(chain, places[-1], rules.line(places[-1]), values)

    def _leaf_form(self, key: str, places: Sequence[int]) -> LeafForm | None:
        try:
            return self._leaf_forms[key]
        except KeyError:
            form = self._leaf_forms[key] = leaf_form(self._table.rules.shapes_of(places), self._recovery)
            return form

    def spread(self, chain: str) -> tuple[Spread | None, Sequence[Rule]]:
        """The longest end of a chain that is a spread, None if it has none; and the rules of the chain before it."""
        places = self._table.places_of(chain)
        known = self._read.get(chain) or self._read_tail(places)
        if known is None:
            return None, self._table.rules_of(chain)
        form, values = known
        rules = self._table.rules
        ends = self._ends(form.leads(values))
        chances = self._chances_of(form, values)
        while form.numbers and not (all(ends) and _UNREADABLE not in chances.thresholds):
            # from behind the last way that is none; then the values of the rules before it are needed too
            none = [not end or threshold == _UNREADABLE for end, threshold in zip(ends, chances.thresholds, strict=True)]
            form = form.behind(len(none) - 1 - none[::-1].index(True))
            values = rules.block(places, form.wanted)
            ends, chances = self._ends(form.leads(values)), self._chances_of(form, values)
        found = _assembled(form, chances, places, ends)  # type: ignore[arg-type]  # no None is left
        if found is None:
            return None, self._table.rules_of(chain)
        return found, [Rule(form.shapes[n], values[own], rules.line(places[n]), places[n]) for n, own in enumerate(form.heads)]

    def _ends(self, leads: Sequence[str]) -> Sequence[Leaf | None]:
        """The leaves that chains are."""
        ends = list(map(self._leaves.get, leads))
        return ends if all(ends) else list(map(self.leaf, leads))  # a leaf is a tuple with something in it

    def _read_tail(self, places: Sequence[int]) -> tuple[_TailForm, Values] | None:
        """The form of a chain that ends in ways, and the values that it wants; None for another chain."""
        rules = self._table.rules
        form = self._tail_form(rules.form(places), places) if places else None
        return (form, rules.block(places, form.wanted)) if form is not None and form.numbers else None

    def _chances_of(self, form: _TailForm, values: Values) -> _Chances:
        """What the probabilities of the ways come to; the same for all Services with as many endpoints."""
        texts = form.texts(values)
        found = form.known.get(texts)
        if found is None:
            rest = iter(texts)
            thresholds = [None if slot is None else self._chance(next(rest), negated=negated) for slot, negated in form.draws]
            found = _shared(tuple(thresholds))
            if len(texts) <= _FEW:
                form.known[texts] = found
        return found

    def _tail_form(self, key: str, places: Sequence[int]) -> _TailForm:
        found = self._tail_forms.get(key)
        if found is None:
            shapes = self._table.rules.shapes_of(places)
            ways = [self._way(place, shape) for place, shape in zip(places, shapes, strict=True)]
            start = next((number for number in range(len(ways), 0, -1) if ways[number - 1] is None), 0)
            begins = (0, *accumulate(len(shape.slots) for shape in shapes))
            taken = [(n, begins[n], way) for n, way in enumerate(ways) if n >= start and way is not None and not way.never]
            found = self._tail_forms[key] = _TailForm(
                shapes,
                start,
                tuple([number for number, _, _ in taken]),
                tuple([begin + way.chain for _, begin, way in taken]),
                tuple([_Draw(None if way.probability is None else begin + way.probability, way.negated) for _, begin, way in taken]),
            )
        return found

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
            met = self._known(match)
            if met is None:
                return None
            if not met:
                never = True
                continue
            if isinstance(match, Statistic) and match.threshold is not None and probability is None:
                (option,) = (option for option in clause.options if option.name == "--probability")
                probability, negated = option.values[0], option.negated
                continue
            for branch in match.decide():
                if branch.given is not None:
                    return None
                known = None if branch.question is None or branch.question.per_rule else self._answer(branch.question)
                if known is None or (known is branch.answer and branch.matches):
                    return None
                never = True
        return _WayForm(target.name, probability, negated, never)

    def _known(self, match: Match) -> bool | None:
        """Does every packet meet the constraints of a match, or none (a recent list of which that is known); None if it depends."""
        found = True
        for field, wanted, negated in match.constraints():
            known = self._answer(wanted.question()) if field is Field.RECENT and isinstance(wanted, Recent) else None
            if known is None:
                return None
            found = found and known is not negated
        return found

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


def _shared(thresholds: tuple[int | None, ...]) -> _Chances:
    left, shares = ONE, []
    for threshold in thresholds:
        k = _ALL if threshold is None else threshold
        shares.append(left.times(k, _BITS).reduced())
        left = left.times(_ALL - k, _BITS).reduced()
    taken = tuple([number for number, share in enumerate(shares) if share.numerator])
    return _Chances(thresholds, tuple(shares), left, None if len(taken) == len(shares) else taken)


def _assembled(form: _TailForm, chances: _Chances, places: Sequence[int], ends: Sequence[Leaf]) -> Spread | None:
    """The spread of some ways; None if their ends ask for different protocols, or none is ever taken."""
    asked = set(map(_PROTOCOL, ends)) - {None}
    if not ends or len(asked) > 1:
        return None
    thresholds, shares, past, taken = chances
    numbers = form.numbers
    if taken is not None:
        if not taken:
            return None
        numbers, ends = tuple([numbers[way] for way in taken]), [ends[way] for way in taken]
        thresholds, shares = tuple([thresholds[way] for way in taken]), tuple([shares[way] for way in taken])
    return Spread(form.start, shares, thresholds, numbers, ends, past, asked.pop() if asked else None, places)


_PROTOCOL = attrgetter("protocol")
_UNREADABLE = -1
_AT_ONCE = 1000
"""So many leaves are made at a time: what has just been read is still in the processor's cache."""
_FEW = 256
"""Chances of longer spreads are not kept: the numbers are long, and few Services have so many endpoints."""
