"""The benchmarks measure what they say; how quick anything is, no test asks."""

from __future__ import annotations

import json
import subprocess
import sys

from bench import firewall, generate
from iptexplain.analysis.services import services
from iptexplain.parsing.reader import read
from tests.checkout import ROOT


def test_all_rows_run() -> None:
    done = subprocess.run([sys.executable, "-m", "bench.run", "--quick"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads((ROOT / "bench" / "results" / "quick.json").read_text("utf-8"))
    names = [row["row"] for row in found["rows"]]

    assert names
    assert all(row["rounds"][0]["value"] for row in found["rows"])
    assert all(name in done.stdout for name in names)


def test_a_generated_dump_holds_the_services_it_is_asked_for() -> None:
    text = "".join(f"{line}\n" for line in generate.lines(7, 3, comments=True, counters=True))
    ruleset = read("-", text.encode())
    (found,) = services(ruleset)

    assert ruleset.problems == ()
    assert [len(port.endpoint_sets["cluster"]) for port in found.ports] == [3] * 7
    assert all(port.name_verified for port in found.ports)


def test_the_same_arguments_give_the_same_dump() -> None:
    kube = [list(generate.lines(5, 2, comments=False, counters=False)) for _ in range(2)]
    hand_made = [list(firewall.lines(500)) for _ in range(2)]

    assert kube[0] == kube[1]
    assert hand_made[0] == hand_made[1]


def test_a_generated_firewall_is_read_whole_and_has_hundreds_of_shapes() -> None:
    text = "".join(f"{line}\n" for line in firewall.lines(5_000))
    ruleset = read("-", text.encode())

    assert ruleset.problems == ()
    assert len(set(ruleset.lines.marks)) > 200
