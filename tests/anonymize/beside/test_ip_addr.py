from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from iptexplain.inputs.ip_addr import parse_ip_addr
from iptexplain.model.node import Link
from tests.anonymize.beside.again import address, again, network
from tests.inputs.sources import source
from tests.inputs.test_ip_addr import Json, info, interface

if TYPE_CHECKING:
    from iptexplain.anonymize.disguise import Disguise

LO = interface(1, "lo", info("127.0.0.1", 8, "host", label="lo"), info("::1", 128, "host"), flags="LOOPBACK,UP", link_type="loopback")
ETH0 = interface(
    2,
    "eth0",
    info("192.0.2.1", 24, broadcast="192.0.2.255", label="eth0"),
    info("192.0.2.9", 24, secondary=True, label="eth0:acme"),
    info("10.9.0.1", 32, address="10.9.0.2", label="eth0"),
    info("10.8.0.1", 16, noprefixroute=True, label="eth0"),
    info("fe80::1", 64, "link"),
)
PORT = interface(3, "acme0", link="acme1", master="br-acme", linkinfo={"info_kind": "veth", "info_slave_kind": "bridge"})
BRIDGE = interface(4, "br-acme", info("10.244.1.1", 24), linkinfo={"info_kind": "bridge", "info_data": {"group_addr": "01:80:c2:00:00:00"}})
DOWN = interface(5, "eth1", info("198.51.100.1", 24), flags="BROADCAST,MULTICAST", operstate="DOWN")
TUNNEL = interface(6, "tun5", link_type="ipip", address="192.0.2.1", broadcast="192.0.2.77")
BOND = interface(7, "bond0", flags="BROADCAST,MASTER,UP")
SLAVE = interface(8, "eth2", flags="BROADCAST,SLAVE,UP", master="bond0")
ALL = [LO, ETH0, PORT, BRIDGE, DOWN, TUNNEL, BOND, SLAVE]

TEXT = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group acme qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    inet 192.0.2.1/24 brd 192.0.2.255 scope global eth0
    inet 192.0.2.9/24 scope global secondary eth0:acme
    inet 10.9.0.1 peer 10.9.0.2/32 scope global eth0
    inet 10.8.0.1/16 scope global noprefixroute eth0
    inet6 fe80::1/64 scope link
3: acme0@if9: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master br-acme state UP group default
    link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff link-netnsid 0
4: br-acme: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default
    link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff
    inet 10.244.1.1/24 brd 10.244.1.255 scope global br-acme
5: eth1: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN group default
    link/ether 02:00:00:00:00:04 brd ff:ff:ff:ff:ff:ff
    inet 198.51.100.1/24 scope global eth1
6: bond0: <BROADCAST,MASTER,UP> mtu 1500 state UP
    link/ether 02:00:00:00:00:05 brd ff:ff:ff:ff:ff:ff
7: eth2: <BROADCAST,SLAVE,UP> mtu 1500 master bond0 state UP
    link/ether 02:00:00:00:00:05 brd ff:ff:ff:ff:ff:ff
"""
DETAILS = TEXT.replace("link/ether", "link/ether promiscuity 0").replace("lo\n       valid", "lo\n    bridge\n       valid")
WITH_KINDS = TEXT.replace("\n4: br-acme", " promiscuity 0\n    bridge_slave state forwarding\n4: br-acme").replace(
    "00:03 brd ff:ff:ff:ff:ff:ff", "00:03 brd ff:ff:ff:ff:ff:ff promiscuity 0\n    bridge forward_delay 1500"
)


def renamed(link: Link, to: Disguise) -> Link:
    """The interface as it should be read again."""
    addresses = tuple([one._replace(address=address(one.address, to), network=network(one.network, to)) for one in link.addresses])
    return Link(to.interface(link.name), addresses, tuple(map(to.interface, link.ports)), link.bridge)


def check(text: str) -> tuple[Disguise, list[Json]]:
    """The interfaces read again are those before in other words; what was written."""
    given = source(*text.split("\n"))
    to, other = again("ip-addr", given)

    assert [renamed(link, to) for link in parse_ip_addr(given).values()] == list(parse_ip_addr(other).values())
    assert "acme" not in other.text

    return to, json.loads(other.text)


def test_json_is_read_again_as_the_same_interfaces() -> None:
    to, items = check(json.dumps(ALL))
    port = items[2]

    assert (to.interface("acme0"), to.interface("acme1"), to.interface("br-acme")) == (port["ifname"], port["link"], port["master"])
    assert port["linkinfo"] == {"info_kind": "veth", "info_slave_kind": "bridge"}
    assert to.address("192.0.2.77") == items[5]["broadcast"]
    assert to.hardware("02:00:00:00:00:01") == items[1]["address"] != "02:00:00:00:00:01"
    assert items[1]["broadcast"] == "ff:ff:ff:ff:ff:ff"
    assert {"label", "valid_life_time"}.isdisjoint(items[1]["addr_info"][0])


@pytest.mark.parametrize("text", [TEXT, DETAILS, WITH_KINDS], ids=["plain", "details", "kinds"])
def test_text_is_read_again_as_the_same_interfaces(text: str) -> None:
    check(text)


def test_the_last_address_of_a_network_is_that_of_its_broadcasts() -> None:
    _, items = check(json.dumps(ALL))
    info = items[1]["addr_info"][0]

    assert f"{info['local'].rpartition('.')[0]}.255" == info["broadcast"]
