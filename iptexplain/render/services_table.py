"""The Service view for people: one block a Service port, saying who, where it listens, who answers, and what people trip over.

default/nginx
  ClusterIP  10.109.35.24:80/TCP  Pods           to 3 Pods
                                  node, outside  to 3 Pods, masqueraded
  Pods       192.168.104.1:80     33.3 %

All blocks share their columns, as far as there is room for the sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.service_port import Endpoint
from iptexplain.model.share import percent
from iptexplain.named import NamedTuple
from iptexplain.render import words
from iptexplain.render.layout import columns, columns_of, fold
from iptexplain.render.service_notes import notes
from iptexplain.source import all_of, message

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from iptexplain.analysis.service_port import Answer, Route, ServicePort
    from iptexplain.render.style import Style
    from iptexplain.render.words import Said

_IPV6 = 6
_INDENT = "  "
_FOUND = "> "
_NARROWEST = 18
"""A column of sentences narrower than this is unreadable: then the sentences go below the address."""

_SENTENCE = 24
"""The columns of all blocks are aligned if so much room is left for the sentences."""

_ROUNDING = 1e-3
_FEW = 12
"""Sets of more endpoints than this, with equal shares, are folded."""

_WIDE = 110
"""From this width on, endpoints show their chain and line."""


class Row(NamedTuple):
    """A line of a block: what, where, who or how much, what happens, the tone of that, and whether it was looked for."""

    kind: str
    place: str = ""
    source: str = ""
    text: str = ""
    tone: str = "plain"
    found: bool = False


def blocks(groups: Sequence[Sequence[ServicePort]], width: int, style: Style, found: Collection[object] = ()) -> Iterator[str]:
    """The lines of all Service ports; the ports of one group (IPv4 and IPv6) are one block.

    `found` are routes and endpoints that were looked for: they are marked.
    """
    label = words.say(message("Pods"))
    every = []
    for group in groups:
        rows = _routes(group, found)
        ends = [row for port in group for row in _endpoints(port, found, width >= _WIDE)]
        rows += [row._replace(kind=label if number == 0 else "") for number, row in enumerate(ends)]
        every.append(rows)
    shared = _sizes([row for rows in every for row in rows])
    if width - len(_INDENT) - sum(shared) - 6 < _SENTENCE:
        shared = 0, 0, 0
    for number, (group, rows) in enumerate(zip(groups, every, strict=True)):
        if number:
            yield ""
        yield from (style.title(line) for line in fold(words.name_of(group[0]), width))
        yield from _aligned(rows, shared, width - len(_INDENT), style)
        said = dict.fromkeys(words.say(note) for port in group for note in notes(port))
        yield from (_INDENT + style.quiet(line) for note in said for line in fold(note, width - len(_INDENT)))


def _sizes(rows: Sequence[Row]) -> tuple[int, int, int]:
    """The widths of the first three columns."""
    kinds, places, sources = zip(*[tuple(map(columns_of, row[:3])) for row in rows], strict=True) if rows else ((0,),) * 3
    return max(kinds), max(places), max(sources)


def _aligned(rows: Sequence[Row], shared: tuple[int, int, int], width: int, style: Style) -> list[str]:
    """The rows of one block in columns, at least as wide as the `shared` ones; sentences that do not fit beside the address go below it."""
    if not rows:
        return []
    own = _sizes(rows)
    kind, place, source = (max(pair) for pair in zip(own, shared, strict=True))
    left = width - kind - place - source - 6
    beside = left >= min(_NARROWEST, max(columns_of(row.text) for row in rows))
    cells, marks = [], []
    for row in rows:
        for number, line in enumerate(_beside(row, left, style) if beside else _below(row, own[0], width, style)):
            cells.append(line)
            marks.append(_FOUND if row.found and number == 0 else _INDENT)
    lines = columns([(" " * kind, " " * place, " " * source, ""), *cells])[1:] if beside else columns(cells)
    return [mark + (style.title(line) if mark == _FOUND else line) for mark, line in zip(marks, lines, strict=True)]


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
    emphasis = {"bad": style.bad, "care": style.care, "quiet": style.quiet}.get(tone)
    return text if emphasis is None else emphasis(text)


_Met = tuple[tuple[str, "tuple[Said, ...]"], ...]
"""What the sources meet at a route, in words."""


def _routes(group: Sequence[ServicePort], looked_for: Collection[object]) -> list[Row]:
    """One row for each route and each group of sources that meet the same there; the routes of one kind stand together."""
    rows: list[Row] = []
    said: dict[tuple[bool, _Met], str] = {}
    wanted = {id(one) for one in looked_for}
    before = ""
    for route, place, met in _listed(group):
        kind = words.say(words.KINDS[route.kind])
        kind, before = ("" if kind == before and len(group) > 1 else kind), kind
        marked = id(route) in wanted
        like = route.address is not None and route.address.family == _IPV6, met  # the Pods of IPv4 and of IPv6 are others
        if like in said and len(met) > 1:
            rows.append(Row(kind, place, "", words.say(message("as {place}", place=said[like])), found=marked))
            continue
        said.setdefault(like, place.rpartition("/")[0] or place)
        for number, (sources, sentences) in enumerate(met):
            first, *more = sentences
            head = (kind, place) if number == 0 else ("", "")
            rows.append(Row(*head, sources, words.say(first.message), first.tone, marked and number == 0))
            rows += [Row("", "", "", words.say(one.message), one.tone) for one in more]
    return rows


def _listed(group: Sequence[ServicePort]) -> list[tuple[Route, str, _Met]]:
    """The routes by kind, with where they are and what is met there. A node port of both families is told once if it does the same."""
    kinds = list(words.KINDS)
    found = [(route, words.place(route, port.protocol), tuple(groups(port, route)), port) for port in group for route in port.routes]
    out: dict[object, tuple[Route, str, _Met]] = {}
    for route, place, met, port in sorted(found, key=lambda one: kinds.index(one[0].kind)):
        if len(group) == 1 or route.address is not None:
            out[id(route)] = route, place, met
        elif all(other == met for _, same, other, _ in found if same == place):
            out.setdefault(place, (route, place, met))
        else:
            of = words.say(message("{family} {place}", family=words.family(port.family), place=place))
            out[id(route)] = route, of, met
    return list(out.values())


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
            names = words.say(all_of([words.SOURCES[source] for source in sources]))
        out.append((names, tuple(words.outcome(port, route, answer))))
    return out


class _End(NamedTuple):
    """One endpoint as a row tells it: its address, its share of all, of those on this node, what was counted, where it stands."""

    address: str
    share: str
    local: str
    counted: int | None
    where: str
    recovered: bool
    found: bool
    shares: tuple[float | None, float | None]
    """Its share of all and of those on this node, as numbers."""

    def is_like(self, other: _End) -> bool:
        """Are the shares equal, but for the rounding of the kernel (and of the five digits of 1.16)."""
        return all(map(_near, self.shares, other.shares))


def _near(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and abs(one - other) <= other * _ROUNDING)


def _endpoints(port: ServicePort, looked_for: Collection[object], wide: bool) -> list[Row]:  # noqa: FBT001 - a yes or no
    """One row for each endpoint; with `wide` its chain and line. Many with the same share are folded."""
    ends = _merged(port, looked_for)
    total = sum(end.counted or 0 for end in ends)
    rows: list[Row] = []
    at = 0
    while at < len(ends):
        end = at
        while end < len(ends) and ends[end].is_like(ends[at]):
            end += 1
        run = ends[at:end]
        shown = [0, *(number for number, one in enumerate(run[1:-1], 1) if one.found), len(run) - 1] if len(run) > _FEW else range(len(run))
        before = -1
        for number in shown:
            if number > before + 1:
                rows.append(_folded(run[before + 1 : number]))
            rows.append(_end_row(run[number], total, wide=wide))
            before = number
        at = end
    return rows


def _folded(hidden: Sequence[_End]) -> Row:
    """How many endpoints stand between the first and the last, and what was counted there."""
    place = words.say(message("… {count} more …", count=len(hidden)))
    each = words.say(message("each {share}", share=hidden[0].share))
    counts = [one.counted for one in hidden if one.counted is not None]
    text = words.say(message("counted {least} to {most} each", least=min(counts), most=max(counts))) if counts else ""
    return Row("", place, each, text)


def _end_row(end: _End, total: int, *, wide: bool) -> Row:
    parts = []
    if end.local:
        parts.append(words.say(message("{share} of local", share=end.local)))
    if end.counted is not None and total:
        share = percent(end.counted / total)
        parts.append(words.say(message("counted {count} = {share}", count=end.counted, share=share)))
    if end.recovered:
        parts.append(words.say(message("recovered from the chain's name")))
    if wide and end.where:
        parts.append(end.where)
    tone = "quiet" if parts == [end.where] else "plain"
    return Row("", end.address, end.share, "  ".join(parts), tone, end.found)


def _merged(port: ServicePort, looked_for: Collection[object]) -> list[_End]:
    """The endpoints of both sets: each once, with its share of all and its share of those on this node."""
    every, local = port.endpoint_sets["cluster"], port.endpoint_sets["local"]
    counted = _counts(port, "cluster" if every else "local")
    marked = {(end.address, end.chain) for end in looked_for if isinstance(end, Endpoint)}
    of_local = {end.address: end for end in local} if every else {}
    found = [_as_row(end, of_local.pop(end.address, None), counted, marked) for end in every or local]
    return [*found, *(_as_row(end, None, counted, marked) for end in local if end.address in of_local)]


def _as_row(end: Endpoint, local: Endpoint | None, counted: dict[str, int], marked: Collection[object]) -> _End:
    """One endpoint; `local` is the same in the set of those on this node."""
    where = end.chain
    if end.line:
        where = words.say(message("{chain}, line {line}", chain=end.chain, line=end.line))
    here = "" if local is None else words.share_of(local)
    shares = _number(end), None if local is None else _number(local)
    return _End(
        end.address, words.share_of(end), here, counted.get(end.address), where, end.recovered, (end.address, end.chain) in marked, shares
    )


def _number(end: Endpoint) -> float | None:
    return None if end.share is None else float(end.share)


def _counts(port: ServicePort, name: str) -> dict[str, int]:
    """The connections to each endpoint of a set, where there are counters."""
    found = port.observed.get(name)
    ends = port.endpoint_sets[name]
    return {} if found is None else {end.address: count for end, count in zip(ends, found.packets, strict=True)}


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
    if any(port.observed for port in ports):
        yield words.say(message("counted: connections since kube-proxy last wrote the chain (iptables-save -c)."))
