"""KP607: kube-proxy's rules are there, although another program does its work."""

from __future__ import annotations

import re

import pytest

from tests.lint.linted import said, sound

CILIUM = """*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:CILIUM_PRE_raw - [0:0]
-A PREROUTING -m comment --comment "cilium-feeder: CILIUM_PRE_raw" -j CILIUM_PRE_raw
-A CILIUM_PRE_raw -d 192.168.0.0/16 -m comment --comment "cilium: NOTRACK for pod traffic" -j CT --notrack
COMMIT
"""
ANTREA = """-A PREROUTING -j ANTREA-PREROUTING
-A ANTREA-PREROUTING -m set --match-set ANTREA-NODEPORT-IP dst,dst -j DNAT --to-destination 169.254.0.252
"""
JUMPS = re.compile(r"-A (?:PREROUTING|OUTPUT) .*-j KUBE-SERVICES\n")


def beside_antrea(rules: str = ANTREA) -> str:
    """The healthy dump with Antrea's rules in nat."""
    return (
        sound()
        .replace("-A POSTROUTING", f"{rules}-A POSTROUTING", 1)
        .replace(":KUBE-MARK-MASQ", ":ANTREA-PREROUTING - [0:0]\n:KUBE-MARK-MASQ")
    )


@pytest.mark.parametrize("target", ["CT --notrack", "NOTRACK"])
@pytest.mark.parametrize("chain", ["CILIUM_PRE_raw", "CILIUM_OUTPUT_raw"])
def test_it_catches_rules_beside_a_cilium_that_replaces_kube_proxy(target: str, chain: str) -> None:
    (found,) = said(sound() + CILIUM.replace("CT --notrack", target).replace("CILIUM_PRE_raw", chain), "KP607")

    assert found.startswith("KP607 warning ")
    assert "Cilium" in found
    assert found.endswith("if they are left behind, they may send packets to Pods that are gone")


def test_beside_antrea_it_is_information() -> None:
    (found,) = said(beside_antrea(), "KP607")

    assert found.startswith("KP607 info ")
    assert "Antrea" in found
    assert found.endswith("if kube-proxy runs no more, they may send packets to Pods that are gone")


def test_a_cilium_that_runs_beside_kube_proxy_is_as_it_should_be() -> None:
    proxied = CILIUM.replace("NOTRACK for pod traffic", "NOTRACK for proxy traffic")

    assert not said(sound() + proxied, "KP607")
    assert not said(sound() + CILIUM.replace("CT --notrack", "CT --zone 1"), "KP607")


def test_an_antrea_that_leaves_node_ports_to_kube_proxy_is_as_it_should_be() -> None:
    assert not said(beside_antrea(ANTREA.replace("ANTREA-NODEPORT-IP", "ANTREA-POD-IP")), "KP607")
    assert not said(beside_antrea(ANTREA.replace("DNAT --to-destination 169.254.0.252", "ACCEPT")), "KP607")


def test_it_is_silent_where_nothing_leads_to_kube_proxys_rules_or_they_have_no_endpoints() -> None:
    assert not said(JUMPS.sub("", sound()) + CILIUM, "KP607")
    assert not said(re.sub(r"-A KUBE-S(?:EP|VC)-.*\n", "", sound()) + CILIUM, "KP607")
    assert not said(re.sub(r"-A KUBE-SERVICES .*\n", "", sound()) + CILIUM, "KP607")


def test_it_is_silent_where_kube_proxy_is_alone_or_absent() -> None:
    assert not said(sound(), "KP607")
    assert not said(CILIUM, "KP607")
