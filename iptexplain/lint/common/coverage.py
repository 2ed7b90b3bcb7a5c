"""Which rules of a table no packet comes to, because rules before them end the way of all that match: by union, on every path."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from iptexplain.analysis.header_space import Dimension, Values, boxes, cut, meet, of_family, with_port
from iptexplain.analysis.terminal import leaves
from iptexplain.errors import TooManyCasesError
from iptexplain.extensions import binding
from iptexplain.model.address import IPV4, IPV6
from iptexplain.model.matching import (
    Broken,
    ChangeSet,
    CopyMark,
    Field,
    Jump,
    Opaque,
    Reject,
    Remember,
    SetConnectionMark,
    SetMark,
    SetTos,
    SetTtl,
    Track,
    Untrack,
    Verdict,
)
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.model.shape import per_shape
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from iptexplain.analysis.header_space import Box
    from iptexplain.lint.subject import Subject
    from iptexplain.model.matching import Effect
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.shape import Shape

_RULES = 20_000
"""So many rules of one table are looked at: nobody writes more by hand."""

_SMALL = 64
"""Of longer chains that a rule leads to, nobody looks which packets end there."""

_DEEPEST = 16
"""As deep as chains may call each other (NFT_JUMP_STACK_SIZE)."""

_MOST = 500
"""So many rules before one are compared with it. More do not make up one set of packets by chance."""

_STEPS = 300_000
_STEPS_OF_ONE = 20_000
"""So many comparisons in one table are made, and for one rule."""

_LOOKED = 20
"""So many endings are looked up in the time of one comparison."""

_FIXED = frozenset(
    {
        Field.SOURCE,
        Field.DESTINATION,
        Field.IN,
        Field.OUT,
        Field.PROTOCOL,
        Field.SOURCE_PORT,
        Field.DESTINATION_PORT,
        Field.TCP_FLAGS,
        Field.ICMP_TYPE,
        Field.MARK,
        Field.CONNECTION_MARK,
        Field.STATE,
    }
)
_SOFT = frozenset(Field) - _FIXED
"""What a target that goes on, and whose work is not known more closely, may change."""

_LOOKING = frozenset({"AUDIT", "LOG", "NFLOG", "TEE", "TRACE", "ULOG"})
"""Targets that change nothing of the packet."""

_OF_ALL = frozenset({Field.PAYLOAD, Field.SET, Field.REVERSE_PATH})
"""What may look at anything of a packet: programs of bpf and u32 at its bytes and mark, sets at its mark, routes at its mark."""

_CHANGED: dict[type, frozenset[Field]] = {
    SetMark: frozenset({Field.MARK}),
    SetConnectionMark: frozenset({Field.CONNECTION_MARK, Field.CONNECTION}),
    CopyMark: frozenset({Field.MARK, Field.CONNECTION_MARK, Field.CONNECTION}),
    Track: frozenset({Field.STATE, Field.CONNECTION, Field.CONNECTION_MARK}),
    Untrack: frozenset({Field.STATE, Field.CONNECTION, Field.CONNECTION_MARK}),
    SetTtl: frozenset({Field.TTL}),
    SetTos: frozenset({Field.TOS, Field.PAYLOAD}),
    ChangeSet: frozenset({Field.SET}),
    Remember: frozenset({Field.RECENT}),
}


class Ending(NamedTuple):
    """Packets that do not come behind a rule of a chain: all that are in `box`, as they are at the rule in the place `at` of the chain.

    `effect` is what ends their way: of the rule, or of one in the chain that it leads to.
    """

    at: int
    box: Box
    rule: Rule
    effect: Effect


class _Index:
    """Endings in the order of their places, found by where their packets come from or go to."""

    def __init__(self, endings: Sequence[Ending]) -> None:
        self.all = endings
        self.spread: dict[tuple[Field, int, int], list[int]] = {}
        self.anywhere: list[int] = []
        for number, ending in enumerate(endings):
            home = _home(ending.box)
            if home is None:
                self.anywhere.append(number)
            else:
                self.spread.setdefault(home, []).append(number)
        self.starts = {field: sorted((first, last) for at, first, last in self.spread if at is field) for field in _HOMES}
        self.sizes = {field: sorted({last - first + 1 for first, last in self.starts[field]}) for field in _HOMES}

    def near(self, box: Box, before: int) -> list[Ending]:
        """The endings before a place that may have packets in common with a box; not all of them where there are very many."""
        found = self.anywhere[:_MOST]
        for field in _HOMES:
            if not self.starts[field]:
                continue
            values = box.get(Dimension(field, 0))
            if isinstance(values, Values) and len(values.ranges) == 1:
                homes = self._around(field, *values.ranges[0])
            else:
                homes = self.starts[field] if len(self.starts[field]) <= _MOST else []
            for first, last in homes:
                found += self.spread[field, first, last]
            if len(found) > 2 * _MOST:
                break
        endings = [self.all[number] for number in sorted(found)[:_MOST]]
        return [ending for ending in endings if ending.at < before]

    def _around(self, field: Field, first: int, last: int) -> list[tuple[int, int]]:
        """The homes that have something in common with a range."""
        starts = self.starts[field]
        low, high = bisect_left(starts, (first, first)), bisect_right(starts, (last, 1 << 140))
        inside = starts[low:high] if high - low <= _MOST else []
        below = [(begin, begin + size - 1) for size in self.sizes[field] if (begin := first // size * size) < first]
        return inside + [(begin, end) for begin, end in below if (field, begin, end) in self.spread]


_HOMES = (Field.SOURCE, Field.DESTINATION, Field.DESTINATION_PORT)


def _home(box: Box) -> tuple[Field, int, int] | None:
    """Where an ending is found: one range of addresses or ports that begins at a multiple of its size."""
    for field in _HOMES:
        values = box.get(Dimension(field, 0))
        if isinstance(values, Values) and len(values.ranges) == 1:
            first, last = values.ranges[0]
            if first >= 0 and not first % (last - first + 1):
                return field, first, last
    return None


class _Chain(NamedTuple):
    """What was found out about a chain.

    For each of the `rules`: the `packets` that it may take, None if these are too many boxes; `since` which rule each field may have been
    changed; from which rule on (`barriers`) anything is known of packets. `endings`: which packets do not come behind a rule.
    """

    rules: Sequence[Rule]
    packets: Sequence[Sequence[Box] | None]
    since: Sequence[Mapping[Field, int]]
    barriers: Sequence[int]
    endings: _Index


class Cover(NamedTuple):
    """Why no packet comes to a rule: the `endings` that have all its packets, no more than are needed, in the order of their rules.

    `callers` are the rules that lead to its chain, where they had to be looked at; without any endings, these lead no such packet there.
    """

    endings: tuple[Ending, ...]
    callers: tuple[Rule, ...]


class _Used(NamedTuple):
    """The rules that keep packets from a place, by their places in the table: what ends their way, and what leads to the chain.

    `only`: no other rules than these may be used, None: any.
    """

    ending: dict[int, Ending]
    leading: dict[int, Rule]
    only: AbstractSet[int] | None = None


class Coverage:
    """The rules of one table; what is found out of a chain is kept."""

    def __init__(self, subject: Subject, table: Table) -> None:
        """`table` is one of the subject's dump."""
        self.table = table
        self.jumps = subject.jumps(table.name)
        self.family = IPV6 if subject.dump.family == "ipv6" else IPV4
        self.steps = _STEPS
        self.rules = _RULES
        self.gave_up = False
        self._least = 0
        self._covers: dict[int, Cover | None] = {}
        self._chains: dict[str, _Chain | None] = {}
        self._ended: dict[str, tuple[Ending, ...]] = {}
        self._changes: dict[str, frozenset[Field] | None] = {}

    def cover(self, rule: Rule) -> Cover | None:
        """Why no packet comes to a rule, None if that is not proven."""
        if rule.index not in self._covers:
            self._covers[rule.index] = self._cover(rule)
        return self._covers[rule.index]

    def _cover(self, rule: Rule) -> Cover | None:
        if self.steps <= 0:
            return None
        chain, at = rule.chain, self._place(rule)
        own = self._chain(chain)
        if own is None or (chain in BUILT_IN and not any(ending.at < at for ending in own.endings.all[:1])):
            return None
        used = _Used({}, {})
        self._least = self.steps - _STEPS_OF_ONE
        packets = [of_family(box, self.family) for box in own.packets[at] or ()]
        try:
            if not packets or not self._kept(chain, packets, at, used):
                return None
            used = self._fewest(chain, packets, at, used)
        except TooManyCasesError:
            return None
        endings = [used.ending[index] for index in sorted(used.ending)]
        return Cover(tuple(endings), tuple([used.leading[index] for index in sorted(used.leading)]))

    def _fewest(self, chain: str, packets: Sequence[Box], at: int, used: _Used) -> _Used:
        """The same without the rules that are not needed, the last ones first, where there are not too many of them."""
        for index in sorted(used.ending, reverse=True) if len(used.ending) <= _SMALL else ():
            fewer = _Used({}, {}, used.ending.keys() - {index})
            if self._kept(chain, packets, at, fewer):
                used = fewer
        return used

    def endings_before(self, rule: Rule) -> tuple[Sequence[Box], list[Ending]]:
        """The packets that a rule asks for, and the endings before it in its chain that may have some. Raises `TooManyCasesError`."""
        self._least = self.steps - _STEPS_OF_ONE
        own, at = self._chain(rule.chain), self._place(rule)
        packets = None if own is None else own.packets[at]
        if own is None or not packets:
            return (), []
        near = {id(ending): ending for packet in packets for ending in self._near(own, packet, at)}
        return packets, list(near.values())

    # ---- packets that are left -----------------------------------------------------------------------------------------

    def _kept(self, chain: str, packets: Sequence[Box], at: int, used: _Used, *, depth: int = 0) -> bool:
        """Is it proven that no packet comes to a place of a chain; puts into `used` what keeps them. Raises `TooManyCasesError`."""
        own = self._chain(chain)
        if own is None:
            return False
        for packet in packets:
            near = [one for one in self._near(own, packet, at) if used.only is None or one.rule.index in used.only]
            waiting = [(packet, 0)]
            while waiting:
                box, number = waiting.pop()
                left = self._left(box, near, number, waiting, used)
                if left is not None and (own.barriers[at] or not self._kept_by_callers(chain, left, used, depth)):
                    return False
        return True

    def _left(self, box: Box, near: Sequence[Ending], number: int, waiting: list[tuple[Box, int]], used: _Used) -> Box | None:
        """A part of a box that no ending from a number on has, None if there is none; the other parts wait."""
        left = box
        for place in range(number, len(near)):
            self.step()
            parts = cut(left, near[place].box)
            if parts is None:
                continue
            used.ending[near[place].rule.index] = near[place]
            if not parts:
                return None
            left = parts.pop()
            waiting += [(part, place + 1) for part in parts]
        return left

    def _kept_by_callers(self, chain: str, left: Box, used: _Used, depth: int) -> bool:
        """Is it proven that no packet of a box comes into a chain."""
        callers = self.jumps.get(chain, [])
        if chain in BUILT_IN or not callers or depth >= _DEEPEST:
            return False
        for caller in callers:
            above = self._chain(caller.chain)
            place = self._place(caller)
            asked = None if above is None else above.packets[place]
            if above is None or asked is None:
                return False
            here = _renamed(left, above.since[place])
            come = [both for one in asked if (both := meet(here, one)) is not None]
            used.leading[caller.index] = caller
            self.step()
            if not self._kept(caller.chain, come, place, used, depth=depth + 1):
                return False
        return True

    def _near(self, own: _Chain, packet: Box, at: int) -> list[Ending]:
        """The endings before a place that may have packets of a box. Raises `TooManyCasesError`."""
        self.step()
        found = own.endings.near(packet, at)
        self.step(len(found) // _LOOKED)
        barrier = own.barriers[at]
        return [ending for ending in found if ending.at >= barrier] if barrier else found

    def step(self, steps: int = 1) -> None:
        """Counts comparisons. Raises `TooManyCasesError` if there have been too many of them."""
        self.steps -= steps
        if self.steps < max(0, self._least):
            self.gave_up = True
            raise TooManyCasesError(message("more comparisons of rules than anybody would wait for"))

    # ---- what is known of a chain --------------------------------------------------------------------------------------

    def _place(self, rule: Rule) -> int:
        places = self.table.places_of(rule.chain)
        return bisect_left(places, rule.index)

    def _chain(self, name: str) -> _Chain | None:
        """What is known of a chain, None if it would be too many rules."""
        if name not in self._chains:
            self.rules -= len(self.table.places_of(name))
            self.gave_up = self.gave_up or self.rules < 0
            self._chains[name] = self._scanned(name) if self.rules >= 0 else None
        return self._chains[name]

    def _scanned(self, name: str) -> _Chain:
        found = _Chain(self.table.rules_of(name), [], [], [], _Index([]))
        packets: list[Sequence[Box] | None] = []
        since: Mapping[Field, int] = {}
        every: list[Mapping[Field, int]] = []
        barriers: list[int] = []
        endings: list[Ending] = []
        barrier = 0
        for at, rule in enumerate(found.rules):
            tests, effect = binding.tests(rule), binding.effect(rule)
            taken = _taken(rule, tests, since, self.family)
            packets.append(taken)
            every.append(since)
            barriers.append(barrier)
            if taken and is_certain(rule, tests):
                endings += self._endings(at, rule, effect, taken, since)
            changed = self._changed_by(rule, effect, tests)
            if changed is None:
                barrier = at + 1
            elif changed:
                since = {**since, **dict.fromkeys(changed, at + 1)}
        return _Chain(found.rules, packets, every, barriers, _Index(endings))

    def _endings(self, at: int, rule: Rule, effect: Effect, taken: Sequence[Box], since: Mapping[Field, int]) -> list[Ending]:
        """The packets that do not come behind a rule, of those that it has taken."""
        if leaves(effect):
            return [Ending(at, box, rule, effect) for box in taken]
        inside = self._ended_in(effect.chain) if isinstance(effect, Jump) else ()
        met = [(meet(box, _renamed(ending.box, since)), ending.effect) for ending in inside for box in taken]
        return [Ending(at, both, rule, last) for both, last in met if both is not None]

    def _ended_in(self, chain: str) -> tuple[Ending, ...]:
        """Packets that do not come back from a chain: some of them, if it is too much to say it of all."""
        if chain not in self._ended:
            self._ended[chain] = ()  # for rings
            places = self.table.places_of(chain)
            if 0 < len(places) <= _SMALL:
                try:
                    self._ended[chain] = tuple(self._not_back_from(chain))
                except TooManyCasesError:
                    self._ended[chain] = ()
        return self._ended[chain]

    def _not_back_from(self, name: str) -> Iterator[Ending]:
        own = self._chain(name)
        back: list[Box] = []
        for at, rule in enumerate(() if own is None else own.rules):
            taken = None if own is None else own.packets[at]
            if own is None or own.barriers[at] or taken is None:
                return
            effect = binding.effect(rule)
            if effect is Verdict.RETURN or (isinstance(effect, Jump) and effect.goto):
                back += [_renamed(box, {}) for box in taken]
            else:
                for ending in own.endings.all:
                    if ending.at != at or any(key.since for key in ending.box):
                        continue
                    yield from [ending._replace(box=box) for box in self._without(ending.box, back)]

    def _without(self, box: Box, taken: Sequence[Box]) -> list[Box]:
        """What is left of a box. Raises `TooManyCasesError`."""
        left = [box]
        for one in taken:
            more: list[Box] = []
            for packet in left:
                self.step()
                parts = cut(packet, one)
                more += [packet] if parts is None else parts
            left = more
            if len(left) > _SMALL:
                raise TooManyCasesError(message("more than {most} parts of what a rule takes", most=_SMALL))
        return left

    def _changes_in(self, chain: str) -> frozenset[Field] | None:
        """What the rules of a chain, and of those that it leads to, may change of a packet; None: anything."""
        if chain not in self._changes:
            self._changes[chain] = frozenset()  # for rings
            found: frozenset[Field] | None = frozenset()
            many = len(self.table.places_of(chain)) > _SMALL
            for rule in self._one_of_each_shape if many else self.table.rules_of(chain):
                changed = self._changed_by(rule, binding.effect(rule), binding.tests(rule))
                if changed is None:
                    found = None
                    break
                found = (found or frozenset()) | changed
            self._changes[chain] = found
        return self._changes[chain]

    @cached_property
    def _one_of_each_shape(self) -> list[Rule]:
        """Rules of the whole table that change whatever any of its rules does; jumps are left out, since nothing is behind them then."""
        rules = self.table.rules
        found: dict[Shape, Rule] = {}
        for place in range(len(rules)):
            shape = rules.shape(place)
            if shape not in found:
                found[shape] = rules[place]
        return [rule for rule in found.values() if not isinstance(binding.effect(rule), Jump)]

    def _changed_by(self, rule: Rule, effect: Effect, tests: Sequence[binding.Test]) -> frozenset[Field] | None:
        """Which fields a rule may change; None: any, and nobody knows what."""
        names = _names(rule.shape)
        if rule.shape.strange or any(name not in binding.MATCHES for name in names):
            return None
        if isinstance(effect, Jump):
            found = self._changes_in(effect.chain) if self.table.has_chain(effect.chain) else None
        elif isinstance(effect, (Opaque, Broken)):
            found = None
        elif effect is Verdict.CONTINUE:
            found = _SOFT if rule.shape.target is not None and rule.target_name not in _LOOKING else frozenset()
        else:
            found = _CHANGED.get(type(effect), frozenset())
        for test in tests:
            for branch in test.branches:
                if branch.change is not None and found is not None:
                    found |= _CHANGED.get(type(branch.change), _SOFT)
        if "socket" in names and found is not None:
            found |= {Field.MARK}  # --restore-skmark
        return found | _OF_ALL if found else found


def coverages(subject: Subject) -> dict[str, Coverage]:
    """What is covered in each table, worked out as it is asked."""
    return {table.name: Coverage(subject, table) for table in subject.dump.tables}


def tell_if_not_all(found: Iterable[Coverage]) -> None:
    """Raises `TooManyCasesError` if not all rules of some tables have been looked at."""
    if any(coverage.gave_up for coverage in found):
        raise TooManyCasesError(
            message("a table has more rules, or more that have to do with each other, than are looked at: some were not")
        )


def _line(rule: Rule) -> int:
    return rule.line


def _taken(rule: Rule, tests: Sequence[binding.Test], since: Mapping[Field, int], family: int) -> list[Box] | None:
    """The packets that a rule may take: it asks at least this of them. None if that is too much."""
    try:
        found = boxes([one for test in tests for one in test.constraints], since, family)
    except TooManyCasesError:
        return None
    for name, field in _HEADERS.items():
        if name in _names(rule.shape):  # it finds no header in later fragments, whatever it asks
            found = [box for one in found if (box := with_port(one, field)) is not None]
    return found


_HEADERS = {
    "tcp": Field.DESTINATION_PORT,
    "udp": Field.DESTINATION_PORT,
    "sctp": Field.DESTINATION_PORT,
    "dccp": Field.DESTINATION_PORT,
    "icmp": Field.ICMP_TYPE,
    "icmp6": Field.ICMP_TYPE,
}
"""Matches that look into the header behind that of IP, also if they ask nothing of it."""


@per_shape
def _names(shape: Shape) -> frozenset[str]:
    """The names of the matches of a shape."""
    return frozenset([clause.name for clause in shape.clauses if clause.kind == "match" and isinstance(clause.name, str)])


def is_certain(rule: Rule, tests: Sequence[binding.Test]) -> bool:
    """Do the demands of a rule say it all: is every packet that meets them taken."""
    if "nfacct" in _names(rule.shape):
        return False  # its object may have a quota
    return not any(test.branches or any(one.field is Field.RECENT for one in test.constraints) for test in tests)


def _renamed(box: Box, since: Mapping[Field, int]) -> Box:
    """Packets at the beginning of a chain, as they are at the rule that leads there; what the chain has changed says nothing any more."""
    if not since and not any(key.since for key in box):
        return box
    return {Dimension(key.field, since.get(key.field, 0), key.of): values for key, values in box.items() if not key.since}


def opposite(one: Effect, other: Effect) -> bool:
    """Does one let the packet pass and the other not."""
    stops = [effect is Verdict.DROP or isinstance(effect, Reject) for effect in (one, other)]
    return stops[0] is not stops[1] and Verdict.ACCEPT in {one, other}
