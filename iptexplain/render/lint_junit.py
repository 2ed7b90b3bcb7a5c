"""`lint -f junit`: a test suite for each input and a test case for each check, as CI servers show them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from iptexplain.lint.finding import at_least
from iptexplain.render import problems
from iptexplain.render.safe import plain
from iptexplain.render.words import english

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.lint.check import Check
    from iptexplain.lint.runner import Report


def document(reports: Sequence[Report], checks: Sequence[Check], limit: str) -> str:
    """The XML text, in English. Findings as grave as `limit` are failures; others stand in the output of a case."""
    suites = Element("testsuites", name="iptexplain lint")
    for report in reports:
        name = plain(report.ruleset.source.name)
        skipped = {one.check.code: english(one.reason) for one in report.skipped}
        suite = SubElement(suites, "testsuite", name=name, tests=str(len(checks)), skipped=str(len(skipped)))
        failed = 0
        for check in checks:
            case = SubElement(suite, "testcase", name=f"{check.code} {check.name}", classname=name)
            found = [finding for finding in report.findings if finding.check.code == check.code]
            grave = [finding for finding in found if at_least(finding.severity, limit)]
            failed += bool(grave)
            if check.code in skipped:
                SubElement(case, "skipped", message=skipped[check.code])
            for finding in grave:
                said = f"{problems.place(finding.place)}: {english(finding.place.message)}"
                failure = SubElement(case, "failure", type=finding.severity, message=said)
                failure.text = f"{plain(finding.place.text)}\n{english(check.help)}"
            if remarks := [f"{problems.place(one.place)}: {english(one.place.message)}" for one in found if one not in grave]:
                SubElement(case, "system-out").text = "\n".join(remarks)
        suite.set("failures", str(failed))
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode") + "\n"
