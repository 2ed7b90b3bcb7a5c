"""A picture of chains in the language of Mermaid, which GitHub and GitLab draw in Markdown.

See https://mermaid.js.org/syntax/flowchart.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.analysis.graph_parts import MARKED, POLICY
from iptexplain.render import graph_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.analysis.graph_parts import Edge, Graph, Node

_SHAPES = {
    "hook": (">", "]"),
    "chain": ("[", "]"),
    "chains": ("[[", "]]"),
    "service": ("(", ")"),
    "services": ("[[", "]]"),
    "empty": ("[[", "]]"),
    "away": ("[[", "]]"),
    "pod": ("([", "])"),
    "pods": ("[[", "]]"),
    "more": ("[[", "]]"),
    "end": ("{{", "}}"),
}
"""What stands around the text of each kind of node; it makes the shape."""

_CLASSES = {
    "hook": "fill:#e3e3e3,stroke:#444444,color:#000000",
    "chain": "fill:#ffffff,stroke:#444444,color:#000000",
    "service": "fill:#cfe2ff,stroke:#1f4e9c,color:#000000",
    "pod": "fill:#d9f2d9,stroke:#2b6b2b,color:#000000",
    "bad": "fill:#fde2e0,stroke:#a61b1b,color:#000000",
    "verdict": "fill:#fff4d6,stroke:#444444,color:#000000",
}
_CLASS = {"chains": "chain", "services": "service", "pods": "pod", "more": "pod", "end": "verdict"}
"""The class of a kind of node, where it is another word: `end` is a keyword of Mermaid."""

_SAFE = re.compile(r"[^\w .,:/()+=…%-]|%(?=[%{])", re.ASCII)


def lines(graphs: Sequence[Graph]) -> Iterator[str]:
    """The pictures of some dumps as one flowchart, line by line."""
    yield "flowchart LR"
    used: dict[str, list[str]] = {}
    for number, graph in enumerate(graphs):
        ids = {node.key: f"n{number}_{at}" if len(graphs) > 1 else f"n{at}" for at, node in enumerate(graph.nodes, 1)}
        for at, table in enumerate(dict.fromkeys(node.table for node in graph.nodes if node.table), 1):
            yield f"  subgraph t{number}_{at}[{quoted([graph_words.title(graph, table, graphs)])}]"
            yield from (f"    {_node(ids[node.key], node)}" for node in graph.nodes if node.table == table)
            yield "  end"
        yield from (f"  {_node(ids[node.key], node)}" for node in graph.nodes if not node.table)
        nodes = {node.key: node for node in graph.nodes}
        yield from (f"  {ids[edge.source]} {_arrow(edge, nodes)} {ids[edge.target]}" for edge in graph.edges)
        for node in graph.nodes:
            used.setdefault(_class(node), []).append(ids[node.key])
    for name, look in _CLASSES.items():
        if name in used:
            yield f"  classDef {name} {look}"
            yield f"  class {','.join(used[name])} {name}"


MOST_CHARACTERS, MOST_EDGES = 50_000, 500
"""What Mermaid draws at most unless its settings say otherwise, so on GitHub (`maxTextSize`, `maxEdges` in its configuration)."""


def is_too_large(lines: Sequence[str], graphs: Sequence[Graph]) -> bool:
    """Is a picture larger than what pages draw that have left Mermaid's settings alone."""
    return sum(len(line) + 1 for line in lines) > MOST_CHARACTERS or sum(len(graph.edges) for graph in graphs) > MOST_EDGES


def _node(name: str, node: Node) -> str:
    before, behind = _SHAPES[node.kind]
    return f"{name}{before}{quoted([graph_words.heading(node), *graph_words.notes(node)])}{behind}"


def _class(node: Node) -> str:
    return "bad" if graph_words.is_bad(node) else _CLASS.get(node.kind, node.kind)


def _arrow(edge: Edge, nodes: dict[str, Node]) -> str:
    label = graph_words.label(edge, nodes)
    arrow = "-.->" if edge.kind in {POLICY, MARKED} else "-->"
    return f"{arrow}|{quoted(label)}|" if label else arrow


def quoted(lines: Sequence[str]) -> str:
    """Lines as a quoted text in which nothing is obeyed: what may mean something to Mermaid, Markdown or HTML is written by its number."""
    return '"' + "<br/>".join(_SAFE.sub(_number, line) for line in lines) + '"'


def _number(found: re.Match[str]) -> str:
    sign = found.group()
    return sign if not sign.isascii() else f"#{ord(sign)};"
