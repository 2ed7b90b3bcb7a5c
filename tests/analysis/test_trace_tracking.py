"""What connection tracking makes of packets: tables of what `first_look` says, and what rules see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iptexplain.analysis.trace.scene import Ground, Scene
from iptexplain.analysis.trace.state import Moving
from iptexplain.analysis.trace.tracking import UNSEEN, first_look
from iptexplain.inputs.packets import make_packet
from iptexplain.model.packet import FLAGS, Connection, Ends
from tests.analysis.traced import NODE, NODE_6, PACKET, PACKET_6, held, known, marks, one, rules, trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iptexplain.model.packet import Packet

ON, ON_6 = known(NODE), known(NODE_6)
assert ON is not None
assert ON_6 is not None


def looked_at(family: int = 4, **said: Any) -> Connection:  # noqa: ANN401 - the values of JSON
    packet = make_packet((PACKET if family == 4 else PACKET_6) | said)
    return first_look(arriving(packet))


def arriving(packet: Packet) -> Moving:
    on = ON if packet.family == 4 else ON_6
    assert on is not None
    where = Scene(Ground(on), packet, "nft")
    return Moving(
        scene=where,
        hook="PREROUTING",
        source=packet.source,
        source_port=packet.source_port,
        destination=packet.destination,
        port=packet.destination_port,
        input=packet.input or "",
        output="",
        mark=0,
        ttl=64,
        tos=0,
        length=100,
        connection=UNSEEN,
    )


# ---- the first packet of TCP -------------------------------------------------------------------------------------------

NEW, INVALID = "NEW", "INVALID"


@pytest.mark.parametrize("more", ["", "E", "C", "EC", "P", "EPC"])
@pytest.mark.parametrize(
    ("flags", "state"),
    [
        ("S", NEW),
        ("SU", NEW),
        ("A", NEW),
        ("AU", NEW),
        ("SA", INVALID),
        ("R", INVALID),
        ("RA", INVALID),
        ("FA", INVALID),
        ("FAU", INVALID),
        ("", INVALID),
        ("F", INVALID),
        ("U", INVALID),
        ("SF", INVALID),
        ("SR", INVALID),
        ("FU", INVALID),
        ("SAU", INVALID),
        ("RU", INVALID),
        ("SFRAU", INVALID),
    ],
)
def test_the_first_packet_of_tcp_by_its_flags(flags: str, state: str, more: str) -> None:
    """Neither ECE, CWR nor PSH makes a difference."""
    assert looked_at(flags=flags + more).state == state


@pytest.mark.parametrize("flags", ["SF", "", "F", "SR", "U"])
def test_impossible_flags_are_invalid_in_a_known_connection_too(flags: str) -> None:
    assert looked_at(flags=flags, ct="established") == UNSEEN


@pytest.mark.parametrize("flags", ["A", "R", "RA", "FA", "SA", "S"])
def test_possible_flags_are_not(flags: str) -> None:
    assert looked_at(flags=flags, ct="established").state == "ESTABLISHED"


def test_the_usual_flags_are_those_of_the_first_packet_and_of_later_ones() -> None:
    assert held("filter", "FORWARD", "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", ON)
    assert held("filter", "FORWARD", "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK ACK", ON, ct="established")
    assert not held("filter", "FORWARD", "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", ON, ct="established")


def test_every_letter_of_flags_has_its_name() -> None:
    assert set(FLAGS) == set("FSRPAUEC")


# ---- other protocols ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("proto", ["udp", "sctp", "dccp", "gre", "esp", "ospf", 99])
def test_every_other_protocol_may_begin_a_flow(proto: str | int) -> None:
    assert looked_at(proto=proto).state == NEW


REQUESTS = {4: {8, 13, 15, 17}, 6: {128, 139}}
NEIGHBOURS = {130, 131, 132, 133, 134, 135, 136, 143, 151, 152}


def of_icmp(family: int, state: str) -> set[int]:
    return {kind for kind in range(256) if looked_at(family, proto="icmp", icmp_type=kind).state == state}


def test_the_first_message_of_icmp_by_its_type() -> None:
    others = set(range(256))

    assert (of_icmp(4, NEW), of_icmp(4, "UNTRACKED"), of_icmp(4, INVALID)) == (REQUESTS[4], set(), others - REQUESTS[4])
    assert (of_icmp(6, NEW), of_icmp(6, "UNTRACKED"), of_icmp(6, INVALID)) == (REQUESTS[6], NEIGHBOURS, others - REQUESTS[6] - NEIGHBOURS)


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize(
    ("proto", "incoming", "own"),
    [("tcp", INVALID, NEW), ("udp", INVALID, NEW), ("icmp", INVALID, NEW), ("sctp", INVALID, NEW), ("gre", NEW, NEW), ("dccp", NEW, NEW)],
)
def test_a_wrong_checksum_is_seen_of_what_comes_in(proto: str, incoming: str, own: str, family: int) -> None:
    assert looked_at(family, proto=proto, bad_csum=True).state == incoming
    assert looked_at(family, proto=proto, bad_csum=True, iif=None).state == own


def test_udplite_is_only_tracked_where_the_node_sends_it() -> None:
    assert looked_at(proto="udplite") == UNSEEN
    assert looked_at(proto="udplite", iif=None).state == NEW


# ---- what is known of a connection -------------------------------------------------------------------------------------

Said = tuple[str, int, str, int]


def ends(found: Ends | None) -> Said | None:
    return None if found is None else (str(found.source), found.source_port or 0, str(found.destination), found.destination_port or 0)


US, THEM = ("192.0.2.10", 40000), ("198.51.100.77", 80)
POD, NODE_PORT = ("10.244.2.7", 8080), ("192.168.0.1", 50000)


@pytest.mark.parametrize(
    ("said", "original", "reply", "bits"),
    [
        ({"ct": "new"}, (*US, *THEM), (*THEM, *US), ""),
        ({"ct": "established"}, (*US, *THEM), (*THEM, *US), ""),
        ({"ct": "reply"}, (*THEM, *US), (*US, *THEM), ""),
        ({"ct": "established", "ct_dnat": "10.244.2.7:8080"}, (*US, *THEM), (*POD, *US), "d"),
        ({"ct": "established", "ct_dnat": "10.244.2.7"}, (*US, *THEM), ("10.244.2.7", 80, *US), "d"),
        ({"ct": "established", "ct_snat": "192.168.0.1:50000"}, (*US, *THEM), (*THEM, *NODE_PORT), "s"),
        ({"ct": "established", "ct_dnat": "10.244.2.7:8080", "ct_snat": "192.168.0.1:50000"}, (*US, *THEM), (*POD, *NODE_PORT), "ds"),
        ({"ct": "established", "ct_dnat": "198.51.100.77:81"}, (*US, *THEM), ("198.51.100.77", 81, *US), "d"),
    ],
)
def test_the_ends_of_a_connection(said: Mapping[str, Any], original: Said, reply: Said, bits: str) -> None:
    found = looked_at(**said)

    assert (ends(found.original), ends(found.reply)) == (original, reply)
    assert (found.translated_destination, found.translated_source) == ("d" in bits, "s" in bits)
    assert (found.tracked, found.protocol) == (True, 6)


def test_a_reply_has_before_the_translation_what_was_said() -> None:
    """It comes from the server to the node; the client asked the Service."""
    found = looked_at(
        ct="reply", src="10.244.2.7", sport=8080, dst="192.168.0.1", dport=50000, ct_dnat="10.96.0.10:80", ct_snat="10.244.1.9:40000"
    )

    assert ends(found.original) == ("10.244.1.9", 40000, "10.96.0.10", 80)
    assert ends(found.reply) == ("10.244.2.7", 8080, "192.168.0.1", 50000)
    assert found.replying


def test_a_reply_is_translated_back_the_destination_first_and_the_source_last() -> None:
    packet = {"ct": "reply", "src": "10.244.2.7", "sport": 8080, "dst": "192.168.0.1", "dport": 50000, "iif": "veth1"}
    packet |= {"ct_dnat": "10.96.0.10:80", "ct_snat": "10.244.1.9:40000"}
    forward = ["-s 10.244.2.7/32", "-d 10.244.1.9/32", "-p tcp -m tcp --sport 8080", "-p tcp -m tcp --dport 40000"]

    assert (
        one(rules(**marks("filter", "FORWARD", forward)), ON, **packet)
        == "forwarded cni0 10.96.0.10,80 10.244.1.9,40000 mark=0xf dnat snat"
    )


@pytest.mark.parametrize(
    ("said", "state", "replying", "confirmed"),
    [
        ({"ct": "new"}, "NEW", False, False),
        ({"ct": "established"}, "ESTABLISHED", False, True),
        ({"ct": "reply"}, "ESTABLISHED", True, True),
        ({"ct": "related"}, "RELATED", True, True),
        ({"ct": "established", "proto": "udp"}, "ESTABLISHED", False, True),
    ],
)
def test_the_state_the_direction_and_the_status(said: Mapping[str, Any], state: str, replying: bool, confirmed: bool) -> None:  # noqa: FBT001 - parametrised
    found = looked_at(**said)

    assert (found.state, found.replying) == (state, replying)
    assert found.status == (frozenset({"SEEN_REPLY", "ASSURED", "CONFIRMED"}) if confirmed else frozenset())


@pytest.mark.parametrize(("ct", "state"), [("invalid", "INVALID"), ("untracked", "UNTRACKED")])
def test_what_is_said_to_be_without_a_connection_has_none(ct: str, state: str) -> None:
    assert looked_at(ct=ct, ct_mark=7) == Connection(state, tracked=False)


def test_neighbour_discovery_has_no_entry() -> None:
    assert looked_at(6, proto="icmp", icmp_type=135) == Connection("UNTRACKED", tracked=False)


@pytest.mark.parametrize(
    ("kind", "ct", "state"),
    [(8, "established", "ESTABLISHED"), (0, "reply", "ESTABLISHED"), (0, "established", INVALID), (8, "reply", INVALID)],
)
def test_a_question_of_icmp_is_no_answer(kind: int, ct: str, state: str) -> None:
    assert looked_at(proto="icmp", icmp_type=kind, ct=ct).state == state


@pytest.mark.parametrize(("family", "question", "answer"), [(4, 8, 0), (4, 13, 14), (4, 15, 16), (4, 17, 18), (6, 128, 129), (6, 139, 140)])
def test_the_ports_of_icmp_are_its_id_and_its_type(family: int, question: int, answer: int) -> None:
    first = looked_at(family, proto="icmp", icmp_type=question)
    later = looked_at(family, proto="icmp", icmp_type=answer, ct="reply")
    assert first.original is not None
    assert first.reply is not None
    assert later.original is not None

    assert (first.original.source_port, first.original.destination_port) == (40000, question << 8)
    assert (first.reply.source_port, first.reply.destination_port) == (40000, answer << 8)
    assert (later.original.source_port, later.original.destination_port) == (40000, question << 8)


def test_what_has_no_ports_has_them_as_zero() -> None:
    found = looked_at(proto="gre")

    assert ends(found.original) == ("192.0.2.10", 0, "198.51.100.77", 0)


# ---- what rules see ----------------------------------------------------------------------------------------------------

STATES = ("INVALID", "NEW", "ESTABLISHED", "RELATED", "UNTRACKED")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, "NEW"),
        ({"ct": "established"}, "ESTABLISHED"),
        ({"ct": "reply"}, "ESTABLISHED"),
        ({"ct": "related"}, "RELATED"),
        ({"ct": "invalid"}, "INVALID"),
        ({"ct": "untracked"}, "UNTRACKED"),
        ({"flags": "R"}, "INVALID"),
    ],
)
@pytest.mark.parametrize("match", ["conntrack --ctstate", "state --state"])
def test_every_state_is_what_it_is_and_nothing_else(said: Mapping[str, Any], state: str, match: str) -> None:
    found = [name for name in STATES if held("filter", "FORWARD", f"-m {match} {name}", ON, **said)]
    negated = [name for name in STATES if not held("filter", "FORWARD", f"-m {match} {name}".replace("--", "! --"), ON, **said)]

    assert found == negated == [state]


@pytest.mark.parametrize("said", [{}, {"ct": "established"}, {"ct": "related"}, {"ct": "invalid"}, {"flags": "R"}])
def test_before_connection_tracking_everything_is_invalid(said: Mapping[str, Any]) -> None:
    assert [name for name in STATES if held("raw", "PREROUTING", f"-m conntrack --ctstate {name}", ON, **said)] == ["INVALID"]


def test_notrack_makes_untracked_and_keeps_nat_away() -> None:
    found = rules(
        raw=["-A PREROUTING -p tcp -j CT --notrack"],
        nat=["-A PREROUTING -j DNAT --to-destination 10.244.2.7"],
        **marks("filter", "FORWARD", ["-m conntrack --ctstate UNTRACKED", "-m conntrack --ctstate NEW"]),
    )

    assert one(found, ON) == "forwarded eth0 192.0.2.10,40000 198.51.100.77,80 mark=0x1"
    assert one(found, ON, proto="udp") == "forwarded veth1 192.0.2.10,40000 10.244.2.7,80 mark=0x2 dnat"


def test_what_is_tracked_by_another_rule_first_stays_tracked() -> None:
    found = rules(
        raw=["-A PREROUTING -j CT --helper ftp", "-A PREROUTING -j CT --notrack"],
        **marks("filter", "FORWARD", ["-m conntrack --ctstate UNTRACKED", "-m conntrack --ctstate NEW"]),
    )

    assert {fate.mark for fate in trace(found, ON).fates} == {2}


@pytest.mark.parametrize(
    ("rule", "mark", "ct_mark", "expected"),
    [
        ("CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff", 0x1, 0xF0, 0xF0),
        ("CONNMARK --restore-mark --nfmask 0xff --ctmask 0xf", 0x1FF, 0x35, 0x105),
        ("CONNMARK --restore-mark --nfmask 0x0 --ctmask 0xf", 0x6, 0x3, 0x5),
    ],
)
def test_marks_come_from_the_connection(rule: str, mark: int, ct_mark: int, expected: int) -> None:
    (fate,) = trace(rules(mangle=[f"-A FORWARD -j {rule}"]), ON, ct="established", mark=mark, ct_mark=ct_mark).fates

    assert fate.mark == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff", 0x15),
        ("CONNMARK --save-mark --nfmask 0x5 --ctmask 0xff", 0x205),
        ("CONNMARK --set-xmark 0x4/0xf", 0x234),
        ("CONNMARK --set-xmark 0x4/0x0", 0x237),
    ],
)
def test_marks_go_to_the_connection(rule: str, expected: int) -> None:
    found = rules(mangle=[f"-A FORWARD -j {rule}", f"-A FORWARD -m connmark --mark {expected:#x} -j DROP"])
    (fate,) = trace(found, ON, ct="established", mark=0x15, ct_mark=0x233).fates

    assert fate.outcome == "dropped"


def test_without_a_connection_nothing_is_marked_and_nothing_restored() -> None:
    lines = ["-A FORWARD -j CONNMARK --set-xmark 0x5/0xffffffff", "-A FORWARD -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff"]
    found = rules(mangle=[*lines, "-A FORWARD -m connmark --mark 0x5 -j DROP", "-A FORWARD -m connmark ! --mark 0x5 -j DROP"])

    assert one(found, ON, ct="invalid", mark=0x9) == "forwarded eth0 192.0.2.10,40000 198.51.100.77,80 mark=0x9"


def test_a_related_error_is_an_icmp_message_of_its_own() -> None:
    conditions = ["-p icmp -m icmp --icmp-type 3/3", "-p tcp", "-m conntrack --ctorigdst 192.0.2.10", "-m conntrack --ctproto 6"]

    assert (
        one(rules(**marks("filter", "FORWARD", conditions)), ON, ct="related") == "forwarded eth0 192.0.2.10,0 198.51.100.77,None mark=0xd"
    )
