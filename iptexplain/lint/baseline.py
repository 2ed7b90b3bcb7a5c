"""A baseline: the findings that are known already, so that only new ones are told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from iptexplain.errors import UnreadableInputError
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iptexplain.lint.runner import Report

_SCHEMA = "iptexplain.baseline/1"


def written(reports: Iterable[Report]) -> str:
    """The findings of some inputs as a baseline: JSON text, which is the same for the same findings."""
    known = sorted({(one.check.code, one.fingerprint) for report in reports for one in report.findings})
    lines = ",\n".join(f'  {{"code": "{code}", "fingerprint": "{fingerprint}"}}' for code, fingerprint in known)
    return f'{{"schema": "{_SCHEMA}", "findings": [\n{lines}\n]}}\n'


def read(name: str, text: str) -> frozenset[tuple[str, str]]:
    """Codes and fingerprints of a baseline. Raises `UnreadableInputError` for a text that is none."""
    try:
        document = json.loads(text)
        known = frozenset((str(one["code"]), str(one["fingerprint"])) for one in document["findings"])
        schema = document["schema"]
    except (ValueError, KeyError, TypeError, RecursionError):
        schema, known = None, frozenset()
    if schema != _SCHEMA:
        said = "{file}: this is no baseline that iptexplain lint --write-baseline has written"
        raise UnreadableInputError(message(said, file=name))
    return known


def without(report: Report, known: frozenset[tuple[str, str]]) -> Report:
    """The report without the findings that are known; it says how many these are."""
    new = tuple([one for one in report.findings if (one.check.code, one.fingerprint) not in known])
    return report._replace(findings=new, known=len(report.findings) - len(new))
