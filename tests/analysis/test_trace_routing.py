"""Where a node sends packets: routes, addresses that are valid nowhere, settings; and what its sender is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iptexplain.analysis.trace.fate import Ended
from iptexplain.analysis.trace.scene import Ground, last_of
from iptexplain.api import load_ip_route
from iptexplain.inputs.node import compose
from iptexplain.model.address import Address, Network
from iptexplain.model.node import Link, Node, Way
from tests.analysis.traced import NODE, NODE_6, held, known, one, rules, trace

if TYPE_CHECKING:
    from collections.abc import Sequence

NOWHERE = "0.0.0.0"  # noqa: S104 - an address of packets, nothing is bound to it
NOTHING = rules(filter=[])
NOTHING_6 = rules(family=6, filter=[])
SENT = "192.0.2.10,40000 198.51.100.77,80"


def node(*routes: str, addresses: dict[str, Sequence[str]] | None = None) -> Node:
    """A node with routes as `ip route` prints them, IPv4 and IPv6."""
    found = known({"interfaces": {name: {"addrs": list(addrs)} for name, addrs in (addresses or {"eth0": ["192.168.0.1/24"]}).items()}})
    assert found is not None
    ways = load_ip_route("".join(f"{route}\n" for route in routes).encode()) if routes else ()
    return found._replace(ways=ways, connected=not routes)


def ended(on: Node | None, **packet: Any) -> tuple[str, str | None, str]:  # noqa: ANN401 - the values of JSON
    """How and why it ends without a rule: outcome, what the sender is told, the words."""
    found = rules(family=6 if ":" in str(packet.get("dst", packet.get("src", ""))) else 4, filter=[])
    (fate,) = trace(found, on, **packet).fates
    assert fate.trail is not None
    assert isinstance(fate.trail.step, Ended)
    return f"{fate.outcome} {fate.where}", fate.reject, fate.trail.step.why.english()


AFTER, BEFORE = "unroutable ROUTING:after-PREROUTING", "unroutable ROUTING:before-OUTPUT"


# ---- which route -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("routes", "output"),
    [
        (["default dev a", "198.51.100.0/24 dev b"], "b"),
        (["198.51.100.77 dev a", "198.51.100.0/24 dev b", "default dev c"], "a"),
        (["198.51.0.0/16 dev a", "198.51.100.64/26 dev b", "198.51.100.0/24 dev c"], "b"),
        (["198.51.100.0/26 dev a", "default dev b"], "b"),
        (["default dev a metric 100", "default dev b metric 50"], "b"),
        (["default dev a", "default dev b metric 50"], "a"),
        (["198.51.100.0/24 dev a metric 500", "default dev b metric 1"], "a"),
        (["default via 10.0.0.1 dev a onlink"], "a"),
        (["default dev a", "default tos 0x10 dev b metric 1"], "a"),
    ],
    ids=[
        "the longer prefix", "one address", "the longest, in any order", "another network", "the smaller metric",
        "no metric is the smallest",
        "the prefix before the metric", "through a gateway", "another TOS",
    ],
)  # fmt: skip
def test_the_longest_prefix_then_the_smallest_metric(routes: list[str], output: str) -> None:
    assert one(NOTHING, node(*routes)) == f"forwarded {output} {SENT}"


def test_a_route_for_a_tos_is_taken_whatever_its_metric() -> None:
    on = node("default dev a", "default tos 0x10 dev b metric 500")

    assert one(NOTHING, on, tos=0x10) == f"forwarded b {SENT}"
    assert one(NOTHING, on, tos=0x13) == f"forwarded b {SENT}"  # the two last bits are those of ECN
    assert one(NOTHING, on, tos=0x08) == f"forwarded a {SENT}"
    assert one(NOTHING, on, tos=0) == f"forwarded a {SENT}"


def test_the_tos_that_a_rule_of_mangle_sets_counts() -> None:
    on = node("default dev a", "default tos 0x10 dev b")

    assert one(rules(mangle=["-A PREROUTING -p tcp -j TOS --set-tos 0x10/0xff"]), on) == f"forwarded b {SENT}"


@pytest.mark.parametrize(
    ("routes", "told", "words"),
    [
        ([], "icmp-net-unreachable", "the node has no route to 198.51.100.77"),
        (["198.51.101.0/24 dev a"], "icmp-net-unreachable", "the node has no route to 198.51.100.77"),
        (["default dev a", "throw 198.51.100.0/24"], "icmp-net-unreachable", "the node has no route to 198.51.100.77"),
        (
            ["default dev a", "unreachable 198.51.100.0/24"],
            "icmp-host-unreachable",
            "the route to 198.51.100.77 says that it is unreachable",
        ),
        (["default dev a", "prohibit 198.51.100.0/24"], "icmp-admin-prohibited", "the route to 198.51.100.77 prohibits that"),
        (["default dev a", "blackhole 198.51.100.0/24"], None, "the route to 198.51.100.77 is a black hole"),
    ],
)
def test_without_a_route_to_go_the_sender_is_told_what_the_route_says(routes: list[str], told: str | None, words: str) -> None:
    assert ended(node(*routes)) == (AFTER, told, words)
    assert ended(node(*routes), iif=None, src="192.168.0.1") == (BEFORE, told, words)


@pytest.mark.parametrize(
    ("routes", "told"),
    [
        ([], "icmp6-no-route"),
        (["default dev a", "throw 2001:db8:1::/48"], "icmp6-no-route"),
        (["default dev a", "unreachable 2001:db8:1::/48"], "icmp6-no-route"),
        (["default dev a", "prohibit 2001:db8:1::/48"], "icmp6-adm-prohibited"),
        (["default dev a", "blackhole 2001:db8:1::/48"], None),
    ],
)
def test_so_for_ipv6(routes: list[str], told: str | None) -> None:
    assert ended(node(*routes), src="2001:db8::a", dst="2001:db8:1::a")[:2] == (AFTER, told)


def test_of_several_equal_routes_nobody_knows_which_is_taken() -> None:
    on = node("default \n\tnexthop via 10.0.0.1 dev a weight 1 \n\tnexthop via 10.0.0.2 dev b weight 1 ")
    found = trace(rules(filter=["-A FORWARD -o a -j DROP"]), on)

    assert {fate.outcome for fate in found.fates} == {"forwarded", "dropped"}
    assert one(NOTHING, on) == f"forwarded {SENT}"


def test_of_several_equal_routes_by_one_interface_that_one_is_taken() -> None:
    on = node("default \n\tnexthop via 10.0.0.1 dev a weight 1 \n\tnexthop via 10.0.0.2 dev a weight 1 ")

    assert one(NOTHING, on) == f"forwarded a {SENT}"


def test_of_equal_networks_of_two_links_ipv6_takes_the_first() -> None:
    on = node(addresses={"a": ["2001:db8:1::1/64"], "b": ["2001:db8:1::2/64"]})

    assert one(NOTHING_6, on) == "forwarded a 2001:db8::a,40000 2001:db8:1::a,80"


def test_a_route_to_local_addresses_delivers() -> None:
    on = node("default dev eth0", "local 198.51.100.0/24 dev lo")

    assert one(NOTHING, on) == f"local {SENT}"
    assert one(NOTHING, on, iif=None) == f"local {SENT}"
    assert one(NOTHING, on, dst="198.51.101.1") == "forwarded eth0 192.0.2.10,40000 198.51.101.1,80"


def test_networks_of_interfaces_are_routes_where_the_node_was_described() -> None:
    on = known({"interfaces": {"eth0": {"addrs": ["192.168.0.1/24"]}, "a": {"addrs": ["198.51.100.1/24"]}}})

    assert one(NOTHING, on) == f"forwarded a {SENT}"


def test_but_not_where_its_routes_were_printed() -> None:
    """`ip route` prints them itself, unless somebody has taken them away."""
    on = node("default dev b", addresses={"a": ["198.51.100.1/24"]})

    assert one(NOTHING, on) == f"forwarded b {SENT}"


# ---- addresses that are valid nowhere ----------------------------------------------------------------------------------

ON = known(NODE)


@pytest.mark.parametrize(
    ("packet", "words"),
    [
        ({"src": "224.0.0.5"}, "224.0.0.5 cannot be a sender"),
        ({"src": "255.255.255.255"}, "255.255.255.255 cannot be a sender"),
        ({"src": NOWHERE}, f"{NOWHERE} cannot be a sender"),
        ({"src": "127.0.0.1"}, "127.0.0.1 cannot come from outside"),
        ({"src": "192.168.0.2"}, "192.168.0.2 is the node's own address, and cannot come from outside"),
        ({"src": "192.168.0.2", "dst": "192.168.0.1"}, "192.168.0.2 is the node's own address, and cannot come from outside"),
        ({"dst": NOWHERE}, f"{NOWHERE} is no destination"),
        ({"dst": "127.0.0.1"}, "127.0.0.1 is only valid inside a node (route_localnet is 0)"),
        ({"dst": "239.1.2.3"}, "nobody here listens to the multicast address 239.1.2.3"),
    ],
)
def test_what_is_valid_nowhere_ends_without_a_word(packet: dict[str, Any], words: str) -> None:
    assert ended(ON, **packet) == (AFTER, None, words)


@pytest.mark.parametrize(
    "packet",
    [
        {"dst": "255.255.255.255"},
        {"dst": "255.255.255.255", "src": NOWHERE},
        {"dst": "192.168.0.255"},
        {"dst": "10.244.1.255"},
        {"dst": "224.0.0.1"},
        {"dst": "192.168.0.1"},
        {"dst": "10.244.1.1"},
    ],
    ids=lambda packet: " ".join(packet.values()),
)
def test_what_is_for_everybody_or_for_any_interface_is_delivered(packet: dict[str, Any]) -> None:
    source = packet.get("src", "192.0.2.10")

    assert one(NOTHING, ON, **packet) == f"local {source},40000 {packet['dst']},80"


def test_route_localnet_lets_loopback_in_and_out_by_the_interfaces_that_have_it() -> None:
    for_all, for_one = known(NODE, net__ipv4__conf__all__route_localnet=1), known(NODE, net__ipv4__conf__eth0__route_localnet=1)

    assert one(NOTHING, for_all, dst="127.0.0.1") == one(NOTHING, for_one, dst="127.0.0.1") == "local 192.0.2.10,40000 127.0.0.1,80"
    assert ended(for_one, dst="127.0.0.1", iif="cni0")[0] == AFTER
    assert ended(for_one, src="127.0.0.1")[0] == AFTER


@pytest.mark.parametrize(
    ("to", "setting", "expected"),
    [
        ("10.244.2.7", None, "dropped OUTPUT"),
        ("10.244.2.7", "all", "sent veth1 127.0.0.1,40000 10.244.2.7,80 dnat"),
        ("10.244.2.7", "veth1", "sent veth1 127.0.0.1,40000 10.244.2.7,80 dnat"),
        ("10.244.2.7", "eth0", "dropped OUTPUT"),
        ("192.168.0.1", None, "local 127.0.0.1,40000 192.168.0.1,80 dnat"),
    ],
)
def test_from_loopback_to_a_pod(to: str, setting: str | None, expected: str) -> None:
    settings: dict[str, Any] = {f"net__ipv4__conf__{setting}__route_localnet": 1} if setting else {}
    found = rules(nat=[f"-A OUTPUT -j DNAT --to-destination {to}"])

    assert one(found, known(NODE, **settings), iif=None, src="127.0.0.1", dst="127.0.0.1") == expected


def test_a_changed_mark_routes_anew_what_comes_from_loopback() -> None:
    found = rules(mangle=["-A OUTPUT -j MARK --set-xmark 0x1/0x1"])

    assert one(found, ON, iif=None, src="127.0.0.1", dst="198.51.100.77") == "dropped OUTPUT"
    assert one(found, ON, iif=None, src="127.0.0.1", dst="198.51.100.77", mark=1) == "sent eth0 127.0.0.1,40000 198.51.100.77,80 mark=0x1"


# ---- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dst", "expected"), [("198.51.100.77", "unroutable"), ("192.168.0.1", "local 192.0.2.10,40000 192.168.0.1,80")])
def test_a_node_that_does_not_forward(dst: str, expected: str) -> None:
    on = known(NODE, net__ipv4__ip_forward=0)

    assert one(NOTHING, on, dst=dst) == expected
    assert one(NOTHING, known(NODE, net__ipv4__ip_forward=1)) == f"forwarded eth0 {SENT}"
    assert one(NOTHING, on, iif=None, src="192.168.0.1") == "sent eth0 192.168.0.1,40000 198.51.100.77,80"


def test_ipv6_has_a_setting_of_its_own() -> None:
    assert one(NOTHING_6, known(NODE_6, net__ipv4__ip_forward=0)) == "forwarded eth0 2001:db8::a,40000 2001:db8:1::a,80"
    assert one(NOTHING_6, known(NODE_6, net__ipv6__conf__all__forwarding=0)) == "unroutable"


@pytest.mark.parametrize(
    ("mode", "packet", "routed"),
    [
        (0, {"src": "10.244.1.9"}, True),
        (1, {"src": "10.244.1.9"}, False),
        (1, {"src": "10.244.1.9", "iif": "cni0"}, True),
        (2, {"src": "10.244.1.9"}, True),
        (1, {"src": "192.0.2.10"}, True),
        (1, {"src": "192.0.2.10", "iif": "cni0"}, False),
    ],
)
def test_the_filter_of_reverse_paths(mode: int, packet: dict[str, Any], routed: bool) -> None:  # noqa: FBT001 - parametrised
    for which in ("all", packet.get("iif", "eth0")):
        settings: dict[str, Any] = {f"net__ipv4__conf__{which}__rp_filter": mode}
        (fate,) = trace(NOTHING, known(NODE, **settings), **packet).fates

        assert (fate.outcome == "forwarded") is routed


def test_the_filter_of_reverse_paths_wants_a_route_even_if_it_is_loose() -> None:
    on = node("198.51.100.0/24 dev eth0")._replace(sysctls={"net.ipv4.conf.all.rp_filter": 2})

    assert ended(on)[2] == "no answer to 192.0.2.10 would leave by eth0 (rp_filter)"
    assert one(NOTHING, on, dst="192.168.0.1", src="198.51.100.9") == "local 198.51.100.9,40000 192.168.0.1,80"


def test_of_several_equal_routes_back_any_will_do() -> None:
    on = node("default \n\tnexthop via 10.0.0.1 dev a weight 1 \n\tnexthop via 10.0.0.2 dev b weight 1 ", "198.51.100.0/24 dev c")

    assert one(NOTHING, on._replace(sysctls={"net.ipv4.conf.all.rp_filter": 1})) == f"forwarded c {SENT}"


@pytest.mark.parametrize(
    ("ttl", "dst", "expected"),
    [
        (1, "198.51.100.77", "unroutable icmp-time-exceeded"),
        (2, "198.51.100.77", f"forwarded eth0 {SENT}"),
        (1, "192.168.0.1", "local 192.0.2.10,40000 192.168.0.1,80"),
    ],
)
def test_the_ttl(ttl: int, dst: str, expected: str) -> None:
    assert one(NOTHING, ON, ttl=ttl, dst=dst) == expected


def test_who_is_told_that_the_ttl_has_run_out() -> None:
    assert ended(ON, ttl=1) == (AFTER, "icmp-time-exceeded", "the TTL has run out")
    assert ended(known(NODE_6), ttl=1, src="2001:db8::a", dst="2001:db8:1::a")[1] == "icmp6-time-exceeded"
    assert ended(known(NODE_6), ttl=1, src="2001:db8::a", dst="fe80::99")[1] == "icmp6-time-exceeded"


def test_the_ttl_is_one_less_from_forward_on() -> None:
    assert held("mangle", "PREROUTING", "-m ttl --ttl-eq 64", ON)
    assert held("mangle", "FORWARD", "-m ttl --ttl-eq 63", ON)
    assert held("mangle", "POSTROUTING", "-m ttl --ttl-eq 63", ON)
    assert held("mangle", "INPUT", "-m ttl --ttl-eq 64", ON, dst="192.168.0.1")
    assert held("mangle", "POSTROUTING", "-m ttl --ttl-eq 64", ON, iif=None)


# ---- IPv6 on the link --------------------------------------------------------------------------------------------------

ON_6 = known(NODE_6)


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        ({"dst": "fe80::1"}, "local 2001:db8::a,40000 fe80::1,80"),
        ({"dst": "fe80::1", "iif": "cni0"}, "forwarded cni0 2001:db8::a,40000 fe80::1,80"),
        ({"dst": "fe80::2", "iif": "cni0"}, "local 2001:db8::a,40000 fe80::2,80"),
        ({"dst": "fe80::9"}, "forwarded eth0 2001:db8::a,40000 fe80::9,80"),
        ({"dst": "ff02::1"}, "local 2001:db8::a,40000 ff02::1,80"),
        ({"dst": "ff02::5"}, "unroutable"),
        ({"dst": "fd00:1::"}, "local 2001:db8::a,40000 fd00:1::,80"),
        ({"src": "fd00:1::1"}, "forwarded eth0 fd00:1::1,40000 2001:db8:1::a,80"),
        ({"src": "fe80::9"}, "forwarded eth0 fe80::9,40000 2001:db8:1::a,80"),
        ({"src": "fe80::9", "iif": "cni0"}, "unroutable icmp6-beyond-scope"),
        ({"src": "::"}, "unroutable"),
        ({"src": "::", "dst": "fd00:1::1"}, "local ::,40000 fd00:1::1,80"),
    ],
    ids=lambda value: " ".join(value.values()) if isinstance(value, dict) else "",
)
def test_addresses_of_ipv6(packet: dict[str, Any], expected: str) -> None:
    (fate,) = trace(NOTHING_6, ON_6, **packet).fates
    told = expected.partition(" ")[2] if expected.startswith("unroutable") else ""

    assert (fate.reject or "") == told
    assert one(NOTHING_6, ON_6, **packet).partition(" icmp6")[0] == expected.partition(" icmp6")[0]


def test_a_link_without_a_route_of_its_own_reaches_no_link_local_address() -> None:
    on = known({"interfaces": {"eth0": {"addrs": ["fd00:1::1/64"]}}, "routes": []})

    assert ended(on, src="2001:db8::a", dst="fe80::9")[2] == "the node has no route to fe80::9"


def test_a_link_local_destination_that_dnat_gives_is_not_routed_again() -> None:
    found = rules(family=6, nat=["-A OUTPUT -j DNAT --to-destination fe80::1"])

    assert one(found, ON_6, iif=None, src="fd00:1::1") == "dropped OUTPUT"


# ---- packets of the node -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dst", "expected"),
    [
        ("198.51.100.77", "sent eth0 192.168.0.1,40000 198.51.100.77,80"),
        ("10.244.1.9", "sent cni0 192.168.0.1,40000 10.244.1.9,80"),
        ("10.244.1.1", "local 192.168.0.1,40000 10.244.1.1,80"),
        ("127.255.255.255", "local 192.168.0.1,40000 127.255.255.255,80"),
        (NOWHERE, "local 192.168.0.1,40000 0.0.0.0,80"),
        ("192.168.0.255", "sent eth0 192.168.0.1,40000 192.168.0.255,80"),
        ("10.244.1.255", "sent cni0 192.168.0.1,40000 10.244.1.255,80"),
        ("239.1.2.3", "sent eth0 192.168.0.1,40000 239.1.2.3,80"),
        ("255.255.255.255", "sent eth0 192.168.0.1,40000 255.255.255.255,80"),
    ],
)
def test_what_the_node_sends(dst: str, expected: str) -> None:
    assert one(NOTHING, ON, iif=None, src="192.168.0.1", dst=dst) == expected


@pytest.mark.parametrize(("source", "output"), [("10.244.1.1", "cni0"), ("192.168.0.2", "eth0"), ("203.0.113.9", "eth0")])
def test_multicast_leaves_by_the_interface_of_its_source_else_by_its_route(source: str, output: str) -> None:
    assert one(NOTHING, ON, iif=None, src=source, dst="239.1.2.3") == f"sent {output} {source},40000 239.1.2.3,80"


def test_multicast_without_a_route_leaves_by_some_interface() -> None:
    (fate,) = trace(NOTHING, node("10.0.0.0/8 dev eth0"), iif=None, src="203.0.113.9", dst="239.1.2.3").fates

    assert (fate.outcome, fate.output) == ("sent", None)


def test_where_a_packet_comes_in_that_nobody_said_is_where_its_answer_would_leave() -> None:
    found = rules(filter=["-A FORWARD -i cni0 -j DROP"])

    assert one(found, ON, iif="?", src="10.244.1.9") == "dropped FORWARD"
    assert one(found, ON, iif="?", src="192.0.2.9") == "forwarded eth0 192.0.2.9,40000 198.51.100.77,80"
    assert one(found, ON, iif="?", src="10.244.1.1") == "sent eth0 10.244.1.1,40000 198.51.100.77,80"


def test_a_source_without_a_route_back_comes_in_somewhere() -> None:
    on = node("198.51.100.0/24 dev eth0")
    found = trace(rules(filter=["-A FORWARD -i cni0 -j DROP"]), on, iif="?")

    assert {fate.outcome for fate in found.fates} == {"dropped", "forwarded"}


# ---- addresses of the node ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "last"),
    [("192.168.0.0/24", "192.168.0.255"), ("10.0.0.0/30", "10.0.0.3"), ("10.0.0.0/31", None), ("10.0.0.0/32", None), ("fd00::/64", None)],
)
def test_the_broadcast_address_of_a_network(network: str, last: str | None) -> None:
    found = last_of(Network.parse(network))

    assert (None if found is None else str(found)) == last


TYPES = {
    "192.168.0.1": "LOCAL",
    "192.168.0.2": "LOCAL",
    "127.0.0.1": "LOCAL",
    "127.9.9.9": "LOCAL",
    "127.255.255.255": "BROADCAST",
    "192.168.0.255": "BROADCAST",
    "10.244.1.255": "BROADCAST",
    "255.255.255.255": "BROADCAST",
    NOWHERE: "BROADCAST",
    "192.168.0.0": "UNICAST",
    "192.168.0.9": "UNICAST",
    "8.8.8.8": "UNICAST",
    "240.0.0.1": "UNICAST",
    "224.0.0.1": "MULTICAST",
    "239.255.255.255": "MULTICAST",
    "fd00:1::1": "LOCAL",
    "::1": "LOCAL",
    "fd00:1::": "ANYCAST",
    "fe80::": "ANYCAST",
    "fd00:1::9": "UNICAST",
    "ff02::1": "MULTICAST",
}


@pytest.mark.parametrize("address", TYPES)
def test_the_types_of_addresses(address: str) -> None:
    on = ON_6 if ":" in address else ON
    assert on is not None

    assert Ground(on).type_of(Address.parse(address)) == TYPES[address]


@pytest.mark.parametrize(
    ("address", "interface", "expected"),
    [
        ("192.168.0.1", "eth0", "LOCAL"),
        ("192.168.0.1", "cni0", "UNICAST"),
        ("192.168.0.255", "eth0", "BROADCAST"),
        ("192.168.0.255", "cni0", "UNICAST"),
        ("127.0.0.1", "lo", "LOCAL"),
        ("127.0.0.1", "eth0", "UNICAST"),
        ("255.255.255.255", "cni0", "BROADCAST"),
        (NOWHERE, "cni0", "BROADCAST"),
        ("8.8.8.8", "eth0", "UNICAST"),
        ("224.0.0.1", "eth0", "MULTICAST"),
    ],
)
def test_the_types_of_addresses_on_one_interface(address: str, interface: str, expected: str) -> None:
    assert ON is not None

    assert Ground(ON).type_on(Address.parse(address), interface) == expected


def test_the_last_address_of_lo_is_its_broadcast_address_whatever_lo_has() -> None:
    assert Ground(Node({"lo": Link("lo")})).type_of(Address.parse("127.255.255.255")) == "BROADCAST"
    assert Ground(Node({"lo": Link("lo")})).type_of(Address.parse("127.0.0.1")) == "LOCAL"


def test_the_whole_network_of_an_address_of_lo_is_the_nodes_own_in_ipv4() -> None:
    on = known({"interfaces": {"lo": {"addrs": ["10.5.0.1/24", "fd00:5::1/64"]}}})
    assert on is not None

    assert [Ground(on).type_of(Address.parse(text)) for text in ("10.5.0.9", "fd00:5::1", "fd00:5::9")] == ["LOCAL", "LOCAL", "UNICAST"]


def test_an_unknown_node_has_no_type_on_an_interface() -> None:
    on = compose(None, None, (Way(Network.parse("198.51.100.0/24"), None, kind="local"),))

    assert Ground(on).type_of(Address.parse("198.51.100.77")) == "LOCAL"
    assert Ground(on).type_on(Address.parse("198.51.100.77"), "eth0") is None


def test_an_anycast_address_is_one_of_a_network_on_a_link() -> None:
    on = compose(None, None, load_ip_route(b"2001:db8:5::/64 dev eth0\n2001:db8:6::/64 via fe80::1 dev eth0\n2001:db8:7::1 dev eth0\n"))
    ground = Ground(on)

    assert ground.is_anycast(Address.parse("2001:db8:5::"))
    assert not ground.is_anycast(Address.parse("2001:db8:6::"))
    assert not ground.is_anycast(Address.parse("2001:db8:7::1"))
    assert not ground.is_anycast(Address.parse("192.168.0.0"))


# ---- rpfilter ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "packet", "expected"),
    [
        ("", {}, True),
        ("", {"iif": "cni0"}, False),
        ("--loose", {"iif": "cni0"}, True),
        ("--invert", {"iif": "cni0"}, True),
        ("--invert", {}, False),
        ("", {"src": "10.244.1.9", "iif": "cni0"}, True),
        ("", {"src": "192.168.0.2"}, False),
        ("--accept-local", {"src": "192.168.0.2"}, True),
        ("--accept-local", {"src": "192.168.0.2", "iif": "cni0"}, False),
        ("--loose --accept-local", {"src": "192.168.0.2", "iif": "cni0"}, True),
        ("--accept-local", {"src": "127.0.0.1"}, False),
        ("--loose", {"src": "192.168.0.255"}, False),
        ("", {"src": NOWHERE, "dst": "255.255.255.255"}, True),
        ("", {"src": NOWHERE, "dst": "224.0.0.1"}, True),
    ],
)
def test_the_match_rpfilter(options: str, packet: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - parametrised
    found = rules(raw=[f"-A PREROUTING -m rpfilter {options} -j MARK --set-xmark 0x1/0x1".replace("  ", " ")])
    (fate,) = trace(found, ON, **packet).fates

    assert (fate.mark == 1) is expected


def test_the_match_rpfilter_without_a_route_back_fails() -> None:
    on = node("198.51.100.0/24 dev eth0")

    assert held("raw", "PREROUTING", "-m rpfilter --loose", on) is False
    assert held("raw", "PREROUTING", "-m rpfilter --loose", on, src="198.51.100.9") is True


def test_the_match_rpfilter_is_open_where_several_interfaces_lead_back() -> None:
    on = node("default \n\tnexthop via 10.0.0.1 dev a weight 1 \n\tnexthop via 10.0.0.2 dev b weight 1 ")

    assert held("raw", "PREROUTING", "-m rpfilter", on, iif="a") is None
    assert held("raw", "PREROUTING", "-m rpfilter --loose", on, iif="a") is True


def test_what_comes_back_by_lo_passes_the_match_rpfilter() -> None:
    found = rules(raw=["-A PREROUTING -i lo -m rpfilter -j MARK --set-xmark 0x1/0x1"])

    assert one(found, ON, iif=None, src="192.168.0.1", dst="192.168.0.2") == "local 192.168.0.1,40000 192.168.0.2,80 mark=0x1"
