"""The Service view for people: one block a Service port, saying who, where it listens, who answers, and what people trip over.

default/nginx
  ClusterIP  10.109.35.24:80/TCP  Pods           3 Pods
                                  node, outside  3 Pods, masqueraded
  Pods       192.168.104.1:80     33.3 %
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple
from iptexplain.render import words
from iptexplain.render.layout import columns, fold
from iptexplain.render.safe import plain
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.analysis.service_port import Answer, Route, ServicePort
    from iptexplain.render.style import Style
    from iptexplain.render.words import Said

_INDENT = "  "
_NARROWEST = 18
"""A column of sentences narrower than this is unreadable: then the sentences go below the address."""

_FEW = 12
"""Sets of more endpoints than this, with equal shares, are folded."""

_WIDE = 110
"""From this width on, endpoints show their chain and line."""


class Row(NamedTuple):
    """A line of a block: what, where, who or how much, what happens, and the tone of that."""

    kind: str
    place: str = ""
    source: str = ""
    text: str = ""
    tone: str = "plain"


def blocks(ports: Sequence[ServicePort], width: int, style: Style) -> Iterator[str]:
    """The lines of all Service ports."""
    for number, port in enumerate(ports):
        if number:
            yield ""
        yield from (style.title(line) for line in fold(words.name_of(port), width))
        rows = [*_routes(port), *_endpoints(port, wide=width >= _WIDE)]
        yield from (_INDENT + line for line in _aligned(rows, width - len(_INDENT), style))
        yield from (_INDENT + style.quiet(line) for line in _notes(port, width - len(_INDENT)))


def _aligned(rows: Sequence[Row], width: int, style: Style) -> list[str]:
    """The rows of one Service port in columns; sentences that do not fit beside the address go below it."""
    if not rows:
        return []
    sizes = (max(len(row[0]) for row in rows), max(len(row[1]) for row in rows), max(len(row[2]) for row in rows))
    left = width - sum(sizes) - 6
    beside = left >= min(_NARROWEST, max(len(row.text) for row in rows))
    return columns([line for row in rows for line in (_beside(row, left, style) if beside else _below(row, sizes[0], width, style))])


def _beside(row: Row, left: int, style: Style) -> Iterator[Sequence[str]]:
    """A row with its sentence in a column of `left` characters."""
    for number, line in enumerate(fold(row.text, left)):
        yield (*(row[:3] if number == 0 else ("", "", "")), _emphasise(line, row.tone, style))


def _below(row: Row, indent: int, width: int, style: Style) -> Iterator[Sequence[str]]:
    """A row with its sentence on lines of its own below the address."""
    room = width - indent - 2
    lines = fold(row.place, room) if row.place else []
    said = ": ".join(text for text in (row.source, row.text) if text)
    lines += ["  " + _emphasise(line, row.tone, style) for line in (fold(said, room - 2) if said else ())]
    for number, line in enumerate(lines):
        yield (row.kind if number == 0 else "", line)


def _emphasise(text: str, tone: str, style: Style) -> str:
    return style.bad(text) if tone == "bad" else style.care(text) if tone == "care" else text


def _routes(port: ServicePort) -> list[Row]:
    """One row for each route and each group of sources that meet the same there."""
    rows: list[Row] = []
    said: dict[tuple[tuple[str, tuple[Said, ...]], ...], str] = {}
    for route in port.routes:
        found = tuple(groups(port, route))
        kind, place = words.say(words.KINDS[route.kind]), words.place(route, port.protocol)
        if found in said and len(found) > 1:
            rows.append(Row(kind, place, "", words.say(message("as {place}", place=said[found]))))
            continue
        said.setdefault(found, place.rpartition("/")[0])
        for number, (sources, sentences) in enumerate(found):
            who = words.say(message("from {sources}", sources=sources))
            first, *more = sentences
            head = (kind, place) if number == 0 else ("", "")
            rows.append(Row(*head, who, words.say(first.message), first.tone))
            rows += [Row("", "", "", words.say(one.message), one.tone) for one in more]
    return rows


def groups(port: ServicePort, route: Route) -> list[tuple[str, tuple[Said, ...]]]:
    """The sources by what they meet, in words."""
    found: dict[Answer, list[str]] = {}
    for source, answer in route.sources.items():
        found.setdefault(answer, []).append(source)
    out = []
    for answer, sources in found.items():
        if len(found) == 1:
            names = words.say(words.ANYBODY)
        elif "outside_allowed" in route.sources and {"node", "outside"} <= set(sources):
            names = words.say(words.OTHERS)
        else:
            names = ", ".join(words.say(words.SOURCES[s]) for s in sources)
        out.append((names, tuple(words.outcome(port, route, answer))))
    return out


def _endpoints(port: ServicePort, *, wide: bool) -> list[Row]:
    """One row for each endpoint: its share of all, and of those on this node where that differs; with `wide` its chain and line."""
    where = {e.address: f"{e.chain}, line {e.line}" for found in port.endpoint_sets.values() for e in found}
    every, local = port.endpoint_sets["cluster"], port.endpoint_sets["local"]
    merged: dict[str, list[str]] = {}
    for endpoints, template in ((every, "{share}"), (local, "{share} of local" if every else "{share}")):
        for endpoint in endpoints:
            text = words.say(message(template, share=words.percent(endpoint)))
            merged.setdefault(endpoint.address, []).append(text)
    rows: list[Row] = []
    label = words.say(message("Pods"))
    for number, (address, shares) in enumerate(_folded(merged)):
        more = [*shares[1:], *([plain(where[address])] if wide and address in where else [])]
        rows.append(Row(label if number == 0 else "", address, shares[0], "  ".join(more)))
    return rows


def _folded(merged: dict[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Many endpoints with the same share: the first and the last, and how many stand between them."""
    items = list(merged.items())
    at = 0
    while at < len(items):
        end = at
        while end < len(items) and items[end][1] == items[at][1]:
            end += 1
        if end - at > _FEW:
            yield items[at]
            yield words.say(message("… {count} more …", count=end - at - 2)), [words.say(message("each {share}", share=items[at][1][0]))]
            yield items[end - 1]
        else:
            yield from items[at:end]
        at = end


def _notes(port: ServicePort, width: int) -> Iterator[str]:
    """What else belongs to the Service port."""
    notes = []
    if port.source_ranges:
        notes.append(message("allowed are sources in {ranges}", ranges=", ".join(port.source_ranges)))
    if port.session_affinity_timeout is not None:
        notes.append(message("a client stays with its Pod for {seconds} s (session affinity)", seconds=port.session_affinity_timeout))
    policies = [
        f"{name}={value}"
        for name, value in (
            ("internalTrafficPolicy", port.internal_traffic_policy),
            ("externalTrafficPolicy", port.external_traffic_policy),
        )
        if value == "Local"
    ]
    if policies:
        notes.append(message("{policies}", policies=", ".join(policies)))
    if port.health_check_node_port is not None:
        notes.append(message("health check on node port {port}", port=port.health_check_node_port))
    if port.service_port is not None and not port.name_verified:
        notes.append(message("the name does not fit the chains: {chains}", chains=", ".join(port.chains)))
    for note in notes:
        yield from fold(words.say(note), width)


def legend(ports: Sequence[ServicePort]) -> Iterator[str]:
    """What the words mean, as far as they were used."""
    answers = [answer for port in ports for route in port.routes for answer in route.sources.values()]
    if not answers:
        return
    yield words.say(message("Pods, node, outside: who sends - a Pod, a process of this node, anybody else."))
    if any("outside_allowed" in route.sources for port in ports for route in port.routes):
        yield words.say(message("allowed: senders outside that are in the source ranges; others: everybody else."))
    if any(answer.masquerade for answer in answers):
        yield words.say(message("masqueraded: the Pod sees an address of this node, not the client's."))
    if any(answer.action == "none" for answer in answers):
        yield words.say(message("left alone: kube-proxy does nothing with it; it goes where routing sends it."))
