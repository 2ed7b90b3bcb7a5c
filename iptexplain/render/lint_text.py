"""The views of findings for people: text in the manner of compilers, and the comments of GitHub's workflows."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from iptexplain.lint.finding import ERROR, INFO, SEVERITIES, WARNING
from iptexplain.render import problems
from iptexplain.render.layout import hanging
from iptexplain.render.safe import markdown, plain
from iptexplain.render.words import say
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.finding import Finding
    from iptexplain.lint.runner import Report
    from iptexplain.render.style import Style


def text(reports: Sequence[Report], width: int, style: Style) -> Iterator[str]:
    """Each finding with its line, a caret, related lines and what to do, an empty line behind it."""
    for report in reports:
        for finding in report.findings:
            yield from problems.lines(finding.place, style, finding.severity, finding.check.code)
            for one in finding.related:
                yield from _hanging(f"  {plain(one.file or finding.place.file)}:{one.line}: {say(one.message)}", width, style)
            if finding.witness is not None:
                yield from _hanging(say(message("  such a packet: {packet}", packet=json.dumps(finding.witness))), width, style)
            yield from _hanging(say(message("  help: {help}", help=finding.check.help)), width, style)
            yield ""


def _hanging(line: str, width: int, style: Style) -> Iterator[str]:
    return map(style.quiet, hanging(line, width, 4))


def summary(reports: Sequence[Report]) -> str:
    """How many findings there are, how many more the baseline has, and how many checks could not look."""
    counts = Counter(finding.severity for report in reports for finding in report.findings)
    words = {
        ERROR: message("{count} errors" if counts[ERROR] != 1 else "1 error", count=counts[ERROR]),
        WARNING: message("{count} warnings" if counts[WARNING] != 1 else "1 warning", count=counts[WARNING]),
        INFO: message("{count} infos" if counts[INFO] != 1 else "1 info", count=counts[INFO]),
    }
    found = message("{error}, {warning}, {info}", **{severity: words[severity] for severity in SEVERITIES})
    hidden = sum(report.hidden for report in reports)
    parts = [found if counts or hidden else message("nothing found")]
    if hidden:
        parts.append(message("not as grave as asked for: {hidden}", hidden=hidden))
    if known := sum(report.known for report in reports):
        parts.append(message("known from the baseline: {known}", known=known))
    if skipped := len({one.check.code for report in reports for one in report.skipped}):
        parts.append(message("checks that could not look: {skipped} (-v says why)", skipped=skipped))
    *before, last = parts
    for part in reversed(before):
        last = message("{first}; {rest}", first=part, rest=last)
    return say(last)


def skipped(reports: Sequence[Report]) -> Iterator[str]:
    """The checks that could not look, and why."""
    for report in reports:
        for one in report.skipped:
            name = plain(report.ruleset.source.name) + (f":{one.line}" if one.line else "")
            yield say(message("{file}: {code} not looked for: {reason}", file=name, code=one.check.code, reason=one.reason))


_GITHUB = {ERROR: "error", WARNING: "warning", INFO: "notice"}
_ESCAPES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_MORE_ESCAPES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})
"""As GitHub's workflow commands want it in texts, and in the values of their properties."""


def github(reports: Sequence[Report]) -> Iterator[str]:
    """The findings as workflow commands of GitHub Actions, which shows them beside the lines of the file."""
    return (_command(finding) for report in reports for finding in report.findings)


def _command(finding: Finding) -> str:
    place, check = finding.place, finding.check
    where = {"file": plain(place.file), "title": f"{check.code} {check.name}"}
    if place.line:
        where |= {"line": str(place.line), "col": str(place.column)}
    values = ",".join(f"{key}={value.translate(_MORE_ESCAPES)}" for key, value in where.items())
    said = say(message("{what} ({help})", what=place.message, help=check.help)).translate(_ESCAPES)
    return f"::{_GITHUB[finding.severity]} {values}::{said}"


def as_markdown(reports: Sequence[Report]) -> Iterator[str]:
    """The findings as a table, to be attached to a report."""
    titles = (N_("place"), N_("severity"), N_("code"), N_("what is wrong"), N_("what to do"))
    yield f"| {' | '.join(say(message(title)) for title in titles)} |"
    yield "|---|---|---|---|---|"
    for report in reports:
        for finding in report.findings:
            cells = (
                problems.place(finding.place),
                say(message(problems.KINDS[finding.severity])),
                finding.check.code,
                say(finding.place.message),
                say(finding.check.help),
            )
            yield f"| {' | '.join(markdown(one) for one in cells)} |"
