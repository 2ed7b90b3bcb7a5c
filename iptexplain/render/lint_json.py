"""`lint -f json` and `-f jsonl`: the documents that scripts rely on (schemas/lint.json)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from iptexplain.lint.finding import SEVERITIES
from iptexplain.render import documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.finding import Finding
    from iptexplain.lint.runner import Report
    from iptexplain.render.documents import Json


def document(reports: Sequence[Report]) -> str:
    """The findings of some inputs as one JSON document."""
    rulesets = [ruleset for report in reports for ruleset in (report.ruleset, *report.beside)]
    problems = [problem for ruleset in rulesets for problem in ruleset.problems] + [one for report in reports for one in report.problems]
    counts = Counter(finding.severity for report in reports for finding in report.findings)
    return documents.write(
        {
            **documents.head("lint"),
            "inputs": documents.inputs(rulesets),
            "warnings": documents.warnings(problems),
            "findings": [_finding(finding) for report in reports for finding in report.findings],
            "skipped": [
                {
                    "file": report.ruleset.source.name,
                    "line": skipped.line,
                    "code": skipped.check.code,
                    "reason": skipped.reason.english(),
                }
                for report in reports
                for skipped in report.skipped
            ],
            "summary": {severity: counts[severity] for severity in SEVERITIES},
        }
    )


def lines(reports: Sequence[Report]) -> Iterator[str]:
    """Each finding as a JSON document of its own, one a line."""
    head = {"schema": documents.head("lint")["schema"]}
    return (documents.write({**head, **_finding(finding)}).rstrip("\n") for report in reports for finding in report.findings)


def _finding(finding: Finding) -> Json:
    check, place = finding.check, finding.place
    return {
        "code": check.code,
        "name": check.name,
        "severity": finding.severity,
        "message": place.message.english(),
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "related": [{"file": one.file or place.file, "line": one.line, "message": one.message.english()} for one in finding.related],
        "help": check.help.english(),
        "fingerprint": finding.fingerprint,
        "witness": None if finding.witness is None else dict(finding.witness),
    }
