from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from iptexplain.anonymize.beside import packets
from iptexplain.anonymize.needs import Needs
from iptexplain.inputs.packets import parse_packets
from iptexplain.model.packet import UNSAID
from tests.anonymize.beside.again import address, again
from tests.inputs.sources import source

if TYPE_CHECKING:
    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.model.packet import Packet, Place

PACKETS: list[dict[str, Any]] = [
    {"src": "10.244.1.5", "dst": "10.96.0.10", "dport": 53, "proto": "udp", "iif": "acme0", "src_mac": "02:00:00:00:00:01"},
    {"src": "10.244.1.5", "dst": "10.96.0.10", "iif": None, "mark": "0x4000", "flags": "SA", "ct": "established", "ct_mark": 3},
    {"src": "192.0.2.1", "dst": "192.0.2.2", "ct": "reply", "ct_dnat": "10.244.1.9:http", "ct_snat": "10.244.1.1", "sport": None},
    {
        "src": "fd00::1",
        "dst": "fd00::2",
        "proto": "icmp",
        "icmp_type": 128,
        "ct": "established",
        "ct_dnat": "[fd00::3]:80",
        "ct_snat": "fd00::4",
    },
    {"src": "10.0.0.1", "dst": "10.0.0.2", "payload": "450000140000000040110000" + "0a0000010a000002", "ttl": 3, "frag": True},
]


def renamed(packet: Packet, to: Disguise) -> Packet:
    """The packet as it should be read again."""

    def moved(place: Place | None) -> Place | None:
        return None if place is None else place._replace(address=address(place.address, to))

    hardware = None if packet.hardware_source is None else int(to.hardware("02:00:00:00:00:01").replace(":", ""), 16)
    return packet._replace(
        source=address(packet.source, to),
        destination=address(packet.destination, to),
        input=packet.input if packet.input in {None, UNSAID} else to.interface(str(packet.input)),
        translated_to=moved(packet.translated_to),
        translated_from=moved(packet.translated_from),
        hardware_source=hardware,
        payload=None,
    )


def test_packets_are_read_again_as_the_same_and_their_bytes_are_left_out() -> None:
    given = source(*map(json.dumps, PACKETS))
    to, other = again("packets", given)

    assert [renamed(packet, to) for packet in parse_packets(given)] == list(parse_packets(other))
    assert "acme" not in other.text
    assert "payload" not in other.text
    assert json.loads(other.text.split("\n")[4])["length"] == 20


def test_packets_stay_in_their_lines() -> None:
    _, other = again("packets", source("# from acme to", json.dumps(PACKETS[0]), "", json.dumps(PACKETS[1])))

    assert [bool(line) for line in other.text.rstrip("\n").split("\n")] == [False, True, False, True]


def test_interfaces_are_gathered() -> None:
    needs = Needs()
    packets.gather(source(*map(json.dumps, PACKETS[:2])), needs)

    assert {"acme0"} == needs.interfaces
