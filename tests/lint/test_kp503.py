"""KP503: a firewall refuses everything before the network of the Pods is asked."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

FIRST = "-A FORWARD -m conntrack --ctstate NEW -m comment --comment"
LAST = "-A OUTPUT -j KUBE-FIREWALL\n"
REFUSE = "-A FORWARD -j REJECT --reject-with icmp-host-prohibited\n"


def before(*rules: str) -> str:
    return sound().replace(FIRST, "".join(rules) + FIRST, 1)


@pytest.mark.parametrize("refuse", [REFUSE, "-A FORWARD -j DROP\n", '-A FORWARD -m comment --comment "all" -j REJECT\n'])
def test_it_catches_a_rule_that_refuses_all_before_kube_forward(refuse: str) -> None:
    (found,) = said(before(refuse), "KP503")
    assert found.startswith("KP503 error ")
    assert "KUBE-FORWARD" in found


def test_it_catches_a_rule_before_the_chain_of_a_network() -> None:
    text = sound().replace(LAST, f"{REFUSE}-A FORWARD -j FLANNEL-FWD\n-A FLANNEL-FWD -s 192.168.0.0/16 -j ACCEPT\n{LAST}", 1)

    (found,) = said(text, "KP503")
    assert "FLANNEL-FWD" in found


def test_it_catches_a_rule_before_calicos_last_one() -> None:
    rule = '-A FORWARD -m comment --comment "cali:S93hcgKJrXEqnTfs" -m mark --mark 0x10000/0x10000 -j ACCEPT\n'

    (found,) = said(sound().replace(LAST, REFUSE + rule + LAST, 1), "KP503")
    assert found.startswith("KP503 error ")


def test_it_is_an_error_where_only_docker_is_let_in_before() -> None:
    (found,) = said(before("-A FORWARD -i docker0 ! -o docker0 -j ACCEPT\n", REFUSE), "KP503")
    assert found.startswith("KP503 error ")


def test_it_informs_where_the_pods_are_let_in_before() -> None:
    (found,) = said(before("-A FORWARD -d 192.168.0.0/16 -j ACCEPT\n", REFUSE), "KP503")
    assert found.startswith("KP503 info ")


@pytest.mark.parametrize(
    "text",
    [
        sound(),
        sound().replace(LAST, REFUSE + LAST, 1),
        before(REFUSE.replace("FORWARD", "FORWARD -i eth1")),
        before("-A FORWARD -j ACCEPT\n", REFUSE),
        before("-A FORWARD -j KUBE-FORWARD\n", REFUSE),
        before("-A FORWARD -j MINE\n", "-A MINE -j KUBE-FORWARD\n", REFUSE),
        sound().replace(LAST, f"{REFUSE}-A FORWARD -j MINE\n-A MINE -j ACCEPT\n-A FORWARD -j KUBE-FIREWALL\n{LAST}", 1),
    ],
    ids=["sound", "at the end", "of one interface", "behind an accept", "asked before", "asked before through another", "nothing accepts"],
)
def test_it_is_silent_where_the_pods_network_is_asked_first(text: str) -> None:
    assert not said(text, "KP503")


def test_it_is_silent_without_kube_proxy() -> None:
    assert not said(f"*filter\n:FORWARD ACCEPT [0:0]\n{REFUSE}-A FORWARD -j FLANNEL-FWD\n-A FLANNEL-FWD -j ACCEPT\nCOMMIT\n", "KP503")
