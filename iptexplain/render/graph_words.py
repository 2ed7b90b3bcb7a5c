"""What a picture of chains says of its nodes and edges: the lines of their labels, and of what is shown when somebody points at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.graph_parts import (
    AWAY,
    CHAIN,
    CHAINS,
    DNAT,
    EMPTY,
    END,
    GOTO,
    HOOK,
    MARKED,
    MORE,
    POD,
    PODS,
    POLICY,
    SERVICE,
    SERVICES,
)
from iptexplain.model.share import percent
from iptexplain.render.safe import plain
from iptexplain.render.words import KINDS, OTHERS, SOURCES, family, name_of, place, say
from iptexplain.source import N_, all_of, message, verbatim

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from iptexplain.analysis.graph_parts import Draw, Edge, Graph, Node
    from iptexplain.analysis.service_port import Endpoint, Route, ServicePort
    from iptexplain.source import Message

_NAMES = 4
"""So many names of a folded node stand on it,"""
_MORE_NAMES = 40
"""and so many are told when somebody points at it."""
_PLACES = 4
"""So many places where a Service listens stand on an edge."""


def title(graph: Graph, table: str, every: Sequence[Graph]) -> str:
    """What stands above a table: also its family where there are several dumps, and what else it takes to tell them apart."""
    if len(every) == 1:
        return say(message("table {table}", table=table))
    said = [verbatim(family(graph.dump.family))]
    others = [one for one in every if one is not graph]
    if any(one.dump.family == graph.dump.family and one.dump.backend != graph.dump.backend for one in others) and graph.dump.backend:
        said.append(verbatim(graph.dump.backend))
    if len({one.file for one in every}) > 1:
        said.append(verbatim(graph.file))
    if any(_origin(one) == _origin(graph) for one in others):
        said.append(message("from line {line} on", line=graph.dump.first_line))
    return say(message("table {table}, {dump}", table=table, dump=all_of(said)))


def _origin(graph: Graph) -> tuple[str | None, str | None, str]:
    return graph.dump.family, graph.dump.backend, graph.file


def heading(node: Node) -> str:
    """The name of a node."""
    if node.kind == SERVICE:
        return name_of(node.ports[0])
    one, many = _FOLDED.get(node.kind, ("", ""))
    count = len(node.names)
    if node.kind == SERVICES:
        what = _of_namespace(node)
    elif node.kind == CHAINS:
        what = message("{count} chains {common}…", count=count, common=node.common) if node.common else message(many, count=count)
    elif one:
        what = message(one) if count == 1 else message(many, count=count)
    else:
        return plain(node.names[0])
    return say(what)


_FOLDED = {
    EMPTY: (N_("1 Service port without endpoints"), N_("{count} Service ports without endpoints")),
    AWAY: (N_("1 Service port that is turned away"), N_("{count} Service ports that are turned away")),
    MORE: (N_("and 1 more endpoint"), N_("and {count} more endpoints")),
    PODS: (N_("1 endpoint"), N_("{count} endpoints")),
    CHAINS: (N_("1 chain without rules"), N_("{count} chains without rules")),
}
"""What a folded node is called: one thing, more of them."""


def _of_namespace(node: Node) -> Message:
    if node.common:
        return message("namespace {namespace}", namespace=node.common)
    spaces = {port.service_port.namespace for port in node.ports if port.service_port is not None}
    return message("{count} more namespaces", count=len(spaces)) if spaces else message("Services without a known name")


def _endpoints(count: int) -> Message:
    return message("1 endpoint") if count == 1 else message("{count} endpoints", count=count)


def notes(node: Node) -> list[str]:
    """The lines below the name of a node."""
    said: list[Message] = []
    if node.kind == SERVICES:
        said.append(_ports(len(node.names), node.pods))
    if node.kind == SERVICE:
        said += _all_places(node.ports[0])
    elif node.kind in _FOLDED or node.kind == SERVICES:
        said += _names(node, _NAMES)
    elif node.kind in {HOOK, CHAIN}:
        said += _of_chain(node)
    if node.elsewhere and node.kind in {HOOK, CHAIN, CHAINS}:
        said.append(
            message("1 rule leads elsewhere") if node.elsewhere == 1 else message("{count} rules lead elsewhere", count=node.elsewhere)
        )
    return [say(one) for one in said]


def _ports(count: int, pods: int) -> Message:
    said = message("1 Service port") if count == 1 else message("{count} Service ports", count=count)
    return all_of([said, _endpoints(pods)])


def _names(node: Node, most: int) -> list[Message]:
    """The names of a folded node, the first ones, and how many more there are. One more than `most` is shown in place of saying so."""
    count = len(node.names)
    shown = count if count <= most + 1 else most
    said = [verbatim(_short(node, number)) for number in range(shown)]
    return [*said, message("and {count} more", count=count - shown)] if shown < count else said


def _of_chain(node: Node) -> list[Message]:
    """What is said of a chain: its policy where that matters, whose it is, what its rules do beside leading on."""
    if node.missing:
        return [message("not in this dump")]
    said: list[Message] = []
    if node.policy is not None and node.kind == HOOK and (node.table == "filter" or node.policy != "ACCEPT"):
        said.append(message("policy {policy}", policy=node.policy))
    said += [message("of {service}", service=name_of(port)) for port in node.ports]
    if node.acts:
        said.append(message("runs {targets}", targets=all_of([verbatim(name) for name in node.acts])))
    remarks = (
        (node.called, message("chains of Services jump here")),
        (node.alone, message("no rule leads here")),
        (not node.rules, message("no rules")),
    )
    return [*said, *(remark for holds, remark in remarks if holds)]


def _all_places(port: ServicePort) -> list[Message]:
    """Where a Service listens, the first places."""
    shown = port.routes if len(port.routes) <= _PLACES + 1 else port.routes[:_PLACES]
    said = [all_of(_place(port, route)) for route in shown]
    return [*said, message("and {count} more", count=len(port.routes) - len(shown))] if len(shown) < len(port.routes) else said


def _short(node: Node, number: int) -> str:
    """One of the folded names; without the namespace where that is said above."""
    name = node.names[number] if node.kind in {MORE, PODS, CHAINS} else name_of(node.ports[number])
    return name.removeprefix(f"{node.common}/") if node.kind == SERVICES and node.common else name


def pointed(node: Node) -> list[str]:
    """What is told of a node when somebody points at it."""
    said: list[Message] = []
    if node.line:
        said.append(message("{chain}, line {line}", chain=node.names[0], line=node.line))
    if node.rules:
        said.append(message("1 rule") if node.rules == 1 else message("{count} rules", count=node.rules))
    if node.kind == SERVICE:
        said += [verbatim(chain) for chain in node.ports[0].chains]
    if node.kind in _FOLDED or node.kind == SERVICES:
        said += _names(node, _MORE_NAMES)
    if node.marks:
        said.append(
            message("1 rule marks packets to be masqueraded")
            if node.marks == 1
            else message("{count} rules mark packets to be masqueraded", count=node.marks)
        )
    return [say(one) for one in said]


def label(edge: Edge, nodes: Mapping[str, Node]) -> list[str]:
    """What stands on an edge, given the nodes of the picture by their keys."""
    source, target = nodes[edge.source], nodes[edge.target]
    if edge.kind == POLICY:
        return [say(message("policy"))]
    if edge.kind == MARKED:
        return [say(message("marked"))]
    lines = [*_shares(edge.shares, target.pods), *_parts(edge, source, target), *_chances(edge)]
    if not edge.places:
        lines += _first([message("health checks of {service}", service=name_of(port)) for port in edge.health])
    if edge.places and target.kind not in {SERVICE, SERVICES} and not (target.kind in {EMPTY, AWAY} and len(target.ports) > 1):
        named = len({id(port) for port, _ in edge.places}) > 1 or target.kind in {END, POD}
        shown = edge.places if len(edge.places) <= _PLACES + 1 else edge.places[:_PLACES]
        lines += [say(one) for port, route in shown for one in _place(port, route, named=named, end=target.kind == END)]
        if len(shown) < len(edge.places):
            lines.append(say(message("and {count} more", count=len(edge.places) - len(shown))))
    if edge.kind == GOTO:
        lines.append(say(message("goto")))
    if edge.kind == DNAT and not lines:
        lines.append("DNAT")
    if not lines and edge.times > 1 and target.kind != SERVICE:
        lines.append(say(message("{count} rules", count=edge.times)))
    return lines


def _chances(edge: Edge) -> list[str]:
    """What the rules of an edge take that draw lots, together or alone."""
    said = edge.chance if edge.draw is None else _drawn(edge.draw)
    return [] if said is None else [say(said)]


def _drawn(draw: Draw) -> Message:
    """What rules take that draw lots."""
    share = percent(float(draw.share))
    if draw.since is None:
        return message("{share} of what matches", share=share) if draw.asks else message("{share}", share=share)
    if draw.asks:
        return message("{share} of what matches, from line {line} on", share=share, line=draw.since)
    return message("{share} of what comes to line {line}", share=share, line=draw.since)


def _parts(edge: Edge, source: Node, target: Node) -> list[str]:
    """Which chains an edge leaves and enters, where it is not all of a node that stands for several."""
    lines = []
    if source.kind == CHAINS and len(edge.leaving) < len(source.names):
        lines += [say(message("from {count} of {all}:", count=len(edge.leaving), all=len(source.names)))]
        lines += _first([verbatim(chain) for chain in edge.leaving])
    if target.kind == CHAINS and len(edge.entered) < len(target.names):
        lines += [say(message("to {count} of {all}:", count=len(edge.entered), all=len(target.names)))]
        lines += _first([verbatim(chain) for chain in edge.entered])
    return lines


def _first(items: Sequence[Message]) -> list[str]:
    """The first of several things, a line each, and how many more there are."""
    shown = items if len(items) <= _PLACES + 1 else items[:_PLACES]
    more = len(items) - len(shown)
    return [say(one) for one in [*shown, *([message("and {count} more", count=more)] if more else [])]]


def _place(port: ServicePort, route: Route, *, named: bool = False, end: bool = False) -> list[Message]:
    """Where a Service listens, who is masqueraded there, and who is turned away; on the way to an `end` nobody is masqueraded."""
    where = message("{kind} {place}", kind=KINDS[route.kind], place=place(route, port.protocol))
    said = [message("{service}: {place}", service=name_of(port), place=where) if named else where]
    met = route.sources
    masqueraded = [source for source, answer in met.items() if answer.action == "dnat" and answer.masquerade]
    if masqueraded and not end:
        all_ = len(masqueraded) == len(met)
        said.append(message("masqueraded") if all_ else message("masqueraded: {sources}", sources=_sources(masqueraded, met)))
    for action, of_all, of_some in _TURNED_AWAY:
        away = [source for source, answer in met.items() if answer.action == action]
        if away:
            said.append(message(of_all) if len(away) == len(met) else message(of_some, sources=_sources(away, met)))
    return said


def _sources(some: Sequence[str], met: Collection[str]) -> Message:
    return all_of([OTHERS if one == "outside" and "outside_allowed" in met else SOURCES[one] for one in some])


_TURNED_AWAY = (
    ("drop", N_("DROPPED"), N_("DROPPED: {sources}")),
    ("reject", N_("REFUSED"), N_("REFUSED: {sources}")),
)
"""What is said of a place where all are turned away, or some."""


def _shares(shares: Sequence[tuple[str, Endpoint]], pods: int) -> list[str]:
    """The shares of the endpoints at the end of an edge, for each set."""
    lines = []
    for name in sorted({name for name, _ in shares}):  # `cluster` before `local`
        ends = [end for own, end in shares if own == name]
        found = sorted({float(end.share) for end in ends if end.share is not None})
        if not found or any(end.share is None for end in ends):
            continue
        low, high = percent(found[0]), percent(found[-1])
        said = (
            message("{share}", share=low)
            if len(ends) == 1
            else message("{share} each", share=low)
            if low == high
            else message("{low} to {high} each", low=low, high=high)
        )
        said = message("{share} of local", share=said) if name == "local" else said
        if len(ends) < pods:
            lines += [say(message("{share}:", share=said)), *_first([verbatim(end.address) for end in ends])]
        else:
            lines.append(say(said))
    return lines


def pointed_edge(edge: Edge) -> list[str]:
    """What is told of an edge when somebody points at it: its rules."""
    lines = [say(message("line {line}: {rule}", line=rule.line, rule=rule.text)) for rule in edge.rules]
    if len(edge.rules) < edge.times:
        more = edge.times - len(edge.rules)
        lines.append(say(message("and 1 more rule") if more == 1 else message("and {count} more rules", count=more)))
    return lines


def is_bad(node: Node) -> bool:
    """Does traffic end here without an answer from anybody who was meant."""
    return node.missing or node.kind in {EMPTY, AWAY} or (node.kind == END and node.names[0] in {"DROP", "REJECT"})
