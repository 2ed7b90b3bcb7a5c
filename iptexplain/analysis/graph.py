"""The chains of a dump as a graph: which chain leads to which, through which Services, and with what share to which Pods.

It shows where rules lead, not which packets take them. The shares are those of `analysis.services`, so they are what the walk has found.
Folded, a picture grows with what is shown and not with the dump; `Look` says what that is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.graph_homes import Homes, Owned, key_of, pod
from iptexplain.analysis.graph_parts import CHAIN, CHAINS, DNAT, END, ENDS, GOTO, HOOK, JUMP, MARKED, POLICY, SHARE, Edge, Graph, Look, Node
from iptexplain.analysis.graph_steps import Steps
from iptexplain.extensions.binding import comment, effect
from iptexplain.model.matching import SetMark
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from iptexplain.analysis.graph_steps import Place, Step
    from iptexplain.analysis.service_port import DumpServices, Endpoint, Route, ServicePort
    from iptexplain.model.ruleset import Rule

__all__ = ["Graph", "Look", "graph"]

_MOST_OPENED = 12
"""Of so many Service ports that were asked for the chains are shown; more are folded as they are in the whole picture."""

_GUARD = ("filter", layout.FIREWALL)

_FIRST = 3
"""So many rules of an edge are kept."""


def graph(found: DumpServices, look: Look | None = None) -> Graph:
    """The picture of one dump, given its Services; empty if nothing fits what is looked for."""
    return _Drawing(found, look or Look()).graph()


class _Way:
    """An edge while it grows."""

    __slots__ = ("count", "places", "rules", "shares")

    def __init__(self) -> None:
        self.count = 0
        self.rules: list[Rule] = []
        self.places: list[tuple[ServicePort, Route]] = []
        self.shares: dict[tuple[str, str], tuple[str, Endpoint]] = {}


class _Shown(NamedTuple):
    """What a look comes to: chains with all that they do; chains of which only what leads to `goals` counts; Service ports; opened ones."""

    inside: Sequence[Place]
    around: Sequence[Place]
    goals: Sequence[Place]
    ports: Sequence[ServicePort]
    opened: Sequence[ServicePort]


class _Drawing:
    """Works out one picture."""

    def __init__(self, found: DumpServices, look: Look) -> None:
        self.dump = found.dump
        self.ports = found.ports
        self.look = look
        self.mark = None if found.proxy is None else found.proxy.masquerade_mark
        self.steps = Steps(found.dump)
        self.owned = Owned(found.ports)
        self.places = {route.line: (port, route) for port in found.ports for route in port.routes if route.chain is None}
        self.homes = Homes(self.steps, self.owned)
        self.ways: dict[tuple[str, str, str], _Way] = {}
        self.counts: dict[str, list[int]] = {}
        self.called: set[str] = set()
        self.acts: dict[str, dict[str, None]] = {}

    def graph(self) -> Graph:
        """The picture."""
        shown = self._shown()
        if self.look.fold:
            self.homes.fold(shown.ports, shown.opened)
            self.homes.fold_others([*shown.inside, *shown.around], self.look.chains)
        goals = set(shown.goals)
        wanted = {id(port) for port in shown.ports}
        for place in shown.around:
            self._chain(place, goals, wanted, whole=False)
        for place in shown.inside:
            self._chain(place, goals, wanted, whole=True)
        self._marked()
        led_to = {*self.called, *(target for _, target, _ in self.ways)}
        sure = shown.inside if not self.look.chains and self.look.service is None else ()
        alone = {key_of(place) for place in sure if not (self.homes.grouped and place[0] == "nat")} - led_to
        nodes = tuple(self._finished(node)._replace(alone=node.kind == CHAIN and node.key in alone) for node in self.homes.nodes.values())
        edges = [Edge(*key, way.count, tuple(way.rules), tuple(way.places), tuple(way.shares.values())) for key, way in self.ways.items()]
        return Graph(self.dump, nodes, tuple(edges))

    def _marked(self) -> None:
        """Joins where packets get the mark of kube-proxy to where it counts."""
        source, target = (self.homes.nodes.get(key_of(("nat", chain))) for chain in (layout.MARK_MASQUERADE, layout.POSTROUTING))
        if source is not None and target is not None and self.mark is not None:
            effects = (effect(one.rule) for one in self.steps.of(("nat", layout.MARK_MASQUERADE)))
            if any(isinstance(done, SetMark) and done.mark.value & self.mark.mask == self.mark.value for done in effects):
                self._way(source, target, MARKED)

    def _finished(self, node: Node) -> Node:
        marks, elsewhere = self.counts.get(node.key, (0, 0))
        return node._replace(acts=tuple(self.acts.get(node.key, ())), marks=marks, elsewhere=elsewhere, called=node.key in self.called)

    def _shown(self) -> _Shown:
        if self.look.chains:
            return self._of_chains()
        if self.look.service is not None:
            return self._of_services(self.look.service)
        return _Shown(self.steps.all(self.owned.holds if self.look.fold else lambda _: False), (), (), self.ports, ())

    def _of_services(self, text: str) -> _Shown:
        """The chains of some Services, and what leads to them or refuses them."""
        ports = [port for port in self.ports if text in (port.hash if port.service_port is None else port.service_port.text)]
        own = [("nat", chain) for port in ports for chain in port.chains]
        inside = [place for place in self.steps.beyond(own) if place[1] != layout.MARK_MASQUERADE or not self.look.fold] if own else []
        wanted = {id(port) for port in ports}
        lines = {line for line, (port, _) in self.places.items() if id(port) in wanted}
        tops = [
            place for place in layout.TOP_CHAINS
            if place[0] in self.steps.tables and any(one.rule.line in lines for one in self.steps.of(place))
        ]  # fmt: skip
        if _GUARD[0] in self.steps.tables and any(self._guarded(one) in wanted for one in self.steps.of(_GUARD)):
            tops.append(_GUARD)
        around = self.steps.before([*own, *tops], self.owned.holds) if own or tops else []
        around = [place for place in dict.fromkeys([*around, *tops]) if place not in set(inside)]
        around = self._in_order(around)
        return _Shown(inside, around, [*inside, *around], ports, ports if len(ports) <= _MOST_OPENED else ())

    def _of_chains(self) -> _Shown:
        """Some chains, all that they lead to, and what leads to them in one step."""
        named = [place for chain in self.look.chains for place in self.steps.named(chain)]
        inside = self.steps.beyond(named, lambda place: self.owned.holds(place) and place not in named)
        opened = {id(port): port for place in named if (port := self.owned.port(place)) is not None}
        reached = {id(port): port for place in inside if (port := self.owned.port(place)) is not None}
        inside = list(dict.fromkeys([*inside, *(place for port in reached.values() for place in self.owned.of(port))]))
        lines = {one.rule.line for place in inside if place in layout.TOP_CHAINS for one in self.steps.of(place)}
        reached |= {id(port): port for line, (port, _) in self.places.items() if line in lines}
        ends = self.owned.ends if self.look.fold and not opened else {}  # they lead to KUBE-MARK-MASQ, which is said of it
        around = [place for place in self.steps.before(named, ends.__contains__, once=True) if place not in set(inside)] if named else []
        reached |= {id(port): port for place in around if (port := self.owned.port(place)) is not None}
        return _Shown(inside, self._in_order(around), named, self._sorted(reached), self._sorted(opened))

    def _sorted(self, ports: Collection[int]) -> list[ServicePort]:
        """Service ports, told by their identity, in the order of names."""
        return [port for port in self.ports if id(port) in ports]

    def _in_order(self, places: Sequence[Place]) -> list[Place]:
        """Hooks first, each followed by what it leads to."""
        wanted = set(places)
        order = [place for place in self.steps.beyond(self.steps.hooks(), self.owned.holds) if place in wanted]
        return list(dict.fromkeys([*order, *places]))

    def _chain(self, place: Place, goals: set[Place], wanted: set[int], *, whole: bool) -> None:
        """Takes a chain and what its rules do into the picture; not `whole`: only what leads to goals and wanted Services."""
        node = self.homes.of(place)
        if place in self.owned.ends and node.kind not in {HOOK, CHAIN, CHAINS}:
            if not self.homes.grouped:
                self.called.update(key_of((place[0], one.chain)) for one in self.steps.of(place) if one.chain is not None)
            return  # its end is the node
        for one in self.steps.of(place):
            served = self.places.get(one.rule.line)
            mine = served is not None and id(served[0]) in wanted
            guards = place == _GUARD and not whole and self._guarded(one) in wanted
            if one.chain is not None and (whole or (place[0], one.chain) in goals):
                self._jump(node, place, one, served if mine else None)
            elif one.verdict is not None and (whole or mine or guards):
                self._end(node, place[0], one, served if mine else None)
            elif one.chain is not None or one.verdict is not None:
                self._count(node, 1)
            if one.act is not None and whole:
                self.acts.setdefault(node.key, {}).setdefault(one.act)
        if whole and node.policy == "DROP":
            self._way(node, self._verdict(place[0], "DROP"), POLICY)

    def _guarded(self, one: Step) -> int | None:
        """Which Service port a rule drops traffic for that comes from outside its source ranges, by its comment."""
        name = layout.named_in(comment(one.rule) or "")
        return next((id(port) for port in self.ports if port.service_port is not None and port.service_port.text == name), None)

    def _jump(self, node: Node, place: Place, one: Step, served: tuple[ServicePort, Route] | None) -> None:
        to = place[0], one.chain or ""
        unseen = self.look.fold and to[1] not in self.look.chains and (self.owned.holds(place) or self.look.service is not None)
        if to[1] == layout.MARK_MASQUERADE and unseen:
            self._count(node, 0)
            self.called.add(key_of(to))
            return
        target = self.homes.of(to)
        if target.key == node.key:
            return
        if to in self.owned.ends and target.kind != CHAIN:
            self._way(node, target, SHARE, one, served)
        else:
            self._way(node, target, GOTO if one.goto else JUMP, one, served)
        self._share(node, target, place, to, one)

    def _share(self, node: Node, target: Node, place: Place, to: Place, one: Step) -> None:
        """Notes which share of a Service's traffic comes to an endpoint."""
        kind = SERVICE_CHAIN.match(place[1])
        if to not in self.owned.ends or kind is None:
            return
        for name, end in self.owned.ends[to][1]:
            if name == layout.ENDPOINT_SET.get(kind[1]):
                way = self.ways[node.key, target.key, SHARE if target.kind != CHAIN else GOTO if one.goto else JUMP]
                way.shares[name, end.chain] = name, end

    def _end(self, node: Node, table: str, one: Step, served: tuple[ServicePort, Route] | None) -> None:
        """An end of the way; a Service without endpoints stands before it if such Services are folded."""
        if one.to is not None:
            self._way(node, self.homes.keep(pod(one.to)), DNAT, one, served)
            return
        end = self._verdict(table, one.verdict or "")
        between = None if served is None else self.homes.without(served[0])
        if between is None:
            self._way(node, end, ENDS, one, served)
        else:
            self._way(node, between, ENDS, one, served)
            self._way(between, end, ENDS, one)

    def _verdict(self, table: str, verdict: str) -> Node:
        return self.homes.keep(Node(f"end {table} {verdict}", END, table, (verdict,)))

    def _count(self, node: Node, which: int) -> None:
        self.counts.setdefault(node.key, [0, 0])[which] += 1

    def _way(self, node: Node, target: Node, kind: str, one: Step | None = None, served: tuple[ServicePort, Route] | None = None) -> None:
        """Adds a rule to an edge."""
        way = self.ways.setdefault((node.key, target.key, kind), _Way())
        if one is not None:
            way.count += 1
            if len(way.rules) < _FIRST:
                way.rules.append(one.rule)
        if served is not None:
            way.places.append(served)
