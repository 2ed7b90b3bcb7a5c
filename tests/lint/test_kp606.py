"""KP606: two Pod networks masquerade the traffic of Pods."""

from __future__ import annotations

from tests.lint.linted import said

FLANNEL = "-A POSTROUTING -j FLANNEL-POSTRTG\n-A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE\n"
WEAVE = "-A POSTROUTING -j WEAVE\n-A WEAVE -s 10.32.0.0/12 ! -d 10.32.0.0/12 -j MASQUERADE\n"
CALICO = "-A POSTROUTING -j cali-POSTROUTING\n-A cali-POSTROUTING -j cali-nat-outgoing\n-A cali-nat-outgoing -s 10.1.0.0/16 -j MASQUERADE\n"
AWS = "-A POSTROUTING -j AWS-SNAT-CHAIN-0\n-A AWS-SNAT-CHAIN-0 ! -o vlan+ -j SNAT --to-source 192.0.2.7\n"


def _nat(*rules: str) -> str:
    names = ("FLANNEL-POSTRTG", "WEAVE", "cali-POSTROUTING", "cali-nat-outgoing", "AWS-SNAT-CHAIN-0")
    chains = "".join(f":{name} - [0:0]\n" for name in names)
    return f"*nat\n:POSTROUTING ACCEPT [0:0]\n{chains}{''.join(rules)}COMMIT\n"


def test_it_catches_two_networks_that_both_change_the_source() -> None:
    (found,) = said(_nat(FLANNEL, WEAVE), "KP606")

    assert found == "KP606 warning 9: Flannel and Weave Net both change the source of Pods' traffic on this node"
    assert said(_nat(AWS, CALICO), "KP606")[0].startswith("KP606 warning ")


def test_calico_beside_flannel_is_an_information() -> None:
    assert said(_nat(FLANNEL, CALICO), "KP606")[0].startswith("KP606 info ")


def test_three_networks_are_told_once() -> None:
    assert len(said(_nat(FLANNEL, CALICO, WEAVE), "KP606")) == 1


def test_it_is_silent_on_one_network_and_on_chains_that_are_not_reached_or_change_nothing() -> None:
    for one in (FLANNEL, WEAVE, CALICO, AWS):
        assert not said(_nat(one), "KP606")
    assert not said(_nat(FLANNEL, WEAVE.replace("-A POSTROUTING -j WEAVE\n", "")), "KP606")
    assert not said(_nat(FLANNEL, WEAVE.replace("MASQUERADE", "RETURN")), "KP606")
    assert not said("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", "KP606")
