from __future__ import annotations

import pytest

from iptexplain.report.facts import DROP, POLICY, REJECT
from tests.report.gathered import COUNTED, GATEWAY, MIXED, dump, dump_of_lines


def test_rules_and_policies_that_refuse_or_drop_are_found_with_their_lines() -> None:
    assert [(stop.kind, stop.chain, stop.line) for stop in dump(GATEWAY).stops] == [
        (POLICY, "INPUT", 10),
        (POLICY, "FORWARD", 11),
        (REJECT, "guests", 19),
        (DROP, "guests", 22),
    ]


def test_rules_are_said_in_words() -> None:
    assert [None if stop.sentence is None else stop.sentence.english() for stop in dump(GATEWAY).stops][2:] == [
        'everything to 192.168.0.0/16: drop and answer "port unreachable"',
        "everything from MAC address 02:00:5e:10:00:01: drop",
    ]


def test_what_kube_proxy_writes_for_a_service_is_told_with_that_service_alone() -> None:
    assert [(stop.chain, stop.line, stop.owner) for stop in dump(MIXED).stops] == [
        ("KUBE-FIREWALL", 39, "kubelet"),
        ("KUBE-FORWARD", 40, "kube-proxy"),
    ]


def test_the_rule_of_a_service_that_still_gets_its_traffic_is_told() -> None:
    chains = [stop.chain for stop in dump("samples/kube-proxy/external-access.save").stops]

    assert "KUBE-PROXY-FIREWALL" in chains


def test_packets_are_told_where_they_were_counted() -> None:
    assert [stop.packets for stop in dump(COUNTED).stops] == [0, 0]
    assert {stop.packets for stop in dump(MIXED).stops} == {None}


@pytest.mark.parametrize(
    ("line", "expected"), [("[5:300] -A INPUT -s 10.0.0.1/32 -j ACCEPT", 12), ("-A INPUT -s 10.0.0.1/32 -j ACCEPT", None)]
)
def test_packets_of_a_policy_count_if_those_of_rules_do(line: str, expected: int | None) -> None:
    (stop,) = dump_of_lines(":INPUT DROP [12:720]", line).stops

    assert (stop.kind, stop.packets) == (POLICY, expected)


def test_rules_that_accept_or_lead_on_stop_nothing() -> None:
    found = dump_of_lines(":INPUT ACCEPT [0:0]", ":DROPPED - [0:0]", "-A INPUT -j DROPPED", "-A DROPPED -j ACCEPT")

    assert found.stops == ()
