"""KP604: rules of kube-proxy's ipvs mode stand beside those of its iptables mode."""

from __future__ import annotations

from tests.lint.linted import said, sound

IPVS = "-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ\n"
FIRST = "-A KUBE-MARK-MASQ -j MARK"


def test_it_catches_a_chain_of_the_ipvs_mode_beside_chains_of_services() -> None:
    (found,) = said(sound().replace(FIRST, IPVS + FIRST), "KP604")

    assert found.startswith("KP604 warning ")
    assert "KUBE-LOAD-BALANCER" in found


def test_it_looks_into_filter_too_and_speaks_once() -> None:
    rule = "-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -j REJECT\n"
    broken = sound().replace("-A KUBE-FORWARD -m", rule + "-A KUBE-FORWARD -m", 1).replace(FIRST, IPVS + FIRST)

    assert len(said(broken, "KP604")) == 1
    assert "KUBE-IPVS-FILTER" in said(sound().replace("-A KUBE-FORWARD -m", rule + "-A KUBE-FORWARD -m", 1), "KP604")[0]


def test_it_is_silent_on_one_mode_alone_and_on_empty_chains() -> None:
    assert not said(sound(), "KP604")
    assert not said(sound().replace(":KUBE-MARK-MASQ", ":KUBE-NODE-PORT - [0:0]\n:KUBE-MARK-MASQ"), "KP604")
    assert not said(f"*nat\n:KUBE-LOAD-BALANCER - [0:0]\n:KUBE-MARK-MASQ - [0:0]\n{IPVS}COMMIT\n", "KP604")
    assert not said("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", "KP604")
