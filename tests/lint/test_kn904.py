"""KN904: the addresses of Pods overlap another network of the node."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound
from tests.lint.of_node import links, said_of

OVERLAY = {"flannel.1": "192.168.104.0/32", "cni0": "192.168.104.1/24"}
"""The interfaces of Pods, whose range in the healthy dump is 192.168.0.0/16."""


def looked_at(addresses: dict[str, str], text: str | None = None) -> list[str]:
    """What the check says of a node with these interfaces."""
    return said_of(text or sound(), "KN904", addr=links(addresses))


@pytest.mark.parametrize("link", ["docker0", "br-0123456789ab", "eth1", "enp0s3"])
@pytest.mark.parametrize("network", ["192.168.104.130/24", "192.168.104.130/25"])
def test_it_catches_a_network_inside_of_that_of_the_pods(link: str, network: str) -> None:
    (found,) = looked_at({"eth0": "10.0.0.5/24", **OVERLAY, link: network})

    assert found.startswith("warning ")
    assert f"{link} has 192.168.104." in found
    assert "(cni0 has 192.168.104.0/24)" in found


def test_an_interface_is_told_once() -> None:
    twice = links({"eth0": "10.0.0.5/24", **OVERLAY, "eth1": "192.168.104.130/25"}) + "    inet 192.168.104.20/25 scope global eth1\n"

    assert len(said_of(sound(), "KN904", addr=twice)) == 1


def test_a_bridge_of_other_addresses_is_not_that_of_the_pods() -> None:
    assert not looked_at({"eth0": "10.88.0.5/16", "cni0": "10.88.0.1/16"})


def test_a_docker_bridge_with_addresses_of_the_whole_range_is_information() -> None:
    (found,) = looked_at({"eth0": "10.0.0.5/24", **OVERLAY, "docker0": "192.168.0.1/16"})

    assert found.startswith("info ")
    assert (
        "docker0 has 192.168.0.0/16, which overlaps the range of Pods 192.168.0.0/16: packets to Pods with such addresses may not arrive"
        in found
    )
    for link, address in OVERLAY.items():
        assert len(looked_at({link: address, "docker0": "192.168.0.1/16"})) == 1
    assert len(looked_at({"eth0": "10.0.0.5/24", "br-0123456789ab": "192.168.48.1/20"})) == 1


def test_an_address_of_the_node_in_the_range_is_information_where_an_overlay_keeps_pods_apart() -> None:
    (found,) = looked_at({"eth0": "192.168.1.10/24", "tunl0": "192.168.104.0/32"})

    assert found.startswith("info ")
    assert (
        "the node's address 192.168.1.10 (eth0) lies in the range of Pods 192.168.0.0/16:"
        " kube-proxy takes what it sends for a Pod's, and answers may get lost" in found
    )


def test_the_line_is_that_of_a_rule_with_the_range() -> None:
    (found,) = looked_at({"eth0": "192.168.1.10/24", "tunl0": "192.168.104.0/32"})

    assert "! -s 192.168.0.0/16" in sound().splitlines()[int(found.split()[1].rstrip(":")) - 1]


def test_it_is_silent_where_networks_do_not_meet() -> None:
    assert not looked_at({"eth0": "10.0.0.5/24", **OVERLAY, "docker0": "172.17.0.1/16", "br-0123456789ab": "172.18.0.1/16"})


def test_pods_may_have_addresses_of_the_nodes_own_network() -> None:
    assert not looked_at({"eth0": "192.168.1.10/16"})
    assert not looked_at({"azure0": "192.168.1.10/16", "docker0": "172.17.0.1/16"})


def test_a_wide_network_of_the_node_leaves_the_pods_their_smaller_one() -> None:
    assert not looked_at({"eth0": "192.1.2.3/8", **OVERLAY})


def test_the_bridge_of_docker_may_be_that_of_the_pods() -> None:
    assert not looked_at({"eth0": "10.0.0.5/24", "docker0": "192.168.104.1/24"})


def test_addresses_of_the_other_family_are_others() -> None:
    assert not looked_at({"eth0": "fd00::5/64", "docker0": "fd01::1/64", **OVERLAY})


def test_it_does_not_look_without_addresses_and_is_silent_where_the_range_is_not_known() -> None:
    assert not said(sound(), "KN904")
    unknown = sound().replace("! -s 192.168.0.0/16 -d", "-d")
    assert not looked_at({"eth0": "10.0.0.5/24", **OVERLAY, "docker0": "192.168.0.1/16"}, unknown)
