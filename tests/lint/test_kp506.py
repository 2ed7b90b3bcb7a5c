"""KP506: packets that connection tracking does not understand are forwarded."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

INVALID = "-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP\n"


def test_it_catches_a_dump_without_the_rule() -> None:
    assert INVALID in sound()

    (found,) = said(sound().replace(INVALID, ""), "KP506")
    assert found.startswith("KP506 info ")
    assert "KUBE-FORWARD" in found


@pytest.mark.parametrize(
    "other",
    [
        INVALID.replace("DROP", "ACCEPT"),
        INVALID.replace("--ctstate", "! --ctstate"),
        INVALID.replace("INVALID", "NEW"),
        '-A KUBE-FORWARD -m comment --comment "INVALID" -j DROP\n',
    ],
)
def test_a_rule_that_does_something_else_does_not_count(other: str) -> None:
    assert said(sound().replace(INVALID, other), "KP506")


@pytest.mark.parametrize(
    "other",
    [
        INVALID.replace("conntrack --ctstate", "state --state"),
        INVALID.replace("INVALID", "INVALID,UNTRACKED"),
        INVALID.replace("KUBE-FORWARD", "FORWARD"),
    ],
)
def test_a_rule_that_does_the_same_counts(other: str) -> None:
    assert not said(sound().replace(INVALID, other), "KP506")


def test_it_is_silent_on_a_sound_dump_and_where_the_chain_has_no_rules() -> None:
    assert not said(sound(), "KP506")
    assert not said("".join(line for line in sound().splitlines(keepends=True) if not line.startswith("-A KUBE-FORWARD")), "KP506")


def test_it_does_not_look_at_a_dump_that_is_cut_or_not_kube_proxys() -> None:
    assert not said(sound().replace(INVALID, "").rpartition("COMMIT")[0], "KP506")
    assert not said("*filter\n:KUBE-FORWARD - [0:0]\n-A KUBE-FORWARD -j ACCEPT\nCOMMIT\n", "KP506")
