"""KP612: a port of the node belongs to a Pod and to a Service at once."""

from __future__ import annotations

import pytest

from iptexplain.api import load
from iptexplain.lint.beside import Beside
from iptexplain.lint.registry import check
from iptexplain.lint.runner import lint
from iptexplain.model.address import Address, Network
from iptexplain.model.node import Assigned, Link
from tests.lint.linted import said, sound

CHAIN = "CNI-DN-0000000000000000000a1"
POD = "10.244.9.9:80"
OWN = Beside(links={"eth0": Link("eth0", (Assigned(Address.parse("203.0.113.10"), Network.parse("203.0.113.0/24")),))})
"""A node with an address that is an external IP of a Service."""


def _with(rule: str, *, chain: str = CHAIN, jump: bool = True) -> str:
    """The sound dump with a host port; its Service shop/np has the node port 30080."""
    start, name, rest = sound("external-access").partition("*nat\n")
    assert name
    asked = rule.partition(" -m")[0]
    jumps = f"-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT\n-A CNI-HOSTPORT-DNAT {asked} -j {chain}\n" if jump else ""
    rest = rest.replace("-A PREROUTING", f"{jumps}-A {chain} {rule}\n-A PREROUTING", 1)
    return start + name + rest


def _sentences(text: str, beside: Beside | None = None) -> list[str]:
    found = lint(load(text.encode()), [check("KP612")], beside or Beside()).findings
    return [f"{one.severity} {one.place.message.english()}" for one in found]


def test_it_catches_a_host_port_that_is_a_node_port() -> None:
    (found,) = _sentences(_with(f"-p tcp -m tcp --dport 30080 -j DNAT --to-destination {POD}"))

    assert found == (
        f"warning tcp port 30080 is the host port of {POD} and the node port of shop/np:http: only one of them gets the connections"
    )


@pytest.mark.parametrize("chain", ["DOCKER", "KUBE-HP-ABCDEFGHABCDEFGH"])
def test_it_catches_host_ports_of_docker_and_of_old_kubelets(chain: str) -> None:
    assert _sentences(_with(f"-p udp -m udp --dport 30053 -j DNAT --to-destination {POD}", chain=chain))


def test_it_catches_a_host_port_at_an_external_ip_of_a_service_that_is_the_nodes_own() -> None:
    everywhere = _with(f"-p tcp -m tcp --dport 80 -j DNAT --to-destination {POD}")
    there = _with(f"-d 203.0.113.11/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination {POD}")
    text = "warning tcp port 80 of {} is the host port of {} and an external IP of shop/extip:http: only one gets the connections"

    assert _sentences(everywhere, OWN) == [text.format("203.0.113.10", POD)]
    assert not _sentences(everywhere)
    assert _sentences(there) == [text.format("203.0.113.11", POD)]


@pytest.mark.parametrize(
    "rule",
    [
        f"-p tcp -m tcp --dport 8080 -j DNAT --to-destination {POD}",
        f"-p udp -m udp --dport 30080 -j DNAT --to-destination {POD}",
        f"-d 127.0.0.1/32 -p tcp -m tcp --dport 30080 -j DNAT --to-destination {POD}",
        f"-s 10.0.0.0/8 -p tcp -m tcp --dport 30080 -j DNAT --to-destination {POD}",
        f"-p tcp -m tcp --dport 30080:30081 -j DNAT --to-destination {POD}",
        f"-p tcp -m tcp --dport 30080 -m unheard --of 7 -j DNAT --to-destination {POD}",
        "-p tcp -m tcp --dport 30080 -j DNAT --to-destination 10.244.1.10:8080",
        "-p tcp -m tcp --dport 30080 -j REDIRECT --to-ports 80",
    ],
)
def test_it_is_silent_on_other_ports_and_on_the_pods_of_the_service(rule: str) -> None:
    assert not _sentences(_with(rule), OWN)


def test_it_is_silent_where_nothing_leads_to_the_host_port_or_there_is_none() -> None:
    assert not _sentences(_with(f"-p tcp -m tcp --dport 30080 -j DNAT --to-destination {POD}", jump=False))
    assert not said(sound("external-access"), "KP612")
    assert not said("*nat\n:DOCKER - [0:0]\nCOMMIT\n", "KP612")


def test_it_is_silent_on_a_load_balancer_at_the_nodes_address_as_k3s_has_it() -> None:
    text = _with(f"-p tcp -m tcp --dport 80 -j DNAT --to-destination {POD}")

    assert not _sentences(text.replace(" external IP", " loadbalancer IP"), OWN)
