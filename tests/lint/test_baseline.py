"""Baselines: what is known is not told again."""

from __future__ import annotations

import pytest

from iptexplain.api import load
from iptexplain.errors import UnreadableInputError
from iptexplain.lint.baseline import read, without, written
from iptexplain.lint.registry import check
from iptexplain.lint.runner import lint

TEXT = "*nat\n:A - [0:0]\n-A A -p tcp -j DNAT --to-destination 0.0.0.0:0\nCOMMIT\n"


def test_what_is_known_is_taken_away_and_counted_also_where_lines_have_moved() -> None:
    known = read("base", written([lint(load(TEXT.encode()), [check("IX006")])]))
    moved = lint(load(TEXT.replace(":A", ":B - [0:0]\n:A").encode()), [check("IX006")])

    assert len(moved.findings) == 1
    assert (without(moved, known).findings, without(moved, known).known) == ((), 1)


def test_what_has_become_graver_is_told_again() -> None:
    report = lint(load(TEXT.encode()), [check("IX006")])
    milder = report._replace(findings=tuple([one._replace(severity="info") for one in report.findings]))

    assert without(report, read("base", written([milder]))).findings == report.findings
    assert without(milder, read("base", written([report]))).findings == ()


def test_what_is_new_stays() -> None:
    known = read("base", written([lint(load(TEXT.encode()), [check("IX006")])]))
    cut = lint(load(TEXT.replace("COMMIT\n", "").encode()), [check("IX001"), check("IX006")])

    assert [one.check.code for one in without(cut, known).findings] == ["IX001"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": "iptexplain.baseline/1"}', '{"schema": "other", "findings": []}', "[" * 100_000]
)
def test_a_text_that_is_no_baseline_is_an_error_with_the_name_of_the_file(text: str) -> None:
    with pytest.raises(UnreadableInputError, match="base"):
        read("base", text)


def test_a_baseline_without_findings_is_one() -> None:
    assert read("base", written([])) == {}
