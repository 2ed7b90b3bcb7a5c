from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.errors import IptexplainError, UnreadableInputError
from iptexplain.inputs.ip_route import parse_ip_route
from iptexplain.model.address import Address, Network
from iptexplain.model.node import Way
from tests.inputs.sources import source


def way(to: str, interface: str | None, gateway: str | None = None, *, kind: str = "unicast", metric: int = 0) -> Way:
    return Way(Network.parse(to), interface, None if gateway is None else Address.parse(gateway), kind, metric)


def none(to: str, kind: str, metric: int = 0) -> Way:
    """A route that leads nowhere."""
    return way(to, None, kind=kind, metric=metric)


def flagless(**route: object) -> dict[str, object]:
    return {"flags": [], **route}


ROUTES: list[tuple[str, dict[str, object], tuple[Way, ...]]] = [
    (
        "default via 192.0.2.254 dev eth0 proto dhcp src 192.0.2.1 metric 100 ",
        {"dst": "default", "gateway": "192.0.2.254", "dev": "eth0", "protocol": "dhcp", "prefsrc": "192.0.2.1", "metric": 100},
        (way("0.0.0.0/0", "eth0", "192.0.2.254", metric=100),),
    ),
    (
        "default dev br0 scope link metric 100 ",
        {"dst": "default", "dev": "br0", "scope": "link", "metric": 100},
        (way("0.0.0.0/0", "br0", metric=100),),
    ),
    (
        "default via inet6 fe80::1 dev eth0 ",
        {"dst": "default", "via": {"family": "inet6", "host": "fe80::1"}, "dev": "eth0"},
        (way("0.0.0.0/0", "eth0", "fe80::1"),),
    ),
    (
        "10.1.0.0/16 via inet6 fe80::1 dev eth0 linkdown ",
        {"dst": "10.1.0.0/16", "via": {"family": "inet6", "host": "fe80::1"}, "dev": "eth0", "flags": ["linkdown"]},
        (way("10.1.0.0/16", "eth0", "fe80::1"),),
    ),
    (
        "192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.1 ",
        {"dst": "192.0.2.0/24", "dev": "eth0", "protocol": "kernel", "scope": "link", "prefsrc": "192.0.2.1"},
        (way("192.0.2.0/24", "eth0"),),
    ),
    ("10.7.7.7 dev cali1 scope link ", {"dst": "10.7.7.7", "dev": "cali1", "scope": "link"}, (way("10.7.7.7/32", "cali1"),)),
    ("blackhole 10.2.0.0/16 ", {"type": "blackhole", "dst": "10.2.0.0/16"}, (none("10.2.0.0/16", "blackhole"),)),
    (
        "unreachable 10.3.0.0/16 metric 5 ",
        {"type": "unreachable", "dst": "10.3.0.0/16", "metric": 5},
        (none("10.3.0.0/16", "unreachable", 5),),
    ),
    ("prohibit default ", {"type": "prohibit", "dst": "default"}, (none("0.0.0.0/0", "prohibit"),)),
    ("throw 10.5.0.0/16 ", {"type": "throw", "dst": "10.5.0.0/16"}, (none("10.5.0.0/16", "throw"),)),
    (
        "blackhole 10.11.0.0/16 nhid 5 dev lo ",
        {"type": "blackhole", "dst": "10.11.0.0/16", "nhid": 5, "dev": "lo"},
        (none("10.11.0.0/16", "blackhole"),),
    ),
    (
        "10.6.0.0/16 \n\tnexthop via 192.0.2.253 dev eth0 weight 1 \n\tnexthop dev br0 weight 3 ",
        {"dst": "10.6.0.0/16", "nexthops": [flagless(gateway="192.0.2.253", dev="eth0", weight=1), flagless(dev="br0", weight=3)]},
        (way("10.6.0.0/16", "eth0", "192.0.2.253"), way("10.6.0.0/16", "br0")),
    ),
    (
        "10.6.0.0/16 \n\tnexthop via 192.0.2.253 dev eth0 weight 1 dead linkdown \n\tnexthop via 10.0.0.5 dev br0 weight 3 ",
        {
            "dst": "10.6.0.0/16",
            "nexthops": [
                {"gateway": "192.0.2.253", "dev": "eth0", "weight": 1, "flags": ["dead", "linkdown"]},
                flagless(gateway="10.0.0.5", dev="br0", weight=3),
            ],
        },
        (way("10.6.0.0/16", "br0", "10.0.0.5"),),
    ),
    (
        "default proto static metric 20 \n\tnexthop via inet6 fe80::1 dev eth0 weight 1 \n\tnexthop via 10.0.0.5 dev br0 weight 1 ",
        {
            "dst": "default",
            "protocol": "static",
            "metric": 20,
            "nexthops": [
                flagless(via={"family": "inet6", "host": "fe80::1"}, dev="eth0", weight=1),
                flagless(gateway="10.0.0.5", dev="br0", weight=1),
            ],
        },
        (way("0.0.0.0/0", "eth0", "fe80::1", metric=20), way("0.0.0.0/0", "br0", "10.0.0.5", metric=20)),
    ),
    (
        "10.10.0.0/16 nhid 3 proto boot scope global \n\tnh_info id 3 group 1/2 \n\tnexthop via 10.0.0.5 dev br0 weight 1 ",
        {"dst": "10.10.0.0/16", "nhid": 3, "nh_info": {"id": 3}, "nexthops": [flagless(gateway="10.0.0.5", dev="br0", weight=1)]},
        (way("10.10.0.0/16", "br0", "10.0.0.5"),),
    ),
    (
        "10.14.0.0/16 via 192.0.2.9 dev tunl0 proto bird onlink ",
        {"dst": "10.14.0.0/16", "gateway": "192.0.2.9", "dev": "tunl0", "protocol": "bird", "flags": ["onlink"]},
        (way("10.14.0.0/16", "tunl0", "192.0.2.9"),),
    ),
    (
        "10.15.0.0/16 tos 0x10 dev br0 scope link ",
        {"dst": "10.15.0.0/16", "tos": "0x10", "dev": "br0", "scope": "link"},
        (way("10.15.0.0/16", "br0")._replace(tos=16),),
    ),
    (
        "10.16.0.0/16 dev br0 proto bird scope link src 10.0.0.1 realm 3 mtu 1400 ",
        {"dst": "10.16.0.0/16", "dev": "br0", "scope": "link", "flow": {"to": "3"}, "metrics": [{"mtu": 1400}]},
        (way("10.16.0.0/16", "br0"),),
    ),
    (
        "local 10.23.0.0/16 dev lo scope host ",
        {"type": "local", "dst": "10.23.0.0/16", "dev": "lo", "scope": "host"},
        (way("10.23.0.0/16", "lo", kind="local"),),
    ),
    (
        "local 10.12.0.0/16 dev lo table local scope host ",
        {"type": "local", "dst": "10.12.0.0/16", "dev": "lo", "table": "local", "scope": "host"},
        (way("10.12.0.0/16", "lo", kind="local"),),
    ),
    (
        "2001:db8::/64 dev eth0 proto kernel metric 256 pref medium",
        {"dst": "2001:db8::/64", "dev": "eth0", "protocol": "kernel", "metric": 256, "pref": "medium"},
        (way("2001:db8::/64", "eth0", metric=256),),
    ),
    (
        "default via fe80::1 dev eth0 metric 1024 pref medium",
        {"dst": "default", "gateway": "fe80::1", "dev": "eth0", "metric": 1024, "pref": "medium"},
        (way("::/0", "eth0", "fe80::1", metric=1024),),
    ),
    (
        "default dev wg0 metric 1024 pref medium",
        {"dst": "default", "dev": "wg0", "metric": 1024, "pref": "medium"},
        (way("::/0", "wg0", metric=1024),),
    ),
    (
        "unreachable default dev lo metric 4294967295 pref medium",
        {"type": "unreachable", "dst": "default", "dev": "lo", "metric": 4294967295, "pref": "medium"},
        (none("::/0", "unreachable", 4294967295),),
    ),
    (
        "fd05::/64 metric 1024 pref medium\n\tnexthop via fe80::1 dev eth0 weight 1 \n\tnexthop via fe80::2 dev br0 weight 1 ",
        {
            "dst": "fd05::/64",
            "metric": 1024,
            "pref": "medium",
            "nexthops": [flagless(gateway="fe80::1", dev="eth0", weight=1), flagless(gateway="fe80::2", dev="br0", weight=1)],
        },
        (way("fd05::/64", "eth0", "fe80::1", metric=1024), way("fd05::/64", "br0", "fe80::2", metric=1024)),
    ),
]
"""Routes as iproute2 6.1 prints them, in text and in JSON."""

LEFT_OUT: list[tuple[str, dict[str, object]]] = [
    (
        "local 192.0.2.1 dev eth0 table local proto kernel scope host src 192.0.2.1 ",
        {"type": "local", "dst": "192.0.2.1", "dev": "eth0", "table": "local", "protocol": "kernel", "scope": "host"},
    ),
    (
        "broadcast 192.0.2.255 dev eth0 table local proto kernel scope link src 192.0.2.1 ",
        {"type": "broadcast", "dst": "192.0.2.255", "dev": "eth0", "table": "local", "protocol": "kernel", "scope": "link"},
    ),
    ("multicast 224.0.0.0/4 dev br0 scope link ", {"type": "multicast", "dst": "224.0.0.0/4", "dev": "br0", "scope": "link"}),
    ("10.20.0.0/16 dev br0 table 100 scope link ", {"dst": "10.20.0.0/16", "dev": "br0", "table": "100", "scope": "link"}),
    ("local default dev lo table 100 scope host ", {"type": "local", "dst": "default", "dev": "lo", "table": "100", "scope": "host"}),
    ("ff00::/8 dev eth0 table local metric 256 ", {"dst": "ff00::/8", "dev": "eth0", "table": "local", "metric": 256, "pref": "medium"}),
]
FIRST = {"dst": "192.0.2.0/24", "dev": "eth0", "flags": []}


def of_json(*routes: object) -> tuple[Way, ...]:
    return parse_ip_route(source(json.dumps([*routes])))


@pytest.mark.parametrize(("text", "item", "ways"), ROUTES)
def test_a_route_is_read_from_text_and_from_json(text: str, item: dict[str, object], ways: tuple[Way, ...]) -> None:
    assert ways == parse_ip_route(source(*text.split("\n"))) == of_json({"flags": [], **item})


@pytest.mark.parametrize(("text", "item", "ways"), ROUTES)
def test_a_route_is_read_with_details(text: str, item: dict[str, object], ways: tuple[Way, ...]) -> None:
    detailed = text if "type" in item else f"unicast {text}"

    assert ways == parse_ip_route(source(*detailed.split("\n"))) == of_json({"type": "unicast", "flags": [], **item})


@pytest.mark.parametrize(("text", "item"), LEFT_OUT)
def test_what_says_nothing_of_the_main_table_is_left_out(text: str, item: dict[str, object]) -> None:
    assert (way("192.0.2.0/24", "eth0"),) == parse_ip_route(source("192.0.2.0/24 dev eth0", text)) == of_json(item, FIRST)


def test_several_routes_come_in_their_order() -> None:
    text = [line for text, _, _ in ROUTES for line in text.split("\n")]
    expected = tuple(way for _, _, ways in ROUTES for way in ways)
    items = [item for _, item, _ in ROUTES]

    assert expected == parse_ip_route(source(*text)) == of_json(*items)


def test_one_line_for_each_route_is_read_too() -> None:
    text = [text.replace("\n", "\\") for text, _, _ in ROUTES]

    assert tuple(way for _, _, ways in ROUTES for way in ways) == parse_ip_route(source(*text))


def test_both_families_may_stand_one_after_the_other() -> None:
    four, six = json.dumps([FIRST]), json.dumps([{"dst": "2001:db8::/64", "dev": "eth0", "flags": [], "pref": "medium"}], indent=2)

    assert (way("192.0.2.0/24", "eth0"), way("2001:db8::/64", "eth0")) == parse_ip_route(source(four + six))


def test_the_network_of_a_route_through_a_tunnel_is_not_the_end_of_the_tunnel() -> None:
    text = "10.24.0.0/16  encap ip id 5 src 0.0.0.0 dst 10.0.0.1 ttl 0 tos 4 dev br0 scope link "
    item = (
        '{"dst":"10.24.0.0/16","encap":"ip","id":5,"src":"0.0.0.0","dst":"10.0.0.1","ttl":0,"tos":4,"dev":"br0","scope":"link","flags":[]}'
    )

    assert (way("10.24.0.0/16", "br0"),) == parse_ip_route(source(text)) == parse_ip_route(source(f"[{item}]"))


def test_a_node_without_routes_has_none() -> None:
    assert of_json() == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, "input: $: expected the output of `ip -j route`, a list, found: {}"),
        ([FIRST, 1], "input: [1]: expected a route as `ip -j route` prints it, found: 1"),
        ([{}], "input: [0]: expected a route"),
        ([{"dst": "10.0.0.0/8"}], "input: [0]: expected a route"),
        ([{"dst": "10.0.0/33", "dev": "eth0"}], "input: [0]: expected a route"),
        ([{"dst": "10.0.0.0/8", "dev": 1}], "input: [0]: expected a route"),
        ([{"dst": "10.0.0.0/8", "dev": "eth0", "gateway": "x"}], "input: [0]: expected a route"),
        ([{"dst": "10.0.0.0/8", "dev": "eth0", "via": {}}], "input: [0]: expected a route"),
        ([{"dst": "10.0.0.0/8", "dev": "eth0", "metric": True}], "input: [0]: expected a route"),
        ([{"dst": "10.0.0.0/8", "dev": "eth0", "metric": -1}], "input: [0]: expected a route"),
        ([{"dst": "10.0.0.0/8", "dev": "eth0", "tos": "AF11"}], "input: [0]: expected a route"),
        ([{"dst": "10.0.0.0/8", "dev": "eth0", "tos": "0x100"}], "input: [0]: expected a route"),
        ([{"dst": "10.0.0.0/8", "dev": "eth0", "type": "strange"}], "input: [0]: expected a route"),
        ([{"dst": "10.0.0.0/8", "nexthops": []}], "input: [0]: expected a route"),
        ([{"dst": "10.0.0.0/8", "nexthops": "ab"}], "input: [0]: expected a route"),
        ([{"dst": "10.0.0.1", "dev": "eth0", "flags": [], "uid": 0, "cache": []}], "input: [0]: expected a route"),  # `ip -j route get`
        ([{"dst": "default", "from": "fd00::/64", "dev": "eth0", "pref": "medium"}], "input: [0]: expected a route"),
    ],
)
def test_json_that_does_not_fit_is_told_with_its_place(value: object, expected: str) -> None:
    with pytest.raises(UnreadableInputError) as error:
        parse_ip_route(source(json.dumps(value)))

    assert str(error.value).startswith(expected)


@pytest.mark.parametrize(
    "lines",
    [
        ["Kernel IP routing table"],
        ["0.0.0.0         192.0.2.254     0.0.0.0         UG    100    0        0 eth0"],
        ["blackhole"],
        ["10.0.0.0/8"],
        ["10.0.0.0/8 dev"],
        ["10.0.0.0/8 dev eth0 metric x"],
        ["10.0.0.0/8 via x dev eth0"],
        ["10.0.0.0/8 via inet6"],
        ["10.0.0.0/8 via 192.0.2.2"],
        ["10.0.0.0/8 tos x dev eth0"],
        ["10.0.0.0/8", "\tnexthop via 192.0.2.2"],
        ["10 dev eth0"],
        ["default from fd00::/64 dev eth0 metric 1024 pref medium"],
        ["10.0.0.1 dev eth0 src 192.0.2.1 uid 0 ", "    cache "],
        ["1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536"],
    ],
)
def test_text_that_does_not_fit_is_told_with_its_place(lines: list[str]) -> None:
    with pytest.raises(UnreadableInputError) as error:
        parse_ip_route(source("192.0.2.0/24 dev eth0", "", *lines))

    expected = f"input:3: expected a route of `ip route`, such as 10.244.2.0/24 via 192.168.0.2 dev eth0, found: {lines[0][:10]}"
    assert str(error.value).startswith(expected)


def test_a_next_hop_without_a_route_is_refused() -> None:
    with pytest.raises(UnreadableInputError, match=r"^input:1: expected a route"):
        parse_ip_route(source("\tnexthop dev eth0"))


@pytest.mark.parametrize("lines", [[""], ["# nothing"]])
def test_an_empty_text_is_no_output_of_ip(lines: list[str]) -> None:
    with pytest.raises(UnreadableInputError, match=r"^input: no route in it; expected the output of `ip -j route`$"):
        parse_ip_route(source(*lines))


@pytest.mark.parametrize(("text", "item"), LEFT_OUT)
def test_the_routes_of_other_tables_alone_are_refused(text: str, item: object) -> None:
    for given_as in (source(text), source(json.dumps([item]))):
        with pytest.raises(UnreadableInputError, match=r"^input: no route of the main table in it"):
            parse_ip_route(given_as)


@given(st.data())
def test_damaged_output_is_read_or_refused(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(["\n".join(text for text, _, _ in ROUTES), json.dumps([item for _, item, _ in ROUTES])]))
    at = data.draw(st.integers(0, len(whole)))
    damage = data.draw(st.text(alphabet=st.sampled_from('a1: /.\n"{}[],\x00\udcff'), max_size=3))
    text = whole[:at] + damage + whole[at + data.draw(st.integers(0, 20)) :]
    try:
        found = parse_ip_route(source(*text.split("\n")))
    except IptexplainError:
        return
    assert {one.kind for one in found} <= {"unicast", "blackhole", "unreachable", "prohibit", "throw", "local"}
    assert all((one.interface is None) is (one.kind not in {"unicast", "local"}) for one in found)
