"""KP502: ufw drops the traffic of Pods."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

UFW = (
    "-A FORWARD -j ufw-before-forward\n"
    "-A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
    "-A ufw-before-forward -p icmp -m icmp --icmp-type 8 -j ACCEPT\n"
)
FIRST = "-A OUTPUT -j KUBE-FIREWALL"


def _with(*rules: str, policy: str = "DROP") -> str:
    chains = f":FORWARD {policy} [0:0]\n:OUTPUT ACCEPT [0:0]\n:ufw-before-forward - [0:0]\n:KUBE-EXTERNAL"
    text = sound().replace(":FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:KUBE-EXTERNAL", chains)
    return text.replace(FIRST, "".join(rules) + FIRST)


def test_it_catches_ufw_where_nothing_accepts_new_connections() -> None:
    (found,) = said(_with(UFW), "KP502")

    assert found.startswith("KP502 warning ")
    assert "no rule in FORWARD accepts new connections of Pods" in found


@pytest.mark.parametrize(
    "rule",
    [
        "-A FORWARD -s 192.168.0.0/16 -j ACCEPT\n",
        "-A ufw-before-forward -i cni0 -j ACCEPT\n",
        "-A FORWARD -m conntrack --ctstate NEW -j ACCEPT\n",
        "-A FORWARD -m conntrack ! --ctstate INVALID -j ACCEPT\n",
        "-A FORWARD -m mark --mark 0x10000/0x10000 -j ACCEPT\n",
        "-A FORWARD -j NFQUEUE --queue-num 0\n",
        "-A FORWARD -m nobodyknows --this -j ACCEPT\n",
    ],
)
def test_it_is_silent_where_a_rule_may_accept_them(rule: str) -> None:
    assert not said(_with(UFW, rule), "KP502")


def test_it_is_silent_on_a_sound_dump_without_ufw_and_with_policy_accept() -> None:
    assert not said(sound(), "KP502")
    assert not said(_with(), "KP502")
    assert not said(_with(UFW, policy="ACCEPT"), "KP502")


def test_it_is_silent_without_endpoints_or_filter_and_on_a_dump_that_is_cut() -> None:
    assert not said(_with(UFW).replace("KUBE-SEP-", "MINE-"), "KP502")
    assert not said("*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT\n", "KP502")
    assert not said(_with(UFW).rpartition("COMMIT")[0], "KP502")


def test_it_is_silent_where_kube_proxy_marks_all_traffic_to_services() -> None:
    assert not said(_with(UFW).replace("! -s 192.168.0.0/16 -d", "-d"), "KP502")
