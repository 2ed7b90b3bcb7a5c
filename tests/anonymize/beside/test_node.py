from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from iptexplain.anonymize.beside import node
from iptexplain.anonymize.needs import Needs
from iptexplain.inputs.node import parse_node
from iptexplain.model.address import Network
from tests.anonymize.beside.again import again
from tests.inputs.sources import source

if TYPE_CHECKING:
    from iptexplain.source import Source

GIVEN: dict[str, Any] = {
    "interfaces": {"eth0": {"addrs": ["192.168.0.1/24", "192.168.0.255", "fd00:1::1/64"]}, "acme0": {}},
    "local_addrs": ["10.96.0.99", "fd00:96::1"],
    "routes": [["default", "eth0", "192.168.0.254"], ["10.244.2.0/24", "acme0"], ["10.1/16", "eth0", "fe80::1"]],
    "sysctls": {"net.ipv4.conf.acme0.rp_filter": 1, "net.ipv4.conf.all.route_localnet": 1, "net.ipv4.ip_forward": 0},
    "bridges": {"br-acme": ["veth1", "acme1"]},
}


def given(value: Any) -> Source:  # noqa: ANN401 - JSON
    return source(json.dumps(value))


def test_all_parts_of_a_description_get_the_same_pseudonyms() -> None:
    to, other = again("node", given(GIVEN))
    name, place = to.interface, to.address
    expected = {
        "interfaces": {
            "eth0": {"addrs": [f"{place('192.168.0.1')}/24", place("192.168.0.255"), f"{place('fd00:1::1')}/64"]},
            name("acme0"): {},
        },
        "local_addrs": [place("10.96.0.99"), place("fd00:96::1")],
        "routes": [
            ["default", "eth0", place("192.168.0.254")],
            [to.network("10.244.2.0/24"), name("acme0")],
            [to.network("10.1.0.0/16"), "eth0", place("fe80::1")],
        ],
        "sysctls": {f"net.ipv4.conf.{name('acme0')}.rp_filter": 1, "net.ipv4.conf.all.route_localnet": 1, "net.ipv4.ip_forward": 0},
        "bridges": {name("br-acme"): ["veth1", name("acme1")]},
    }

    assert expected == json.loads(other.text)
    assert "acme" not in other.text
    assert len(parse_node(given(GIVEN)).links) == len(parse_node(other).links)


def test_the_first_and_the_last_address_of_a_connected_network_stay_so() -> None:
    to, _ = again("node", given(GIVEN))
    network = Network.parse(to.network("192.168.0.0/24"))

    assert network.value == Network.parse(to.address("192.168.0.0")).value
    assert network.value + 255 == Network.parse(to.address("192.168.0.255")).value


def test_an_interface_with_a_dot_is_found_in_the_name_of_a_setting() -> None:
    needs = Needs()
    node.gather(given({"sysctls": {"net.ipv4.conf.acme0.17.rp_filter": 2, "net.ipv4.conf.default.rp_filter": 1}}), needs)

    assert {"lo", "acme0.17"} == needs.interfaces


def test_settings_that_nobody_looks_at_are_left_out() -> None:
    _, other = again("node", given({"sysctls": {"net.ipv4.tcp_congestion_control_of_acme": 1, "net.ipv4.conf.eth0.acme": 1}}))

    assert json.loads(other.text) == {"sysctls": {}}


def test_an_empty_description_stays_empty() -> None:
    assert json.loads(again("node", given({}))[1].text) == {}
