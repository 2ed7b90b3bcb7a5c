"""The Service views that are text: the table, the wide table, names, Markdown, CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple
from iptexplain.render import services_table, words
from iptexplain.render.contents import lines as contents
from iptexplain.render.head import head
from iptexplain.render.layout import columns, fold
from iptexplain.render.safe import cell, markdown, plain
from iptexplain.render.services_found import sentence
from iptexplain.source import N_, all_of, message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iptexplain.analysis.find import Hit
    from iptexplain.analysis.service_port import Answer, DumpServices, Endpoint, Route, ServicePort
    from iptexplain.model.ruleset import Ruleset
    from iptexplain.render.style import Style

    Results = Sequence[tuple[Ruleset, Sequence[DumpServices]]]

_COLUMNS = (
    "FILE",
    "FAMILY",
    "NAMESPACE",
    "NAME",
    "PORT NAME",
    "PROTOCOL",
    "KIND",
    "ADDRESS",
    "PORT",
    "FROM",
    "ACTION",
    "MASQUERADED",
    "ENDPOINT",
    "SHARE",
    "LINE",
)


class How(NamedTuple):
    """How to show the table: `brief` without heads and legend, `header` False without heads.

    `chosen`: Services may have been left out on purpose. `hits` are what was looked for: sentences above the blocks, and marks in them.
    `order` sorts the Services of several dumps that are shown together.
    """

    brief: bool = False
    header: bool = True
    chosen: bool = False
    hits: Sequence[Hit] | None = None
    order: Callable[[ServicePort], tuple[object, ...]] = lambda port: port.sort_key


def table(results: Results, width: int, style: Style, how: How) -> Iterator[str]:
    """The view for people: a head for each dump, a block for each Service port; the IPv4 and the IPv6 dump of a node share their blocks."""
    for number, dumps in enumerate(_nodes(results)):
        if number:
            yield ""
        if not how.brief and how.header:
            for file, found in dumps:
                yield from head(file, found, width, style)
            yield ""
        yield from _hits([found for _, found in dumps], width, how.hits or ())
        yield from _node([found for _, found in dumps], width, style, how)
    ports = [port for _, dumps in results for found in dumps for port in found.ports]
    if ports and not how.brief:
        yield ""
        yield from (style.quiet(line) for text in services_table.legend(ports) for line in fold(text, width))


def _hits(dumps: Sequence[DumpServices], width: int, hits: Sequence[Hit]) -> Iterator[str]:
    """What was found in the dumps, as sentences."""
    mine = [hit for hit in hits if any(hit.dump.dump is found.dump for found in dumps)]
    for hit in mine:
        yield from fold(words.say(sentence(hit)), width)
    if mine and any(found.ports for found in dumps):
        yield ""


def _node(dumps: Sequence[DumpServices], width: int, style: Style, how: How) -> Iterator[str]:
    """The Services of the dumps of one node."""
    for found in dumps:
        if found.proxy is None:
            yield from contents(found.dump)
    groups = [[port] for port in dumps[0].ports] if len(dumps) == 1 else _groups([port for found in dumps for port in found.ports], how)
    yield from services_table.blocks(groups, width, style, [hit.route or hit.endpoint for hit in how.hits or ()])
    if how.chosen or how.hits is not None:
        return
    of_ipvs = [found.dump for found in dumps if found.proxy is not None and found.proxy.mode == "ipvs" and not found.ports]
    if of_ipvs:
        from iptexplain.render import ipvs_sets

        for dump in of_ipvs:
            yield from ipvs_sets.lines(dump, width)
    elif not groups and any(found.proxy for found in dumps):
        yield words.say(message("No Service stands in these rules."))
    for found in dumps if not how.brief else ():
        yield from _unlisted(found, width, style)


def _nodes(results: Results) -> Iterator[list[tuple[str, DumpServices]]]:
    """The dumps that are shown together: one of IPv4 and one of IPv6 are taken to be of one node; otherwise each by itself."""
    dumps = [(ruleset.source.name, found) for ruleset, dumps in results for found in dumps]
    if sorted(found.dump.family or "" for _, found in dumps) == ["ipv4", "ipv6"] and all(found.proxy for _, found in dumps):
        yield dumps
    else:
        yield from ([one] for one in dumps)


def _groups(ports: Sequence[ServicePort], how: How) -> list[list[ServicePort]]:
    """The ports of one name and protocol together, sorted by the first of them."""
    found: dict[object, list[ServicePort]] = {}
    for port in ports:
        name = port.service_port
        found.setdefault((name.text.removesuffix(":") if name else port.hash or id(port), port.protocol), []).append(port)
    return sorted(found.values(), key=lambda group: min(map(how.order, group)))


_MOST_UNLISTED = 3


def _unlisted(found: DumpServices, width: int, style: Style) -> Iterator[str]:
    """The chains of Services that nothing leads to."""
    chains = found.unlisted
    if chains:
        first = ", ".join(chains[:_MOST_UNLISTED])
        more = len(chains) - _MOST_UNLISTED
        yield ""
        text = (
            message("No rule leads to these chains of Services: {first}, and {more} more", first=first, more=more)
            if more > 0
            else message("No rule leads to these chains of Services: {first}", first=first)
        )
        yield from (style.quiet(line) for line in fold(words.say(text), width))


def wide(results: Results, *, header: bool = True) -> Iterator[str]:
    """One line a Service port, as `kubectl get -o wide` does."""
    titles = ("NAMESPACE", "NAME", "PORT", "CLUSTER-IP", "EXTERNAL-IP", "NODE-PORT", "INTERNAL", "EXTERNAL", "AFFINITY", "ENDPOINTS")
    several = sum(len(dumps) for _, dumps in results) > 1
    rows = [
        (*((plain(ruleset.source.name), words.family(found.dump.family)) if several else ()), *_wide(port))
        for ruleset, dumps in results
        for found in dumps
        for port in found.ports
    ]
    yield from columns(rows, header=(*(("FILE", "FAMILY") if several else ()), *titles) if header else None) if rows else ()


def _wide(port: ServicePort) -> tuple[str, ...]:
    name = port.service_port
    cluster = port.routes_of("cluster_ip")
    outside = (*port.routes_of("external_ip"), *port.routes_of("load_balancer"))
    number = cluster[0].port if cluster else outside[0].port if outside else None
    label = f"{name.port_name}:" if name and name.port_name else ""
    sets = {name: _first_of(found) for name, found in port.endpoint_sets.items() if found}
    served = "; ".join(f"{name}: {text}" for name, text in sets.items()) if len(sets) > 1 else "".join(sets.values())
    served = served or ("?" if port.has_endpoints else words.say(message("none")))
    return (
        plain(name.namespace) if name else "?",
        plain(name.name) if name else words.name_of(port),
        plain(f"{label}{number if number is not None else '?'}/{port.protocol}"),
        ",".join(str(route.address) for route in cluster) or "-",
        ",".join(str(route.address) for route in outside) or "-",
        "-" if port.node_port is None else str(port.node_port),
        port.internal_traffic_policy or "?",
        port.external_traffic_policy or "-",
        port.session_affinity or "?",
        served,
    )


_MOST_ENDPOINTS = 5
"""So many endpoints are named on one line."""

_MOST_IN_CELL = 12
"""So many endpoints are named in a cell of a Markdown table."""


def _first_of(endpoints: Sequence[Endpoint], mark: Callable[[str], str] = plain, glue: str = ", ") -> str:
    """Endpoints with their shares, which are said once if they are equal, and how many more there are."""
    shares = list(dict.fromkeys(map(words.share_of, endpoints)))
    if len(endpoints) > 1 and len(shares) == 1 and glue == ", ":
        first = [mark(end.address) for end in endpoints[:_MOST_ENDPOINTS]]
        more = len(endpoints) - len(first)
        if more:
            first.append(words.say(message("and {count} more", count=more)))
        return words.say(message("{share} each: {endpoints}", share=shares[0], endpoints=glue.join(first)))
    shown = endpoints[: _MOST_ENDPOINTS if glue == ", " else _MOST_IN_CELL]
    said = [f"{mark(end.address)} {words.share_of(end)}" for end in shown]
    if len(shown) < len(endpoints):
        said.append(words.say(message("and {count} more", count=len(endpoints) - len(shown))))
    return glue.join(said)


def names(results: Results) -> Iterator[str]:
    """The names alone, one a line: `namespace/name[:port]/PROTOCOL`; the hash or the place where the name is not known. In English."""
    for _, dumps in results:
        for found in dumps:
            for port in found.ports:
                name = port.service_port.text.removesuffix(":") if port.service_port else port.hash
                yield (
                    plain(f"{name}/{port.protocol}")
                    if name or not port.routes
                    else words.place(port.routes[0], port.protocol, words.english)
                )


def comma_separated(results: Results, *, header: bool = True) -> Iterator[str]:
    """One line for each endpoint that a kind of source may reach at a place, or for what it meets instead; in English."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if header:
        writer.writerow([name.lower().replace(" ", "_") for name in _COLUMNS])
    for ruleset, dumps in results:
        for found in dumps:
            for port in found.ports:
                for record in _records(ruleset.source.name, port):
                    writer.writerow([cell(text) for text in record])
    yield from out.getvalue().splitlines()


def _records(file: str, port: ServicePort) -> Iterator[tuple[str, ...]]:
    name = port.service_port
    who = (name.namespace, name.name, name.port_name) if name else ("", port.hash, "")
    for route in port.routes:
        where = (route.kind, "" if route.address is None else str(route.address), str(route.port))
        for source, answer in route.sources.items():
            masquerade = "" if answer.masquerade is None else str(answer.masquerade).lower()
            does = (source, answer.action, masquerade)
            for endpoint, share, line in _reached(port, route, answer):
                yield (file, port.family or "", *who, port.protocol, *where, *does, endpoint, share, str(line))


def _reached(port: ServicePort, route: Route, answer: Answer) -> Iterator[tuple[str, str, int]]:
    endpoints = port.endpoint_sets.get(answer.endpoint_set or "", ())
    if not endpoints:
        yield "", "", route.line
    for endpoint in endpoints:
        yield endpoint.address, "" if endpoint.share is None else repr(float(endpoint.share)), endpoint.line


def as_markdown(results: Results, *, header: bool = True) -> Iterator[str]:
    """Tables for an issue or a wiki page; `header` False leaves out what is said of the dumps."""
    for ruleset, dumps in results:
        for found in dumps:
            if not header:
                yield from _markdown_table(found)
                continue
            title = markdown(ruleset.source.name)
            yield words.say(message("### Services in {file} ({family})", file=title, family=words.family(found.dump.family)))
            yield ""
            if found.proxy is not None:
                yield markdown(words.say(all_of(words.proxy_line(found.proxy))))
                yield ""
            yield from _markdown_table(found)


def _markdown_table(found: DumpServices) -> Iterator[str]:
    """The Services of one dump."""
    titles = [words.say(message(text)) for text in (N_("Service"), N_("Listens on"), N_("From"), N_("Gets"), N_("Endpoints"))]
    rows = [_markdown_row(port) for port in found.ports]
    yield from columns(rows, header=titles, form="github") if rows else [words.say(message("No Services."))]
    yield ""


def _markdown_row(port: ServicePort) -> tuple[str, ...]:
    listens, sources, gets = [], [], []
    for route in port.routes:
        for number, (names_, sentences) in enumerate(services_table.groups(port, route)):
            place = f"{words.say(words.KINDS[route.kind])} {words.place(route, port.protocol)}"
            listens.append(markdown(place) if number == 0 else "")
            sources.append(markdown(names_))
            gets.append(markdown("; ".join(words.say(one.message) for one in sentences)))
    endpoints = []
    for label, found in port.endpoint_sets.items():
        prefix = f"{label}: " if port.endpoint_sets["local"] else ""
        endpoints += [prefix + text for text in _first_of(found, markdown, "\n").splitlines()]
    return (markdown(words.name_of(port)), *("<br>".join(part) for part in (listens, sources, gets, endpoints)))
