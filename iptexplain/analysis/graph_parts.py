"""The parts of a picture of chains as values: nodes, edges, and what is to be looked at. What is said of them is `render.graph_words`'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from iptexplain.analysis.service_port import Endpoint, Route, ServicePort
    from iptexplain.model.ruleset import Dump, Rule

HOOK, CHAIN, CHAINS, SERVICE, SERVICES, EMPTY = "hook", "chain", "chains", "service", "services", "empty"
AWAY, POD, PODS, MORE, END = "away", "pod", "pods", "more", "end"
"""Kinds of nodes. Those in the plural stand for several things that are folded; `EMPTY` are Services without endpoints, `AWAY` others that
have no chain (no endpoint on this node, and a Local policy), `MORE` the Pods of a Service beyond the first ones."""

JUMP, GOTO, SHARE, DNAT, ENDS, POLICY, MARKED = "jump", "goto", "share", "dnat", "ends", "policy", "marked"
"""Kinds of edges: into a chain, into one without coming back, to a Pod of a Service, to another new destination, to a verdict; a policy;
from where packets get kube-proxy's mark to where it counts."""


class Look(NamedTuple):
    """What to show: all, or the Services whose namespace/name:port holds a text, or some chains; `fold` False shows each chain."""

    service: str | None = None
    chains: tuple[str, ...] = ()
    fold: bool = True


class Node(NamedTuple):
    """Something in the picture. `key` is its own in the graph, and nothing for people.

    `names` are what it stands for: a chain, Services (their `ports`), addresses, a verdict; those of a folded node have `common` in front
    of all names (a prefix of chains, a namespace). `line` is where the first chain is declared, 0: nowhere. `acts` are targets that its
    rules have beside those with an edge (`MARK`, `LOG`); `marks` counts rules for KUBE-MARK-MASQ that have no edge, `elsewhere` rules that
    lead out of the picture. `missing`: rules jump there, but the dump does not hold it. `pods` counts the addresses in a folded node;
    `called`: chains of Services that are folded lead there, which has no edge. `alone`: no rule of the dump leads there.
    """

    key: str
    kind: str
    table: str
    names: tuple[str, ...]
    common: str = ""
    line: int = 0
    rules: int = 0
    policy: str | None = None
    acts: tuple[str, ...] = ()
    marks: int = 0
    elsewhere: int = 0
    missing: bool = False
    ports: tuple[ServicePort, ...] = ()
    pods: int = 0
    called: bool = False
    alone: bool = False


class Edge(NamedTuple):
    """A way from one node to another, whatever number of rules take it.

    `times` is that number and `rules` the first of them; none for a policy. `places` are where Services listen that these rules serve or
    refuse. `shares` are the endpoints at its end, each with the set (`cluster`, `local`) that says its share.
    """

    source: str
    target: str
    kind: str
    times: int = 0
    rules: tuple[Rule, ...] = ()
    places: tuple[tuple[ServicePort, Route], ...] = ()
    shares: tuple[tuple[str, Endpoint], ...] = ()


class Graph(NamedTuple):
    """The picture of one dump: nodes and edges, each in the order in which a packet may meet them. `file` is where the dump was read."""

    dump: Dump
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    file: str = ""
