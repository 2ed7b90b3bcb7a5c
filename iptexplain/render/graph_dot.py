"""A picture of chains in the language of Graphviz (https://graphviz.org/doc/info/lang.html)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.graph_parts import HOOK, MARKED, MORE, POD, PODS, POLICY, SERVICE, SERVICES, SHARE
from iptexplain.render import graph_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.analysis.graph_parts import Edge, Graph, Node

_HEAD = (
    "digraph iptables {",
    "  rankdir=LR; nodesep=0.18; ranksep=0.5; newrank=true;",
    '  graph [fontname="Helvetica,Arial,sans-serif", fontsize=14, labeljust=l];',
    '  node [fontname="Helvetica,Arial,sans-serif", fontsize=11, shape=box, style=filled, fillcolor=white];',
    '  node [color="#444444", margin="0.12,0.06"];',
    '  edge [fontname="Helvetica,Arial,sans-serif", fontsize=10, color="#555555", arrowsize=0.7];',
)

_KINDS = {
    "hook": 'shape=cds, margin="0.2,0.14", fillcolor="#e3e3e3"',
    "chain": "",
    "chains": 'shape=folder, fillcolor="#f6f6f6"',
    "service": 'style="filled,rounded", fillcolor="#cfe2ff", color="#1f4e9c", penwidth=1.5',
    "services": 'shape=folder, fillcolor="#cfe2ff", color="#1f4e9c"',
    "empty": 'shape=folder, style="filled,dashed", fillcolor="#fde2e0", color="#a61b1b"',
    "away": 'shape=folder, style="filled,dashed", fillcolor="#fde2e0", color="#a61b1b"',
    "pod": 'shape=component, fillcolor="#d9f2d9", color="#2b6b2b"',
    "pods": 'shape=folder, fillcolor="#d9f2d9", color="#2b6b2b"',
    "more": 'shape=folder, fillcolor="#d9f2d9", color="#2b6b2b"',
    "end": 'shape=ellipse, fillcolor="#fff4d6"',
}
"""How each kind of node looks: told by its shape as well as by its colour, so that a print in grey tells it too."""

_BAD_END = 'shape=octagon, fillcolor="#fde2e0", color="#a61b1b"'
_GOOD_END = 'shape=ellipse, fillcolor="#d9f2d9", color="#2b6b2b"'
_MISSING = 'style="filled,dashed", fillcolor="#fde2e0", color="#a61b1b"'


def lines(graphs: Sequence[Graph]) -> Iterator[str]:
    """The pictures of some dumps as one graph, line by line."""
    yield from _HEAD
    every: list[tuple[str, str]] = []
    firsts: list[str] = []
    for number, graph in enumerate(graphs):
        ids = {node.key: f"n{number}_{at}" if len(graphs) > 1 else f"n{at}" for at, node in enumerate(graph.nodes, 1)}
        for table in dict.fromkeys(node.table for node in graph.nodes if node.table):
            yield f"  subgraph {quoted([f'cluster_{number}_{table}'])} {{"
            yield f"    label={quoted([graph_words.title(graph, table, graphs)])};"
            yield '    style="filled,rounded"; color="#bbbbbb"; fillcolor="#fbfbfb";'
            yield from (f"    {_node(ids[node.key], node)}" for node in graph.nodes if node.table == table)
            yield "  }"
        yield from (f"  {_node(ids[node.key], node)}" for node in graph.nodes if not node.table)
        nodes = {node.key: node for node in graph.nodes}
        yield from (f"  {ids[edge.source]} -> {ids[edge.target]}{_edge(edge, nodes)};" for edge in graph.edges)
        every += [(node.kind, ids[node.key]) for node in graph.nodes]
        firsts += [ids[node.key] for node in _firsts(graph)]
    yield from _columns(every)
    yield '  first [style=invis, shape=point, width=0, label=""];'
    yield from (f"  first -> {name} [style=invis];" for name in firsts)
    yield "}"


_COLUMNS = ((HOOK,), (SERVICE, SERVICES), (POD, PODS, MORE))


def _columns(nodes: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Lines that put nodes of one kind below each other: hooks, Services, Pods."""
    for kinds in _COLUMNS:
        found = [name for kind, name in nodes if kind in kinds]
        if len(found) > 1:
            yield f"  {{ rank=same; {' '.join(found)} }}"


def _firsts(graph: Graph) -> Iterator[Node]:
    """Where packets come into each table: its hooks, and other nodes that no edge leads to; else the first one.

    Edges to these from one node that is not seen keep the tables in their order: else the largest would come last.
    """
    led_to = {edge.target for edge in graph.edges if edge.kind != MARKED}
    for table in dict.fromkeys(node.table for node in graph.nodes if node.table):
        own = [node for node in graph.nodes if node.table == table]
        yield from [node for node in own if node.kind == HOOK or node.key not in led_to] or own[:1]


def _node(name: str, node: Node) -> str:
    heading, below = graph_words.heading(node), graph_words.notes(node)
    said = [f"label={quoted([heading, *below])}", f"tooltip={quoted(graph_words.pointed(node) or [heading])}", _look(node)]
    return f"{name} [{', '.join(part for part in said if part)}];"


def _look(node: Node) -> str:
    if node.missing:
        return _MISSING
    if node.kind == "end":
        return _BAD_END if graph_words.is_bad(node) else _GOOD_END if node.names[0] == "ACCEPT" else _KINDS["end"]
    return _KINDS[node.kind]


def _edge(edge: Edge, nodes: dict[str, Node]) -> str:
    said = []
    label, tip = graph_words.label(edge, nodes), graph_words.pointed_edge(edge)
    if label:
        said.append(f"label={quoted(label, end=True)}")
    if tip:
        said.append(f"tooltip={quoted(tip)}")
        said += [f"labeltooltip={quoted(tip)}"] if label else []
    if edge.kind in {POLICY, MARKED}:
        said.append("style=dashed")
        # what marks stands among what it is led from, and shall not push what counts the mark into the column of Pods
        said += ["constraint=false"] if edge.kind == MARKED else []
    elif edge.kind == SHARE:
        said.append('color="#2b6b2b"')
    if graph_words.is_bad(nodes[edge.target]):
        said.append('color="#a61b1b"')
    return f" [{', '.join(said)}]" if said else ""


def quoted(lines: Sequence[str], *, end: bool = False) -> str:
    r"""Lines as a quoted string; nothing in them is obeyed: `\N`, `\l` (backslashes), entities of HTML (`&`), quotes.

    `end`: with blanks around, so that a label keeps off its edge.
    """
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for line in lines)
    return '"' + "\\n".join(f" {line} " if end else line for line in escaped) + '"'
