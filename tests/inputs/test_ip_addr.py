from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.errors import IptexplainError, UnreadableInputError
from iptexplain.inputs.ip_addr import parse_ip_addr
from iptexplain.inputs.json_text import UnreadableValueError
from iptexplain.inputs.lines import UnreadableLineError
from iptexplain.model.address import Address, Network
from iptexplain.model.node import Assigned, Link
from tests.inputs.sources import source

Json = dict[str, Any]

FOREVER = {"valid_life_time": 4294967295, "preferred_life_time": 4294967295}


def info(local: str, length: int, scope: str = "global", **more: object) -> Json:
    return {"family": "inet6" if ":" in local else "inet", "local": local, "prefixlen": length, "scope": scope, **more, **FOREVER}


def interface(number: int, name: str, *addresses: Json, flags: str = "BROADCAST,MULTICAST,UP,LOWER_UP", **more: object) -> Json:
    """An interface as `ip -j addr` of iproute2 6.1 prints it."""
    return {
        "ifindex": number,
        "ifname": name,
        "flags": flags.split(","),
        "mtu": 1500,
        "qdisc": "noqueue",
        "operstate": "UP",
        "group": "default",
        "txqlen": 1000,
        "link_type": "ether",
        "address": "02:00:00:00:00:01",
        "broadcast": "ff:ff:ff:ff:ff:ff",
        "addr_info": [*addresses],
        **more,
    }


LO = interface(
    1,
    "lo",
    info("127.0.0.1", 8, "host", label="lo"),
    info("10.96.0.1", 32, label="lo"),
    info("::1", 128, "host"),
    flags="LOOPBACK,UP,LOWER_UP",
)
ETH0 = interface(
    2,
    "eth0",
    info("169.254.5.5", 16, "link", label="eth0"),
    info("192.0.2.1", 24, broadcast="192.0.2.255", label="eth0"),
    info("198.51.100.1", 24, noprefixroute=True, label="eth0"),
    info("192.0.2.9", 24, secondary=True, dynamic=True, label="eth0:1"),
    info("2001:db8::1", 64, tentative=True),
    info("fe80::1", 64, "link"),
)
WG0 = interface(3, "wg0", info("10.9.0.1", 24, address="10.9.8.2"), info("10.8.0.1", 32, address="10.8.0.2"), link="eth0")
DOWN = interface(4, "eth1", info("203.0.113.1", 24, label="eth1"), flags="BROADCAST,MULTICAST")
CNI0 = interface(5, "cni0", info("10.244.1.1", 24, label="cni0"))
VETH = interface(6, "veth1a2b", info("fe80::2", 64, "link"), link_index=2, link_netnsid=0, master="cni0")

TEXT = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet 10.96.0.1/32 scope global lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host\x20
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    altname enp1s0
    inet 169.254.5.5/16 scope link eth0
       valid_lft forever preferred_lft forever
    inet 192.0.2.1/24 metric 100 brd 192.0.2.255 scope global eth0
       valid_lft forever preferred_lft forever
    inet 198.51.100.1/24 scope global noprefixroute eth0
       valid_lft forever preferred_lft forever
    inet 192.0.2.9/24 scope global secondary dynamic eth0:1
       valid_lft 3600sec preferred_lft 1800sec
    inet6 2001:db8::1/64 scope global tentative\x20
       valid_lft forever preferred_lft forever
    inet6 fe80::1/64 scope link\x20
       valid_lft forever preferred_lft forever
    RX:  bytes packets errors dropped  missed   mcast\x20
            90       1      0       0       0       0\x20
3: wg0@eth0: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420 qdisc noqueue state UNKNOWN group default qlen 1000
    link/none\x20
    inet 10.9.0.1 peer 10.9.8.2/24 scope global wg0
       valid_lft forever preferred_lft forever
    inet 10.8.0.1 peer 10.8.0.2/32 scope global wg0
       valid_lft forever preferred_lft forever
4: eth1: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN group default qlen 1000
    link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff
    inet 203.0.113.1/24 scope global eth1
       valid_lft forever preferred_lft forever
5: cni0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff
    inet 10.244.1.1/24 scope global cni0
       valid_lft forever preferred_lft forever
6: veth1a2b@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master cni0 state UP group default\x20
    link/ether 02:00:00:00:00:04 brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet6 fe80::2/64 scope link\x20
       valid_lft forever preferred_lft forever
"""


def links(*interfaces: object) -> dict[str, Link]:
    """The interfaces of `ip -j addr` that prints these."""
    return parse_ip_addr(source(json.dumps([*interfaces])))


def assigned(address: str, network: str, **more: bool) -> Assigned:
    return Assigned(Address.parse(address), Network.parse(network), **more)


NODE = {
    "lo": Link(
        "lo",
        (
            assigned("127.0.0.1", "127.0.0.0/8", globally=False, onlink=False),
            assigned("10.96.0.1", "10.96.0.1/32", onlink=False),
            assigned("::1", "::1/128", globally=False, onlink=False),
        ),
    ),
    "eth0": Link(
        "eth0",
        (
            assigned("169.254.5.5", "169.254.0.0/16", globally=False),
            assigned("192.0.2.1", "192.0.2.0/24"),
            assigned("198.51.100.1", "198.51.100.0/24", onlink=False),
            assigned("192.0.2.9", "192.0.2.0/24", secondary=True, onlink=False),
            assigned("2001:db8::1", "2001:db8::/64"),
            assigned("fe80::1", "fe80::/64", globally=False),
        ),
    ),
    "wg0": Link("wg0", (assigned("10.9.0.1", "10.9.8.0/24"), assigned("10.8.0.1", "10.8.0.2/32"))),
    "eth1": Link("eth1", (assigned("203.0.113.1", "203.0.113.0/24", onlink=False),)),
    "cni0": Link("cni0", (assigned("10.244.1.1", "10.244.1.0/24"),), ("veth1a2b",), bridge=None),
    "veth1a2b": Link("veth1a2b", (assigned("fe80::2", "fe80::/64", globally=False),)),
}


def test_json_is_read() -> None:
    found = links(LO, ETH0, WG0, DOWN, CNI0, VETH)

    assert list(NODE.items()) == list(found.items())


def test_text_says_the_same_as_json() -> None:
    assert list(NODE.items()) == list(parse_ip_addr(source(*TEXT.splitlines())).items())


@pytest.mark.parametrize(
    ("master", "port", "expected"),
    [
        ({}, {}, None),
        ({"linkinfo": {"info_kind": "bridge"}}, {}, True),
        ({}, {"linkinfo": {"info_kind": "veth", "info_slave_kind": "bridge"}}, True),
        ({"linkinfo": {"info_kind": "bond"}}, {"linkinfo": {"info_slave_kind": "bond"}}, False),
        ({"linkinfo": {"info_kind": "vrf"}}, {}, False),
        ({}, {"linkinfo": {"info_kind": "veth", "info_slave_kind": "openvswitch"}}, False),
        ({"flags": ["BROADCAST", "MASTER", "UP"]}, {}, False),
        ({}, {"flags": ["BROADCAST", "SLAVE", "UP"]}, False),
        ({"linkinfo": None}, {"linkinfo": {}}, None),
    ],
)
def test_a_master_is_a_bridge_or_is_not_or_nobody_says(master: Json, port: Json, expected: bool | None) -> None:  # noqa: FBT001 - a column
    found = links(LO, {**CNI0, **master}, {**VETH, **port})

    assert (("veth1a2b",), expected) == (found["cni0"].ports, found["cni0"].bridge)
    assert not found["veth1a2b"].bridge


@pytest.mark.parametrize(
    ("master", "port", "expected"),
    [
        (" promiscuity 0 allmulti 0\n    bridge forward_delay 1500", " promiscuity 1\n    veth\n    bridge_slave state forwarding", True),
        (" promiscuity 0 allmulti 0\n    bond mode active-backup", " promiscuity 1\n    veth\n    bond_slave state ACTIVE", False),
        (" promiscuity 0\n    vrf table 10 \n    alias bridge", " promiscuity 1\n    veth \n    vrf_slave table 10", False),
        ("", "", None),
    ],
)
def test_details_in_text_tell_a_bridge(master: str, port: str, expected: bool | None) -> None:  # noqa: FBT001 - a column
    text = TEXT.replace("02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff", f"02:00:00:00:00:03{master}")
    text = text.replace("link-netnsid 0", f"link-netnsid 0{port}")
    found = parse_ip_addr(source(*text.splitlines()))

    assert (("veth1a2b",), expected) == (found["cni0"].ports, found["cni0"].bridge)


def test_a_master_that_is_not_there_is_no_interface() -> None:
    assert list(links(LO, VETH)) == ["lo", "veth1a2b"]


def test_a_scope_of_its_own_is_not_global() -> None:
    found = links(LO, interface(2, "eth0", info("192.0.2.1", 24, "site"), info("192.0.3.1", 24, "5")))["eth0"].addresses

    assert [one.globally for one in found] == [False, False]


ALL = "expected the output of `ip -j addr`: all interfaces, with the addresses of both families"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, f"input: $: {ALL}, found: {{}}"),
        ([LO, {}], f"input: [1]: {ALL}, found: {{}}"),
        ([LO, 1], f"input: [1]: {ALL}, found: 1"),
        ([LO, {key: value for key, value in ETH0.items() if key != "link_type"}], f"input: [1]: {ALL}"),  # `ip -j -4 addr`
        ([LO, {key: value for key, value in ETH0.items() if key != "addr_info"}], f"input: [1]: {ALL}"),  # `ip -j link`
        ([{"ifname": "lo", "operstate": "UNKNOWN", "addr_info": []}], f"input: [0]: {ALL}"),  # `ip -j -br addr`
        ([LO, interface(2, "eth0", {"local": "192.0.2.1"})], "input: [1].addr_info[0]: expected an address with its length and scope"),
        ([LO, interface(2, "eth0", info("192.0.2.1", 33))], "input: [1].addr_info[0]: expected an address"),
        ([LO, interface(2, "eth0", info("192.0.2", 24))], "input: [1].addr_info[0]: expected an address"),
        ([LO, interface(2, "eth0", info("192.0.2.1", 24, address="fd00::1"))], "input: [1].addr_info[0]: expected an address"),
        ([LO, interface(2, "eth0", info("192.0.2.1", -1))], "input: [1].addr_info[0]: expected an address"),
    ],
)
def test_json_that_does_not_fit_is_told_with_its_place(value: object, expected: str) -> None:
    with pytest.raises(UnreadableValueError) as error:
        parse_ip_addr(source(json.dumps(value)))

    assert str(error.value).startswith(expected)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["lo   UNKNOWN   127.0.0.1/8"], "input:1: expected an interface as `ip addr` prints it, such as 2: eth0: <BROADCAST"),
        (["1: lo    inet 127.0.0.1/8 scope host lo"], "input:1: expected an interface"),
        (["eth0: flags=4163<UP,BROADCAST>  mtu 1500"], "input:1: expected an interface"),
        (["    inet 127.0.0.1/8 scope host lo"], "input:1: expected an interface"),
        (
            ["1: lo: <LOOPBACK,UP> mtu 65536", "    inet 127.0.0.1/8 scope host lo"],
            "input:1: expected all interfaces, with a line of link/…",
        ),
        (
            ["1: lo: <LOOPBACK,UP> mtu 65536", "    link/loopback", "    inet 127.0.0.1/8"],
            "input:3: expected an address as `ip addr` prints it",
        ),
        (["1: lo: <LOOPBACK,UP> mtu 65536", "    link/loopback", "    inet here scope host"], "input:3: expected an address"),
        (["1: lo: <LOOPBACK,UP> mtu 65536", "    link/loopback", "    inet 127.0.0.1/8 scope"], "input:3: expected an address"),
        (["1: lo: <LOOPBACK,UP> mtu 65536", "    link/loopback", "    inet 127.0.0.1 peer scope host"], "input:3: expected an address"),
    ],
)
def test_text_that_does_not_fit_is_told_with_its_place(lines: list[str], expected: str) -> None:
    with pytest.raises(UnreadableLineError) as error:
        parse_ip_addr(source(*lines))

    assert str(error.value).startswith(expected)


@pytest.mark.parametrize("lines", [[""], ["[]"], ["# nothing"], [json.dumps([ETH0])], TEXT.splitlines()[8:]])
def test_a_node_without_lo_is_not_all_of_a_node(lines: list[str]) -> None:
    with pytest.raises(UnreadableInputError, match=r"^input: lo is missing; expected the output of `ip -j addr`, all of it$"):
        parse_ip_addr(source(*lines))


@given(st.data())
def test_damaged_output_is_read_or_refused(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([TEXT, json.dumps([LO, ETH0, WG0, DOWN, CNI0, VETH])]))
    at = data.draw(st.integers(0, len(whole)))
    damage = data.draw(st.text(alphabet=st.sampled_from('a1: /.\n"{}[],\x00\udcff'), max_size=3))
    text = whole[:at] + damage + whole[at + data.draw(st.integers(0, 20)) :]
    try:
        found = parse_ip_addr(source(*text.split("\n")))
    except IptexplainError:
        return
    assert "lo" in found
