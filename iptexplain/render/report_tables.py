"""The rows of tables of a report in Markdown: Services, refused and dropped traffic, owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.render import report_words as said
from iptexplain.render import words
from iptexplain.render.report_escapes import code, prose
from iptexplain.render.service_notes import notes
from iptexplain.render.services_table import groups
from iptexplain.render.words import say
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iptexplain.analysis.service_port import Endpoint, Route, ServicePort
    from iptexplain.report.facts import Ended, OwnerFacts, Stop

_MOST_ENDPOINTS = 6
"""So many endpoints of a set are named."""

_MOST_PLACES = 4
"""So many of the places where one Service port ends traffic are named."""

_MOST_PURPOSES = 30
"""So many kinds of chains of a program are told."""


SERVICES = (N_("Service"), N_("Listens on"), N_("What senders meet"), N_("Pods"))


def services_rows(ports: Iterable[ServicePort]) -> Iterator[list[str]]:
    """A row for each place where a Service port listens; the first of them names the Service, and who answers."""
    for port in ports:
        name = "<br>".join([code(words.name_of(port)), *(prose(note) for note in notes(port))])
        ends = "<br>".join(_endpoints(port))
        for route in port.routes:
            yield [name, _place(port, route), _met(port, route), ends]
            name = ends = ""
        if not port.routes:
            yield [name, "", "", ends]


def _place(port: ServicePort, route: Route) -> str:
    return f"{say(words.KINDS[route.kind])} {code(words.place(route, port.protocol))}"


def _met(port: ServicePort, route: Route) -> str:
    """What each kind of senders meets at a route."""
    found = groups(port, route)
    lines = []
    for who, sentences in found:
        told = "; ".join(f"**{prose(one.message)}**" if one.tone == "bad" else prose(one.message) for one in sentences)
        lines.append(told if len(found) == 1 else f"{prose(who)}: {told}")
    return "<br>".join(lines)


def _endpoints(port: ServicePort) -> Iterator[str]:
    """The endpoints with their shares, for each set that there is."""
    sets = {name: ends for name, ends in port.endpoint_sets.items() if ends}
    for name, ends in sets.items():
        texts = _of_set(ends)
        if len(sets) > 1 and name == "local":
            yield prose(message("on this node:"))
        yield from texts


def _of_set(ends: Sequence[Endpoint]) -> Iterator[str]:
    """The first endpoints of a set; equal shares are said once."""
    shares = list(dict.fromkeys(map(words.share_of, ends)))
    shown = ends[:_MOST_ENDPOINTS]
    if len(ends) > 1 and len(shares) == 1:
        yield prose(message("{share} each:", share=shares[0]))
        yield ", ".join(code(end.address) for end in shown)
    else:
        yield from (f"{code(end.address)} {prose(words.share_of(end))}" for end in shown)
    if len(ends) > len(shown):
        yield prose(message("and {count} more", count=len(ends) - len(shown)))


ENDED = (N_("Service"), N_("where"), N_("what happens"), N_("attempts"))


def ended_rows(ended: Iterable[Ended]) -> Iterator[list[str]]:
    """A row for each way in which traffic to a Service port ends."""
    for one in ended:
        places = [
            f"{_place(one.port, place.route)}, {prose(message('from {senders}', senders=said.senders(place.route, place.sources)))}"
            for place in one.places[:_MOST_PLACES]
        ]
        if len(one.places) > len(places):
            places.append(prose(message("and {count} more", count=len(one.places) - len(places))))
        packets = "" if one.packets is None else str(one.packets)
        yield [code(words.name_of(one.port)), "<br>".join(places), prose(said.why(one)), packets]


STOPS = (N_("line"), N_("chain"), N_("of"), N_("what it says"), N_("packets"))


def stops_rows(stops: Iterable[Stop]) -> Iterator[list[str]]:
    """A row for each rule and policy that refuses or drops."""
    for stop in stops:
        packets = "" if stop.packets is None else str(stop.packets)
        yield [str(stop.line), f"{prose(stop.table)} {code(stop.chain)}", prose(stop.owner), prose(said.stop_words(stop)), packets]


OWNERS = (N_("table"), N_("chains"), N_("rules"), N_("what they are for"))


def purposes_rows(owner: OwnerFacts) -> Iterator[list[str]]:
    """A row for each kind of chains of a program."""
    for one in owner.purposes[:_MOST_PURPOSES]:
        chains = code(one.first) if one.chains == 1 else f"{code(one.pattern)} ({one.chains})"
        yield [prose(one.table), chains, str(one.rules), "" if one.purpose is None else prose(one.purpose)]
    more = len(owner.purposes) - _MOST_PURPOSES
    if more > 0:
        yield ["", prose(message("and {count} more", count=more)), "", ""]
