"""The parts of a picture of chains as values: nodes, edges, and what is to be looked at. What is said of them is `render.graph_words`'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from iptexplain.analysis.named_service import ServiceName
    from iptexplain.analysis.service_port import Endpoint, Route, ServicePort
    from iptexplain.model.ruleset import Dump, Rule
    from iptexplain.model.share import Share
    from iptexplain.source import Message

HOOK, CHAIN, CHAINS, SERVICE, SERVICES, EMPTY = "hook", "chain", "chains", "service", "services", "empty"
AWAY, POD, PODS, MORE, END = "away", "pod", "pods", "more", "end"
"""Kinds of nodes. Those in the plural stand for several things that are folded; `EMPTY` are Services without endpoints, `AWAY` others that
have no chain (no endpoint on this node, and a Local policy), `MORE` the endpoints of a Service beyond the first ones. Most endpoints are
Pods, but not all, so a label says endpoint."""

JUMP, GOTO, SHARE, DNAT, ENDS, POLICY, MARKED = "jump", "goto", "share", "dnat", "ends", "policy", "marked"
"""Kinds of edges: into a chain, into one without coming back, to a Pod of a Service, to another new destination, to a verdict; a policy;
from where packets get kube-proxy's mark to where it counts."""


class Look(NamedTuple):
    """What to show: all, or the Services that a text means, or some chains; only one `table`. `fold` False shows each chain.

    `meant` are the Service ports that `service` means in all that was read, where that is more than this dump; None: look in this dump.
    """

    service: str | None = None
    chains: tuple[str, ...] = ()
    fold: bool = True
    table: str | None = None
    meant: AbstractSet[ServiceName] | None = None


class Node(NamedTuple):
    """Something in the picture. `key` is its own in the graph, and nothing for people.

    `names` are what it stands for: a chain, Services (their `ports`), addresses, a verdict; those of a folded node have `common` in front
    of all names (a prefix of chains, a namespace). `line` is where the first chain is declared, 0: nowhere. `acts` are targets that its
    rules have beside those with an edge (`MARK`, `LOG`); `marks` counts rules for KUBE-MARK-MASQ that have no edge, `elsewhere` rules that
    lead out of the picture. `missing`: rules jump there, but the dump does not hold it. `pods` counts the endpoints in a folded node, by
    address and port; `called`: chains of Services that are folded lead there, which has no edge. `alone`: no rule of the dump leads there.
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


class Draw(NamedTuple):
    """The share that rules take which draw lots one behind the other.

    It is one of what comes to the line `since`, None: of what comes to their chain; if `asks`, of those packets that the rules are about.
    """

    share: Share
    since: int | None = None
    asks: bool = False


class Edge(NamedTuple):
    """A way from one node to another, whatever number of rules take it.

    `times` is that number and `rules` the first of them; none for a policy. `places` are where Services listen that these rules serve or
    refuse. `shares` are the endpoints at its end, each with the set (`cluster`, `local`) that says its share. `draw` is what the rules take
    that draw lots together, `chance` in words how often a rule matches that draws alone. `health` are the Services whose health checks
    these rules let in. `leaving` and `entered` are the chains at its ends, where these are nodes of several chains.
    """

    source: str
    target: str
    kind: str
    times: int = 0
    rules: tuple[Rule, ...] = ()
    places: tuple[tuple[ServicePort, Route], ...] = ()
    shares: tuple[tuple[str, Endpoint], ...] = ()
    draw: Draw | None = None
    chance: Message | None = None
    health: tuple[ServicePort, ...] = ()
    leaving: tuple[str, ...] = ()
    entered: tuple[str, ...] = ()


class Graph(NamedTuple):
    """The picture of one dump: nodes and edges, each in the order in which a packet may meet them. `file` is where the dump was read."""

    dump: Dump
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    file: str = ""
