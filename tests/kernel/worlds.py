"""The node of each family that the random rules and packets are about, and the words they are made of."""

from __future__ import annotations

from typing import NamedTuple

from tests.kernel.oracle import Topology


class World(NamedTuple):
    """A node, and the networks, addresses and words of rules that lead to its corners."""

    family: int
    node: Topology
    own: tuple[str, ...]
    networks: tuple[str, ...]
    elsewhere: tuple[str, ...]  # for a network too wide to choose from
    usual_source: str
    dnat: tuple[str, ...]
    snat: tuple[str, ...]
    mapped: tuple[str, ...]  # networks for NETMAP
    service: str  # the first addresses of Services, of Pods: a number is put in
    pods: tuple[str, ...]
    cluster: str
    icmp: str  # protocol and match
    icmp_types: tuple[str, ...]  # in rules
    icmp_packets: tuple[tuple[int, int], ...]
    rejects: tuple[str, ...]
    address_types: tuple[str, ...]
    whole: str  # a mask of one address
    others: tuple[str, ...]  # rare matches
    set_types: tuple[str, ...]


_RARE = (
    "-m length --length 0:{short}", "-m tos --tos 0x10/0x3f", "-m dscp --dscp 0x04", "-m pkttype --pkt-type unicast",
    "-m length ! --length {long}:",
)  # fmt: skip

WORLDS = {
    4: World(
        4,
        Topology(
            {
                "eth0": {"addrs": ["192.168.0.1/24", "192.168.0.2/24"]},
                "cni0": {"addrs": ["10.244.1.1/24"]},
                "docker0": {"addrs": ["172.17.0.1/16"]},
                "cali123": {"addrs": []},
                "eth1": {"addrs": ["203.0.113.1/28"]},
            },
            [("10.244.2.0/24", "cali123"), ("10.96.0.0/12", "eth0"), ("default", "eth0")],
            ["10.96.0.99"],
        ),
        own=("192.168.0.1", "192.168.0.2", "10.244.1.1", "172.17.0.1", "203.0.113.1", "10.96.0.99"),
        networks=(
            "192.168.0.0/24", "192.168.0.0/25", "192.168.0.7/32", "192.168.0.1/32", "10.244.0.0/16", "10.244.1.0/24", "10.244.1.5/32",
            "10.244.2.7/32", "10.96.0.0/12", "10.96.0.10/32", "10.96.0.99/32", "172.17.0.0/16", "172.17.0.2/32", "8.8.8.8/32",
            "8.8.0.0/13",
            "127.0.0.0/8", "203.0.113.1/32", "203.0.113.0/28", "0.0.0.0/0", "198.51.100.0/23", "198.51.100.77/32",
        ),
        elsewhere=("1.1.1.1", "8.8.4.4", "100.64.0.1"),
        usual_source="192.168.0.7",
        dnat=(
            "10.244.1.5", "10.244.2.7", "10.244.1.9", "172.17.0.2", "192.168.0.9", "192.168.0.1", "127.0.0.1", "198.51.100.77",
            "10.244.1.1",
        ),
        snat=("192.168.0.2", "203.0.113.1", "10.244.1.1", "192.0.2.99"),
        mapped=("10.244.1.0/24", "10.244.2.16/28", "192.168.0.1/32", "198.51.100.0/23"),
        service="10.96.0.{}",
        pods=("10.244.1.{}", "10.244.2.{}"),
        cluster="10.244.0.0/16",
        icmp="icmp -m icmp {}--icmp-type {}",
        icmp_types=("8", "0", "3", "3/3", "3/1", "any", "11", "8/0"),
        icmp_packets=((8, 0), (8, 0), (8, 0), (0, 0), (3, 3), (3, 1), (11, 0), (13, 0), (8, 1), (17, 0), (9, 0), (30, 0)),
        rejects=(
            "icmp-port-unreachable", "icmp-host-unreachable", "icmp-net-unreachable", "icmp-proto-unreachable", "icmp-net-prohibited",
            "icmp-host-prohibited", "icmp-admin-prohibited",
        ),
        address_types=(
            "--dst-type LOCAL", "--src-type LOCAL", "! --dst-type LOCAL", "! --src-type LOCAL", "--dst-type UNICAST",
            "--src-type UNICAST",
            "--dst-type LOCAL,BROADCAST", "--dst-type BROADCAST", "! --src-type LOCAL --dst-type LOCAL", "--dst-type MULTICAST,BROADCAST",
        ),
        whole="255.255.255.255",
        others=(*_RARE, "-m ttl --ttl-lt 64", "-m ttl --ttl-eq 64", "-m ttl ! --ttl-eq 63", "-f", "! -f"),
        set_types=(
            "hash:ip", "hash:net", "hash:ip,port", "hash:net,port", "hash:ip,port,ip", "bitmap:port", "hash:ip,port,net", "bitmap:ip",
            "hash:net,iface",
        ),
    ),
    6: World(
        6,
        Topology(
            {
                "eth0": {"addrs": ["fd00:1::1/64", "fd00:1::2/64", "fe80::1/64"]},
                "cni0": {"addrs": ["fd00:2:0:1::1/64", "fe80::2/64"]},
                "docker0": {"addrs": ["fd00:3::1/80"]},
                "cali123": {"addrs": []},
                "eth1": {"addrs": ["2001:db8:f::1/124"]},
            },
            [("fd00:2:0:2::/64", "cali123"), ("fd00:96::/108", "eth0"), ("default", "eth0")],
            ["fd00:96::99"],
        ),
        own=("fd00:1::1", "fd00:1::2", "fd00:2:0:1::1", "fd00:3::1", "2001:db8:f::1", "fd00:96::99"),
        networks=(
            "fd00:1::/64", "fd00:1::/121", "fd00:1::7/128", "fd00:1::1/128", "fd00:2::/48", "fd00:2:0:1::/64", "fd00:2:0:1::5/128",
            "fd00:2:0:2::7/128", "fd00:96::/108", "fd00:96::10/128", "fd00:96::99/128", "fd00:3::/80", "fd00:3::2/128", "2001:db8::8/128",
            "2001:db8::/45", "fe80::/64", "fe80::1/128", "2001:db8:f::1/128", "2001:db8:f::/124", "::/0", "2001:db8:64::/47",
            "2001:db8:64::77/128",
        ),
        elsewhere=("2606:4700::1", "2001:4860::8888", "fd99::1"),
        usual_source="fd00:1::7",
        dnat=(
            "fd00:2:0:1::5", "fd00:2:0:2::7", "fd00:2:0:1::9", "fd00:3::2", "fd00:1::9", "fd00:1::1", "::1", "2001:db8:64::77",
            "fd00:2:0:1::1",
        ),
        snat=("fd00:1::2", "2001:db8:f::1", "fd00:2:0:1::1", "2001:db8:2::99"),
        mapped=("fd00:2:0:1::/64", "fd00:2:0:2:10::/80", "fd00:1::1/128", "2001:db8:64::/47"),
        service="fd00:96::{}",
        pods=("fd00:2:0:1::{}", "fd00:2:0:2::{}"),
        cluster="fd00:2::/48",
        icmp="ipv6-icmp -m icmp6 {}--icmpv6-type {}",
        icmp_types=("128", "129", "1", "1/4", "1/0", "3", "128/0", "135", "2"),
        icmp_packets=((128, 0), (128, 0), (128, 0), (129, 0), (1, 4), (1, 0), (3, 0), (139, 0), (135, 0), (130, 0), (137, 0), (100, 0)),
        rejects=(
            "icmp6-port-unreachable", "icmp6-addr-unreachable", "icmp6-no-route", "icmp6-adm-prohibited", "icmp6-policy-fail",
            "icmp6-reject-route",
        ),
        address_types=(
            "--dst-type LOCAL", "--src-type LOCAL", "! --dst-type LOCAL", "! --src-type LOCAL", "--dst-type UNICAST",
            "--src-type UNICAST",
            "--dst-type LOCAL,ANYCAST", "--dst-type ANYCAST", "! --src-type LOCAL --dst-type LOCAL", "--dst-type LOCAL,UNICAST",
        ),
        whole="ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        others=(*_RARE, "-m hl --hl-lt 64", "-m hl --hl-eq 64", "-m hl ! --hl-eq 63"),
        set_types=(
            "hash:ip", "hash:net", "hash:ip,port", "hash:net,port", "hash:ip,port,ip", "bitmap:port", "hash:ip,port,net",
            "hash:net,iface",
        ),
    ),
}  # fmt: skip

PORTS = (22, 53, 80, 443, 8080, 30000, 30080, 32767, 6443, 10250, 1, 65535, 0)
MARKS = (
    (0x4000, 0x4000), (0x8000, 0x8000), (0, 0x4000), (1, 0xFFFFFFFF), (0, 0xFFFFFFFF), (0x10, 0xF0), (0x3, 0x3), (0xDEADBEEF, 0xFFFFFFFF),
    (0x80000000, 0x80000000),
)  # fmt: skip
PROTOCOLS = ("tcp",) * 6 + ("udp",) * 4 + ("icmp",) * 2 + ("sctp",)
RARE_PROTOCOLS = ("gre", "esp", "ospf", "132", "99")

__all__ = ["MARKS", "PORTS", "PROTOCOLS", "RARE_PROTOCOLS", "WORLDS", "World"]
