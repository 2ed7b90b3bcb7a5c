"""Packets that were traced through dumps, for tests of the views."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from iptexplain.analysis.trace.tracer import Tracer
from iptexplain.analysis.trace.whose import Whose
from iptexplain.api import load, load_node
from iptexplain.inputs.packets import make_packet
from iptexplain.render import trace_text
from iptexplain.render.style import Style
from iptexplain.render.trace_json import Documents
from tests.checkout import ROOT
from tests.command import services_in

if TYPE_CHECKING:
    from iptexplain.analysis.trace.fate import Trace
    from iptexplain.model.node import Node
    from iptexplain.model.packet import Packet
    from iptexplain.model.ruleset import Dump

Json = dict[str, Any]

NODE = {
    "interfaces": {"eth0": {"addrs": ["10.0.0.11/24", "fd00:10::11/64"]}, "cni0": {"addrs": ["10.244.1.1/24", "fd00:10:244:1::1/64"]}},
    "routes": [["default", "eth0", "10.0.0.1"], ["192.168.0.0/16", "cni0"]],
}
"""The node of the samples (samples/README.md), and a bridge for its Pods."""

SENDERS = {
    "pod": {"src": "10.244.1.7", "sport": 40000, "iif": "cni0"},
    "another pod": {"src": "192.168.1.7", "sport": 40000, "iif": "cni0"},
    "node": {"src": "10.0.0.11", "sport": 40000, "iif": None},
    "outside": {"src": "198.18.0.9", "sport": 40000, "iif": "eth0"},
}
SENDERS_6 = {
    "pod": {"src": "fd00:10:244:1::7", "sport": 40000, "iif": "cni0"},
    "node": {"src": "fd00:10::11", "sport": 40000, "iif": None},
    "outside": {"src": "2001:db8::9", "sport": 40000, "iif": "eth0"},
}


@cache
def dump(name: str) -> Dump:
    """The first dump of a file of this checkout."""
    return load(ROOT / name, name=name).dumps[0]


def node() -> Node:
    """The node of the samples."""
    return load_node(json.dumps(NODE).encode())


@cache
def tracer(name: str, *, on_node: bool = True) -> Tracer:
    """What traces packets through a file, on the node of the samples or on one that nobody knows."""
    return Tracer(dump(name), node() if on_node else None)


@cache
def packets(name: str) -> tuple[Packet, ...]:
    """Packets from all senders to all places where the Services of a file listen."""
    six = dump(name).family == "ipv6"
    found = []
    for port in services_in(name)["service_ports"]:
        for routes in port["routes"].values():
            for route in routes:
                to = {
                    "dst": route["dst"] or ("fd00:10::11" if six else "10.0.0.11"),
                    "dport": route["dport"],
                    "proto": port["protocol"].lower(),
                }
                found += [make_packet(sender | to) for sender in (SENDERS_6 if six else SENDERS).values()]
    return tuple(found)


def traces(name: str, *, on_node: bool = True) -> list[Trace]:
    """These packets traced."""
    return [tracer(name, on_node=on_node).trace(packet) for packet in packets(name)]


def through(rules: str, packet: Json, known: Json | None = None) -> tuple[Dump, Trace]:
    """A packet, in the keys of a line of --packets, traced through the text of a dump on a node (`--node`)."""
    found = load(rules.encode("utf-8", "surrogateescape")).dumps[0]
    on = None if known is None else load_node(json.dumps(known).encode())
    return found, Tracer(found, on).trace(make_packet(packet))


def document(found: Dump, trace: Trace) -> Json:
    """The JSON document of a packet."""
    made: Json = json.loads(Documents("-", found, trace.packet.family).line(trace))
    return made


PLAIN = trace_text.How(80, Style())


def told(found: Dump, trace: Trace, how: trace_text.How = PLAIN) -> list[str]:
    """The story of a packet."""
    return list(trace_text.lines(trace, Whose(found), how))
