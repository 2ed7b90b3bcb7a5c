"""What `ip` prints of a node that the kernel holds: read alike from JSON and from text, and as a description of the same node says it."""

from __future__ import annotations

import json
import subprocess
from io import BytesIO

import pytest

from iptexplain.inputs.ip_addr import parse_ip_addr
from iptexplain.inputs.ip_route import parse_ip_route
from iptexplain.inputs.node import parse_node
from iptexplain.model.address import Address, Network
from iptexplain.parsing.decode import decode

pytestmark = pytest.mark.kernel

TOOLS = ("ip",)

DESCRIPTION = {
    "interfaces": {
        "lo": {"addrs": ["10.5.0.1/16"]},
        "eth0": {
            "addrs": ["192.0.2.1/24", "192.0.2.2/24", "198.51.100.1/32", "192.0.2.3/25", "192.0.2.4/24", "2001:db8::1/64", "2001:db8::2/64"]
        },
        "eth1": {"addrs": ["203.0.113.1/28"]},
        "br0": {"addrs": ["10.244.1.1/24"]},
    },
    "local_addrs": ["10.96.0.99"],
    "routes": [
        ["10.244.2.0/24", "br0"],
        ["10.244.3.0/24", "eth0", "192.0.2.254"],
        ["0.0.0.0/0", "eth1", "203.0.113.14"],
        ["2001:db8:1::/64", "eth0", "fe80::fe"],
    ],
    "bridges": {"br0": ["port0"]},
}


class Ip:
    """Runs `ip` in a network namespace."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    def __call__(self, command: str) -> bytes:
        words = ["ip", "-n", self._namespace, *command.split()]
        done = subprocess.run(words, check=False, capture_output=True, timeout=60)
        if done.returncode:
            pytest.skip(f"`ip {command}` does not work here: {done.stderr.decode(errors='replace').strip()[:200]}")
        return done.stdout


@pytest.fixture
def ip(namespace: str) -> Ip:
    """The described node, made in the kernel. IPv6 addresses of the kernel's own are kept away."""
    found = Ip(namespace)
    found("link set lo up")
    for name, peer in (("eth0", "p0"), ("eth1", "p1"), ("port0", "p2")):
        found(f"link add {name} type veth peer name {peer}")
    found("link add br0 type bridge")
    found("link set port0 master br0")
    for name in ("eth0", "eth1", "port0", "br0", "p0", "p1", "p2"):
        found(f"link set {name} addrgenmode none")
        found(f"link set {name} up")
    for name, interface in json.loads(json.dumps(DESCRIPTION["interfaces"])).items():
        for address in interface["addrs"]:
            found(f"addr add {address} dev {name}{' nodad' if ':' in address else ''}")
    found("addr add 10.96.0.99/32 dev lo")
    for to, name, *gateway in json.loads(json.dumps(DESCRIPTION["routes"])):
        found(f"{'-6' if ':' in to else '-4'} route add {to} dev {name}{''.join(f' via {one} onlink' for one in gateway)}")
    return found


def test_json_and_text_say_the_same_of_addresses(ip: Ip) -> None:
    plain = [parse_ip_addr(decode(command, BytesIO(ip(command)))) for command in ("-j addr", "addr", "-s addr")]
    detailed = [parse_ip_addr(decode(command, BytesIO(ip(command)))) for command in ("-j -d addr", "-d addr")]

    assert plain[0] == plain[1] == plain[2]
    assert detailed[0] == detailed[1]
    assert [(found["br0"].ports, found["br0"].bridge) for found in (plain[0], detailed[0])] == [(("port0",), None), (("port0",), True)]


def test_json_and_text_say_the_same_of_routes(ip: Ip) -> None:
    ip("route add 10.6.0.0/16 nexthop via 192.0.2.253 dev eth0 nexthop via 10.244.1.5 dev br0")
    ip("route add unreachable 10.7.0.0/16 metric 7")
    ip("route add 10.8.0.0/16 via inet6 fe80::5 dev eth0")
    ip("route add local 10.9.0.0/16 dev lo")
    four = [
        parse_ip_route(decode(command, BytesIO(ip(command)))) for command in ("-j route", "route", "-d route", "-o route", "-j -d route")
    ]
    whole = [parse_ip_route(decode(command, BytesIO(ip(command)))) for command in ("-j route show table all", "route show table all")]
    six = [parse_ip_route(decode(command, BytesIO(ip(command)))) for command in ("-j -6 route", "-6 route")]

    assert [four[0]] * 5 == four
    assert six[0] == six[1]
    assert whole[0] == whole[1]
    assert {*four[0], *six[0]} <= {*whole[0]}
    assert [Network.parse("10.9.0.0/16")] == [way.to for way in whole[0] if way.kind == "local"]


def test_the_kernel_has_the_addresses_that_the_description_says(ip: Ip) -> None:
    described = parse_node(decode("node.json", BytesIO(json.dumps(DESCRIPTION).encode()))).links
    kernel = parse_ip_addr(decode("-j -d addr", BytesIO(ip("-j -d addr"))))

    for name, link in described.items():
        assert (name, sorted(link.addresses), link.ports) == (name, sorted(kernel[name].addresses), kernel[name].ports)


def test_the_kernel_has_the_routes_that_follow_from_the_description(ip: Ip) -> None:
    described = parse_node(decode("node.json", BytesIO(json.dumps(DESCRIPTION).encode())))
    kernel = parse_ip_route(decode("routes", BytesIO(ip("-j -4 route") + ip("-j -6 route"))))
    connected = {(one.network, link.name) for link in described.links.values() for one in link.addresses if one.onlink}
    expected = {(network, name, None) for network, name in connected} | {(way.to, way.interface, way.gateway) for way in described.ways}

    assert expected == {(way.to, way.interface, way.gateway) for way in kernel if way.interface in described.links}


def test_an_address_is_local_though_its_interface_is_down_and_so_is_all_of_a_network_on_lo(ip: Ip) -> None:
    ip("link set eth0 down")
    down = parse_ip_addr(decode("-j addr", BytesIO(ip("-j addr"))))["eth0"].addresses

    assert b"local 192.0.2.1 dev lo" in ip("route get 192.0.2.1")
    assert b"local 10.5.7.7 dev lo" in ip("route get 10.5.7.7")
    assert Address.parse("192.0.2.1") in {one.address for one in down}
    assert not any(one.onlink for one in down)
