"""IT709: a rule was tried many times and never matched."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound

IDLE = "[0:0] -A INPUT -s 10.1.2.3/32 -j ACCEPT\n"
MET = "[100000:6000000] -A INPUT -i eth0 -j ACCEPT\n"


def filter_(*rules: str, policy: str = "[0:0]") -> str:
    return f"*filter\n:INPUT ACCEPT {policy}\n:MINE - [0:0]\n:DOCKER - [0:0]\n" + "".join(rules) + "COMMIT\n"


def test_it_catches_a_rule_that_packets_went_past() -> None:
    assert said(filter_(IDLE, MET), "IT709") == [
        "IT709 info 5: this rule of filter INPUT never matched, though 100000 packets or more went past it: so far it does nothing"
    ]
    assert len(said(filter_(IDLE, policy="[100000:1]"), "IT709")) == 1
    assert len(said(filter_(IDLE, MET).replace("INPUT", "MINE"), "IT709")) == 1


def test_it_says_so_once_for_a_chain() -> None:
    (found,) = findings(filter_("[7:7] -A INPUT -p udp -j ACCEPT\n", *[IDLE] * 9, MET), "IT709")

    assert found.place.line == 6
    assert found.place.message.english() == (
        "9 rules of filter INPUT never matched, though 100000 packets or more went past each of them: so far they do nothing"
    )
    assert [related.line for related in found.related] == [7, 8, 9, 10, 11]


def test_it_finds_the_same_while_packets_are_counted_and_lines_move() -> None:
    (first,), (second,) = findings(filter_(IDLE, MET), "IT709"), findings("\n" + filter_(IDLE, MET.replace("100000", "200000")), "IT709")

    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize(
    "text",
    [
        filter_(MET, IDLE),
        filter_(IDLE, MET.replace("100000", "99999")),
        filter_(IDLE.replace("[0:", "[1:"), MET),
        filter_(IDLE, policy="[99999:1]"),
        filter_(IDLE, MET.replace("INPUT", "MINE")),
    ],
)
def test_it_is_silent_where_too_few_packets_went_past(text: str) -> None:
    assert not said(text, "IT709")


@pytest.mark.parametrize("target", ["-j RETURN", "-g MINE"])
def test_what_an_earlier_rule_sends_back_to_the_policy_did_not_go_past(target: str) -> None:
    text = filter_(f"[100000:1] -A INPUT -i eth1 {target}\n", IDLE, policy="[100000:1]")

    assert not said(text, "IT709")
    assert len(said(text.replace("ACCEPT [100000:1]", "ACCEPT [200000:1]"), "IT709")) == 1


def test_it_is_silent_on_chains_of_known_programs_and_rules_that_lead_to_them() -> None:
    assert not said(filter_(IDLE, MET).replace("-A INPUT", "-A DOCKER"), "IT709")
    assert not said(filter_(IDLE.replace("ACCEPT", "DOCKER"), MET), "IT709")
    assert len(said(filter_(IDLE.replace("ACCEPT", "MINE"), MET), "IT709")) == 1


def test_it_is_silent_on_a_sound_dump_and_without_counters() -> None:
    assert not said(sound("classic-nginx-counters"), "IT709")
    assert not said(filter_("-A INPUT -s 10.1.2.3/32 -j ACCEPT\n", policy="[100000:1]"), "IT709")
    assert not said(filter_(MET, "-A INPUT -s 10.1.2.3/32 -j ACCEPT\n", policy="[100000:1]"), "IT709")


def test_another_rule_that_never_matched_is_another_finding() -> None:
    (first,), (second,) = findings(filter_(IDLE, MET), "IT709"), findings(filter_(IDLE, IDLE.replace("10.1.2.3", "10.1.2.4"), MET), "IT709")

    assert first.fingerprint != second.fingerprint
