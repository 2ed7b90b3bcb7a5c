from __future__ import annotations

from iptexplain._version import __version__
from iptexplain.api import load, load_ipset, load_ipvs, load_names
from iptexplain.lint.registry import selected
from iptexplain.lint.runner import lint
from iptexplain.report.gather import Given, gather
from tests.checkout import ROOT
from tests.dumps import ruleset
from tests.report.gathered import COUNTED, MIXED, dump, of_lines, report


def test_a_report_says_which_version_has_written_it() -> None:
    assert report(MIXED).version == __version__


def test_tables_have_their_sizes_and_whether_they_were_counted() -> None:
    assert [(table.name, table.chains, table.rules, table.counted) for table in dump(MIXED).tables] == [
        ("mangle", 6, 0, False),
        ("filter", 10, 28, False),
        ("nat", 385, 1098, False),
    ]
    assert [table.counted for table in dump(COUNTED).tables] == [False, True, True]


def test_findings_and_skipped_checks_are_those_of_lint() -> None:
    (each,) = report(MIXED).inputs
    expected = lint(load(ROOT / MIXED, name=MIXED), selected())

    assert expected.findings == each.findings
    assert expected.skipped == each.skipped


def test_what_is_not_understood_is_told_apart_from_what_could_not_be_read() -> None:
    (each,) = of_lines(":INPUT ACCEPT [0:0]", "-A INPUT -m magic --spell x -j DROP", "-A INPUT -j", "no rule").inputs

    assert [problem.line for problem in each.unknown] == [3]
    assert [problem.line for problem in each.problems] == [4, 5]
    assert each.dumps[0].unread == (4, 5)


def test_comments_that_silence_nothing_are_remarks() -> None:
    (each,) = of_lines("# iptexplain: ignore=XX9", ":INPUT ACCEPT [0:0]", "-A INPUT -j DROP").inputs

    assert [problem.line for problem in each.remarks] == [2]


def test_what_is_given_beside_the_dump_is_used() -> None:
    folder = ROOT / "samples" / "ipvs"
    given = Given(sets=load_ipset(folder / "ipset.txt"), ipvs=load_ipvs(folder / "ipvsadm.txt"), names=load_names(folder / "services.json"))
    read = load(folder / "dump.save")

    assert [len(found.ports) > 0 for _, found in gather([read], given).dumps()] == [True]
    assert [found.ports for _, found in gather([read]).dumps()] == [()]
    assert "KP610" not in {one.check.code for one in gather([read], given).inputs[0].skipped}


def test_it_is_told_how_far_the_work_is() -> None:
    told: list[float] = []
    gather([ruleset("*filter", "COMMIT"), ruleset("*nat", "COMMIT")], progress=told.append)

    assert told == [0.0, 0.5]
