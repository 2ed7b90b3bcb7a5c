"""A baseline: the findings that are known already, so that only new ones are told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from iptexplain.errors import UnreadableInputError
from iptexplain.lint.finding import SEVERITIES, at_least
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from iptexplain.lint.finding import Finding
    from iptexplain.lint.runner import Report

    Known = Mapping[tuple[str, str], str]
    """How grave each finding was, by the code of its check and its fingerprint."""

_SCHEMA = "iptexplain.baseline/1"


def written(reports: Iterable[Report]) -> str:
    """The findings of some inputs as a baseline: JSON text, which is the same for the same findings."""
    known = sorted({(one.check.code, one.fingerprint, one.severity) for report in reports for one in report.findings})
    lines = ",\n".join(f'  {{"code": "{code}", "fingerprint": "{mark}", "severity": "{severity}"}}' for code, mark, severity in known)
    return f'{{"schema": "{_SCHEMA}", "findings": [\n{lines}\n]}}\n'


def read(name: str, text: str) -> Known:
    """The findings of a baseline. Raises `UnreadableInputError` for a text that is none."""
    known: dict[tuple[str, str], str] = {}
    try:
        document = json.loads(text)
        for one in document["findings"]:
            known[str(one["code"]), str(one["fingerprint"])] = SEVERITIES[SEVERITIES.index(one["severity"])]
        schema = document["schema"]
    except (ValueError, KeyError, TypeError, RecursionError):
        schema = None
    if schema != _SCHEMA:
        said = N_("{file}: this is no baseline that iptexplain lint --write-baseline has written")
        raise UnreadableInputError(message(said, file=name))
    return known


def without(report: Report, known: Known) -> Report:
    """The report without the findings that are known and no graver than they were; it says how many these are."""
    new = tuple([one for one in report.findings if not _is_known(one, known)])
    return report._replace(findings=new, known=len(report.findings) - len(new))


def _is_known(finding: Finding, known: Known) -> bool:
    severity = known.get((finding.check.code, finding.fingerprint))
    return severity is not None and at_least(severity, finding.severity)
