"""The chains of a dump as a graph: which chain leads to which, through which Services, and with what share to which Pods.

It shows where rules lead, not which packets take them. The shares are those of `analysis.services`, so they are what the walk has found.
Folded, a picture grows with what is shown and not with the dump; `Look` says what that is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.graph_draws import Draws, chance
from iptexplain.analysis.graph_homes import MOST_PODS, Homes, Owned, key_of, pod
from iptexplain.analysis.graph_look import Chooser
from iptexplain.analysis.graph_parts import (
    CHAIN,
    CHAINS,
    DNAT,
    END,
    ENDS,
    GOTO,
    HOOK,
    JUMP,
    MARKED,
    MORE,
    POLICY,
    SERVICE,
    SERVICES,
    SHARE,
    Edge,
    Graph,
    Look,
    Node,
)
from iptexplain.analysis.graph_steps import Steps
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN

if TYPE_CHECKING:
    from iptexplain.analysis.graph_steps import Place, Step
    from iptexplain.analysis.service_port import DumpServices, Endpoint, Route, ServicePort
    from iptexplain.model.ruleset import Rule

__all__ = ["Graph", "Look", "graph"]

_FIRST = 3
"""So many rules of an edge are kept."""


def graph(found: DumpServices, look: Look | None = None) -> Graph:
    """The picture of one dump, given its Services; empty if nothing fits what is looked for."""
    return _Drawing(found, look or Look()).graph()


class _Way:
    """An edge while it grows."""

    __slots__ = ("entered", "health", "leaving", "places", "rules", "shares")

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.health: list[ServicePort] = []
        self.leaving: dict[Place, None] = {}
        self.entered: dict[str, None] = {}
        self.places: list[tuple[ServicePort, Route]] = []
        self.shares: dict[tuple[str, str], tuple[str, Endpoint]] = {}


class _Drawing:
    """Works out one picture."""

    def __init__(self, found: DumpServices, look: Look) -> None:
        self.dump = found.dump
        self.look = look
        self.steps = Steps(found.dump, look.table)
        self.owned = Owned(found.ports)
        self.chooser = Chooser(self.steps, self.owned, found)
        self.health = {port.health_check_line: port for port in found.ports if port.health_check_line}
        self.draws = Draws(self.steps)
        self.homes = Homes(self.steps, self.owned)
        self.ways: dict[tuple[str, str, str], _Way] = {}
        self.counts: dict[str, list[int]] = {}
        self.called: set[str] = set()
        self.rests: dict[Place, dict[str, Node]] = {}
        self.acts: dict[str, dict[str, None]] = {}

    def graph(self) -> Graph:
        """The picture."""
        shown = self.chooser.shown(self.look)
        if self.look.fold:
            self.homes.fold(shown.ports, shown.opened, shown.named)
            self.homes.fold_others([*shown.inside, *shown.around], self.look.chains)
        goals = set(shown.goals)
        wanted = {id(port) for port in shown.ports}
        for place in shown.around:
            self._chain(place, goals, wanted, whole=False)
        for place in shown.inside:
            self._chain(place, goals, wanted, whole=True)
        self._marked()
        led_to = {*self.called, *(target for _, target, _ in self.ways)}
        nodes = tuple([self._finished(node)._replace(alone=self._is_alone(node, led_to)) for node in self.homes.nodes.values()])
        return Graph(self.dump, nodes, tuple([self._edge(key, way) for key, way in self.ways.items()]))

    def _is_alone(self, node: Node, led_to: set[str]) -> bool:
        """Is it certain that no rule leads to a chain: all are in the picture, or where endpoints are not looked at, none has its name."""
        if node.kind != CHAIN or node.key in led_to or self.look.chains or self.look.service is not None:
            return False
        return not (self.homes.grouped and node.table == "nat" and self.steps.mentions((node.table, node.names[0])))

    def _edge(self, key: tuple[str, str, str], way: _Way) -> Edge:
        source, target, kind = key
        rules, chains = way.rules, tuple(way.leaving)
        draws = self.homes.nodes[source].kind in {HOOK, CHAIN} and len(chains) == 1 and not way.shares
        draw = self.draws.of(chains[0], rules) if draws else None
        return Edge(
            source,
            target,
            kind,
            len(rules),
            tuple(rules[:_FIRST]),
            tuple(way.places),
            tuple(way.shares.values()),
            draw,
            chance(rules) if draws and draw is None else None,
            tuple(way.health),
            tuple([chain for _, chain in chains]) if self.homes.nodes[source].kind == CHAINS else (),
            tuple(way.entered),
        )

    def _marked(self) -> None:
        """Joins where packets get the mark of kube-proxy to where it counts."""
        source, target = (self.homes.nodes.get(key_of(("nat", chain))) for chain in (layout.MARK_MASQUERADE, layout.POSTROUTING))
        if source is not None and target is not None and self.chooser.joined():
            self._way(source, target, MARKED)

    def _finished(self, node: Node) -> Node:
        marks, elsewhere = self.counts.get(node.key, (0, 0))
        return node._replace(acts=tuple(self.acts.get(node.key, ())), marks=marks, elsewhere=elsewhere, called=node.key in self.called)

    def _chain(self, place: Place, goals: set[Place], wanted: set[int], *, whole: bool) -> None:
        """Takes a chain and what its rules do into the picture; not `whole`: only what leads to goals and wanted Services."""
        node = self.homes.of(place)
        if place in self.owned.ends and node.kind not in {HOOK, CHAIN, CHAINS}:
            if not self.homes.grouped:
                self.called.update(key_of((place[0], one.chain)) for one in self.steps.of(place) if one.chain is not None)
            return  # its end is the node
        for one in self.steps.of(place):
            served = self.chooser.served(place, one)
            if served is not None and id(served[0]) not in wanted:
                served = None
            about = whole or served is not None or self.chooser.is_about(place, one, wanted)
            marks = one.chain == layout.MARK_MASQUERADE and self.look.service is not None
            if one.chain is not None and (whole or (about if marks else (place[0], one.chain) in goals)):
                self._jump(node, place, one, served)
            elif one.verdict is not None and about:
                self._end(node, place, one, served)
            elif one.chain is not None or one.verdict is not None:
                self._count(node, 1)
            if one.act is not None and whole:
                self.acts.setdefault(node.key, {}).setdefault(one.act)
        if whole and node.policy == "DROP":
            self._way(node, self._verdict(place[0], "DROP"), POLICY)

    def _jump(self, node: Node, place: Place, one: Step, served: tuple[ServicePort, Route] | None) -> None:
        to = place[0], one.chain or ""
        if self._is_told(node, to[1]):
            if to[1] == layout.MARK_MASQUERADE:
                self._count(node, 0)
            self.called.add(key_of(to))
            return
        target = self.homes.of(to)
        if target.key == node.key and place != to:
            return  # from one chain to another that is folded with it
        kind = SHARE if to in self.owned.ends and target.kind != CHAIN else GOTO if one.goto else JUMP
        way = self._way(node, target, kind, one, served)
        if target.kind == CHAINS:
            way.entered.setdefault(to[1])
        self._share(node, target, place, to, one)

    def _is_told(self, node: Node, chain: str) -> bool:
        """Is a jump to a chain that marks told without an edge: on a folded Service it is said who is masqueraded and dropped."""
        marks = chain in {layout.MARK_MASQUERADE, layout.MARK_DROP} and chain not in self.look.chains
        return marks and self.look.fold and node.kind in {SERVICE, SERVICES}

    def _share(self, node: Node, target: Node, place: Place, to: Place, one: Step) -> None:
        """Notes which share of a Service's traffic comes to an endpoint."""
        kind = SERVICE_CHAIN.match(place[1])
        if to not in self.owned.ends or kind is None:
            return
        for name, end in self.owned.ends[to][1]:
            if name == layout.ENDPOINT_SET.get(kind[1]):
                way = self.ways[node.key, target.key, SHARE if target.kind != CHAIN else GOTO if one.goto else JUMP]
                way.shares[name, end.chain] = name, end

    def _end(self, node: Node, place: Place, one: Step, served: tuple[ServicePort, Route] | None) -> None:
        """An end of the way; a Service that has no chain stands before it if such Services are folded."""
        if one.to is not None:
            self._way(node, self.homes.keep(self._destination(place, one.to)), DNAT, one, served)
            return
        end = self._verdict(place[0], one.verdict or "")
        between = None if served is None else self.homes.refused(served[0])
        if between is None:
            way = self._way(node, end, ENDS, one, served)
            if one.rule.line in self.health:
                way.health.append(self.health[one.rule.line])
        else:
            self._way(node, between, ENDS, one, served)
            self._way(between, end, ENDS, one)

    def _destination(self, place: Place, to: str) -> Node:
        """The node of a new destination that a chain gives; of many the last ones share a node."""
        if place not in self.rests:
            every = list(dict.fromkeys(one.to for one in self.steps.of(place) if one.to is not None))
            many = self.look.fold and len(every) > MOST_PODS and place[1] not in self.look.chains
            rest = every[MOST_PODS - 1 :] if many else []
            node = Node(f"rest {key_of(place)}", MORE, "", tuple(rest), pods=len(rest))
            self.rests[place] = dict.fromkeys(rest, node)
        return self.rests[place].get(to) or pod(to)

    def _verdict(self, table: str, verdict: str) -> Node:
        return self.homes.keep(Node(f"end {table} {verdict}", END, table, (verdict,)))

    def _count(self, node: Node, which: int) -> None:
        self.counts.setdefault(node.key, [0, 0])[which] += 1

    def _way(self, node: Node, target: Node, kind: str, one: Step | None = None, served: tuple[ServicePort, Route] | None = None) -> _Way:
        """Adds a rule to an edge, which comes back."""
        way = self.ways.setdefault((node.key, target.key, kind), _Way())
        if one is not None:
            way.rules.append(one.rule)
            way.leaving.setdefault((node.table, str(one.rule.chain)))
        if served is not None:
            way.places.append(served)
        return way
