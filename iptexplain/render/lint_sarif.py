"""`lint -f sarif`: SARIF 2.1.0, which GitHub, GitLab and editors read (docs.oasis-open.org/sarif/sarif/v2.1.0)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from iptexplain._version import __version__
from iptexplain.lint import registry
from iptexplain.lint.finding import ERROR, INFO, WARNING
from iptexplain.render import documents
from iptexplain.render.safe import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.lint.finding import Finding
    from iptexplain.lint.runner import Report
    from iptexplain.render.documents import Json
    from iptexplain.source import Message

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {ERROR: "error", WARNING: "warning", INFO: "note"}
_STDIN = "stdin"
"""What standard input is called: a result needs an address."""


def document(reports: Sequence[Report]) -> str:
    """The findings of some inputs as one run; all checks are declared, whether they found something or not."""
    places = {code: number for number, code in enumerate(registry.CODES)}
    run = {
        "tool": {"driver": {"name": "iptexplain", "version": __version__, "rules": [_rule(code) for code in registry.CODES]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, places) for report in reports for finding in report.findings],
    }
    return documents.write({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str) -> Json:
    check, page = registry.check(code), registry.page(code)
    return {
        "id": code,
        "name": check.name,
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": page.sections["Why it matters"]},
        "help": {"text": check.help.english(), "markdown": page.text(check)},
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
    }


def _result(finding: Finding, places: dict[str, int]) -> Json:
    place = finding.place
    end = place.column + place.width
    region = {"startLine": place.line, "startColumn": place.column, "endColumn": end} if place.line else None
    related = [
        {"id": number, "message": {"text": _text(one.message)}, **_location(one.file or place.file, {"startLine": one.line})}
        for number, one in enumerate(finding.related, 1)
    ]
    return {
        "ruleId": finding.check.code,
        "ruleIndex": places[finding.check.code],
        "level": _LEVELS[finding.severity],
        "message": {"text": _text(place.message)},
        "locations": [_location(place.file, region)],
        **({"relatedLocations": related} if related else {}),
        "partialFingerprints": {"iptexplain/v1": finding.fingerprint},
    }


_MARKUP = str.maketrans({"\\": "\\\\", "[": "\\[", "]": "\\]", "{": "{{", "}": "}}"})
"""Words in brackets are links in the text of a message, and numbers in braces stand for arguments (SARIF 3.11.5, 3.11.6)."""


def _text(said: Message) -> str:
    """A sentence as plain text: nothing that a dump says becomes a link."""
    return plain(said.english()).translate(_MARKUP)


def _location(file: str, region: Json | None) -> Json:
    address = _STDIN if file == "-" else quote(re.sub("^//+", "/", file).encode("utf-8", "surrogateescape"))  # // would begin a host
    return {"physicalLocation": {"artifactLocation": {"uri": address}, **({} if region is None else {"region": region})}}
