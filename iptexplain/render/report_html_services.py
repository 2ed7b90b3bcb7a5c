"""The Services of a report as its HTML page shows them: texts and links, ready for the template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.model.share import percent
from iptexplain.named import NamedTuple
from iptexplain.render import ipvs_sets, words
from iptexplain.render import report_words as said
from iptexplain.render.report_picture import svg
from iptexplain.render.safe import plain
from iptexplain.render.service_notes import notes
from iptexplain.render.services_table import groups, legend
from iptexplain.render.words import say
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.analysis.service_port import Endpoint, Route, ServicePort
    from iptexplain.model.ruleset import Table
    from iptexplain.render.words import Said
    from iptexplain.report.facts import DumpFacts, Input

_MOST_PLACES = 3
"""So many places are named in the line of a folded Service."""

_IPVS_WIDTH = 100
"""Columns of the table of sets."""


class Toned(NamedTuple):
    """A text and its tone: `plain`, `care` or `bad`."""

    text: str
    tone: str = "plain"


class Met(NamedTuple):
    """What some kinds of senders meet at a place."""

    who: str
    sentences: tuple[Toned, ...]


class Listening(NamedTuple):
    """A place where a Service port listens: its kind, the address, the link to its rule ("" without), and what is met there."""

    kind: str
    place: str
    href: str
    met: tuple[Met, ...]


class EndRow(NamedTuple):
    """An endpoint: address, share, its chain and the link to its rule, and what else there is to say."""

    address: str
    share: str
    chain: str
    href: str
    more: str


class EndSet(NamedTuple):
    """A set of endpoints with its title."""

    title: str
    ends: tuple[EndRow, ...]


class Link(NamedTuple):
    """A text that leads somewhere in the page; `href` "" leads nowhere."""

    text: str
    href: str


class PortView(NamedTuple):
    """A Service port. `anchor` is its own place in the page, `places` and `state` stand in its line while it is folded."""

    anchor: str
    name: str
    places: str
    state: tuple[Toned, ...]
    picture: str
    listens: tuple[Listening, ...]
    sets: tuple[EndSet, ...]
    notes: tuple[str, ...]
    chains: tuple[Link, ...]


class ServicesView(NamedTuple):
    """The Services of one dump: how many there are, what the words mean, what else there is to say; `sets` are lines of a table."""

    total: str
    ports: tuple[PortView, ...]
    legend: tuple[str, ...]
    notes: tuple[str, ...]
    sets: tuple[str, ...]


def anchor(each: Input, line: int) -> str:
    """The link to a line of an input, "" for no line."""
    return f"#d{each.number}-L{line}" if line else ""


def port_anchor(each: Input, dump: DumpFacts, number: int) -> str:
    """The place of a Service port in the page: the input, the dump in it, and its number there."""
    return f"s{each.number}-{dump.dump.number}-{number}"


def services_view(each: Input, dump: DumpFacts) -> ServicesView | None:
    """The Services of a dump, None if it has none and nothing of kube-proxy's."""
    if dump.services.proxy is None and not dump.ports:
        return None
    nat = dump.dump.table("nat")
    ports = [_port(each, port, nat, port_anchor(each, dump, number)) for number, port in enumerate(dump.ports)]
    remarks = [] if ports else [say(message("No Service stands in these rules."))]
    sets: list[str] = []
    if not ports and dump.services.proxy is not None and dump.services.proxy.mode == "ipvs":
        remarks, sets = [], list(ipvs_sets.lines(dump.dump, _IPVS_WIDTH))
    if dump.services.unlisted:
        remarks.append(say(said.unlisted_words(dump.services.unlisted)))
    return ServicesView(say(said.services_words(dump)), tuple(ports), tuple(legend(dump.ports)), tuple(remarks), tuple(sets))


def _port(each: Input, port: ServicePort, nat: Table | None, own: str) -> PortView:
    """One Service port."""
    name = words.name_of(port)
    title = say(message("How traffic gets to {service}", service=name))
    told = [(route, groups(port, route)) for route in _sorted(port.routes)]
    sentences = [one for _, met in told for _, sentences in met for one in sentences]
    return PortView(
        own,
        name,
        _places(port),
        tuple(_state(port, sentences)),
        svg(port, nat, title, f"d{each.number}-L") if port.routes else "",
        tuple(_listening(each, port, route, met) for route, met in told),
        tuple(_sets(each, port)),
        tuple(say(note) for note in notes(port)),
        tuple(Link(plain(chain), anchor(each, _first_line(nat, chain))) for chain in port.chains),
    )


def _sorted(routes: Sequence[Route]) -> list[Route]:
    """The routes, by kind."""
    kinds = list(words.KINDS)
    return sorted(routes, key=lambda route: kinds.index(route.kind))


def _places(port: ServicePort) -> str:
    """The first places where it listens, each once."""
    places = list(dict.fromkeys(words.place(route, port.protocol) for route in _sorted(port.routes)))
    shown = ", ".join(places[:_MOST_PLACES])
    more = len(places) - _MOST_PLACES
    return say(message("{places} and {count} more", places=shown, count=more)) if more > 0 else shown


def _state(port: ServicePort, sentences: Sequence[Said]) -> Iterator[Toned]:
    """How it stands with a Service port, in a few words."""
    if not port.has_endpoints:
        yield Toned(say(message("no endpoints")), "bad")
        return
    count = len({end.address for ends in port.endpoint_sets.values() for end in ends})
    if count:
        yield Toned(say(message("1 Pod") if count == 1 else message("{count} Pods", count=count)))
    if any(one.tone == "bad" for one in sentences):
        yield Toned(say(message("not for everybody")), "care")


def _listening(each: Input, port: ServicePort, route: Route, met: Sequence[tuple[str, Sequence[Said]]]) -> Listening:
    found = tuple(Met(who, tuple(Toned(say(one.message), one.tone) for one in sentences)) for who, sentences in met)
    return Listening(say(words.KINDS[route.kind]), words.place(route, port.protocol), anchor(each, route.line), found)


def _sets(each: Input, port: ServicePort) -> Iterator[EndSet]:
    """The endpoints, for each set that there is; those of this node by themselves."""
    sets = {name: ends for name, ends in port.endpoint_sets.items() if ends}
    for name, ends in sets.items():
        title = message("Pods of this node") if name == "local" else message("Pods")
        counted = port.observed[name].packets if name in port.observed else (None,) * len(ends)
        total = sum(count or 0 for count in counted)
        yield EndSet(say(title), tuple(_end(each, end, count, total) for end, count in zip(ends, counted, strict=True)))


def _end(each: Input, end: Endpoint, counted: int | None, total: int) -> EndRow:
    more = []
    if counted is not None and total:
        more.append(say(message("counted {count} = {share}", count=counted, share=percent(counted / total))))
    if end.recovered:
        more.append(say(message("recovered from the chain's name")))
    return EndRow(plain(end.address), words.share_of(end), plain(end.chain), anchor(each, end.line), ", ".join(more))


def _first_line(nat: Table | None, chain: str) -> int:
    """The first rule of a chain, or where it is declared; 0 if it is not there."""
    if nat is None:
        return 0
    if places := nat.places_of(chain):
        return nat.rules.line(places[0])
    return next((found.line for name, found in nat.chains.items() if name == chain), 0)
