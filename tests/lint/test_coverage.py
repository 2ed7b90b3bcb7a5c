"""What is told to be covered, against the tracer: no packet comes to such a rule."""

from __future__ import annotations

import pytest

from iptexplain.lint.common import coverage
from tests.lint.shadows import tell


def test_no_packet_comes_to_a_rule_that_is_told_to_be_covered() -> None:
    told = [tell(seed, 8) for seed in range(120)]

    assert [(one.text, one.wrong) for one in told if one.wrong] == []
    assert sum(one.tried for one in told) > 1500, "the rulesets have become too plain to tell anything"


@pytest.mark.parametrize("mistake", ["is_certain", "leaves"])
def test_the_comparison_finds_mistakes(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, mistake, lambda *_: True)

    assert any(tell(seed, 8).wrong for seed in range(150))


def test_the_comparison_finds_that_targets_change_packets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "_CHANGED", {})

    assert any(tell(seed, 8).wrong for seed in range(600))
