"""One walk through the chains of one table, for one (possibly abstract) packet.

The walk goes rule by rule and carries all states that the packet may be in, each with its exact chance, the answers it rests on, and the
rules that it has met on its (most recent) way there. States that have become equal are merged, so forty random rules in a row cost forty
steps; a chain that is called again and again in the same state is walked once. What ends the walk is an `Outcome`. Unknown things split the
walk; loops and missing chains end it as `Broken`, not as an exception.

Rests on: net/ipv4/netfilter/ip_tables.c `ipt_do_table` and its nft equivalent: rules in order, RETURN and the end of a chain go back to
the caller, a goto does not come back behind its rule. Checked by tests/analysis/test_walk.py.
"""

from __future__ import annotations

from bisect import bisect
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from iptexplain.analysis.circles import in_circles
from iptexplain.analysis.leaf import Recovery
from iptexplain.analysis.spread import Spread, Spreads
from iptexplain.errors import TooManyCasesError
from iptexplain.extensions import binding
from iptexplain.model.address import Endpoint, Network
from iptexplain.model.matching import (
    ANY_PORT,
    Broken,
    Chance,
    ChangeSet,
    CopyMark,
    Field,
    Jump,
    Opaque,
    Question,
    Remember,
    SetConnectionMark,
    SetMark,
    SetTos,
    SetTtl,
    Track,
    Translate,
    Untrack,
    Verdict,
)
from iptexplain.model.ruleset import Rule
from iptexplain.model.shape import per_shape
from iptexplain.model.share import ONE, Share
from iptexplain.model.values import Ports
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from iptexplain.analysis.leaf import Leaf
    from iptexplain.analysis.spread import Way
    from iptexplain.model.matching import Branch, Constraint, Effect, State
    from iptexplain.model.ruleset import Table
    from iptexplain.model.shape import Shape

_CHANGES = (SetMark, SetConnectionMark, CopyMark, Track, Untrack, SetTtl, SetTos, ChangeSet, Remember)

_DEEPEST = 200
"""Chains nested deeper than this end the walk; nf_tables allows 16 (NFT_JUMP_STACK_SIZE)."""

_SMALL = 8
"""Shorter chains are walked rule by rule; an index would cost more than it saves."""


_FEW = 8
"""So few paths are carried on side by side; only more are looked at for equal ones."""

_MOST_STATES = 20_000
"""More states at once than these are not carried on: that takes longer than anybody would wait."""

_MOST_WORLDS = 1000
"""More combinations of answers than these are not carried on: nobody could read what comes of them."""

_MOST_BITS = 1 << 20
"""Chances with more binary digits than these are not worked out: a draw in each of many chains that call each other twice squares them."""

MOST_WAYS = 1 << 1000
"""So many ways to one state or more are counted as so many: chains that call each other twice each would have numbers of any length."""

_LONG = 1000
"""Sums of chances with so many binary digits are reduced."""

_MANY_CALLS = 1000
"""Behind so many jumps in one walk, what a chain does to a state is kept: chains may call each other twice each, over and over."""


class Passed(NamedTuple):
    """A chain that was passed as a whole: the rules that matched in it. Trails that share such a part need no room for copies of it."""

    trail: Trail


class Trail(NamedTuple):
    """The steps on the way, the last one first: rules that matched, chains that were passed, and what the caller of the walk notes."""

    step: object
    before: Trail | None

    def steps(self) -> Iterator[object]:
        """From the last step to the first, without making one of what is `Passed`: there may be very many rules in it."""
        at: Trail | None = self
        while at is not None:
            yield at.step
            at = at.before

    def rules(self) -> Iterator[Rule]:
        """The rules from the last to the first."""
        waiting: list[Trail] = [self]
        while waiting:
            step, before = waiting.pop()
            if before is not None:
                waiting.append(before)
            if isinstance(step, Passed):
                waiting.append(step.trail)
            elif isinstance(step, Rule):
                yield step


class _Forgotten(tuple[()]):
    """No answers, and none are kept."""

    __slots__ = ()


FORGOTTEN: tuple[tuple[Question, bool], ...] = _Forgotten()
"""The answers of a path that keeps none: it ends in whatever may happen, and its weight says nothing."""


class Path(NamedTuple):
    """One state of the packet on its way: how likely, under which answers, and by which steps.

    `ways` is how many ways lead to the same; the steps are those of the likeliest, which has this `part` of the weight. Ways that only a
    question without consequence tells apart count too; which of them is the likelier nobody knows.
    """

    state: Any
    """A `State`: each analysis has its own."""
    weight: Share
    answers: tuple[tuple[Question, bool], ...] = ()
    trail: Trail | None = None
    ways: int = 1
    part: float = 1.0

    def noted(self, step: object) -> Path:
        """The path with one more step."""
        return self._replace(trail=Trail(step, self.trail))

    def behind(self, first: Path) -> Path:
        """One path for another one and this, which begins where that has come to. Raises `TooManyCasesError`."""
        _, weight, _, trail, ways, part = first
        if weight.exponent + self.weight.exponent > _MOST_BITS:
            raise TooManyCasesError(message("the exact chances have more than {most} binary digits", most=_MOST_BITS))
        if self.trail is not None:
            trail = Trail(Passed(self.trail), trail)
        return Path(self.state, weight.times(*self.weight), self.answers, trail, min(ways * self.ways, MOST_WAYS), part * self.part)


class Outcome(NamedTuple):
    """How the walk ends on one path. The effect `Verdict.RETURN` means: no rule ended it, the policy of the base chain decides.

    The effect is a `Spread` where a walk was asked to leave the choice among endpoints as one outcome.
    """

    effect: Effect | Spread
    path: Path


class Walker:
    """Walks one table. What it finds out about a chain is kept, so walk many packets with one walker.

    `answer` gives the answer to a question that the caller knows, None for one it does not. `presumed` are effects of chains that the dump
    does not have but whose meaning is known. `recovery` finds what the dump has lost.
    """

    def __init__(
        self,
        table: Table,
        answer: Callable[[Question], bool | None] = lambda _: None,
        presumed: Mapping[str, Effect] | None = None,
        recovery: Recovery | None = None,
    ) -> None:
        """See the class."""
        self.table = table
        self._answer = answer
        self._presumed = dict(presumed or {})
        self._chains: dict[str, IndexedChain] = {}
        self._spreads = Spreads(table, answer, recovery or Recovery())
        rules = table.rules
        self.cut_chain = rules[-1].chain if rules and table.line and not table.committed else None

    @cached_property
    def circles(self) -> frozenset[str]:
        """The chains that may lead back to themselves; nearly always none."""
        return in_circles(self.table)

    def walk(
        self, chain: str, states: Sequence[State], *, through: Callable[[Rule], bool] | None = None, whole_spreads: bool = False
    ) -> tuple[Outcome, ...]:
        """All outcomes of packets that enter a chain; those of each packet add up to 1, and their states tell whose they are.

        `through` limits which rules of that first chain are looked at. With `whole_spreads` a choice that does not depend on the packet
        (`Spread`) is one outcome; else each of its ways is one.
        """
        return self.walk_paths(chain, [Path(state, ONE) for state in states], through=through, whole_spreads=whole_spreads)

    def walk_paths(
        self, chain: str, paths: list[Path], *, through: Callable[[Rule], bool] | None = None, whole_spreads: bool = False
    ) -> tuple[Outcome, ...]:
        """As `walk`, for packets that have come some way already.

        Raises `TooManyCasesError` if the answers to open questions lead to more different states than anybody could look at.
        """
        run = _Run(self, _Memory(), whole_spreads=whole_spreads)
        left = run.chain(chain, paths, (), through)
        return (*run.ended, *(Outcome(Verdict.RETURN, path) for path in left))

    def tests(self, rule: Rule) -> Sequence[binding.Test]:
        """What the matches of a rule ask, in order; empty if every packet matches."""
        return binding.tests(rule)

    def read_ahead(self) -> None:
        """Prepares for walks through most of the table."""
        self._spreads.read_ahead()

    def indexed(self, name: str) -> IndexedChain:
        """The rules of a chain, indexed when it is first walked."""
        found = self._chains.get(name)
        if found is None:
            found = self._chains[name] = IndexedChain(*self._spreads.spread(name))
        return found

    def leaf(self, chain: str) -> Leaf | None:
        """The chain as the end of every packet in it, None if it is not so plain."""
        return self._spreads.leaf(chain)

    def effect(self, rule: Rule) -> Effect:
        """What a rule does, also where the dump has lost where it translates to but the walk was told."""
        effect = binding.effect(rule)
        if isinstance(effect, Opaque):
            leaf = self.leaf(rule.chain)
            if leaf is not None and leaf.recovered and leaf.place == rule.index:
                return Translate("DNAT", Endpoint.parse(leaf.to))
        return effect

    def answer(self, question: Question) -> bool | None:
        """What the caller knows of a question."""
        return self._answer(question)

    def answers(self, question: Question, path: Path) -> tuple[bool, ...]:
        """The answers that are possible on a path."""
        return answers(question, path, self._answer)

    def answered(self, path: Path, question: Question, answer: bool) -> Path:  # noqa: FBT001 - an answer is a bool
        """The path with the answer to a question."""
        return answered(path, question, answer, self._answer)

    def missing(self, chain: str) -> Question | None:  # noqa: ARG002 - other walkers ask
        """What is asked of a chain that is missing, where that may be since it has no rule; None: nothing goes on there."""
        return None

    def presumed(self, chain: str) -> Effect | None:
        """What is presumed of a chain that is missing."""
        return None if self.table.has_chain(chain) else self._presumed.get(chain)


class IndexedChain:
    """The rules of a chain, and for a long one where to look: by single destination address, else by single destination port.

    Where the chain ends in a spread, the rules are those before it. `long` says whether there is an index; `common` are the rules that
    are in none.
    """

    __slots__ = ("_others", "by_address", "by_port", "common", "long", "rules", "tail")

    def __init__(self, tail: Spread | None, rules: Sequence[Rule]) -> None:
        """See the class."""
        self.tail = tail
        self.rules = rules
        self.common = rules
        self.long = len(rules) > _SMALL
        if not self.long:
            return
        self.by_address: dict[object, list[int]] = {}
        self.by_port: dict[object, list[int]] = {}
        self._others: list[int] = []
        for number, rule in enumerate(self.rules):
            self._bucket(rule).append(number)
        self.common = [rules[number] for number in self._others]

    def _bucket(self, rule: Rule) -> list[int]:
        values = rule.values
        address, port = _single(rule.shape)
        # A value that cannot be read makes its match unknown: that says nothing of which packets meet the rule.
        with suppress(ValueError):
            if address is not None and (to := Network.one(values[address])) is not None:
                return self.by_address.setdefault(to, [])
        with suppress(ValueError):
            if port is not None and (ports := Ports.parse(values[port])).first == ports.last:
                return self.by_port.setdefault(ports.first, [])
        return self._others

    def indexed(self, state: State) -> list[tuple[int, Rule]]:
        """The rules of a long chain that the index has for a packet's destination, in order; each with how many of `common` are before."""
        found = self.by_address.get(state.destination, [])
        by_port = self.by_port.get(state.destination_port)
        return [(bisect(self._others, number), self.rules[number]) for number in (sorted([*found, *by_port]) if by_port else found)]

    def candidates(self, state: State) -> Sequence[Rule]:
        """The rules that a packet in this state may match, in order."""
        if not self.long or state.destination_port == ANY_PORT:
            return self.rules
        found = [*self.by_address.get(state.destination, ()), *self.by_port.get(state.destination_port, ()), *self._others]
        return [self.rules[number] for number in sorted(found)]


@per_shape
def _single(shape: Shape) -> tuple[int | None, int | None]:
    """The slots of the destination address and port that rules of a shape demand; None where they do not."""
    limits = [limit for clause in shape.clauses if clause.kind in {"base", "match"} for limit in binding.limits_of((clause,)) or ()]
    wanted = {limit.field: limit.slot for limit in limits if not limit.negated}
    return wanted.get(Field.DESTINATION), wanted.get(Field.DESTINATION_PORT)


class _Memory:
    """What one walk has found out: how often it has jumped, and what chains do to states."""

    __slots__ = ("calls", "known")

    def __init__(self) -> None:
        self.calls = 0
        self.known: dict[tuple[object, ...], tuple[list[Outcome], list[Path]]] = {}


class _Run:
    """One walk, or the part of one in a chain: collects what has ended."""

    def __init__(self, walker: Walker, memory: _Memory, *, whole_spreads: bool) -> None:
        self.walker = walker
        self.memory = memory
        self.whole_spreads = whole_spreads
        self.ended: list[Outcome] = []

    def called(self, name: str, paths: list[Path], callers: tuple[str, ...]) -> list[Path]:
        """As `chain`, for a chain that a rule jumps to; what it does to a state is kept where there are many jumps."""
        self.memory.calls += 1
        if self.memory.calls <= _MANY_CALLS:
            return self.chain(name, paths, callers)
        out: list[Path] = []
        circles = self.walker.circles
        come_from = frozenset(callers) & circles if name in circles else None  # there it ends where a jump leads back to one of these
        for path in paths:
            key = name, path.state, path.answers, come_from
            found = self.memory.known.get(key)
            if found is None:
                inside = _Run(self.walker, self.memory, whole_spreads=self.whole_spreads)
                left = inside.chain(name, [Path(path.state, ONE, path.answers)], callers)
                found = self.memory.known[key] = _merged_outcomes(inside.ended), merged(left)
            ended, left = found
            self.ended += [Outcome(effect, inner.behind(path)) for effect, inner in ended]
            out += [inner.behind(path) for inner in left]
        return out

    def chain(self, name: str, paths: list[Path], callers: tuple[str, ...], through: Callable[[Rule], bool] | None = None) -> list[Path]:
        """Walks a chain with all paths that enter it; gives back those that come out at its end."""
        if not paths:
            return []
        out: list[Path] = []
        indexed = self.walker.indexed(name)
        for group in _by_destination(paths):
            rules = indexed.candidates(group[0].state)
            left = self._rules(rules if through is None else filter(through, rules), group, (*callers, name), out)
            if indexed.tail is not None and left and through is None:
                left = self._spread(indexed.tail, name, left, (*callers, name), out)
            if name == self.walker.cut_chain and through is None:
                cut = Broken(message("the dump is cut off in chain {chain}", chain=name))
                self.ended += [Outcome(cut, path) for path in left]
                left = []
            out += left
        return _merged(out)

    def _rules(self, rules: Iterable[Rule], paths: list[Path], callers: tuple[str, ...], out: list[Path]) -> list[Path]:
        """Takes the paths past the rules; those that go back to the caller before the end are put into `out`."""
        for rule in rules:
            matched, rest = self._match(rule, paths)
            if matched:
                rest += self._apply(self.walker.effect(rule), rule, matched, callers, out)
                paths = _merged(rest)
            else:
                paths = rest
            if len(paths) > 1:
                paths = unasked(paths)
            if not paths:
                break
        return paths

    def _spread(self, tail: Spread, chain: str, paths: list[Path], callers: tuple[str, ...], out: list[Path]) -> list[Path]:
        """Ends the paths in a spread; what gets past all of its ways is given back. A packet that its rules may name goes through them."""
        named = [path for path in paths if not tail.holds_for(path.state)]
        left: list[Path] = []
        if named:
            rules = self.walker.table.rules_of(chain)[tail.start :]
            left = self._rules(rules, named, callers, out)
        for path in paths if not named else [path for path in paths if tail.holds_for(path.state)]:
            if self.whole_spreads:
                self.ended.append(Outcome(tail, path))
            else:
                self.ended += [self._end(way, path) for way in tail.ways]
            if tail.past.numerator:
                left.append(path._replace(weight=path.weight.times(*tail.past)))
        return left

    def _end(self, way: Way, path: Path) -> Outcome:
        rules = self.walker.table.rules
        trail = Trail(rules[way.place], path.trail)
        effect: Effect = Translate("DNAT", Endpoint.parse(way.end.to))
        if way.end.place >= 0:
            last = rules[way.end.place]
            trail, effect = Trail(last, trail), self.walker.effect(last)
        return Outcome(effect, path._replace(weight=path.weight.times(*way.share), trail=trail))

    def _apply(self, effect: Effect, rule: Rule, paths: list[Path], callers: tuple[str, ...], out: list[Path]) -> list[Path]:
        """What becomes of the paths that match a rule: those that go on behind it are given back."""
        paths = [Path(state, weight, answers, Trail(rule, trail), ways, part) for state, weight, answers, trail, ways, part in paths]
        if isinstance(effect, Jump):
            known = self.walker.presumed(effect.chain) or self._obstacle(effect.chain, callers)
            missing = self.walker.missing(effect.chain) if isinstance(known, Broken) else None
            if missing is not None and known is not None:
                return self._past(missing, known, paths)
            if known is None:
                back = self.called(effect.chain, paths, callers)
                if effect.goto:
                    out += back
                    return []
                return back
            effect = known
        if effect is Verdict.CONTINUE:
            return paths
        if isinstance(effect, _CHANGES):
            return [Path(state.changed(effect), weight, answers, trail, ways, part) for state, weight, answers, trail, ways, part in paths]
        if effect is Verdict.RETURN:
            out += paths
        else:
            self.ended += [Outcome(effect, path) for path in paths]
        return []

    def _past(self, question: Question, obstacle: Effect, paths: list[Path]) -> list[Path]:
        """The paths on which a chain that is not here lets the packet go on; the others end there."""
        on: list[Path] = []
        for path in paths:
            for answer in self._answers(question, path):
                asked = self._answered(path, question, answer)
                if answer:
                    on.append(asked)
                else:
                    self.ended.append(Outcome(obstacle, asked))
        return on

    def _obstacle(self, chain: str, callers: tuple[str, ...]) -> Broken | None:
        """Why the walk cannot go on in a chain, None if it can."""
        if not self.walker.table.has_chain(chain):
            return Broken(message("chain {chain} is not in this dump", chain=chain))
        if chain in callers:
            return Broken(message("chain {chain} calls itself", chain=chain))
        if len(callers) > _DEEPEST:
            return Broken(message("chains are nested more than {most} deep", most=_DEEPEST))
        return None

    def _match(self, rule: Rule, paths: list[Path]) -> tuple[list[Path], list[Path]]:
        """The paths on which the rule matches, and those on which it does not."""
        tests = self.walker.tests(rule)
        if not tests:
            return paths, []
        matched: list[Path] = []
        rest: list[Path] = []
        for path in paths:
            met = _plainly(tests, path.state)
            if met is not None:
                (matched if met else rest).append(path)
                continue
            on = [path]
            for constraints, branches in tests:
                on = [next_ for at in on for next_ in self._constrain(constraints, at, rest)]
                if on and branches:
                    on = [next_ for at in on for next_ in self._decide(branches, at, rest, rule)]
                if not on:
                    break
            matched += on
        return matched, rest

    def _constrain(self, constraints: Sequence[Constraint], path: Path, rest: list[Path]) -> list[Path]:
        on = [path]
        for field, wanted, negated in constraints:
            on.reverse()
            going: list[Path] = []
            while on:
                at = on.pop()
                met = at.state.test(field, wanted)
                if isinstance(met, bool):
                    (rest if met is negated else going).append(at)
                    continue
                if isinstance(met, Chance):
                    on += _drawn(met, at)
                    continue
                asked = [(answer, self._answered(at, met, answer)) for answer in self._answers(met, at)]
                if met.about is not None:
                    on += [path for _, path in reversed(asked)]  # the state knows more now: it may still have another question
                    continue
                for answer, next_ in asked:
                    (rest if answer is negated else going).append(next_)
            on = going
            if not on:
                break
        return on

    def _decide(self, branches: Sequence[Branch], path: Path, rest: list[Path], rule: Rule) -> list[Path]:
        on: list[Path] = []
        for branch in branches:
            taken = [path] if branch.given is None else self._constrain((branch.given,), path, [])
            for at in taken:
                (on if branch.matches else rest).extend(self._branched(branch, at, rule))
        return on

    def _branched(self, branch: Branch, path: Path, rule: Rule) -> list[Path]:
        """The path as one branch of a match leaves it; nothing if it cannot be taken."""
        _, weight, asked, answer, change, _ = branch
        if asked is not None:
            question = asked.of_rule(rule.line) if asked.per_rule else asked
            if answer not in self._answers(question, path):
                return []
            path = self._answered(path, question, answer)
        if weight is not None:
            if not weight.numerator:
                return []
            path = path._replace(weight=path.weight.times(*weight))
        return [path] if change is None else [path._replace(state=path.state.changed(change))]

    def _answers(self, question: Question, path: Path) -> tuple[bool, ...]:
        """The answers that are possible on a path."""
        return self.walker.answers(question, path)

    def _answered(self, path: Path, question: Question, answer: bool) -> Path:  # noqa: FBT001 - an answer is a bool
        return self.walker.answered(path, question, answer)


def answers(question: Question, path: Path, known: Callable[[Question], bool | None]) -> tuple[bool, ...]:
    """The answers to a question that are possible on a path. `known` gives the one that the caller knows, else None."""
    for asked, answer in path.answers:
        if asked == question:
            return (answer,)
    found = known(question)
    return (True, False) if found is None else (found,)


def answered(path: Path, question: Question, answer: bool, known: Callable[[Question], bool | None]) -> Path:  # noqa: FBT001 - an answer is a bool
    """The path with the answer to a question: one more assumption, unless it was known before."""
    path = path._replace(state=path.state.learned(question, answer))
    if path.answers is FORGOTTEN or any(asked == question for asked, _ in path.answers) or known(question) is not None:
        return path
    return path._replace(answers=(*path.answers, (question, answer)))


def _drawn(chance: Chance, path: Path) -> list[Path]:
    """The paths on which what is drawn is in the set, and is not."""
    share = chance.share
    other = Share((share.odd << share.exponent) - share.numerator, share.exponent, share.odd)
    return [
        path._replace(state=chance.no, weight=path.weight.times(*other)),
        path._replace(state=chance.yes, weight=path.weight.times(*share)),
    ]


def _plainly(tests: Sequence[binding.Test], state: State) -> bool | None:
    """Does a packet match, where nothing is drawn and nothing unknown; None if it is not so plain."""
    for constraints, branches in tests:
        for field, wanted, negated in constraints:
            met = state.test(field, wanted)
            if met is negated:
                return False
            if met is not True and met is not False:
                return None
        if branches:
            return None
    return True


def _by_destination(paths: list[Path]) -> Iterable[list[Path]]:
    """The paths in groups of one destination address and port."""
    first = paths[0].state
    place = first.destination, first.destination_port
    if all((path.state.destination, path.state.destination_port) == place for path in paths):
        return [paths]
    groups: dict[object, list[Path]] = {}
    for path in paths:
        groups.setdefault((path.state.destination, path.state.destination_port), []).append(path)
    return groups.values()


def _merged(paths: list[Path]) -> list[Path]:
    """As `merged`, where there are more than a few."""
    return paths if len(paths) <= _FEW else merged(paths)


def merged(paths: list[Path]) -> list[Path]:
    """The paths with equal state and answers made one. Raises `TooManyCasesError`."""
    if len(paths) <= 1:
        return paths
    found: dict[tuple[State, frozenset[tuple[Question, bool]]], Path] = {}
    for path in paths:
        key = path.state, frozenset(path.answers)
        other = found.get(key)
        found[key] = path if other is None else either_way(other, path)
    if len(found) > _MOST_STATES:
        raise TooManyCasesError(message("more than {most} states that the packet may be in", most=_MOST_STATES))
    if len(found) > _MOST_WORLDS and len({answers for _, answers in found}) > _MOST_WORLDS:
        text = N_("more than {most} cases, depending on what is not known: say more of the node, its sets and the packet")
        raise TooManyCasesError(message(text, most=_MOST_WORLDS))
    return list(found.values())


def simplest(paths: list[Path]) -> list[Path]:
    """The paths `merged`, without answers that make no difference; each may make the other possible. Raises `TooManyCasesError`."""
    while True:
        fewer = merged(unasked(paths))
        if len(fewer) == len(paths):
            return fewer
        paths = fewer


def either_way(one: Path, other: Path) -> Path:
    """Two paths to the same state under the same answers as one: the steps of the likelier way stay, in doubt those of the first."""
    first, second = float(one.weight) * one.part, float(other.weight) * other.part
    likelier, best = (one, first) if first >= second else (other, second)
    weight = one.weight.plus(other.weight)
    if weight.exponent > _LONG:
        weight = weight.reduced()  # else what adds up to 1 again and again gets ever longer
    whole = float(weight)
    return likelier._replace(weight=weight, ways=min(one.ways + other.ways, MOST_WAYS), part=best / whole if whole else 1.0)


def _merged_outcomes(outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes with equal effect, state and answers made one."""
    found: dict[object, Outcome] = {}
    for outcome in outcomes:
        effect, path = outcome
        key = effect.what if isinstance(effect, Broken) else id(effect) if isinstance(effect, Spread) else effect
        whole = type(effect), key, path.state, frozenset(path.answers)
        other = found.get(whole)
        found[whole] = outcome if other is None else Outcome(effect, either_way(other.path, path))
    return list(found.values())


def unasked(paths: list[Path]) -> list[Path]:
    """The paths without answers that made no difference: the same state, and the same chance, under either answer to a question."""
    if not any(path.answers for path in paths):
        return paths
    found: dict[tuple[State, Share, frozenset[tuple[Question, bool]]], Path] = {}
    waiting = paths[::-1]
    while waiting:
        path = waiting.pop()
        answers = frozenset(path.answers)
        key = path.state, path.weight.reduced(), answers
        for question, answer in path.answers:
            other = found.pop((path.state, path.weight.reduced(), answers ^ {(question, answer), (question, not answer)}), None)
            if other is not None:
                ways = path.ways if path.trail is other.trail else min(path.ways + other.ways, MOST_WAYS)
                waiting.append(path._replace(answers=tuple([said for said in path.answers if said[0] != question]), ways=ways))
                break
        else:
            equal = found.pop(key, None)
            if equal is None:
                found[key] = path
            else:
                waiting.append(either_way(equal, path))
    return list(found.values())
