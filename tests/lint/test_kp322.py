"""KP322: an endpoint is an address that no Pod can have."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

DESTINATION = "--to-destination 192.168.104.1:80"


def test_it_catches_an_endpoint_that_is_a_cluster_ip() -> None:
    (found,) = said(sound().replace(DESTINATION, "--to-destination 10.109.35.24:80"), "KP322")

    assert found.startswith("KP322 warning ")
    assert "10.109.35.24 is the cluster IP of default/nginx" in found


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.20.10", "[::1]", "[fe80::1]"])
def test_it_catches_addresses_of_the_node_itself_and_link_local_ones(address: str) -> None:
    (found,) = said(sound().replace(DESTINATION, f"--to-destination {address}:80"), "KP322")

    assert found.startswith("KP322 info " if address.startswith("169.254.") else "KP322 warning ")
    assert f"{address.strip('[]')} is a loopback or link-local address" in found


@pytest.mark.parametrize("address", ["169.255.0.1", "128.0.0.1", "[fd00::1]", "[::12]", "127.x", "192.168.104.1-192.168.104.9"])
def test_it_is_silent_on_other_addresses_and_on_what_is_none(address: str) -> None:
    assert not said(sound().replace(DESTINATION, f"--to-destination {address}:80"), "KP322")


def test_it_is_silent_on_an_external_ip_that_is_also_the_address_of_a_node() -> None:
    assert not said(
        sound().replace('nginx cluster IP"', 'nginx external IP"').replace(DESTINATION, "--to-destination 10.109.35.24:80"), "KP322"
    )


def test_it_is_silent_on_sound_dumps_and_without_nat() -> None:
    for name in ("classic-nginx", "external-access", "ipv6", "local-policies", "mixed-cluster"):
        assert not said(sound(name), "KP322")
    assert not said("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", "KP322")


def test_it_leaves_a_chain_with_two_destinations_to_another_check() -> None:
    rule = "-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 127.0.0.1:80\n"

    assert not said(sound().replace("-A KUBE-SERVICES -d", rule + "-A KUBE-SERVICES -d", 1), "KP322")
