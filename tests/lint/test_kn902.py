"""KN902: a cluster IP is an address of the node itself."""

from __future__ import annotations

from tests.lint.linted import said, sound
from tests.lint.of_node import links, said_of

CLUSTER_IP = "10.109.35.24"
LEFT = links({"eth0": "172.16.0.5/24", "kube-ipvs0": f"{CLUSTER_IP}/32"})


def test_it_catches_an_address_that_the_ipvs_mode_left_behind() -> None:
    (found,) = said_of(sound(), "KN902", addr=LEFT)

    assert found.startswith("warning ")
    assert f"kube-ipvs0 has {CLUSTER_IP}, the cluster IP of default/nginx: what comes to its other ports reaches the node itself" in found


def test_it_catches_an_ipv6_address() -> None:
    text = sound("ipv6")
    address = next(line for line in text.splitlines() if "cluster IP" in line).split(" -d ")[1].split("/")[0]

    (found,) = said_of(text, "KN902", addr=links({"eth0": "2001:db8::5/64", "kube-ipvs0": f"{address}/128"}))
    assert f"kube-ipvs0 has {address}" in found


def test_addresses_of_one_interface_are_said_once() -> None:
    both = sound().replace(
        "-A KUBE-SERVICES -m comment",
        '-A KUBE-SERVICES -d 10.109.35.25/32 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 80'
        " -j KUBE-SVC-2CMXP7HKUVJN7L6M\n-A KUBE-SERVICES -m comment",
    )
    more = LEFT + "    inet 10.109.35.25/32 scope global kube-ipvs0\n"

    (found,) = said_of(both, "KN902", addr=more)
    assert found.endswith("(addresses like this: 2)")


def test_it_is_silent_where_no_interface_has_the_address() -> None:
    assert not said_of(sound(), "KN902", addr=links({"eth0": "10.109.35.4/24", "cni0": "192.168.104.1/24"}))


def test_the_node_local_cache_has_the_address_on_purpose() -> None:
    assert not said_of(sound(), "KN902", addr=LEFT.replace("kube-ipvs0", "nodelocaldns"))
    untracked = "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n{}COMMIT\n"
    rule = f"-A OUTPUT -p udp\n-A PREROUTING -d {CLUSTER_IP}/32 -p udp -m udp --dport 53 -j CT --notrack\n"
    assert not said_of(sound() + untracked.format(rule), "KN902", addr=LEFT)
    assert not said_of(sound() + untracked.format(rule.replace("CT --notrack", "NOTRACK")), "KN902", addr=LEFT)
    for other in (
        rule.replace("-d ", "-s "),
        rule.replace("-d ", "! -d "),
        rule.replace("CT --notrack", "CT --zone 1"),
        rule.replace(".24/", ".9/"),
    ):
        assert said_of(sound() + untracked.format(other), "KN902", addr=LEFT)


def test_the_address_of_a_load_balancer_may_be_the_nodes() -> None:
    outside = sound().replace("default/nginx cluster IP", "default/nginx loadbalancer IP")

    assert not said_of(outside, "KN902", addr=LEFT)


def test_it_does_not_look_without_addresses_or_without_kube_proxy() -> None:
    assert not said(sound(), "KN902")
    assert not said_of("*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n", "KN902", addr=LEFT)
