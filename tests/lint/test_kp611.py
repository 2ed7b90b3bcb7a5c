"""KP611: two Pods are given the same port of the node."""

from __future__ import annotations

import pytest

from tests.lint.linted import said

OLD, NEW = "CNI-DN-0000000000000000000a1", "CNI-DN-0000000000000000000b2"


def _nat(*rules: str) -> str:
    chains = "".join(f":{name} - [0:0]\n" for name in ("CNI-HOSTPORT-DNAT", OLD, NEW))
    jumps = "".join(f"-A CNI-HOSTPORT-DNAT -p tcp -m multiport --dports 8080 -j {chain}\n" for chain in (OLD, NEW))
    return f"*nat\n:PREROUTING ACCEPT [0:0]\n{chains}{jumps}{''.join(rules)}COMMIT\n"


def _to(chain: str, pod: str, *, port: int = 8080, protocol: str = "tcp", address: str = "") -> str:
    asked = f"{address}-p {protocol} -m {protocol} --dport {port}"
    return f"-A {chain} -s {pod}/32 {asked} -j CNI-HOSTPORT-SETMARK\n-A {chain} {asked} -j DNAT --to-destination {pod}:80\n"


ONE = _to(OLD, "10.244.0.5")


def test_it_catches_a_port_that_is_sent_to_two_pods() -> None:
    (found,) = said(_nat(ONE, _to(NEW, "10.244.0.9")), "KP611")

    assert found == "KP611 warning 11: port 8080 of the node is given to 10.244.0.9:80, but a rule before sends it to 10.244.0.5:80"


@pytest.mark.parametrize(
    "other",
    [
        _to(NEW, "10.244.0.9", port=8081),
        _to(NEW, "10.244.0.9", protocol="udp"),
        _to(NEW, "10.244.0.9", address="-d 192.0.2.7/32 "),
        _to(NEW, "10.244.0.5"),
        _to(OLD, "10.244.0.9"),
        _to("CNI-DN-nobodyleadshere", "10.244.0.9"),
        f"-A {NEW} -p tcp -m tcp --dport 8080 -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.0.9:80\n",
        f"-A {NEW} -p tcp -j DNAT --to-destination 10.244.0.9:80\n",
        f"-A {NEW} -p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 80\n",
    ],
)
def test_it_is_silent_on_other_ports_protocols_addresses_chains_and_the_same_pod(other: str) -> None:
    assert not said(_nat(ONE, other), "KP611")


def test_it_is_silent_without_the_plugins_chains() -> None:
    assert not said("*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n", "KP611")
    assert not said("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", "KP611")
