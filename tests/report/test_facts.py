from __future__ import annotations

from tests.report.gathered import GATEWAY, MIXED, report


def test_findings_of_all_inputs_are_together_the_gravest_first() -> None:
    both = report(MIXED, GATEWAY)

    assert [finding.severity for _, finding in both.findings()] == ["warning", *["info"] * (both.severities()["info"])]
    assert sum(both.severities().values()) == len(both.findings())
    assert {each.number for each, _ in both.findings()} == {0, 1}


def test_severities_are_counted_also_where_there_is_none() -> None:
    assert list(report(GATEWAY).severities()) == ["error", "warning", "info"]
    assert report(GATEWAY).severities()["error"] == 0


def test_lines_of_an_input_are_those_of_the_file() -> None:
    (each,) = report(GATEWAY).inputs

    assert each.lines()[10] == ":FORWARD DROP [0:0]"
    assert len(each.lines()) == 23
    assert (each.name, len(each.sha256)) == (GATEWAY, 64)


def test_dumps_come_with_their_inputs() -> None:
    assert [(each.name, dump.dump.family) for each, dump in report(MIXED, GATEWAY).dumps()] == [(MIXED, "ipv4"), (GATEWAY, "ipv4")]
