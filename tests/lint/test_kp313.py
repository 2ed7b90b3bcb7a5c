"""KP313: the rule for a node port without endpoints does not fit that port."""

from __future__ import annotations

import re

from tests.lint.linted import said, sound
from tests.lint.test_kp201 import HOST_CHAINS, HOST_PORT, before

REFUSED = (
    '-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "shop/none has no endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 30999 '
    "-j REJECT --reject-with icmp-port-unreachable\n"
)


def refusing(rule: str = REFUSED) -> str:
    """A healthy dump in which one more node port is refused."""
    return sound("external-access").replace("-A KUBE-FIREWALL", rule + "-A KUBE-FIREWALL", 1)


def test_it_catches_a_rule_that_refuses_the_port_at_all_addresses() -> None:
    (found,) = said(refusing(REFUSED.replace("-m addrtype --dst-type LOCAL ", "")), "KP313")
    assert found.startswith("KP313 warning ")
    assert "KUBE-EXTERNAL-SERVICES refuses a node port at all addresses" in found


def test_it_catches_a_host_port_that_answers_for_a_service_without_endpoints() -> None:
    rules = [re.sub(r"\b30080\b", "30999", rule) for rule in HOST_PORT]
    (found,) = said(before(refusing(), *rules, chains=HOST_CHAINS), "KP313")
    assert found.startswith("KP313 warning ")
    assert "node port 30999 of shop/none, which has no endpoints, is not refused" in found


def test_it_is_silent_on_the_rules_of_kube_proxy_and_on_other_ports() -> None:
    assert not said(sound(), "KP313")
    assert not said(refusing(), "KP313")
    assert not said(refusing(REFUSED.replace("-m addrtype --dst-type LOCAL", "-d 192.0.2.1/32")), "KP313")  # an external IP
    assert not said(before(refusing(), *HOST_PORT, chains=HOST_CHAINS), "KP313")  # that is KP201's


def test_it_is_silent_on_rules_that_are_not_kube_proxys() -> None:
    assert not said(refusing("-A KUBE-EXTERNAL-SERVICES -p tcp -m tcp --dport 30999 -j REJECT\n"), "KP313")
