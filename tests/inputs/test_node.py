from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.errors import IptexplainError, UsageError
from iptexplain.inputs.ip_addr import parse_ip_addr
from iptexplain.inputs.ip_route import parse_ip_route
from iptexplain.inputs.ipset import parse_ipset
from iptexplain.inputs.json_text import UnreadableValueError
from iptexplain.inputs.node import compose, parse_node
from iptexplain.model.address import Address, Network
from iptexplain.model.node import Assigned, Link, Node, Way
from tests.inputs.sources import source

LO = (
    Assigned(Address.parse("127.0.0.1"), Network.parse("127.0.0.0/8"), globally=False, onlink=False),
    Assigned(Address.parse("::1"), Network.parse("::1/128"), globally=False, onlink=False),
)


def node(value: object) -> Node:
    """The node that a JSON value describes."""
    return parse_node(source(*json.dumps(value, indent=1).splitlines(), name="node.json"))


def addresses(*texts: str, interface: str = "eth0") -> tuple[Assigned, ...]:
    """The addresses of an interface that is given these."""
    return node({"interfaces": {interface: {"addrs": [*texts]}}}).links[interface].addresses


def way(to: str, interface: str | None, gateway: str | None = None) -> Way:
    return Way(Network.parse(to), interface, None if gateway is None else Address.parse(gateway))


def test_a_description_without_anything_has_lo() -> None:
    assert Node({"lo": Link("lo", LO)}) == node({})


def test_what_is_described_is_all_there_is() -> None:
    found = node({"interfaces": {"eth0": {"addrs": ["192.168.0.1/24"]}}})

    assert (found.links_known, found.ways_known, found.sysctls_known, found.connected, found.sets) == (True, True, True, True, None)


def test_interfaces_come_in_the_order_of_the_file_and_lo_before_them() -> None:
    found = node({"interfaces": {"eth1": {}, "cni0": {"addrs": []}, "lo": {}, "eth0": {}}})

    assert list(found.links) == ["lo", "eth1", "cni0", "eth0"]


def test_interfaces_that_only_a_route_or_a_bridge_names_exist_without_addresses() -> None:
    found = node({"interfaces": {"eth0": {}}, "routes": [["10.244.2.0/24", "cali1"]], "bridges": {"cni0": ["veth1", "eth0", "veth1"]}})

    assert list(found.links) == ["lo", "eth0", "cali1", "cni0", "veth1"]
    assert Link("cni0", (), ("veth1", "eth0"), bridge=True) == found.links["cni0"]
    assert Link("veth1") == found.links["veth1"]


@pytest.mark.parametrize(
    ("text", "address", "network", "globally", "onlink"),
    [
        ("192.168.0.1/24", "192.168.0.1", "192.168.0.0/24", True, True),
        ("192.168.0.1/32", "192.168.0.1", "192.168.0.1/32", True, False),
        ("192.168.0.1", "192.168.0.1", "192.168.0.1/32", True, False),
        ("169.254.1.1/16", "169.254.1.1", "169.254.0.0/16", True, True),
        ("127.0.0.5/8", "127.0.0.5", "127.0.0.0/8", False, True),
        ("2001:db8::1/64", "2001:db8::1", "2001:db8::/64", True, True),
        ("fe80::1/64", "fe80::1", "fe80::/64", False, True),
        ("febf::1/64", "febf::1", "febf::/64", False, True),
        ("fec0::1/64", "fec0::1", "fec0::/64", True, True),
    ],
)
def test_an_address_is_as_the_kernel_would_have_it(text: str, address: str, network: str, *, globally: bool, onlink: bool) -> None:
    expected = Assigned(Address.parse(address), Network.parse(network), secondary=False, globally=globally, onlink=onlink)

    assert (expected,) == addresses(text)


def test_an_address_in_the_network_of_an_earlier_one_is_secondary() -> None:
    found = addresses("192.168.0.1/24", "192.168.0.2/24", "192.168.1.1/24", "192.168.0.3/25", "192.168.0.4/24", "192.168.0.2/24")

    assert [(str(one.address), one.onlink) for one in found if one.secondary] == [("192.168.0.2", False), ("192.168.0.4", False)]
    assert len(found) == 5


def test_an_ipv6_address_is_never_secondary() -> None:
    assert [one.secondary for one in addresses("2001:db8::1/64", "2001:db8::2/64")] == [False, False]


def test_local_addresses_are_on_lo_each_by_itself() -> None:
    found = node({"interfaces": {"lo": {"addrs": ["127.0.0.1/8", "10.5.0.1/16"]}}, "local_addrs": ["10.96.0.99", "fd00::99", "10.96.0.99"]})
    more = found.links["lo"].addresses[2:]

    assert found.links["lo"].addresses[:2] == LO
    assert [(str(one.address), str(one.network)) for one in more] == [
        ("10.5.0.1", "10.5.0.0/16"),
        ("10.96.0.99", "10.96.0.99/32"),
        ("fd00::99", "fd00::99/128"),
    ]
    assert all(one.globally and not one.onlink and not one.secondary for one in more)


@pytest.mark.parametrize(
    ("route", "ways"),
    [
        (["10.244.2.0/24", "cali1"], (way("10.244.2.0/24", "cali1"),)),
        (["10.244.2.7", "cali1"], (way("10.244.2.7/32", "cali1"),)),
        (["10.244.2.0/24", "eth0", "192.168.0.2"], (way("10.244.2.0/24", "eth0", "192.168.0.2"),)),
        (["10.244.2.0/24", "eth0", "fe80::2"], (way("10.244.2.0/24", "eth0", "fe80::2"),)),
        (["fd00::/64", "eth0", "fe80::2"], (way("fd00::/64", "eth0", "fe80::2"),)),
        (["default", "eth0"], (way("0.0.0.0/0", "eth0"), way("::/0", "eth0"))),
        (["default", "eth0", "192.168.0.254"], (way("0.0.0.0/0", "eth0", "192.168.0.254"),)),
        (["default", "eth0", "fe80::2"], (way("::/0", "eth0", "fe80::2"),)),
        (["0.0.0.0/0", "eth0"], (way("0.0.0.0/0", "eth0"),)),
    ],
)
def test_a_route_is_read(route: list[str], ways: tuple[Way, ...]) -> None:
    assert ways == node({"routes": [route]}).ways


def test_settings_are_read() -> None:
    settings = {"net.ipv4.conf.all.route_localnet": 1, "net.ipv4.ip_forward": 0, "net.ipv4.conf.eth0.rp_filter": 2}

    assert settings == node({"sysctls": settings}).sysctls


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], "$: expected one JSON object with some of the keys interfaces, local_addrs, routes, sysctls, bridges, found: []"),
        ({"interface": {}}, '$: expected only the keys interfaces, local_addrs, routes, sysctls, bridges, found: ["interface"]'),
        ({"interfaces": []}, "interfaces: expected an object, by names, found: []"),
        ({"interfaces": {"": {}}}, "interfaces: expected an object, by names"),
        ({"interfaces": {"eth0": None}}, "interfaces.eth0: expected an object"),
        ({"interfaces": {"eth0": {"mtu": 1500}}}, 'interfaces.eth0: expected only the keys addrs, found: ["mtu"]'),
        ({"interfaces": {"eth0": {"addrs": "10.0.0.1"}}}, 'interfaces.eth0.addrs: expected a list, found: "10.0.0.1"'),
        ({"interfaces": {"eth0": {"addrs": ["10.0.0.1/8", 1]}}}, "interfaces.eth0.addrs[1]: expected a text in quotes, found: 1"),
        (
            {"interfaces": {"eth0": {"addrs": ["10.0.0.1/33"]}}},
            "interfaces.eth0.addrs[0]: expected an address such as 192.168.0.1/24, found",
        ),
        ({"interfaces": {"eth0": {"addrs": ["10.0.0.1/"]}}}, "interfaces.eth0.addrs[0]: expected an address"),
        ({"interfaces": {"eth0": {"addrs": ["10.0.0/24"]}}}, "interfaces.eth0.addrs[0]: expected an address"),
        ({"interfaces": {"eth0": {"addrs": ["fd00::1/129"]}}}, "interfaces.eth0.addrs[0]: expected an address"),
        ({"local_addrs": ["10.96.0.99/24"]}, "local_addrs[0]: expected an address such as 10.96.0.1, found"),
        ({"local_addrs": ["here"]}, "local_addrs[0]: expected an address"),
        ({"routes": [["default"]]}, 'routes[0]: expected a route such as ["10.244.2.0/24", "cali1"], or with its gateway'),
        ({"routes": [["default", "eth0"], ["default", ""]]}, "routes[1]: expected a route"),
        ({"routes": [["default", "eth0", None]]}, "routes[0]: expected a route"),
        ({"routes": [["default", "eth0", "gateway"]]}, "routes[0]: expected a route"),
        ({"routes": [["everywhere", "eth0"]]}, "routes[0]: expected a route"),
        ({"routes": [["fd00::/64", "eth0", "10.0.0.1"]]}, "routes[0]: expected a gateway of the family of the route"),
        ({"routes": "default"}, "routes: expected a list"),
        ({"sysctls": {"net.ipv4.ip_forward": True}}, "sysctls.net.ipv4.ip_forward: expected a number, found: true"),
        ({"sysctls": {"net.ipv4.ip_forward": "1"}}, "sysctls.net.ipv4.ip_forward: expected a number"),
        ({"sysctls": {"net.ipv4.ip_forward": 1 << 31}}, "sysctls.net.ipv4.ip_forward: expected a number"),
        ({"bridges": {"cni0": ["a", 1]}}, "bridges.cni0[1]: expected a text in quotes"),
        ({"bridges": {"cni0": "veth1"}}, "bridges.cni0: expected a list"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(value: object, expected: str) -> None:
    with pytest.raises(UnreadableValueError) as error:
        node(value)

    assert str(error.value).startswith(f"node.json: {expected}")
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"routes": [', "node.json:2:1: broken JSON: Expecting value"),
        ('{"routes": []\n"x"}', "node.json:2:1: broken JSON: Expecting ',' delimiter"),
        ("interfaces: {}", "node.json:1:1: broken JSON: Expecting value"),
        ('{"interfaces": {"eth0": {}, "eth0": {}}}', 'node.json: "eth0" stands twice in one object'),
        ("[" * 100_000, "node.json: JSON that nobody writes; expected one JSON object"),
        ('{"sysctls": {"a": ' + "1" * 5000 + "}}", "node.json: JSON that nobody writes"),
        ("", "node.json: $: expected one JSON object with some of the keys"),
        ("{} {}", "node.json: $: expected one JSON object"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(IptexplainError) as error:
        parse_node(source(text, name="node.json"))

    assert str(error.value).startswith(expected)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["eth0", "10.0.0.1/8", "default", "::1", "", "lo"]),
    lambda of: st.lists(of, max_size=3) | st.dictionaries(st.sampled_from(["eth0", "addrs", "lo", "a", ""]), of, max_size=3),
)


@given(st.dictionaries(st.sampled_from(["interfaces", "local_addrs", "routes", "sysctls", "bridges"]), JSON, max_size=5))
def test_any_json_is_read_or_refused(value: object) -> None:
    try:
        found = node(value)
    except IptexplainError:
        return
    assert found.links["lo"].addresses[:2] == LO


# ---- what is given of a node, together ---------------------------------------------------------------------------------

ADDRESSES = parse_ip_addr(
    source(
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536",
        "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00",
        "    inet 127.0.0.1/8 scope host lo",
        "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500",
        "    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff",
        "    inet 192.168.0.1/24 scope global eth0",
    )
)
ROUTES = parse_ip_route(source("default via 192.168.0.254 dev eth0", "10.244.2.0/24 dev cali1 scope link"))
SETS = parse_ipset(source("create s hash:ip family inet"))
SETTINGS: dict[str, object] = {"sysctls": {"net.ipv4.ip_forward": 0}}


def test_nothing_given_leaves_everything_but_lo_unknown() -> None:
    assert Node({"lo": Link("lo", LO)}, links_known=False, ways_known=False, sysctls_known=False) == compose()


def test_a_description_alone_is_the_node() -> None:
    described = node({"interfaces": {"eth0": {}}, **SETTINGS})

    assert described == compose(described)


def test_addresses_alone_leave_routes_and_settings_unknown() -> None:
    expected = Node(ADDRESSES, links_known=True, ways_known=False, sysctls_known=False, connected=True)

    assert expected == compose(links=ADDRESSES)


def test_routes_alone_leave_interfaces_and_settings_unknown() -> None:
    expected = Node({"lo": Link("lo", LO)}, ROUTES, links_known=False, ways_known=True, sysctls_known=False, connected=False)

    assert expected == compose(ways=ROUTES)


def test_addresses_and_routes_make_a_node_with_the_interfaces_of_both() -> None:
    found = compose(links=ADDRESSES, ways=ROUTES, sets=SETS)

    assert list(found.links) == ["lo", "eth0", "cali1"]
    assert (ADDRESSES["eth0"], ROUTES, SETS) == (found.links["eth0"], found.ways, found.sets)
    assert (found.links_known, found.ways_known, found.sysctls_known, found.connected) == (True, True, False, False)


def test_a_description_may_leave_to_the_node_what_the_node_prints() -> None:
    found = compose(node(SETTINGS), ADDRESSES, ROUTES)

    assert (ADDRESSES["eth0"], ROUTES, SETTINGS["sysctls"]) == (found.links["eth0"], found.ways, found.sysctls)
    assert (found.links_known, found.ways_known, found.sysctls_known, found.connected) == (True, True, True, False)


def test_routes_of_a_description_go_with_addresses_that_the_node_prints() -> None:
    found = compose(node({"routes": [["10.0.0.0/8", "eth7"]]}), ADDRESSES)

    assert list(found.links) == ["lo", "eth0", "eth7"]
    assert found.connected


@pytest.mark.parametrize(
    "said", [{"interfaces": {"eth0": {"addrs": ["10.0.0.1"]}}}, {"local_addrs": ["10.0.0.1"]}, {"bridges": {"b": ["p"]}}]
)
def test_interfaces_given_twice_are_refused(said: object) -> None:
    with pytest.raises(UsageError, match="the interfaces are given twice"):
        compose(node(said), ADDRESSES)


def test_routes_given_twice_are_refused() -> None:
    with pytest.raises(UsageError, match="the routes are given twice"):
        compose(node({"routes": [["default", "eth0"]]}), ways=ROUTES)
