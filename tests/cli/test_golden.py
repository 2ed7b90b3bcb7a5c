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
CLASSIC, MIXED = "samples/kube-proxy/classic-nginx.save", "samples/kube-proxy/mixed-cluster.save"
CASES: dict[str, tuple[tuple[str, ...], int]] = {
    **{
        f"{sample}.{ending}": (("services", "-f", view, f"samples/kube-proxy/{sample}.save"), width)
        for sample in SAMPLES
        for ending, (view, width) in VIEWS.items()
    },
    "explain-classic-80.txt": (("explain", CLASSIC), 80),
    "explain-classic-50.txt": (("explain", CLASSIC), 50),
    "explain-classic-v.txt": (("explain", CLASSIC, "-v"), 100),
    "explain-classic.md": (("explain", CLASSIC, "-f", "markdown"), 80),
    "explain-service.txt": (("explain", MIXED, "--service", "istio-system/istio-ingressgateway:https"), 100),
    "explain-as-dumped.txt": (("explain", CLASSIC, "--as-dumped", "--table", "nat"), 80),
    "explain-by-hand.txt": (("explain", "samples/by-hand/gateway.rules"), 80),
}
"""Each golden file, the command and the columns."""


@pytest.mark.parametrize("name", CASES)
def test_the_view_of_a_sample_is_as_it_was(name: str) -> None:
    arguments, width = CASES[name]
    done = printed(*arguments, width=width)
    golden = FOLDER / name

    assert done.status == 0
    assert done.err == "" or "by-hand" in name
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.write_text(done.out, "utf-8")
    else:
        assert golden.read_text("utf-8") == done.out, "UPDATE_GOLDEN=1 rewrites it"


def test_there_is_no_golden_output_that_nobody_asks_for() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(CASES)
