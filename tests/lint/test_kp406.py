"""KP406: a firewall chain of Kubernetes drops everything."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

FORWARD = "-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP\n"


@pytest.mark.parametrize(
    "rule",
    [
        '-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -j DROP\n',
        "-A KUBE-PROXY-FIREWALL -j DROP\n",
        "-A KUBE-SERVICES -j REJECT --reject-with icmp-port-unreachable\n",
    ],
)
def test_it_catches_a_drop_that_has_lost_its_condition(rule: str) -> None:
    chain = rule.split()[1]

    (found,) = said(sound().replace(FORWARD, FORWARD + rule), "KP406")
    assert found.startswith("KP406 error ")
    assert found.endswith(f": chain {chain} drops every packet: the rule has no condition")


def test_it_tells_a_chain_once() -> None:
    assert len(said(sound().replace(FORWARD, FORWARD + "-A KUBE-FIREWALL -j DROP\n" * 2), "KP406")) == 1


@pytest.mark.parametrize(
    "rule",
    [
        "-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP\n",
        "-A KUBE-FIREWALL -m mark [unsupported revision] -j DROP\n",
        "-A KUBE-FIREWALL -j RETURN\n",
        "-A SOMEBODY-ELSE -j DROP\n",
        "-A INPUT -j DROP\n",
    ],
)
def test_it_is_silent_where_a_condition_stands_or_is_unknown_and_on_chains_of_others(rule: str) -> None:
    assert not said(sound().replace(FORWARD, FORWARD + rule), "KP406")


def test_it_is_silent_on_the_sound_dump_and_on_a_chain_that_nothing_leads_to() -> None:
    assert not said(sound(), "KP406")
    assert not said("*filter\n:INPUT ACCEPT [0:0]\n:KUBE-FIREWALL - [0:0]\n-A KUBE-FIREWALL -j DROP\nCOMMIT\n", "KP406")
