"""Healthy dumps, broken in one place: the page that says how many of the changes are noticed is what the checks do."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

from tests.checkout import ROOT
from tests.lint.linted import sound
from tests.lint.mutate import KINDS


def test_the_page_is_fresh() -> None:
    done = subprocess.run([sys.executable, "tools/mutations.py", "--check"], cwd=ROOT, check=False)

    assert done.returncode == 0, "a check has changed: run tools/mutations.py, and look at what is noticed"


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_change_changes_one_place(kind: str) -> None:
    before = sound("external-access").splitlines()
    broken = KINDS[kind](sound("external-access"), random.Random(3))  # noqa: S311 - no secret
    assert broken is not None
    after = broken.splitlines()

    assert after != before
    if kind == "chain dropped":
        assert len(after) < len(before)
    else:
        assert len(before) - len(after) == (kind == "rule removed")
        assert len(set(before) ^ set(after)) <= 2
