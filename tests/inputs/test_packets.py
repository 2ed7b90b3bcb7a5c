from __future__ import annotations

import json
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.errors import IptexplainError, UnreadableInputError
from iptexplain.inputs.packets import UnfitPacketError, make_packet, parse_packets
from iptexplain.model import names
from iptexplain.model.address import Address
from iptexplain.model.packet import CONNECTIONS, FLAGS, ICMP, ICMPV6, TCP, UDP, UNSAID, Packet, Place
from tests.inputs.sources import source

SRC, DST = Address.parse("10.244.1.5"), Address.parse("10.96.0.10")
SRC6, DST6 = Address.parse("fd00::5"), Address.parse("fd00:96::10")
ENDS = {"src": "10.244.1.5", "dst": "10.96.0.10"}
ENDS6 = {"src": "fd00::5", "dst": "fd00:96::10"}


def packet(**keys: object) -> Packet:
    """The packet of these keys, between the addresses of all tests if they say no others."""
    return make_packet({**ENDS, **keys})


def test_a_packet_of_which_only_the_addresses_are_said_has_the_usual_rest() -> None:
    expected = Packet(
        family=4,
        source=SRC,
        destination=DST,
        protocol=TCP,
        source_port=None,
        destination_port=None,
        input=UNSAID,
        mark=0,
        connection="new",
        flags=None,
        icmp_type=None,
        icmp_code=0,
        fragment=False,
        ttl=64,
        tos=0,
        length=None,
        connection_mark=0,
        translated_to=None,
        translated_from=None,
        bad_checksum=False,
        hardware_source=None,
        payload=None,
    )

    assert expected == packet()


def test_every_key_is_read() -> None:
    header = bytes(range(60))
    found = packet(
        proto="tcp",
        sport=40000,
        dport=80,
        iif="eth0",
        mark="0x4000",
        ct="established",
        flags="PA",
        frag=True,
        ttl=63,
        tos=16,
        length=60,
        ct_mark=7,
        ct_dnat="10.244.1.9:8080",
        ct_snat="192.168.0.1",
        bad_csum=True,
        src_mac="02:00:00:00:00:fF",
        payload=header.hex(),
    )
    expected = Packet(
        family=4,
        source=SRC,
        destination=DST,
        source_port=40000,
        destination_port=80,
        input="eth0",
        mark=0x4000,
        connection="established",
        flags=frozenset({"PSH", "ACK"}),
        fragment=True,
        ttl=63,
        tos=16,
        length=60,
        connection_mark=7,
        translated_to=Place(Address.parse("10.244.1.9"), 8080),
        translated_from=Place(Address.parse("192.168.0.1")),
        bad_checksum=True,
        hardware_source=0x0200000000FF,
        payload=header,
    )

    assert expected == found


def test_null_says_that_something_is_not_known() -> None:
    unknown = dict.fromkeys(("sport", "dport", "flags", "icmp_type", "length", "ct_dnat", "ct_snat", "src_mac", "payload"))

    assert packet() == packet(**unknown)


def test_a_packet_of_the_node_itself_has_no_input_interface() -> None:
    assert packet(iif=None).input is None


@pytest.mark.parametrize(
    ("protocol", "number"),
    [
        *(("tcp", 6), ("UDP", 17), ("icmp", 1), ("sctp", 132), ("gre", 47), ("esp", 50), ("ah", 51), ("dccp", 33), ("udplite", 136)),
        *(("icmpv6", 58), ("ipv6-icmp", 58), ("ipip", 94), ("6", 6), ("0", 0), ("253", 253), (0, 0), (47, 47), (255, 255)),
    ],
)
def test_a_protocol_is_read_by_name_and_by_number(protocol: str | int, number: int) -> None:
    assert number == packet(proto=protocol).protocol


@pytest.mark.parametrize("number", range(1, 256))
def test_every_name_that_a_protocol_has_is_read(number: int) -> None:
    assert number == packet(proto=names.protocol(str(number))).protocol


def test_icmp_between_ipv6_addresses_is_icmpv6_and_asks_for_an_echo() -> None:
    found = [make_packet({**ends, "proto": "icmp"}) for ends in (ENDS, ENDS6)]

    assert [(one.family, one.protocol, one.icmp_type, one.icmp_code) for one in found] == [(4, ICMP, 8, 0), (6, ICMPV6, 128, 0)]


def test_an_icmp_message_has_an_id_and_no_port() -> None:
    found = packet(proto="icmp", icmp_type=3, icmp_code=1, sport=77, dport=80, flags="S")

    assert (found.icmp_type, found.icmp_code, found.source_port, found.destination_port, found.flags) == (3, 1, 77, None, None)


def test_what_a_protocol_does_not_have_is_not_looked_at() -> None:
    assert packet(proto="gre") == packet(proto="gre", sport=1, dport=2, flags="S", icmp_type=3, icmp_code=4)
    assert packet(proto="udp", sport=1, dport=2) == packet(proto="udp", sport=1, dport=2, flags="S", icmp_type=3, icmp_code=4)


@pytest.mark.parametrize(("letters", "flags"), [("", ()), ("S", ("SYN",)), ("FSRPAUEC", tuple(FLAGS.values())), ("SS", ("SYN",))])
def test_flags_are_letters(letters: str, flags: tuple[str, ...]) -> None:
    assert frozenset(flags) == packet(flags=letters).flags


def test_the_length_is_that_of_the_payload() -> None:
    assert packet(payload="45" * 84).length == 84


def test_places_of_ipv6_stand_in_brackets_before_a_port() -> None:
    found = make_packet({**ENDS6, "ct_dnat": "[fd00::9]:80", "ct_snat": "fd00::1"})

    assert (found.translated_to, found.translated_from) == (Place(Address.parse("fd00::9"), 80), Place(Address.parse("fd00::1")))


UNFIT: list[tuple[object, str]] = [
    ([], "$: expected one JSON object in a line, such as {"),
    (None, "$: expected one JSON object in a line"),
    ({}, "src: expected an address such as 10.244.1.5, found: null"),
    ({"src": "10.0.0.1"}, "dst: expected an address such as 10.244.1.5, found: null"),
    ({**ENDS, "src": "here"}, 'src: expected an address such as 10.244.1.5, found: "here"'),
    ({**ENDS, "src": 5}, "src: expected an address"),
    ({**ENDS, "src": "10.0.0.1/24"}, "src: expected an address"),
    ({**ENDS, "dst": "fd00::1"}, 'dst: expected an address of the same family as `src`, found: "fd00::1"'),
    (
        {**ENDS, "port": 80},
        "port: expected one of the keys proto, src, dst, sport, dport, iif, mark, ct, flags, icmp_type, icmp_code, frag, ttl, ",
    ),
    ({**ENDS, "proto": "all"}, 'proto: expected a protocol, by its name or its number from 0 to 255, found: "all"'),
    ({**ENDS, "proto": "tpc"}, "proto: expected a protocol"),
    ({**ENDS, "proto": 256}, "proto: expected a protocol"),
    ({**ENDS, "proto": None}, "proto: expected a protocol"),
    ({**ENDS, "sport": 65536}, "sport: expected a port, a number from 0 to 65535, found: 65536"),
    ({**ENDS, "sport": -1}, "sport: expected a port"),
    ({**ENDS, "dport": "80"}, 'dport: expected a port, a number from 0 to 65535, found: "80"'),
    ({**ENDS, "dport": True}, "dport: expected a port"),
    ({**ENDS, "dport": 80.0}, "dport: expected a port"),
    ({**ENDS, "iif": ""}, "iif: expected the name of an interface, or null for a packet that the node itself sends"),
    ({**ENDS, "iif": 1}, "iif: expected the name"),
    ({**ENDS, "mark": 1 << 32}, 'mark: expected a mark of 32 bits, as a number or as "0x4000", found: 4294967296'),
    ({**ENDS, "mark": "0x"}, "mark: expected a mark"),
    ({**ENDS, "mark": None}, "mark: expected a mark"),
    ({**ENDS, "ct_mark": "-1"}, "ct_mark: expected a mark"),
    ({**ENDS, "ct": "NEW"}, "ct: expected one of new, established, reply, related, invalid, untracked"),
    ({**ENDS, "ct": ["new"]}, "ct: expected one of"),
    ({**ENDS, "flags": "SX"}, 'flags: expected letters of FSRPAUEC, found: "SX"'),
    ({**ENDS, "flags": ["S"]}, "flags: expected letters"),
    ({**ENDS, "icmp_type": 256}, "icmp_type: expected a number from 0 to 255"),
    ({**ENDS, "icmp_code": None}, "icmp_code: expected a number from 0 to 255"),
    ({**ENDS, "frag": 1}, "frag: expected true or false, found: 1"),
    ({**ENDS, "bad_csum": "no"}, "bad_csum: expected true or false"),
    ({**ENDS, "ttl": 256}, "ttl: expected a number from 0 to 255"),
    ({**ENDS, "tos": "0x10"}, "tos: expected a number from 0 to 255"),
    ({**ENDS, "length": 19}, "length: expected the length of the whole packet in bytes, from 20 to 65575, found: 19"),
    ({**ENDS, "length": 21, "payload": "45" * 20}, "length: expected the length of `payload`, 20, found: 21"),
    ({**ENDS, "ct_dnat": "10.0.0.1:x"}, 'ct_dnat: expected an address and perhaps a port, such as "10.0.0.1:80" or "[2001:db8::1]:80"'),
    ({**ENDS, "ct_dnat": 1}, "ct_dnat: expected an address"),
    ({**ENDS, "ct_snat": "[fd00::1]:80"}, 'ct_snat: expected an address of the same family as `src`, found: "[fd00::1]:80"'),
    ({**ENDS, "src_mac": "02:00"}, "src_mac: expected a hardware address such as 02:00:00:00:00:01"),
    ({**ENDS, "payload": "45"}, "payload: expected the whole packet from its IP header on, in hexadecimal digits"),
    ({**ENDS, "payload": "4g" * 20}, "payload: expected the whole packet"),
]


@pytest.mark.parametrize(("value", "expected"), UNFIT)
def test_a_packet_that_cannot_be_is_refused_with_its_key(value: object, expected: str) -> None:
    with pytest.raises(UnfitPacketError) as error:
        make_packet(value)

    assert str(error.value).startswith(expected)
    assert expected.startswith(f"{error.value.key}: ")
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(("value", "expected"), UNFIT)
def test_a_line_that_is_no_packet_is_told_with_its_place(value: object, expected: str) -> None:
    packets = parse_packets(source(json.dumps(ENDS), "", json.dumps(value)))

    assert next(packets) == packet()
    with pytest.raises(UnreadableInputError) as error:
        next(packets)
    assert str(error.value).startswith(f"input:3: {expected}")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{", "input:2:2: broken JSON: Expecting property name"),
        ('{"src": "10.0.0.1"} {}', "input:2:21: broken JSON: Extra data"),
        ("10.0.0.1 10.0.0.2", "input:2:5: broken JSON: Extra data"),
        ('{"src": "10.0.0.1", "src": "10.0.0.2"}', 'input:2: "src" stands twice in one object'),
        ("[" * 100_000, "input:2: JSON that nobody writes"),
        ('{"mark": ' + "1" * 5000 + "}", "input:2: JSON that nobody writes"),
        ('{"mark": NaN}', "input:2: mark: expected a mark"),
        ('{"src": "\\ud800"}', "input:2: src: expected an address"),
    ],
)
def test_a_line_that_is_no_json_is_told_with_its_place(line: str, expected: str) -> None:
    with pytest.raises(UnreadableInputError) as error:
        list(parse_packets(source(json.dumps(ENDS), line)))

    assert str(error.value).startswith(expected)
    assert len(str(error.value)) < 400


def test_packets_come_in_their_order_without_empty_lines() -> None:
    found = parse_packets(source("", json.dumps({**ENDS, "dport": 1}), "  ", json.dumps({**ENDS, "dport": 2})))

    assert [one.destination_port for one in found] == [1, 2]


def test_packets_are_read_when_they_are_asked_for() -> None:
    found = parse_packets(source(json.dumps(ENDS), "no packet"))

    assert list(islice(found, 1)) == [packet()]


def test_a_text_without_lines_has_no_packets() -> None:
    assert list(parse_packets(source(""))) == []


PORTS = st.none() | st.integers(0, 0xFFFF)
BYTES = st.integers(0, 0xFF)
MARKS = st.integers(0, 0xFFFFFFFF)


def _addresses(family: int) -> st.SearchStrategy[Address]:
    return st.builds(Address, st.just(family), st.integers(0, 2 ** (32 if family == 4 else 128) - 1))


def _packets(family: int) -> st.SearchStrategy[Packet]:
    places = st.none() | st.builds(Place, _addresses(family), PORTS)
    return st.builds(
        Packet,
        family=st.just(family),
        source=_addresses(family),
        destination=_addresses(family),
        protocol=st.sampled_from([TCP, UDP]),
        source_port=PORTS,
        destination_port=PORTS,
        input=st.none() | st.just(UNSAID) | st.text(min_size=1, max_size=15),
        mark=MARKS,
        connection=st.sampled_from(CONNECTIONS),
        fragment=st.booleans(),
        ttl=BYTES,
        tos=BYTES,
        length=st.none() | st.integers(20, 65575),
        connection_mark=MARKS,
        translated_to=places,
        translated_from=places,
        bad_checksum=st.booleans(),
        hardware_source=st.none() | st.integers(0, 2**48 - 1),
    )


def _written(place: Place | None) -> str | None:
    if place is None or place.port is None:
        return None if place is None else str(place.address)
    return f"[{place.address}]:{place.port}" if place.address.family == 6 else f"{place.address}:{place.port}"


@given(st.sampled_from([4, 6]).flatmap(_packets))
def test_a_packet_that_was_written_is_read_the_same(one: Packet) -> None:
    keys = {
        "proto": one.protocol,
        "src": str(one.source),
        "dst": str(one.destination),
        "sport": one.source_port,
        "dport": one.destination_port,
        "mark": hex(one.mark),
        "ct": one.connection,
        "frag": one.fragment,
        "ttl": one.ttl,
        "tos": one.tos,
        "length": one.length,
        "ct_mark": one.connection_mark,
        "ct_dnat": _written(one.translated_to),
        "ct_snat": _written(one.translated_from),
        "bad_csum": one.bad_checksum,
        "src_mac": None if one.hardware_source is None else one.hardware_source.to_bytes(6).hex(":"),
        **({} if one.input == UNSAID else {"iif": one.input}),
    }

    assert [one] == list(parse_packets(source(json.dumps(keys))))


@given(st.data())
def test_a_damaged_line_is_read_or_refused(data: st.DataObject) -> None:
    whole = json.dumps({**ENDS, "proto": "udp", "sport": 7, "ct_dnat": "10.0.0.1:80", "mark": "0x1", "frag": False, "iif": None})
    at = data.draw(st.integers(0, len(whole)))
    damage = data.draw(st.text(alphabet=st.sampled_from('a1: /."{}[],\x00\udcff'), max_size=3))
    text = whole[:at] + damage + whole[at + data.draw(st.integers(0, 20)) :]
    try:
        found = list(parse_packets(source(text)))
    except IptexplainError:
        return
    assert all(one.family == one.source.family == one.destination.family for one in found)
