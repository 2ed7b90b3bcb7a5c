"""What the command prints for some samples, whole.

With UPDATE_GOLDEN=1 in the environment the test writes what is printed into tests/cli/golden instead; look at the difference before you
commit it.
"""

from __future__ import annotations

import os

import pytest

from tests.checkout import ROOT
from tests.command import printed

FOLDER = ROOT / "tests" / "cli" / "golden"
SAMPLES = ("classic-nginx", "local-policies", "ipv6")
VIEWS = {
    "table-80.txt": ("table", 80),
    "table-120.txt": ("table", 120),
    "wide.txt": ("wide", 80),
    "name.txt": ("name", 80),
    "csv": ("csv", 80),
    "md": ("markdown", 80),
}
CASES = {f"{sample}.{ending}": (sample, *view) for sample in SAMPLES for ending, view in VIEWS.items()}


@pytest.mark.parametrize("name", CASES)
def test_the_view_of_a_sample_is_as_it_was(name: str) -> None:
    sample, view, width = CASES[name]
    done = printed("services", "-f", view, f"samples/kube-proxy/{sample}.save", width=width)
    golden = FOLDER / name

    assert (done.status, done.err) == (0, "")
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.write_text(done.out, "utf-8")
    else:
        assert golden.read_text("utf-8") == done.out, "UPDATE_GOLDEN=1 rewrites it"


def test_there_is_no_golden_output_that_nobody_asks_for() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(CASES)
