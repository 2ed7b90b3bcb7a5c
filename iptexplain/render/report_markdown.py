"""`report -f markdown`: one page for an issue on GitHub. What matters fits a screen; what is long is folded.

Whatever comes from a dump has been made harmless (`render.report_escapes`). Tables are not padded: GitHub cuts what is longer than
`LIMIT` characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.render import ipvs_sets, words
from iptexplain.render import report_tables as tables
from iptexplain.render import report_words as said
from iptexplain.render.report_blocks import MOST_ROWS, compact, folded, listed, more, table, without_empty
from iptexplain.render.report_escapes import code, fence, prose
from iptexplain.render.report_findings import findings, place
from iptexplain.render.services_table import legend
from iptexplain.render.words import say
from iptexplain.source import N_, all_of, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.report.facts import DumpFacts, Input, Report
    from iptexplain.source import Message

LIMIT = 65_536
"""So many characters does GitHub take in an issue or a comment."""

_MOST_COLUMNS = 3
"""So many dumps stand beside each other in the first table; more stand below each other."""


def page(report: Report, *, whole: bool = True) -> Iterator[str]:
    """The lines of the page; `whole` False leaves the dumps themselves out."""
    yield from _head(report)
    yield from findings(report)
    yield from _traces(report)
    yield from _stopped(report)
    yield from _services(report)
    yield from _owners(report)
    yield from _puzzles(report)
    yield from _skipped(report)
    for each in report.inputs if whole else ():
        yield from _text(each)


def _head(report: Report) -> Iterator[str]:
    """The first screen: what was read, by whom it was written, how much is wrong."""
    files = ", ".join(dict.fromkeys(say(said.file_words(each.name)) for each in report.inputs))
    yield f"# {prose(message('iptables report: {files}', files=files))}"
    yield ""
    yield f"**{prose(said.verdict(report))}**"
    yield ""
    for what in said.notes(report):
        yield prose(what)
        yield ""
    cells = [_cells(each, dump, report) for each, dump in report.dumps()]
    heads = [title for title, _ in cells[0]]
    columns = [[value for _, value in one] for one in cells]
    if len(cells) <= _MOST_COLUMNS:
        rows = [[f"**{head}**", *values] for head, *values in zip(heads[1:], *(column[1:] for column in columns), strict=True)]
        yield from table([heads[0], *(column[0] for column in columns)], [row for row in rows if any(row[1:])])
    else:
        yield from table(*without_empty(heads, columns))
    yield ""


def _cells(each: Input, dump: DumpFacts, report: Report) -> list[tuple[str, str]]:
    """What the first table says of a dump, with titles."""
    missing = [words.MISSING_TABLES[name] for name in dump.services.missing_tables]
    port_words = said.services_words(dump) if dump.services.proxy is not None else ""
    found = [
        (N_("dump"), prose(said.dump_words(each, dump, report))),
        (N_("read"), prose(said.program_words(dump))),
        (N_("tables"), "<br>".join(prose(said.table_words(one)) for one in dump.tables)),
        (N_("kube-proxy"), "<br>".join([prose(all_of(said.proxy_words(dump.services.proxy))), *map(prose, missing)])),
        (N_("Services"), prose(port_words)),
        (N_("refused or dropped"), prose(said.stopped_words(dump))),
        (N_("rules of"), prose(said.owners_words(dump.owners))),
        (N_("not understood"), prose(said.puzzled_words(each, dump))),
        (N_("sha256"), code(each.sha256)),
        (N_("iptexplain"), code(report.version)),
    ]
    return [(say(message(title)), value) for title, value in found]


def _traces(report: Report) -> Iterator[str]:
    """What becomes of the packets that were asked for."""
    for told in report.traces:
        yield f"## {prose(message('A packet from {sender} to {to}', sender=told.sender, to=told.to))}"
        yield ""
        yield from fence(said.story(told), "text")
        yield ""


def _stopped(report: Report) -> Iterator[str]:
    """Refused and dropped traffic: that of Services, then other rules and policies."""
    if not any(dump.ended or dump.stops for _, dump in report.dumps()):
        return
    yield f"## {say(message('Refused and dropped traffic'))}"
    yield ""
    for each, dump in report.dumps():
        yield from _of_dump(each, dump, report) if dump.ended or dump.stops else ()
        if dump.ended:
            text = N_("traffic to Services that ends here: {count}")
            yield from listed(
                message(text, count=len(dump.ended)), tables.ENDED, tables.ended_rows(dump.ended[:MOST_ROWS]), len(dump.ended), "services"
            )
        if dump.stops:
            text = N_("rules and policies that refuse or drop: {count}")
            rows = tables.stops_rows(dump.stops[:MOST_ROWS])
            yield from listed(message(text, count=len(dump.stops)), tables.STOPS, rows, len(dump.stops), "explain")


def _services(report: Report) -> Iterator[str]:
    """The Services of each dump."""
    if not any(dump.services.proxy for _, dump in report.dumps()):
        return
    yield f"## {say(message('Services'))}"
    yield ""
    for each, dump in report.dumps():
        if dump.services.proxy is None:
            continue
        yield from _of_dump(each, dump, report)
        ports = dump.ports
        if ports:
            rows = tables.services_rows(ports[:MOST_ROWS])
            yield from listed(said.services_words(dump), tables.SERVICES, rows, len(ports), "services")
            yield "<br>".join(map(prose, legend(ports)))
        elif dump.services.proxy.mode == "ipvs":
            yield from fence(ipvs_sets.lines(dump.dump, 100), "text")
        else:
            yield prose(message("No Service stands in these rules."))
        if dump.services.unlisted:
            yield prose(said.unlisted_words(dump.services.unlisted))
        yield ""


def _owners(report: Report) -> Iterator[str]:
    """Whose the chains are, folded."""
    lines: list[str] = []
    for each, dump in report.dumps():
        lines += _of_dump(each, dump, report)
        for owner in dump.owners:
            lines += [prose(said.owner_words(owner)), ""]
            if owner.purposes:
                lines += [*compact(tables.OWNERS, tables.purposes_rows(owner)), ""]
    yield from folded(message("Whose the chains are, and what they are for"), lines)


def _puzzles(report: Report) -> Iterator[str]:
    """What could not be read, and what was read and is not understood."""
    lines = [f"- {prose(text)}" for text in report.replaced]
    for each in report.inputs:
        found = [*each.problems, *each.remarks, *each.unknown]
        for problem in found[:MOST_ROWS]:
            lines.append(f"- {prose(place(each.name, problem.line, report))}: {prose(problem.message)}")
            lines += [f"  <br>{code(problem.text)}"] if problem.text else []
        lines += [f"- {prose(more(len(found) - MOST_ROWS))}"] if len(found) > MOST_ROWS else []
        for dump in each.dumps:
            lines += [f"- {prose(text)}" for text in said.puzzles(dump)]
    if lines:
        yield f"## {say(message('Not understood'))}"
        yield ""
        yield from lines
        yield ""


def _skipped(report: Report) -> Iterator[str]:
    """The checks that could not look, by the reason."""
    found = said.reasons(report)
    count = len({check for one in found for check in one.codes})
    lines = [f"- {prose(one.reason)}: {', '.join(one.codes)}" for one in found]
    yield from folded(message("Checks that could not look: {count}", count=count), lines) if lines else ()


def _text(each: Input) -> Iterator[str]:
    """The input itself, folded."""
    lines = each.lines()
    text = N_("The dump itself: {file}, {count} lines")
    yield from folded(message(text, file=say(said.file_words(each.name)), count=len(lines)), fence(lines, "text"))


def _of_dump(each: Input, dump: DumpFacts, report: Report) -> Iterator[str]:
    """A heading where there are several dumps."""
    if len(list(report.dumps())) > 1:
        yield f"### {prose(said.dump_words(each, dump, report))}"
        yield ""


def too_long(*, enough: bool) -> Message:
    """That GitHub would cut the page, and what to do; `enough`: without the dumps themselves it would be short enough."""
    if enough:
        text = N_("GitHub takes {limit} characters in an issue, and this is longer: attach it as a file, or take --no-dump or -f html")
    else:
        text = N_("GitHub takes {limit} characters in an issue, and this is longer: attach it as a file, or take -f html")
    return message(text, limit=f"{LIMIT:,}")
