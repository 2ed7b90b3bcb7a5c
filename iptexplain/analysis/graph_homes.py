"""In which node of a picture each chain is shown: by itself, or folded with others, so that a large dump stays readable."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from iptexplain.analysis.graph_parts import AWAY, CHAIN, CHAINS, EMPTY, HOOK, MORE, POD, PODS, SERVICE, SERVICES, Node
from iptexplain.analysis.service_port import DROP, REJECT
from iptexplain.model.ruleset import BUILT_IN, ChainName
from iptexplain.owners.kube_proxy import layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iptexplain.analysis.graph_steps import Place, Steps
    from iptexplain.analysis.service_port import Endpoint, ServicePort

MOST_PODS = 8
"""So many endpoints of a Service have nodes of their own; of more, the first ones have, and one node stands for the rest."""
MOST_SERVICES = 40
"""More Service ports than this are folded, those of a namespace into one node."""
_MOST_ALONE = 24
"""With more endpoints than this, those of each Service port are one node."""
_MOST_NAMESPACES = 40
"""The namespaces that have nodes of their own; the small ones of more share one."""
_ALIKE = 4
"""So many chains of one form, whose names begin alike, are one node."""

_OF_PROXY = frozenset(
    {
        layout.SERVICES,
        layout.NODE_PORTS,
        layout.EXTERNAL_SERVICES,
        layout.FIREWALL,
        layout.MARK_MASQUERADE,
        layout.MARK_DROP,
        layout.POSTROUTING,
    }
    | layout.FILTER_CHAINS
)
"""Chains that are what an explanation of kube-proxy names, so they are never folded."""


class Owned:
    """The chains of the Service ports of a dump: those that spread traffic, and those of endpoints."""

    def __init__(self, ports: Sequence[ServicePort]) -> None:
        """See the class."""
        self.chains: dict[Place, ServicePort] = {("nat", chain): port for port in ports for chain in port.chains}
        self.ends: dict[Place, tuple[ServicePort, list[tuple[str, Endpoint]]]] = {}
        for port in ports:
            for name, ends in port.endpoint_sets.items():
                for end in ends:
                    if end.chain and ("nat", end.chain) not in self.chains:
                        self.ends.setdefault(("nat", end.chain), (port, []))[1].append((name, end))

    def holds(self, place: Place) -> bool:
        """Is it a chain of a Service port."""
        return place in self.chains or place in self.ends

    def of(self, port: ServicePort) -> list[Place]:
        """The chains of a Service port, those of its endpoints last."""
        return [("nat", chain) for chain in (*port.chains, *dict.fromkeys(end.chain for _, end in _ends(port))) if chain]

    def port(self, place: Place) -> ServicePort | None:
        """The Service port of a chain."""
        return self.chains.get(place) or self.ends.get(place, (None,))[0]


class Homes:
    """The nodes of chains, Services and Pods, each made when it is first asked for, and kept in that order."""

    def __init__(self, steps: Steps, owned: Owned) -> None:
        """Without a call of `fold` and `fold_others`, each chain is shown by itself."""
        self.nodes: dict[str, Node] = {}
        self.grouped = False
        self._steps = steps
        self._owned = owned
        self._made: dict[Place, Node] = {}
        self._stay: frozenset[Place] = frozenset()
        self._refused: dict[int, Node] = {}

    def fold(self, ports: Sequence[ServicePort], opened: Sequence[ServicePort], named: Iterable[Place] = ()) -> None:
        """Folds Service ports, except that the chains of `opened` ones are shown, and those that are `named`, if they are of endpoints."""
        self._stay = frozenset(named)
        shown = set(map(id, opened))
        served = [port for port in ports if _refused(port) is None and id(port) not in shown]
        for kind in (EMPTY, AWAY):
            refused = [port for port in ports if _refused(port) == kind]
            node = Node(kind, kind, "filter", tuple(map(name_of, refused)), ports=tuple(refused))
            self._refused |= {id(port): node for port in refused}
        self.grouped = len(served) > MOST_SERVICES
        for node in _namespaces(served) if self.grouped else ():
            for port in node.ports:
                self._give([*port.chains, *(end.chain for _, end in _ends(port))], node)
        for number, port in enumerate(() if self.grouped else served):
            self._give(port.chains, Node(f"service {number}", SERVICE, "nat", (name_of(port),), ports=(port,)))
        single = () if self.grouped else served
        together = len({end.address for port in single for _, end in _ends(port)}) > _MOST_ALONE
        for number, port in enumerate([*opened, *single]):
            self._fold_pods(port, f"pods {number}", together=together and id(port) not in shown)

    def _fold_pods(self, port: ServicePort, key: str, *, together: bool) -> None:
        """Gives the chains of endpoints the nodes of their Pods."""
        addresses = list(dict.fromkeys(end.address for _, end in _ends(port)))
        first = 0 if together and len(addresses) > 1 else len(addresses) if len(addresses) <= MOST_PODS else MOST_PODS - 1
        rest = Node(key, MORE if first else PODS, "", tuple(addresses[first:]), pods=len(addresses) - first)
        own = {address: pod(address) for address in addresses[:first]}
        for _, end in _ends(port):
            self._give([end.chain], own.get(end.address, rest))

    def _give(self, chains: Iterable[str], node: Node) -> None:
        for chain in chains:
            if chain and ("nat", chain) not in self._stay:
                self._made.setdefault(("nat", chain), node)

    def fold_others(self, places: Iterable[Place], named: Iterable[str]) -> None:
        """Folds the chains of a table that have no rules, and those of one form whose names begin alike, if there are many.

        `named` ones stay.
        """
        stay = {*named, *BUILT_IN}
        free = [place for place in places if place not in self._made and place[1] not in stay and self._steps.has(place)]
        forms = {place: self._form(place) for place in free}
        for table in self._steps.tables:
            self._group([place for place in free if place[0] == table and not forms[place]], f"chains {table}", "")
        free = [place for place in free if forms[place] and place[1] not in _OF_PROXY]
        begins = {place: [(place[0], forms[place], begin) for begin in _beginnings(place[1])] for place in free}
        counts = Counter(begin for found in begins.values() for begin in found)
        groups: dict[tuple[str, str, str], list[Place]] = {}
        for place, found in begins.items():
            chosen = next((begin for begin in found if counts[begin] >= _ALIKE), None)
            if chosen is not None:
                groups.setdefault(chosen, []).append(place)
        for number, ((_, _, common), members) in enumerate(groups.items()):
            self._group(members, f"chains {number}", common)

    def _group(self, members: Sequence[Place], key: str, common: str) -> None:
        """Gives several chains one node."""
        if len(members) > 1:
            rules = sum(len(self._steps.tables[table].places_of(chain)) for table, chain in members)
            node = Node(key, CHAINS, members[0][0], tuple(chain for _, chain in members), common=common, rules=rules)
            self._made |= dict.fromkeys(members, node)

    def _form(self, place: Place) -> str:
        """What is equal for chains whose rules have the same shapes, however many of each."""
        table = self._steps.tables[place[0]]
        return "".join(sorted(set(table.rules.form(table.places_of(place[1])))))

    def of(self, place: Place) -> Node:
        """The node in which a chain is shown."""
        found = self._made.get(place)
        if found is None:
            table, chain = place
            declared = self._steps.tables[table].chains.get(ChainName(chain))
            found = self._made[place] = Node(
                key_of(place),
                HOOK if chain in BUILT_IN else CHAIN,
                table,
                (chain,),
                line=0 if declared is None else declared.line,
                rules=len(self._steps.tables[table].places_of(chain)),
                policy=None if declared is None else declared.policy,
                missing=not self._steps.has(place),
                ports=tuple(port for port in (self._owned.port(place),) if port is not None),
            )
        return self.keep(found)

    def refused(self, port: ServicePort) -> Node | None:
        """The node of Services without endpoints, or of others that have no chain, if this is one of them and they are folded."""
        node = self._refused.get(id(port))
        return None if node is None else self.keep(node)

    def keep(self, node: Node) -> Node:
        """Takes a node into the picture, as it was first taken."""
        return self.nodes.setdefault(node.key, node)


def key_of(place: Place) -> str:
    """The key of a chain that is shown by itself."""
    return f"chain {place[0]} {place[1]}"


def pod(address: str) -> Node:
    """The node of a new destination: a Pod, as Services have them."""
    return Node(f"pod {address}", POD, "", (address,), pods=1)


def name_of(port: ServicePort) -> str:
    """What a Service port is called, empty if the dump does not say."""
    return "" if port.service_port is None else port.service_port.text.removesuffix(":")


def _refused(port: ServicePort) -> str | None:
    """The kind of node for a Service port that is refused or dropped wherever it listens, None for others."""
    if not port.has_endpoints:
        return EMPTY
    turned = not port.chains and all(answer.action in {DROP, REJECT} for route in port.routes for answer in route.sources.values())
    return AWAY if turned else None


def _ends(port: ServicePort) -> Iterator[tuple[str, Endpoint]]:
    return ((name, end) for name, ends in port.endpoint_sets.items() for end in ends)


def _namespaces(ports: Sequence[ServicePort]) -> Iterator[Node]:
    """A node for each namespace, by name; the small ones share one if there are too many."""
    found: dict[str, list[ServicePort]] = {}
    for port in ports:
        found.setdefault("" if port.service_port is None else port.service_port.namespace, []).append(port)
    large = sorted(found, key=lambda name: (-len(found[name]), name))
    own = large if len(large) <= _MOST_NAMESPACES else large[: _MOST_NAMESPACES - 1]
    for name in sorted(own):
        yield _services(f"namespace {name}", found[name], name)
    if len(own) < len(large):
        rest = large[len(own) :]
        yield _services("namespaces", [port for name in sorted(rest) for port in found[name]], "")


def _services(key: str, ports: Sequence[ServicePort], namespace: str) -> Node:
    pods = len({end.address for port in ports for _, end in _ends(port)})
    return Node(key, SERVICES, "nat", tuple(map(name_of, ports)), common=namespace, ports=tuple(ports), pods=pods)


def _beginnings(chain: str) -> list[str]:
    """What a name begins with, up to each sign that parts words, the longest first."""
    return [chain[: found.end()] for found in re.finditer(r"[-_.:]+", chain)][::-1]
