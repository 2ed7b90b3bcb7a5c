"""The findings of a report in Markdown, and places in dumps."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from iptexplain.lint.finding import INFO, SEVERITIES
from iptexplain.render import problems
from iptexplain.render import report_words as said
from iptexplain.render.report_blocks import folded, more
from iptexplain.render.report_escapes import code, prose
from iptexplain.render.words import say
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.finding import Finding
    from iptexplain.report.facts import Input, Report
    from iptexplain.source import Message

_MOST_FINDINGS = 20
"""So many findings of one check are told."""

_MOST_RELATED = 5
"""So many related lines of a finding are told."""


def findings(report: Report) -> Iterator[str]:
    """What lint found, check by check: errors and warnings at once, the rest folded."""
    found = sorted(report.findings(), key=lambda one: (SEVERITIES.index(one[1].severity), one[1].check.code))
    if not found:
        return
    yield f"## {say(message('Findings'))}"
    yield ""
    for severity, group in groupby(found, key=lambda one: one[1].severity):
        lines = list(_of_severity(list(group), report))
        count = report.severities()[severity]
        yield from lines if severity != INFO else folded(said.counts({severity: count}), lines)


def _of_severity(found: Sequence[tuple[Input, Finding]], report: Report) -> Iterator[str]:
    """The findings of one severity."""
    for check, group in groupby(found, key=lambda one: one[1].check):
        same = list(group)
        kind = say(message(problems.KINDS[same[0][1].severity]))
        times = f" ({len(same)})" if len(same) > 1 else ""
        yield f"**{kind} {code(check.code)} {check.name}**{times} - {prose(check.help)}"
        yield ""
        for each, finding in same[:_MOST_FINDINGS]:
            yield from _finding(each, finding, report)
        yield from [f"- {prose(more(len(same) - _MOST_FINDINGS))}"] if len(same) > _MOST_FINDINGS else []
        yield ""


def _finding(each: Input, finding: Finding, report: Report) -> Iterator[str]:
    """One finding: where, what, the line itself, and related lines."""
    yield f"- {prose(place(each.name, finding.place.line, report))}: {prose(finding.place.message)}"
    if finding.place.text:
        yield f"  <br>{code(finding.place.text)}"
    for one in finding.related[:_MOST_RELATED]:
        yield f"  <br>{prose(place(one.file or each.name, one.line, report))}: {prose(one.message)}"
    if len(finding.related) > _MOST_RELATED:
        yield f"  <br>{prose(more(len(finding.related) - _MOST_RELATED))}"


def place(name: str, line: int, report: Report) -> Message:
    """Where something stands: the line, and the input where there are several."""
    several = len(report.inputs) > 1
    file = said.file_words(name)
    if not line:
        return message("{file}, the whole of it", file=file) if several else message("the whole dump")
    return message("{file}, line {line}", file=file, line=line) if several else message("line {line}", line=line)
