"""The findings of a report as its HTML page shows them: check by check, each with a link to its line, and the marks of lines."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from iptexplain.lint.finding import SEVERITIES
from iptexplain.named import NamedTuple
from iptexplain.render import problems
from iptexplain.render import report_words as said
from iptexplain.render.report_html_services import anchor
from iptexplain.render.safe import plain
from iptexplain.render.words import say
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iptexplain.lint.finding import Finding
    from iptexplain.report.facts import Input, Report
    from iptexplain.source import Message, Problem

_FEW = 5
"""So many findings of one check are shown at once, the others folded."""

_MOST_RELATED = 8
"""So many related lines of a finding are told."""

_AROUND = 240
"""So many characters of a long line are shown."""


class Place(NamedTuple):
    """A line, or a whole input, with the link to it ("" without), and what there is to say of it."""

    text: str
    href: str
    sentence: str


class Quote(NamedTuple):
    """A line of the dump in three parts: before, at, and behind what is meant."""

    before: str
    meant: str
    behind: str


class FindingView(NamedTuple):
    """A finding. `anchor` is its own place in the page; `more` says how many related lines are not shown."""

    anchor: str
    place: Place
    quote: Quote | None
    related: tuple[Place, ...]
    more: str


class CheckView(NamedTuple):
    """The findings of one check and one severity. `kind` is the severity in words, `rest` are those that are folded, `more` says so."""

    severity: str
    kind: str
    code: str
    name: str
    help: str
    total: int
    first: tuple[FindingView, ...]
    rest: tuple[FindingView, ...]
    more: str


class Mark(NamedTuple):
    """What stands beside a line that has a finding: its check, severity, and the finding's place in the page."""

    code: str
    severity: str
    anchor: str


class FindingsView(NamedTuple):
    """All findings, the gravest first, and the marks of the lines of each input, by its number."""

    checks: tuple[CheckView, ...]
    marks: Mapping[int, Mapping[int, tuple[Mark, ...]]]


def findings_view(report: Report) -> FindingsView:
    """The findings of all inputs."""
    found = sorted(report.findings(), key=lambda one: (SEVERITIES.index(one[1].severity), one[1].check.code))
    marks: dict[int, dict[int, tuple[Mark, ...]]] = {each.number: {} for each in report.inputs}
    numbered = []
    for number, (each, finding) in enumerate(found, 1):
        numbered.append((f"f{number}", each, finding))
        if finding.place.line:
            mark = Mark(finding.check.code, finding.severity, f"f{number}")
            marks[each.number][finding.place.line] = (*marks[each.number].get(finding.place.line, ()), mark)
    checks = [_check(list(group), report) for _, group in groupby(numbered, key=lambda one: (one[2].severity, one[2].check.code))]
    return FindingsView(tuple(checks), marks)


def place_words(name: str, line: int, report: Report) -> Message:
    """Where something stands: the line, and the input where there are several."""
    several = len(report.inputs) > 1
    file = said.file_words(name)
    if not line:
        return message("{file}, the whole of it", file=file) if several else message("the whole dump")
    return message("{file}, line {line}", file=file, line=line) if several else message("line {line}", line=line)


def place(each: Input, problem: Problem, report: Report) -> Place:
    """A problem with its place."""
    return Place(say(place_words(each.name, problem.line, report)), anchor(each, problem.line), say(problem.message))


def quote(problem: Problem) -> Quote | None:
    """The line of a problem; of a long one what is around that which is meant. None without a line."""
    text, at = problem.text, problem.column - 1
    if not text:
        return None
    start = max(0, at - _AROUND // 2) if len(text) > _AROUND else 0
    stop = min(len(text), start + _AROUND)
    end = at + problem.width if problem.width < len(text) else at  # where all of it is meant, nothing is marked
    before, meant, behind = text[start:at], text[at : min(end, stop)], text[min(end, stop) : stop]
    return Quote(("…" if start else "") + plain(before), plain(meant), plain(behind) + ("…" if stop < len(text) else ""))


def _check(found: Sequence[tuple[str, Input, Finding]], report: Report) -> CheckView:
    """The findings of one check."""
    check, severity = found[0][2].check, found[0][2].severity
    views = tuple(_finding(own, each, finding, report) for own, each, finding in found)
    shown = len(views) if len(views) <= _FEW + 1 else _FEW
    rest = tuple(view._replace(quote=None) for view in views[shown:])  # there may be thousands, and their lines are one click away
    more = say(message("and {count} more", count=len(rest)))
    kind = say(message(problems.KINDS[severity]))
    return CheckView(severity, kind, check.code, check.name, say(check.help), len(views), views[:shown], rest, more)


def _finding(own: str, each: Input, finding: Finding, report: Report) -> FindingView:
    shown = finding.related[:_MOST_RELATED]
    related = tuple(_related(each, one.file, one.line, one.message, report) for one in shown)
    left = len(finding.related) - len(shown)
    more = say(message("and {count} more", count=left)) if left else ""
    return FindingView(own, place(each, finding.place, report), quote(finding.place), related, more)


def _related(each: Input, file: str | None, line: int, what: Message, report: Report) -> Place:
    """A related line: it may stand in another input, or in a file that is not in the report."""
    homes = [each] if file is None else [other for other in report.inputs if other.name == file]
    text = say(place_words(file or each.name, line, report))
    return Place(text, anchor(homes[0], line) if len(homes) == 1 else "", say(what))


def problems_view(report: Report) -> Iterator[tuple[Place, Quote | None]]:
    """What could not be read, was repaired, or was read and is not understood, with its places."""
    for each in report.inputs:
        for problem in (*each.problems, *each.remarks, *each.unknown):
            yield place(each, problem, report), quote(problem)
