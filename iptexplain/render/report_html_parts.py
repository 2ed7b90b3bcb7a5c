"""The smaller parts of a report as its HTML page shows them: what was read, what is refused and dropped, whose the chains are, the dump."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple
from iptexplain.render import report_words as said
from iptexplain.render import words
from iptexplain.render.report_html_services import anchor, port_anchor
from iptexplain.render.safe import plain
from iptexplain.render.words import say
from iptexplain.report.facts import POLICY, REJECT
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iptexplain.render.report_html_findings import Mark
    from iptexplain.report.facts import DumpFacts, Ended, Input, OwnerFacts, Report, Stop

_MOST_PLACES = 6
"""So many of the places where one Service port ends traffic are named."""

_CHUNK = 250
"""Lines of a dump that the browser lays out together, and only when somebody looks there."""

_KINDS = {REJECT: N_("refuses"), POLICY: N_("policy")}
_DROPS = N_("drops")
"""What a rule that stops packets does, in a word."""


class Card(NamedTuple):
    """What is said of one dump at the top: its title, and facts with their own titles; `bad` are sentences to notice."""

    title: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    bad: tuple[str, ...]


class EndedRow(NamedTuple):
    """Traffic to a Service port that ends: its name and the link to it, what happens and why, where with links, how often."""

    name: str
    href: str
    why: str
    places: tuple[tuple[str, str], ...]
    more: str
    packets: str


class StopRow(NamedTuple):
    """A rule or a policy that stops packets."""

    kind: str
    line: int
    href: str
    chain: str
    owner: str
    sentence: str
    packets: str


class StoppedView(NamedTuple):
    """What is refused and dropped in one dump; the titles say how many of each."""

    title: str
    ended_title: str
    ended: tuple[EndedRow, ...]
    stops_title: str
    stops: tuple[StopRow, ...]


class OwnerView(NamedTuple):
    """A program: a sentence, and its kinds of chains as rows of table, names, rules, purpose."""

    sentence: str
    purposes: tuple[tuple[str, str, str, str], ...]


class Chunk(NamedTuple):
    """Lines of a dump that follow each other, each with its number and its marks."""

    lines: tuple[tuple[int, str, tuple[Mark, ...]], ...]


class DumpView(NamedTuple):
    """An input as its lines. `number` is that of the input, which begins the anchors."""

    number: int
    title: str
    chunks: tuple[Chunk, ...]


def title(each: Input, dump: DumpFacts, report: Report) -> str:
    """What a part about one dump is called, "" where there is only one."""
    return say(said.dump_words(each, dump, report)) if len(list(report.dumps())) > 1 else ""


def cards(report: Report) -> Iterator[Card]:
    """What was read, dump by dump."""
    for each, dump in report.dumps():
        proxy, stopped = dump.services.proxy, said.stopped_words(dump)
        facts = (
            (N_("read"), (say(said.program_words(dump)),)),
            (N_("kube-proxy"), tuple(map(say, said.proxy_words(proxy)))),
            (N_("Services"), (say(said.services_words(dump)),) if proxy is not None or dump.ports else ()),
            (N_("refused or dropped"), () if isinstance(stopped, str) else (say(stopped),)),
            (N_("tables"), tuple(say(said.table_words(one)) for one in dump.tables)),
            (N_("rules of"), (say(said.owners_words(dump.owners)),)),
            (N_("sha256"), (each.sha256,)),
        )
        bad = [say(words.MISSING_TABLES[name]) for name in dump.services.missing_tables]
        if not dump.dump.complete:
            bad.insert(0, say(message("The dump is cut off: what comes behind its last line is missing here too.")))
        shown = tuple((say(message(head)), texts) for head, texts in facts if texts)
        yield Card(say(said.dump_words(each, dump, report)), shown, tuple(bad))


def stopped_view(report: Report) -> Iterator[StoppedView]:
    """Refused and dropped traffic, dump by dump; dumps without any are left out."""
    for each, dump in report.dumps():
        if not dump.ended and not dump.stops:
            continue
        anchors = {id(port): f"#{port_anchor(each, dump, number)}" for number, port in enumerate(dump.ports)}
        yield StoppedView(
            title(each, dump, report),
            say(message("traffic to Services that ends here: {count}", count=len(dump.ended))),
            tuple(_ended(each, one, anchors.get(id(one.port), "")) for one in dump.ended),
            say(message("rules and policies that refuse or drop: {count}", count=len(dump.stops))),
            tuple(_stop(each, one) for one in dump.stops),
        )


def _ended(each: Input, one: Ended, href: str) -> EndedRow:
    places = []
    for where in one.places[:_MOST_PLACES]:
        kind, place = words.KINDS[where.route.kind], words.place(where.route, one.port.protocol)
        text = message("{kind} {place} from {senders}", kind=kind, place=place, senders=said.senders(where.route, where.sources))
        places.append((say(text), anchor(each, where.route.line)))
    left = len(one.places) - len(places)
    more = say(message("and {count} more", count=left)) if left else ""
    return EndedRow(words.name_of(one.port), href, say(said.why(one)), tuple(places), more, _count(one.packets))


def _stop(each: Input, stop: Stop) -> StopRow:
    chain = f"{plain(stop.table)} {plain(stop.chain)}"
    kind = say(message(_KINDS.get(stop.kind, _DROPS)))
    return StopRow(kind, stop.line, anchor(each, stop.line), chain, plain(stop.owner), say(said.stop_words(stop)), _count(stop.packets))


def _count(packets: int | None) -> str:
    return "" if packets is None else f"{packets:,}"


def owners_view(dump: DumpFacts) -> tuple[OwnerView, ...]:
    """Whose the chains of a dump are."""
    return tuple(_owner(one) for one in dump.owners)


def _owner(owner: OwnerFacts) -> OwnerView:
    rows = []
    for one in owner.purposes:
        chains = plain(one.first) if one.chains == 1 else f"{plain(one.pattern)} ({one.chains})"
        rows.append((plain(one.table), chains, f"{one.rules:,}", "" if one.purpose is None else say(one.purpose)))
    return OwnerView(say(said.owner_words(owner)), tuple(rows))


def dump_view(each: Input, marks: Mapping[int, tuple[Mark, ...]]) -> DumpView:
    """An input, line by line, with the marks of lines that have findings."""
    lines = [(number, plain(text), marks.get(number, ())) for number, text in enumerate(each.lines(), 1)]
    name = message("{file}, {count} lines", file=said.file_words(each.name), count=f"{len(lines):,}")
    chunks = tuple(Chunk(tuple(lines[at : at + _CHUNK])) for at in range(0, len(lines), _CHUNK))
    return DumpView(each.number, say(name), chunks)
