"""The Service views that are text: the table, the wide table, names, Markdown, CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from iptexplain.render import services_table, words
from iptexplain.render.contents import lines as contents
from iptexplain.render.head import head
from iptexplain.render.layout import columns, fold
from iptexplain.render.safe import cell, markdown, plain
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.analysis.service_port import Answer, DumpServices, Route, ServicePort
    from iptexplain.model.ruleset import Ruleset
    from iptexplain.render.style import Style


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


def table(
    results: Sequence[tuple[Ruleset, Sequence[DumpServices]]],
    width: int,
    style: Style,
    *,
    brief: bool,
    chosen: bool = False,
) -> Iterator[str]:
    """The view for people: a head for each dump, a block for each Service port. `brief` leaves out heads and legend.

    `chosen`: Services may have been left out on purpose.
    """
    first = True
    for ruleset, dumps in results:
        for found in dumps:
            if not first:
                yield ""
            first = False
            if not brief:
                yield from head(ruleset.source.name, found, width, style)
                yield ""
            if found.proxy is None:
                yield from contents(found.dump)
            elif not found.ports and chosen:
                continue
            elif not found.ports:
                yield words.say(message("No Service stands in these rules."))
            else:
                yield from services_table.blocks(found.ports, width, style)
    ports = [port for _, dumps in results for found in dumps for port in found.ports]
    if ports and not brief:
        yield ""
        yield from (style.quiet(line) for text in services_table.legend(ports) for line in fold(text, width))


def wide(results: Sequence[tuple[Ruleset, Sequence[DumpServices]]]) -> Iterator[str]:
    """One line a Service port, as `kubectl get -o wide` does."""
    header = ("NAMESPACE", "NAME", "PORT", "CLUSTER-IP", "EXTERNAL-IP", "NODE-PORT", "ENDPOINTS", "INTERNAL", "EXTERNAL", "AFFINITY")
    several = sum(len(dumps) for _, dumps in results) > 1
    rows = [
        (*((plain(ruleset.source.name), words.family(found.dump.family)) if several else ()), *_wide(port))
        for ruleset, dumps in results
        for found in dumps
        for port in found.ports
    ]
    yield from columns(rows, header=(*(("FILE", "FAMILY") if several else ()), *header)) if rows else ()


def _wide(port: ServicePort) -> tuple[str, ...]:
    name = port.service_port
    cluster = port.routes_of("cluster_ip")
    outside = (*port.routes_of("external_ip"), *port.routes_of("load_balancer"))
    number = cluster[0].port if cluster else outside[0].port if outside else None
    label = f"{name.port_name}:" if name and name.port_name else ""
    sets = {name: ", ".join(f"{e.address} {words.percent(e)}" for e in found) for name, found in port.endpoint_sets.items() if found}
    served = "; ".join(f"{name}: {text}" for name, text in sets.items()) if len(sets) > 1 else "".join(sets.values())
    served = served or ("?" if port.has_endpoints else words.say(message("none")))
    return (
        plain(name.namespace) if name else "?",
        plain(name.name) if name else words.name_of(port),
        plain(f"{label}{number if number is not None else '?'}/{port.protocol}"),
        ",".join(str(route.address) for route in cluster) or "-",
        ",".join(str(route.address) for route in outside) or "-",
        "-" if port.node_port is None else str(port.node_port),
        served,
        port.internal_traffic_policy or "?",
        port.external_traffic_policy or "-",
        port.session_affinity or "?",
    )


def names(results: Sequence[tuple[Ruleset, Sequence[DumpServices]]]) -> Iterator[str]:
    """The names alone, one a line: `namespace/name[:port]/PROTOCOL`."""
    for _, dumps in results:
        for found in dumps:
            for port in found.ports:
                name = port.service_port.text.removesuffix(":") if port.service_port else port.hash
                yield plain(f"{name}/{port.protocol}")


def comma_separated(results: Sequence[tuple[Ruleset, Sequence[DumpServices]]]) -> Iterator[str]:
    """One line for each endpoint that a kind of source may reach at a place, or for what it meets instead; in English."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
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
        yield endpoint.address, repr(float(endpoint.share)), endpoint.line


def as_markdown(results: Sequence[tuple[Ruleset, Sequence[DumpServices]]]) -> Iterator[str]:
    """Tables for an issue or a wiki page."""
    for ruleset, dumps in results:
        for found in dumps:
            title = markdown(ruleset.source.name)
            yield words.say(message("### Services in {file} ({family})", file=title, family=words.family(found.dump.family)))
            yield ""
            if found.proxy is not None:
                yield markdown(", ".join(words.say(part) for part in words.proxy_line(found.proxy)))
                yield ""
            header = [words.say(message(text)) for text in ("Service", "Listens on", "From", "Gets", "Endpoints")]
            rows = [_markdown_row(port) for port in found.ports]
            yield from columns(rows, header=header, form="github") if rows else [words.say(message("No Services."))]
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
        endpoints += [f"{prefix}{markdown(e.address)} {words.percent(e)}" for e in found]
    return (markdown(words.name_of(port)), *("<br>".join(part) for part in (listens, sources, gets, endpoints)))
