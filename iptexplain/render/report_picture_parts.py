"""What the graph of one Service port shows, as boxes in columns with lines between them; `report_picture` draws them.

The columns: who sends, where the Service listens, the chains of the Service as their rules lead to each other, who answers. What ends
before it comes to a Pod has a box of its own. Names of chains are only labels here: which leads where, the rules say.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from iptexplain.analysis.service_port import DNAT, DROP, LOCAL, NONE, REJECT
from iptexplain.model.share import percent
from iptexplain.named import NamedTuple
from iptexplain.render import words
from iptexplain.render.safe import plain
from iptexplain.source import all_of, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from iptexplain.analysis.service_port import Answer, Endpoint, Route, ServicePort
    from iptexplain.model.ruleset import Table

WHO, PLACE, CHAIN, END, STOP, CARE = "who", "place", "chain", "end", "stop", "care"
"""What a box is: a kind of source, a frontend, a chain, an endpoint; where traffic ends, what else becomes of it."""

GOES, MASQUERADED, ENDS, LEFT = "goes", "masqueraded", "ends", "left"
"""What a line is: traffic that goes on, the same with the address of the node as its source; refused or dropped; left alone or unknown."""

_MOST = 8
"""More boxes of one kind are folded."""


class Box(NamedTuple):
    """A box: `text`, with `head` above it or `share` (0 to 1) and its words beside it. `line` is that of its rule, 0 if it has none."""

    kind: str
    column: int
    text: str
    head: str = ""
    line: int = 0
    share: float | None = None
    beside: str = ""


class Line(NamedTuple):
    """A line from one box to another, by their numbers."""

    start: int
    end: int
    kind: str


class Parts(NamedTuple):
    """The boxes of a graph, those of one column from top to bottom, and the lines between them."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def parts(port: ServicePort, nat: Table | None) -> Parts:
    """The graph of a Service port; `nat` is the table with its chains, None if the dump has none."""
    drawing = _Drawing(port, _Ways(port, nat))
    drawing.draw()
    return Parts(tuple(drawing.boxes), tuple(dict.fromkeys(drawing.lines)))


class _Ways:
    """How the chains of a Service port lead to each other, by their rules."""

    def __init__(self, port: ServicePort, nat: Table | None) -> None:
        """`jumps` are the targets of each chain's rules; `level` is how many chains come before it at most."""
        self._nat = nat
        chains = [chain for chain in port.chains if nat is not None and nat.places_of(chain)]
        targets = {chain: {rule.target_name for rule in nat.rules_of(chain)} for chain in chains} if nat is not None else {}
        self.jumps = {chain: [other for other in chains if other in targets[chain]] for chain in chains}
        self.homes = {name: self._home(name, ends, targets) for name, ends in port.endpoint_sets.items() if ends}
        self.level = dict.fromkeys(chains, 0)
        for _ in chains:  # so often, whatever circles there are
            for chain, others in self.jumps.items():
                for other in others:
                    self.level[other] = min(max(self.level[other], self.level[chain] + 1), len(chains) - 1)

    @staticmethod
    def _home(name: str, ends: Sequence[Endpoint], targets: Mapping[str, AbstractSet[str | None]]) -> str | None:
        """The chain that chooses among the endpoints of a set: of those that lead to all of them the one that leads to fewest others.

        Where all endpoints are on this node two chains lead to the same: the one for them is sorted behind (KUBE-SVL, KUBE-XLB).
        """
        chains = {end.chain for end in ends if not end.lone}
        leading = [chain for chain, others in targets.items() if chains and chains <= others]
        return min(reversed(leading) if name == LOCAL else leading, key=lambda chain: len(targets[chain]), default=None)

    def entry(self, line: int) -> str | None:
        """The chain of the Service that the rule in a line leads to, None if that is none of the rules of nat."""
        if self._nat is None or not line:
            return None
        rules = self._nat.rules
        at = bisect_left(range(len(rules)), line, key=rules.line)
        if at == len(rules) or rules.line(at) != line:
            return None
        target = rules[at].target_name
        return target if target in self.jumps else None

    def between(self, entry: str, home: str) -> Iterator[tuple[str, str]]:
        """The jumps on all ways from one chain to another."""
        leading = {home}
        for _ in self.jumps:
            leading |= {chain for chain, others in self.jumps.items() if leading.intersection(others)}
        met, left = {entry}, [entry]
        while left:
            chain = left.pop()
            for other in self.jumps[chain] if chain != home else ():
                if other in leading:
                    yield chain, other
                    if other not in met:
                        met.add(other)
                        left.append(other)

    def line(self, chain: str) -> int:
        """The first rule of a chain."""
        return self._nat.rules.line(self._nat.places_of(chain)[0]) if self._nat is not None else 0


class _Drawing:
    """A graph while it is made: each thing gets its box when it is first spoken of."""

    def __init__(self, port: ServicePort, ways: _Ways) -> None:
        self._port = port
        self._ways = ways
        self._known: dict[object, int] = {}
        self._last = 2 + max([ways.level[home] + 1 for home in ways.homes.values() if home is not None], default=0)
        self.boxes: list[Box] = []
        self.lines: list[Line] = []

    def draw(self) -> None:
        """All sources, places, and what is met there."""
        routes = _shown(self._port.routes)
        senders = _senders(self._port.routes)
        for sources, label in senders:
            self._box(sources, Box(WHO, 0, label))
        for route in routes:
            place = self._box(id(route), _place(self._port, route))
            for sources, _ in senders:
                answer = route.sources.get(sources[0])
                if answer is not None:
                    self.lines.append(Line(self._known[sources], place, _kind(answer)))
            for answer in dict.fromkeys(route.sources.values()):
                self._met(place, route, answer)
        more = len(self._port.routes) - len(routes)
        if more:
            self._box("more places", Box(CARE, 1, words.say(message("+ {count} more", count=more))))

    def _box(self, key: object, box: Box) -> int:
        """The number of a thing's box."""
        if key not in self._known:
            self._known[key] = len(self.boxes)
            self.boxes.append(box)
        return self._known[key]

    def _met(self, place: int, route: Route, answer: Answer) -> None:
        """From a place on."""
        name = answer.endpoint_set
        if answer.action == DNAT and answer.taken_by is None and name is not None and self._port.endpoint_sets.get(name):
            home, entry = self._ways.homes[name], self._ways.entry(route.line)
            if home is None:
                self._to_ends(place, name)
                return
            self.lines.append(Line(place, self._chain(entry or home), GOES))
            for one, other in self._ways.between(entry, home) if entry is not None else ():
                self.lines.append(Line(self._chain(one), self._chain(other), GOES))
            self._to_ends(self._chain(home), name)
            if answer.falls_through is not None:
                self._to_stop(self._chain(home), self._last, words.Said(message("gets past all"), "bad"), answer)
            return
        self._to_stop(place, 2, words.outcome(self._port, route, answer)[0], answer)

    def _chain(self, name: str) -> int:
        """The box of a chain: the kind of chains that it is one of, and the rest of its name."""
        head, _, text = name.rpartition("-")
        column = 2 + self._ways.level[name]
        return self._box(("chain", name), Box(CHAIN, column, text or name, head if text else "", self._ways.line(name)))

    def _to_stop(self, start: int, column: int, said: words.Said, answer: Answer) -> None:
        """To where traffic ends, or where nobody knows how it goes on."""
        beside = "" if answer.falls_through is None else percent(float(answer.falls_through))
        text = words.say(said.message)
        stop = self._box(("stop", text), Box(STOP if said.tone == "bad" else CARE, column, text, beside=beside))
        self.lines.append(Line(start, stop, ENDS if answer.falls_through is not None else _kind(answer)))

    def _to_ends(self, start: int, name: str) -> None:
        """To the endpoints of a set, the first of many."""
        ends = self._port.endpoint_sets[name]
        shown = ends if len(ends) <= _MOST else ends[: _MOST - 1]
        for end in shown:
            share = None if end.share is None else float(end.share)
            box = Box(END, self._last, plain(end.address), "", end.line, share, words.share_of(end))
            self.lines.append(Line(start, self._box((name, end.address, end.chain), box), GOES))
        more = ends[len(shown) :]
        if more:
            text = words.say(message("+ {count} more", count=len(more)))
            shares = dict.fromkeys(map(words.share_of, more))
            beside = words.say(message("each {share}", share=next(iter(shares)))) if len(shares) == 1 else ""
            self.lines.append(Line(start, self._box((name, "more"), Box(END, self._last, text, beside=beside)), GOES))


def _shown(routes: Sequence[Route]) -> Sequence[Route]:
    """The routes that are drawn, by kind: the first of many."""
    kinds = list(words.KINDS)
    found = sorted(routes, key=lambda route: kinds.index(route.kind))
    return found if len(found) <= _MOST else found[: _MOST - 1]


def _senders(routes: Sequence[Route]) -> list[tuple[tuple[str, ...], str]]:
    """The kinds of sources, together those that meet the same everywhere, and what they are called."""
    found: dict[tuple[Answer | None, ...], list[str]] = {}
    for source in words.SOURCES:
        if any(source in route.sources for route in routes):
            found.setdefault(tuple(route.sources.get(source) for route in routes), []).append(source)
    return [
        (tuple(sources), words.say(words.ANYBODY if len(found) == 1 else all_of([words.SOURCES[source] for source in sources])))
        for sources in found.values()
    ]


def _place(port: ServicePort, route: Route) -> Box:
    return Box(PLACE, 1, words.place(route, port.protocol), words.say(words.KINDS[route.kind]), route.line)


def _kind(answer: Answer) -> str:
    """How a line is drawn along which traffic comes that meets this."""
    if answer.action == DNAT and answer.taken_by is None:
        return MASQUERADED if answer.masquerade else GOES
    if answer.action in {REJECT, DROP} or answer.taken_by is not None:
        return LEFT if answer.without_effect else ENDS
    return MASQUERADED if answer.action == NONE and answer.masquerade else LEFT
