"""KP507: many packets are dropped since connection tracking does not understand them."""

from __future__ import annotations

import re

from tests.lint.linted import findings, said, sound

INVALID = "-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP"
PASSED = '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule"'


def counted(dropped: int, passed: int) -> str:
    text = re.sub(r"(?m)^\[\d+:\d+\] ", "[0:0] ", sound("classic-nginx-counters"))
    text = text.replace(f"[0:0] {INVALID}", f"[{dropped}:{dropped * 52}] {INVALID}")
    return text.replace(f"[0:0] {PASSED}", f"[{passed}:{passed * 52}] {PASSED}")


def test_it_catches_one_packet_in_a_hundred() -> None:
    (found,) = said(counted(1000, 99_000), "KP507")

    assert found.startswith("KP507 warning ")
    assert "1000 packets" in found


def test_it_informs_where_they_are_a_small_part_or_nothing_tells() -> None:
    (small,), (unknown,) = said(counted(1000, 99_001), "KP507"), said(counted(1000, 0), "KP507")

    assert small.startswith("KP507 info ")
    assert unknown.startswith("KP507 info ")


def test_what_was_accepted_before_kube_proxys_chain_came_by_too() -> None:
    accepted = "[5000000:400000000] -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
    text = re.sub(r"(?m)^(\[\d+:\d+\] -A FORWARD )", accepted + r"\1", counted(1500, 20_000), count=1)
    (found,) = said(text, "KP507")

    assert found.startswith("KP507 info ")


def test_it_finds_the_same_while_packets_are_counted() -> None:
    (first,), (second,) = findings(counted(1000, 0), "KP507"), findings(counted(2000, 0), "KP507")

    assert first.fingerprint == second.fingerprint


def test_it_is_silent_on_few_packets_on_other_rules_and_without_counters() -> None:
    assert not said(counted(999, 999), "KP507")
    assert not said(counted(5000, 0).replace(INVALID, INVALID.replace(" -j", " -p tcp -j")), "KP507")
    assert not said(counted(5000, 0).replace(INVALID, INVALID.replace("DROP", "ACCEPT")), "KP507")
    assert not said(sound("classic-nginx-counters"), "KP507")
    assert not said(sound(), "KP507")
