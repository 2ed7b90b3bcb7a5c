"""What rules see of a packet on its way, and what they change in it: fields, sets and lists where the node is known."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from iptexplain.analysis.trace.fields import TESTS
from iptexplain.analysis.trace.tracer import Tracer
from iptexplain.analysis.trace.unknown import Device, Some
from iptexplain.inputs.packets import make_packet
from iptexplain.model.matching import Field
from iptexplain.model.values import Interface
from tests.analysis.traced import NODE, NODE_6, PACKET, asked, drawn, held, known, one, rules, trace

ON, ON_6 = known(NODE), known(NODE_6)
FORWARD = ("filter", "FORWARD")


def test_every_field_is_looked_at_but_that_of_ipvs() -> None:
    """A node with IPVS sends packets on without the rules; `ipvs` is answered by the services of ipvs mode alone."""
    assert set(Field) - set(TESTS) == {Field.IPVS}


# ---- plain fields ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("match", "packet", "expected"),
    [
        ("-s 192.0.2.0/24", {}, True),
        ("! -s 192.0.2.0/24", {}, False),
        ("-d 198.51.100.78/32", {}, False),
        ("-m iprange --src-range 192.0.2.9-192.0.2.11", {}, True),
        ("-m iprange ! --dst-range 198.51.100.0-198.51.100.76", {}, True),
        ("-p tcp", {}, True),
        ("-p 6", {}, True),
        ("-p udp", {}, False),
        ("! -p udp", {}, True),
        ("-p all", {}, True),
        ("-p icmp", {"proto": "icmp"}, True),
        ("-p 99", {"proto": 99}, True),
        ("-f", {"frag": True}, False),
        ("! -f", {"frag": True}, True),
        ("-p tcp -m tcp --dport 80", {}, True),
        ("-p tcp -m tcp --dport 80", {"proto": "udp"}, False),
        ("-p tcp -m multiport --ports 40000", {}, True),
        ("-p tcp -m multiport --ports 80", {}, True),
        ("-p tcp -m multiport ! --ports 80", {}, False),
        ("-p tcp -m multiport ! --ports 81", {}, True),
        ("-p tcp -m tcp --tcp-flags SYN,ACK SYN", {}, True),
        ("-p tcp -m tcp --tcp-flags ALL NONE", {"flags": ""}, True),
        ("-p icmp -m icmp --icmp-type 8", {"proto": "icmp"}, True),
        ("-p icmp -m icmp --icmp-type 8/1", {"proto": "icmp"}, False),
        ("-p icmp -m icmp --icmp-type 8/1", {"proto": "icmp", "icmp_code": 1}, True),
        ("-p icmp -m icmp --icmp-type 255", {"proto": "icmp", "icmp_type": 3}, True),
        ("-m length --length 100", {"length": 100}, True),
        ("-m length --length 101:200", {"length": 100}, False),
        ("-m tos --tos 0x10/0x3f", {"tos": 0x50}, True),
        ("-m dscp --dscp 0x04", {"tos": 0x10}, True),
        ("-m mark --mark 0x1/0x3", {"mark": 5}, True),
        ("-m mark ! --mark 0x1/0x3", {"mark": 5}, False),
        ("-m mac --mac-source 02:00:00:00:00:01", {"src_mac": "02:00:00:00:00:01"}, True),
        ("-m mac ! --mac-source 02:00:00:00:00:01", {"src_mac": "02:00:00:00:00:01"}, False),
        ("-m pkttype --pkt-type unicast", {}, True),
        ("-m pkttype --pkt-type broadcast", {}, False),
        ("-m owner --uid-owner 0", {}, False),
        ("-m owner ! --uid-owner 0", {}, True),
        ("-m physdev --physdev-is-bridged", {}, False),
        ("-m physdev --physdev-in veth7", {}, False),
        ("-m physdev ! --physdev-is-in", {}, True),
        ("-m physdev --physdev-is-out", {}, False),
        ("-m physdev ! --physdev-out veth7", {}, True),
        ("-i eth0", {}, True),
        ("-i eth+", {}, True),
        ("! -i eth0", {}, False),
        ("-o eth0", {}, True),
        ("-o cni0", {}, False),
    ],
)
def test_what_a_forwarded_packet_has(match: str, packet: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - parametrised
    assert held(*FORWARD, match, ON, **packet) is expected


@pytest.mark.parametrize(("letters", "flags"), [("S", "SYN"), ("SE", "SYN"), ("SA", "SYN,ACK"), ("FPU", "FIN,PSH,URG"), ("R", "RST")])
def test_flags_of_tcp(letters: str, flags: str) -> None:
    assert held(*FORWARD, f"-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG {flags}", ON, flags=letters)


@pytest.mark.parametrize("match", ["-m tcp --tcp-flags ALL NONE", "-m tcp --syn"])
def test_an_error_about_a_flow_of_tcp_has_no_flags(match: str) -> None:
    assert held(*FORWARD, f"-p tcp {match}", ON, ct="related") is False


def test_at_each_hook_a_packet_has_its_interfaces() -> None:
    conditions = {
        ("raw", "PREROUTING"): ("-i eth0", "-o +"),
        ("filter", "FORWARD"): ("-i eth0 -o eth0",),
        ("mangle", "POSTROUTING"): ("-o eth0",),
    }
    for (table, chain), lines in conditions.items():
        for line in lines:
            assert held(table, chain, line, ON), (chain, line)
    called = [":U -", "-A POSTROUTING -j U", "-A U -i eth0 -j MARK --set-xmark 0x1/0x1", "-A U ! -i cni0 -j MARK --set-xmark 0x2/0x2"]

    assert one(rules(mangle=called), ON) == "forwarded eth0 192.0.2.10,40000 198.51.100.77,80 mark=0x3"
    assert one(rules(mangle=called), ON, iif=None) == "sent eth0 192.0.2.10,40000 198.51.100.77,80 mark=0x2"


@pytest.mark.parametrize(
    ("given", "packet", "expected"),
    [("--physdev-in veth1", {}, True), ("--physdev-in veth2", {}, False), ("--physdev-in veth+", {}, True), ("--physdev-is-in", {}, True)],
)
@pytest.mark.parametrize(("iif", "open_"), [("br0", True), ("br1", False), ("eth0", False)])
def test_the_port_of_a_bridge(given: str, packet: dict[str, Any], iif: str, expected: bool, open_: bool) -> None:  # noqa: FBT001 - parametrised
    on = known({**NODE, "interfaces": {**NODE["interfaces"], "br1": {"addrs": []}}, "bridges": {"br0": ["veth1"]}})
    assert on is not None

    assert held("raw", "PREROUTING", f"-m physdev {given}", on, iif=iif, **packet) is (expected and open_)


def test_one_of_several_ports_of_a_bridge_is_asked() -> None:
    on = known({**NODE, "bridges": {"br0": ["veth8", "veth9"]}})

    assert held("raw", "PREROUTING", "-m physdev --physdev-in veth8", on, iif="br0") is None
    assert held("raw", "PREROUTING", "-m physdev --physdev-in veth+", on, iif="br0") is True
    assert held("raw", "PREROUTING", "-m physdev --physdev-is-in", on, iif="br0") is True
    assert asked(trace(rules(raw=["-A PREROUTING -m physdev --physdev-in veth8 -j DROP"]), on, iif="br0")) == {
        "the packet arrives through the bridge port veth8"
    }


def test_what_may_be_a_bridge_is_asked() -> None:
    """`ip link` shows ports of a bond or a team likewise."""
    assert ON is not None
    link = ON.links["eth0"]._replace(ports=("eth1",), bridge=None)
    on = ON._replace(links={**ON.links, "eth0": link})

    assert held("raw", "PREROUTING", "-m physdev --physdev-is-in", on) is None


def test_the_loop_has_no_ethernet_no_owner_and_no_bridge() -> None:
    matches = [
        "-m mac ! --mac-source 02:00:00:00:00:01",
        "-m owner ! --uid-owner 0",
        "-m physdev ! --physdev-is-in",
        "-m owner --uid-owner 0",
    ]
    lines = [f"-A PREROUTING -i lo {match} -j MARK --set-xmark {1 << at:#x}/{1 << at:#x}" for at, match in enumerate(matches)]
    (fate,) = trace(rules(mangle=lines), ON, iif=None, src="192.168.0.1", dst="192.168.0.2").fates

    assert fate.mark == 2 | 4


@pytest.mark.parametrize(("at", "expected"), [(11, True), (13, False)])
def test_the_time_of_the_trace(at: int, expected: bool) -> None:  # noqa: FBT001 - parametrised
    dump = rules(filter=["-A FORWARD -m time --timestart 10:00:00 --timestop 12:00:00 -j DROP"])
    (fate,) = Tracer(dump, ON, at=datetime(2026, 11, 23, at, tzinfo=UTC)).trace(make_packet(PACKET)).fates

    assert (fate.outcome == "dropped") is expected


PAYLOAD = bytes.fromhex("4500002c000040004006000000000000000000009c400050") + b"GET / HTTP/1.1\r\nHost"


@pytest.mark.parametrize(("word", "expected"), [("GET /", True), ("POST", False)])
def test_the_payload(word: str, expected: bool) -> None:  # noqa: FBT001 - parametrised
    match = f'-m string --string "{word}" --algo bm'

    assert held(*FORWARD, match, ON, payload=PAYLOAD.hex()) is expected
    assert held(*FORWARD, match, ON) is None


# ---- what targets change -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "before", "after"),
    [
        ("MARK --set-xmark 0x4/0xffffffff", 0x13, 0x4),
        ("MARK --set-xmark 0x4/0xf", 0x13, 0x14),
        ("MARK --set-xmark 0x4/0x0", 0x17, 0x13),
    ],
)
def test_a_mark(target: str, before: int, after: int) -> None:
    (fate,) = trace(rules(mangle=[f"-A FORWARD -j {target}"]), ON, mark=before).fates

    assert fate.mark == after


@pytest.mark.parametrize(
    ("target", "ttl", "after"),
    [
        ("TTL --ttl-set 9", 64, 8),
        ("TTL --ttl-inc 5", 64, 68),
        ("TTL --ttl-dec 5", 64, 58),
        ("TTL --ttl-inc 9", 250, 254),
        ("TTL --ttl-dec 60", 10, None),
    ],
)
def test_the_ttl(target: str, ttl: int, after: int | None) -> None:
    found = rules(mangle=[f"-A PREROUTING -j {target}", f"-A POSTROUTING -m ttl --ttl-eq {after or 0} -j MARK --set-xmark 0x1/0x1"])
    (fate,) = trace(found, ON, ttl=ttl).fates

    assert (fate.outcome, fate.mark) == (("unroutable", 0) if after is None else ("forwarded", 1))


def test_the_hop_limit_too() -> None:
    found = rules(family=6, mangle=["-A PREROUTING -j HL --hl-set 9", "-A POSTROUTING -m hl --hl-eq 8 -j MARK --set-xmark 0x1/0x1"])

    assert one(found, ON_6) == "forwarded eth0 2001:db8::a,40000 2001:db8:1::a,80 mark=0x1"


@pytest.mark.parametrize(
    ("target", "tos", "after"),
    [
        ("TOS --set-tos 0x10/0xff", 0x4B, 0x10),
        ("TOS --set-tos 0x10/0x3f", 0x4B, 0x50),
        ("TOS --set-tos 0x10/0x00", 0x1B, 0x0B),
        ("DSCP --set-dscp 0x04", 0x4B, 0x13),
    ],
)
def test_the_tos(target: str, tos: int, after: int) -> None:
    found = rules(mangle=[f"-A PREROUTING -j {target}", f"-A PREROUTING -m tos --tos {after:#x}/0xff -j MARK --set-xmark 0x1/0x1"])
    (fate,) = trace(found, ON, tos=tos).fates

    assert fate.mark == 1


# ---- kinds of addresses ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("match", "packet", "expected"),
    [
        ("--dst-type LOCAL", {"dst": "192.168.0.2"}, True),
        ("--dst-type LOCAL", {}, False),
        ("! --dst-type LOCAL", {}, True),
        ("--dst-type UNICAST", {}, True),
        ("--dst-type LOCAL,UNICAST", {"dst": "192.168.0.2"}, True),
        ("--dst-type BROADCAST", {"dst": "192.168.0.255"}, True),
        ("--dst-type MULTICAST", {"dst": "224.0.0.1"}, True),
        ("--src-type LOCAL", {}, False),
        ("--dst-type BLACKHOLE", {}, False),
        ("--dst-type LOCAL --limit-iface-in", {"dst": "192.168.0.2"}, True),
        ("--dst-type LOCAL --limit-iface-in", {"dst": "10.244.1.1"}, False),
        ("--dst-type UNICAST --limit-iface-in", {"dst": "10.244.1.1"}, True),
        ("! --dst-type LOCAL --limit-iface-in", {"dst": "10.244.1.1"}, True),
    ],
)
def test_kinds_of_addresses(match: str, packet: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - parametrised
    assert held("mangle", "PREROUTING", f"-m addrtype {match}", ON, **packet) is expected


@pytest.mark.parametrize(
    ("match", "dst", "expected"),
    [
        ("--dst-type LOCAL", "fd00:1::1", True),
        ("--dst-type UNICAST", "fd00:1::1", True),
        ("--dst-type LOCAL,UNICAST", "fd00:1::1", True),
        ("--dst-type LOCAL,UNICAST", "fd00:1::9", False),
        ("--dst-type UNICAST", "ff02::1", False),
        ("--dst-type MULTICAST", "ff02::1", True),
        ("--dst-type MULTICAST,UNICAST", "ff02::1", False),
        ("--dst-type LOCAL,MULTICAST", "ff02::1", False),
        ("--dst-type ANYCAST", "fd00:1::", True),
        ("--dst-type ANYCAST", "fd00:1::1", False),
        ("--dst-type UNSPEC", "fd00:1::1", False),
    ],
)
def test_of_ipv6_an_address_has_to_be_all_that_is_listed_of_its_form(match: str, dst: str, expected: bool) -> None:  # noqa: FBT001 - parametrised
    assert held("mangle", "PREROUTING", f"-m addrtype {match}", ON_6, family=6, dst=dst) is expected


# ---- sets --------------------------------------------------------------------------------------------------------------

SETS = """\
create IP hash:ip
add IP 192.0.2.10
create NET hash:net
add NET 198.51.0.0/16
add NET 198.51.100.0/24 nomatch
create IPPORT hash:ip,port
add IPPORT 198.51.100.77,tcp:80
add IPPORT 198.51.100.77,icmp:echo-request
add IPPORT 198.51.100.77,gre:0
create PORT bitmap:port range 0-65535
add PORT 80
create IFACE hash:net,iface
add IFACE 192.0.2.0/24,eth0
create MARK hash:ip,mark
add MARK 192.0.2.10,0x00000007
create MAC hash:mac
add MAC 02:00:00:00:00:01
create LIST list:set
add LIST IP
add LIST PORT
create SIX hash:ip family inet6
"""
WITH_SETS = known(NODE, SETS)


@pytest.mark.parametrize(
    ("match", "packet", "expected"),
    [
        ("IP src", {}, True),
        ("IP dst", {}, False),
        ("NET dst", {}, False),
        ("NET dst", {"dst": "198.51.101.1"}, True),
        ("IPPORT dst,dst", {}, True),
        ("IPPORT dst,src", {}, False),
        ("IPPORT dst,dst", {"proto": "udp"}, False),
        ("IPPORT dst,dst", {"proto": "icmp"}, True),
        ("IPPORT dst,dst", {"proto": "icmp", "icmp_type": 0}, False),
        ("IPPORT dst,dst", {"proto": "gre"}, True),
        ("PORT dst", {}, True),
        ("PORT src", {}, False),
        ("IFACE src,src", {}, True),
        ("IFACE src,src", {"iif": "cni0"}, False),
        ("IFACE src,dst", {}, True),
        ("MARK src,src", {"mark": 7}, True),
        ("MARK src,src", {"mark": 6}, False),
        ("MAC src", {"src_mac": "02:00:00:00:00:01"}, True),
        ("MAC src", {"src_mac": "02:00:00:00:00:02"}, False),
        ("MAC dst", {"src_mac": "02:00:00:00:00:01"}, False),
        ("LIST src", {}, True),
        ("LIST dst", {}, True),
        ("LIST src", {"src": "192.0.2.11"}, False),
        ("SIX src", {}, False),
        ("MAC src", {}, None),
        ("GONE src", {}, None),
    ],
)
def test_sets(match: str, packet: dict[str, Any], expected: bool | None) -> None:  # noqa: FBT001 - parametrised
    assert held(*FORWARD, f"-m set --match-set {match}", WITH_SETS, **packet) is expected
    assert held(*FORWARD, f"-m set ! --match-set {match}", WITH_SETS, **packet) is (None if expected is None else not expected)


def test_return_nomatch_asks_for_what_is_excepted() -> None:
    assert held(*FORWARD, "-m set --match-set NET dst --return-nomatch", WITH_SETS) is True
    assert held(*FORWARD, "-m set --match-set NET dst --return-nomatch", WITH_SETS, dst="198.51.101.1") is False


def test_the_nodes_own_packet_has_no_input_interface_for_a_set() -> None:
    match = "-m set --match-set IFACE src,src"

    assert held("filter", "OUTPUT", match, WITH_SETS, iif=None) is False
    assert held("filter", "OUTPUT", "-m set --match-set MAC src", WITH_SETS, iif=None) is False


def test_an_interface_that_nobody_knows_is_asked_for_a_set() -> None:
    on = known(None, SETS)

    assert held("raw", "PREROUTING", "-m set --match-set IFACE src,src", on, iif="?", dst="255.255.255.255") is None


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["-j SET --add-set IP dst", "-m set --match-set IP dst -j DROP"], "dropped FORWARD"),
        (["-j SET --del-set IP src", "-m set --match-set IP src -j DROP"], "forwarded"),
        (["-j SET --del-set IP src", "-j SET --add-set IP src", "-m set --match-set IP src -j DROP"], "dropped FORWARD"),
        (["-j SET --add-set IPPORT dst,dst", "-m set --match-set IPPORT dst,dst -j DROP"], "dropped FORWARD"),
        (["-j SET --add-set IPPORT dst,src", "-m set --match-set IPPORT src,dst -j DROP"], "forwarded"),
        (["-j SET --add-set IPPORT src,dst", "-m set --match-set IPPORT src,src -j DROP"], "forwarded"),
        (["-j SET --add-set IP dst", "-m set --match-set NET dst -j DROP"], "forwarded"),
    ],
)
def test_what_a_packet_changes_in_a_set_it_meets_itself(lines: list[str], expected: str) -> None:
    found = one(rules(filter=[f"-A FORWARD {line}" for line in lines]), WITH_SETS)

    assert found.startswith(expected)


def test_a_set_of_ports_that_are_drawn_has_its_chance() -> None:
    nat = ["-A PREROUTING -p tcp -j DNAT --to-destination 10.244.2.7:1-100 --random"]
    lines = ["-A FORWARD -m set --match-set PORT dst -j LOG", "-A FORWARD -m set --match-set PORT dst -j DROP"]
    found = drawn(trace(rules(nat=nat, filter=lines), WITH_SETS))

    assert sorted(found.values()) == [Fraction(1, 100), Fraction(99, 100)]
    assert found["dropped FORWARD"] == Fraction(1, 100)


# ---- lists -------------------------------------------------------------------------------------------------------------

SET, CHECK, REMOVE = (f"-m recent --{word} --name X --rsource" for word in ("set", "rcheck", "remove"))


@pytest.mark.parametrize(
    ("lines", "mark"),
    [
        ([SET, CHECK], 3),
        ([SET, REMOVE, CHECK], 3),
        ([SET, REMOVE, REMOVE], 3),
        ([SET, "-m recent ! --rcheck --name X --rsource"], 1),
        ([SET, "-m recent ! --remove --name X --rsource", CHECK], 1),
        (["-m recent ! --set --name X --rsource", CHECK], 2),
        ([SET, CHECK.replace("X", "Y")], None),
        ([SET + " -m mark --mark 0x99", CHECK], 2),
        (["-p udp " + SET, CHECK], None),
    ],
    ids=[
        "set",
        "removed",
        "removed once",
        "negated",
        "negated, but removed",
        "set without a match",
        "another list",
        "a later condition",
        "an earlier one",
    ],
)
def test_a_list_on_the_way_of_one_packet(lines: list[str], mark: int | None) -> None:
    """None: who is on the list is not known."""
    marked = [f"-A FORWARD {line} -j MARK --set-xmark {1 << at:#x}/{1 << at:#x}" for at, line in enumerate(lines)]
    found = trace(rules(mangle=marked), ON).fates

    assert {fate.mark for fate in found} == ({mark} if mark is not None else {fate.mark for fate in found})
    assert len(found) == (1 if mark is not None else 2)


# ---- what is not known, and gets narrower ------------------------------------------------------------------------------


@pytest.mark.parametrize(("ranges", "only"), [(((80, 80),), 80), (((80, 81),), None), (((80, 80), (90, 90)), None), (((0, 0),), 0)])
def test_a_number_is_known_when_there_is_no_other(ranges: tuple[tuple[int, int], ...], only: int | None) -> None:
    assert Some(ranges).only == only


def interface(text: str) -> Interface:
    return Interface(text.removesuffix("+"), prefix=text.endswith("+"))


@pytest.mark.parametrize(
    ("one_of", "none_of", "wanted", "expected"),
    [
        ((), (), "+", True),
        ((), (), "eth0", None),
        ((), ("eth0",), "eth0", False),
        ((), ("eth+",), "eth0", False),
        ((), ("eth0",), "eth+", None),
        (("eth0",), (), "eth0", True),
        (("eth0",), (), "eth+", True),
        (("eth0",), (), "eth1", False),
        (("eth0",), (), "cni+", False),
        (("eth+",), (), "eth0", None),
        (("eth+",), (), "cni0", False),
        (("eth+",), (), "e+", True),
        (("e+", "eth+"), ("eth0",), "eth0", False),
        (("e+",), (), "eth+", None),
    ],
)
def test_an_interface_that_is_known_in_part(one_of: tuple[str, ...], none_of: tuple[str, ...], wanted: str, expected: bool | None) -> None:  # noqa: FBT001 - parametrised
    device = Device(tuple(map(interface, one_of)), tuple(map(interface, none_of)))

    assert device.holds(interface(wanted)) is expected


@pytest.mark.parametrize(("one_of", "name"), [((), None), (("eth+",), None), (("eth+", "eth0"), "eth0")])
def test_its_name_is_known_when_one_of_them_is_whole(one_of: tuple[str, ...], name: str | None) -> None:
    assert Device(tuple(map(interface, one_of))).name == name


def test_a_drawn_port_has_the_chance_of_each_of_its_parts() -> None:
    nat = ["-A PREROUTING -p tcp -j DNAT --to-destination 10.244.2.7:1000-1999 --random"]
    lines = ["-p tcp -m tcp --dport 1000:1099", "-p tcp -m tcp --dport 1050:1149", "-p tcp -m multiport --dports 1000,1500,1999"]
    marked = [f"-A FORWARD {line} -j MARK --set-xmark {1 << at:#x}/{1 << at:#x}" for at, line in enumerate(lines)]
    by_mark: dict[str, Fraction] = {}
    for what, share in drawn(trace(rules(nat=nat, mangle=marked), ON)).items():
        mark = what.partition("mark=")[2].partition(" ")[0]
        by_mark[mark] = by_mark.get(mark, Fraction(0)) + share

    assert by_mark == {
        "0x3": Fraction(50, 1000),
        "0x1": Fraction(49, 1000),
        "0x5": Fraction(1, 1000),
        "0x2": Fraction(50, 1000),
        "0x4": Fraction(2, 1000),
        "": Fraction(848, 1000),
    }


# ---- what iptables-nft loads otherwise than it saves ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("match", "ports", "nft", "legacy"),
    [
        ("-p tcp -m tcp ! --sport 1 ! --dport 2", (1, 2), False, False),
        ("-p tcp -m tcp ! --sport 1 ! --dport 2", (1, 3), True, False),
        ("-p tcp -m tcp ! --sport 1 ! --dport 2", (3, 2), True, False),
        ("-p tcp -m tcp ! --sport 1 ! --dport 2", (3, 3), True, True),
        ("-p tcp -m tcp ! --sport 1 ! --dport 2:3", (1, 4), False, False),
        ("-p tcp -m tcp ! --sport 1 --dport 2", (1, 2), False, False),
        ("-p tcp -m tcp ! --dport 0:65535", (1, 2), True, False),
        ("-p tcp -m tcp --sport 1 ! --dport 0:65535", (2, 2), False, False),
        ("-p tcp -m tcp ! --dport 2", (1, 2), False, False),
    ],
)
def test_negated_ports(match: str, ports: tuple[int, int], nft: bool, legacy: bool) -> None:  # noqa: FBT001 - parametrised
    found = [held(*FORWARD, match, ON, backend=backend, sport=ports[0], dport=ports[1]) for backend in ("nft", "legacy")]

    assert found == [nft, legacy]


def test_negated_ports_that_nobody_knows_are_asked_one_after_the_other() -> None:
    dump = rules(filter=["-A FORWARD -p tcp -m tcp ! --sport 1 ! --dport 2 -j DROP"])
    found = {(fate.outcome, tuple(answer for _, answer in fate.answers)) for fate in trace(dump, ON, sport=None, dport=None).fates}

    assert found == {("dropped", (False,)), ("dropped", (True, False)), ("forwarded", (True, True))}
