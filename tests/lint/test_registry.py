"""Every check is registered, has a page and tests, and is silent on healthy dumps."""

from __future__ import annotations

import subprocess
import sys

import pytest

from iptexplain.api import load
from iptexplain.errors import UsageError
from iptexplain.lint.finding import INFO, SEVERITIES
from iptexplain.lint.registry import CODES, check, page, selected
from iptexplain.lint.runner import lint
from tests.checkout import PACKAGE, ROOT
from tests.command import FIXTURES, SAMPLES


def test_every_module_of_a_check_is_registered_once_and_in_order() -> None:
    modules = sorted(path.stem.upper() for path in (PACKAGE / "lint" / "checks").glob("*.py") if path.stem != "__init__")

    assert modules == list(CODES)


def test_names_are_unique_and_name_the_problem() -> None:
    names = [check(code).name for code in CODES]

    assert len(set(names)) == len(names)
    assert all(name == name.lower() and " " not in name for name in names)


@pytest.mark.parametrize("code", CODES)
def test_a_check_has_its_code_a_page_and_tests(code: str) -> None:
    made = check(code)
    text = page(code).text(made)

    assert made.code == code
    assert made.severity in SEVERITIES
    assert text.startswith(f"# {code} {made.name}\n")
    assert (ROOT / "tests" / "lint" / f"test_{code.lower()}.py").exists()


def test_the_pages_of_the_docs_are_fresh() -> None:
    done = subprocess.run([sys.executable, "tools/checks.py", "--check"], cwd=ROOT, check=False)

    assert done.returncode == 0, "a check has changed: run tools/checks.py"


@pytest.mark.parametrize("file", [*SAMPLES, *FIXTURES])
def test_no_check_finds_more_than_remarks_in_a_healthy_dump(file: str) -> None:
    report = lint(load(ROOT / file), [check(code) for code in CODES])

    assert [finding.place for finding in report.findings if finding.severity != INFO] == []


def test_checks_are_chosen_by_how_their_codes_begin() -> None:
    assert [one.code for one in selected()] == list(CODES)
    assert [one.code for one in selected(["IX", "KP101"], ["IX006"])][:1] == ["IX001"]
    assert "IX006" not in [one.code for one in selected(["IX"], ["IX006"])]
    assert [one.code for one in selected(["KP101"])] == ["KP101"]
    assert [one.code for one in selected("kp101, ix006")] == ["IX006", "KP101"]
    with pytest.raises(UsageError, match="ZZ"):
        selected(["ZZ"])
    with pytest.raises(UsageError, match="no check is left"):
        selected("KP101", "KP1")
