"""Facts of dumps that the repository holds, and of small ones made of a few lines."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from iptexplain.api import load
from iptexplain.report.gather import gather
from tests.checkout import ROOT
from tests.dumps import ruleset

if TYPE_CHECKING:
    from iptexplain.report.facts import DumpFacts, Report

MIXED = "samples/kube-proxy/mixed-cluster.save"
GATEWAY = "samples/by-hand/gateway.rules"
COUNTED = "samples/kube-proxy/classic-nginx-counters.save"


@cache
def report(*names: str) -> Report:
    """What is gathered of files of this checkout."""
    return gather([load(ROOT / name, name=name) for name in names])


def dump(name: str) -> DumpFacts:
    """The only dump of a file."""
    ((_, found),) = report(name).dumps()
    return found


def of_lines(*lines: str) -> Report:
    """What is gathered of a table filter of these lines."""
    return gather([ruleset("*filter", *lines, "COMMIT")])


def dump_of_lines(*lines: str) -> DumpFacts:
    """The same, as a dump."""
    ((_, found),) = of_lines(*lines).dumps()
    return found
