"""What each match makes of a packet: a value of the field that it looks at, and whether the packet then matches.

The answers for IPv4 were measured on Linux 6.18 (iptables 1.8.9, nft and legacy), but for those about dccp, about times other than that
of the measurement, and about what is not known; the others follow from the kernel files that the modules name.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from iptexplain.model.address import Address
from iptexplain.model.matching import Field, Remember
from iptexplain.model.packet import Connection, Ends
from iptexplain.model.values import Words
from tests.extensions.test_extensions import MATCHES, typed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.extensions.test_extensions import Row

Rows = list[tuple[str, dict[Any, bool | None]]]
"""Options of a match, and for each value whether it matches, None if that cannot be told."""


def met(said: str, value: object) -> bool | None:
    """Does a match with one constraint hold for a value; that the packet has a header of Ethernet is another matter."""
    (constraint,) = [one for one in typed(said).constraints() if one.field is not Field.ETHERNET]
    found = constraint.wanted.holds(value)
    assert found in {True, False, None}
    return None if found is None else found is not constraint.negated


def cases(rows: Rows) -> Iterable[Any]:
    """One case a value."""
    return [pytest.param(said, value, expected, id=f"{said} {value}") for said, values in rows for value, expected in values.items()]


def address(text: str) -> Address:
    return Address.parse(text)


NUMBERS: Rows = [
    ("-m multiport --dports 25,110,6000:6063", {25: True, 26: False, 110: True, 5999: False, 6000: True, 6063: True, 6064: False}),
    ("-m multiport ! --sports 123", {123: False, 124: True}),
    ("-m multiport --ports 5060,5061", {5060: True, 5062: False}),
    ("-m dccp --dport 5:7", {4: False, 5: True, 7: True, 8: False}),
    ("-m dccp ! --sport 5", {5: False, 6: True}),
    ("-m ttl --ttl-eq 64", {63: False, 64: True, 65: False}),
    ("-m ttl ! --ttl-eq 64", {63: True, 64: False}),
    ("-m ttl --ttl-lt 2", {0: True, 1: True, 2: False}),
    ("-m ttl --ttl-lt 0", {0: False, 255: False}),
    ("-m ttl --ttl-gt 64", {64: False, 65: True, 255: True}),
    ("-m ttl --ttl-gt 255", {0: False, 255: False}),
    ("-m hl --hl-eq 64", {64: True, 65: False}),
    ("-m hl --hl-lt 2", {1: True, 2: False}),
    ("-m hl --hl-gt 254", {254: False, 255: True}),
    ("-m length --length 576", {575: False, 576: True}),
    ("-m length ! --length 0:60", {0: False, 60: False, 61: True}),
    ("-m length --length 80:40", {40: False, 60: False, 80: False}),
    ("-m length ! --length 80:40", {40: True, 60: True, 80: True}),
    ("-m tos --tos 0x10/0x3f", {0x10: True, 0xD0: True, 0x11: False}),
    ("-m tos ! --tos 0xb8", {0xB8: False, 0xB9: True}),
    ("-m tos --tos 0x6/0x0", {0: False, 6: False}),
    ("-m tos --tos 0x0/0x0", {0: True, 6: True}),
    ("-m dscp --dscp 0x2e", {0xB8: True, 0xBB: True, 0xB0: False, 0x2E: False}),
    ("-m dscp ! --dscp-class CS1", {0x20: False, 0x23: False, 0x08: True}),
    ("-m ecn --ecn-ip-ect 1", {0: False, 1: True, 0xB9: True, 3: False}),
    ("-m ecn ! --ecn-ip-ect 3", {3: False, 2: True}),
    ("-m mac --mac-source 02:00:5e:10:00:01", {0x02005E100001: True, 0x02005E100002: False}),
    ("-m mac ! --mac-source 02:00:5e:10:00:01", {0x02005E100001: False, 0x02005E100002: True}),
]


@pytest.mark.parametrize(("said", "value", "expected"), cases(NUMBERS))
def test_a_match_looks_at_a_number(said: str, value: int, expected: bool) -> None:  # noqa: FBT001 - a column
    assert expected is met(said, value)


ADDRESSES: Rows = [
    ("-m iprange --src-range 192.0.2.5-192.0.2.60", {"192.0.2.4": False, "192.0.2.5": True, "192.0.2.60": True, "192.0.2.61": False}),
    ("-m iprange ! --dst-range 192.0.2.5", {"192.0.2.5": False, "192.0.2.6": True}),
    ("-m iprange --src-range 192.0.2.60-192.0.2.5", {"192.0.2.5": False, "192.0.2.9": False, "192.0.2.60": False}),
    ("-m iprange --src-range fd00::1-fd00::9", {"fd00::5": True, "fd00::a": False, "0.0.0.5": False}),
]


@pytest.mark.parametrize(("said", "value", "expected"), cases(ADDRESSES))
def test_a_match_looks_at_an_address(said: str, value: str, expected: bool) -> None:  # noqa: FBT001 - a column
    assert expected is met(said, address(value))


MESSAGES: Rows = [
    ("-m icmp --icmp-type 8", {(8, 0): True, (8, 3): True, (0, 0): False}),
    ("-m icmp --icmp-type 3/1", {(3, 1): True, (3, 0): False, (1, 3): False}),
    ("-m icmp ! --icmp-type 3/2", {(3, 2): False, (3, 1): True, (8, 0): True}),
    ("-m icmp --icmp-type any", {(0, 0): True, (8, 0): True, (255, 0): True}),
    ("-m icmp ! --icmp-type any", {(0, 0): False, (8, 0): False}),
    ("-m icmp --icmp-type 255/7", {(8, 0): True}),
    ("-m icmp6 --icmpv6-type 128", {(128, 0): True, (129, 0): False}),
    ("-m icmp6 ! --icmpv6-type 1/3", {(1, 3): False, (1, 4): True}),
    ("-m icmp6 --icmpv6-type 255", {(255, 0): True, (128, 0): False}),
]


@pytest.mark.parametrize(("said", "value", "expected"), cases(MESSAGES))
def test_a_match_looks_at_the_type_and_code_of_a_message(said: str, value: tuple[int, int], expected: bool) -> None:  # noqa: FBT001 - a column
    assert expected is met(said, value)


FLAGS: Rows = [
    ("-m tcp --syn", {"SYN": True, "SYN,ECE,CWR": True, "SYN,PSH,URG": True, "SYN,ACK": False, "": False, "SYN,FIN": False}),
    ("-m tcp ! --syn", {"SYN": False, "ACK": True, "": True}),
    ("-m tcp --tcp-flags SYN,ACK NONE", {"": True, "FIN": True, "ACK": False}),
    ("-m tcp --tcp-flags ALL NONE", {"": True, "ECE": True, "URG": False}),
    ("-m tcp --tcp-flags FIN SYN,FIN", {"FIN": False, "SYN,FIN": False}),
]


@pytest.mark.parametrize(("said", "value", "expected"), cases(FLAGS))
def test_a_match_looks_at_the_flags_of_tcp(said: str, value: str, expected: bool) -> None:  # noqa: FBT001 - a column
    assert expected is met(said, frozenset(filter(None, value.split(","))))


NAMES: Rows = [
    ("-m pkttype --pkt-type host", {"unicast": True, "broadcast": False}),
    ("-m pkttype ! --pkt-type multicast", {"multicast": False, "otherhost": True}),
    ("-m addrtype --dst-type LOCAL,BROADCAST", {"LOCAL": True, "UNICAST": False}),
    ("-m addrtype --dst-type LOCAL --limit-iface-in", {"LOCAL": True, "UNICAST": False}),
    ("-m addrtype ! --src-type LOCAL --limit-iface-out", {"LOCAL": False, "UNICAST": True}),
    ("-m state --state NEW,INVALID", {"NEW": True, "INVALID": True, "ESTABLISHED": False}),
    ("-m conntrack ! --ctstate INVALID", {"NEW": True, "INVALID": False}),
]


@pytest.mark.parametrize(("said", "value", "expected"), cases(NAMES))
def test_a_match_looks_at_a_name(said: str, value: str, expected: bool) -> None:  # noqa: FBT001 - a column
    assert expected is met(said, value)


@pytest.mark.parametrize(("said", "output"), [("--limit-iface-in", False), ("--limit-iface-out", True)])
def test_types_of_the_addresses_of_one_interface_say_of_which(said: str, output: bool) -> None:  # noqa: FBT001 - a column
    (source, destination) = typed(f"-m addrtype ! --src-type LOCAL --dst-type MULTICAST {said}").constraints()

    assert (source.field, source.wanted.output, source.negated) == (Field.SOURCE_TYPE, output, True)
    assert (destination.field, destination.wanted.output, destination.negated) == (Field.DESTINATION_TYPE, output, False)


# ---- the mark of the connection ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "mark", "expected"), [("--mark 0x30/0xf0", 0x3F, True), ("! --mark 0x30/0xf0", 0x3F, False)])
def test_the_mark_of_a_connection_is_looked_at_where_there_is_one(said: str, mark: int, expected: bool) -> None:  # noqa: FBT001 - a column
    entry, marked = typed(f"-m connmark {said}").constraints()

    assert (entry.field, entry.wanted, entry.negated) == (Field.STATE, Words(("INVALID", "UNTRACKED")), True)
    assert expected is (marked.wanted.holds(mark) is not marked.negated)


# ---- connections ---------------------------------------------------------------------------------------------------------

NEW = Connection("NEW", tracked=True, protocol=6, original=Ends(address("192.168.0.7"), 40000, address("10.244.1.9"), 80), reply=None)
TRANSLATED = Connection(
    "ESTABLISHED",
    tracked=True,
    protocol=6,
    original=Ends(address("192.168.0.7"), 40000, address("10.244.1.9"), 80),
    reply=Ends(address("10.244.1.20"), 8080, address("192.168.0.1"), 5555),
    translated_source=True,
    translated_destination=True,
    status=frozenset({"SEEN_REPLY", "ASSURED", "CONFIRMED"}),
)
REPLYING = TRANSLATED._replace(replying=True)
HALF_KNOWN = TRANSLATED._replace(reply=Ends(address("10.244.1.20"), None, None, None))
INVALID = Connection("INVALID", tracked=False)
UNTRACKED = Connection("UNTRACKED", tracked=False)

CONNECTIONS: Rows = [
    ("--ctstate NEW,DNAT --ctproto tcp", {NEW: True, TRANSLATED: True, INVALID: False}),
    ("! --ctstate NEW --ctproto tcp", {NEW: False, TRANSLATED: True, INVALID: True, UNTRACKED: True}),
    ("--ctstate DNAT --ctdir ORIGINAL", {NEW: False, TRANSLATED: True, REPLYING: False}),
    ("! --ctstate SNAT --ctdir ORIGINAL", {NEW: True, TRANSLATED: False}),
    ("--ctstate INVALID --ctproto 17", {INVALID: True, UNTRACKED: False, NEW: False}),
    ("--ctstate UNTRACKED --ctorigdst 1.2.3.4", {UNTRACKED: True, INVALID: False}),
    ("--ctdir REPLY", {NEW: False, REPLYING: True, INVALID: False}),
    ("--ctproto 17", {NEW: False, INVALID: False}),
    ("! --ctproto 17", {NEW: True, INVALID: False, UNTRACKED: False}),
    ("! --ctproto 0", {NEW: True}),
    ("--ctorigsrc 192.168.0.7", {NEW: True, REPLYING: True}),
    ("--ctorigsrc 192.168.0.99/24", {NEW: True}),
    ("! --ctorigsrc 192.168.0.99/24", {NEW: False}),
    ("--ctorigsrc 192.168.1.7/24", {NEW: False}),
    ("! --ctorigdst 10.244.1.20", {NEW: True, INVALID: False}),
    ("--ctorigdst ::1/0", {NEW: False}),
    ("--ctreplsrc 10.244.1.20", {TRANSLATED: True, NEW: None}),
    ("! --ctrepldst 0.0.0.0/0", {TRANSLATED: False, HALF_KNOWN: None}),
    ("--ctorigsrcport 40000", {NEW: True}),
    ("! --ctorigsrcport 1:40000", {NEW: False}),
    ("--ctorigsrcport 9:2", {NEW: False}),
    ("! --ctorigsrcport 9:2", {NEW: True}),
    ("--ctorigdstport http --ctreplsrcport 8080", {TRANSLATED: True, HALF_KNOWN: None}),
    ("--ctorigdstport 81 --ctreplsrcport 8080", {TRANSLATED: False, HALF_KNOWN: False}),
    ("--ctrepldstport 5555:5555", {TRANSLATED: True}),
    ("--ctstatus NONE", {NEW: False, TRANSLATED: False}),
    ("! --ctstatus NONE", {NEW: True, TRANSLATED: True}),
    ("--ctstatus EXPECTED,SEEN_REPLY", {NEW: False, TRANSLATED: True}),
    ("! --ctstatus ASSURED", {NEW: True, TRANSLATED: False}),
    ("--ctexpire 1:60", {NEW: None, INVALID: False}),
    ("--ctexpire 1:60 --ctdir REPLY", {NEW: False, REPLYING: None}),
]


@pytest.mark.parametrize(
    ("said", "value", "expected"),
    [(f"-m conntrack {said}", connection, expected) for said, values in CONNECTIONS for connection, expected in values.items()],
)
def test_a_match_looks_at_the_connection(said: str, value: Connection, expected: bool | None) -> None:  # noqa: FBT001 - a column
    assert expected is met(said, value)


# ---- bytes ---------------------------------------------------------------------------------------------------------------

PACKET = bytes.fromhex("450000300001000040 06ae1b c0a80007 0af40109 9c400050 00000000 00000000 5002faf0 b9390000") + b"ORC!\0\0\0\0"

BYTES: dict[str, bool | None] = {
    '-m u32 --u32 "0>>28=4"': True,
    '-m u32 ! --u32 "0>>28=4"': False,
    '-m u32 --u32 "0>>28=5"': False,
    '-m u32 --u32 "0&0xFFFF=0x28:0x40"': True,
    '-m u32 --u32 "6&0xFF=6 && 8>>24=0x40:0xff"': True,
    '-m u32 --u32 "6&0xFF=6 && 8>>24=0x41"': False,
    '-m u32 --u32 "0>>22&0x3C@0>>16=80,53,0x9c40"': True,
    '-m u32 --u32 "0<<4>>28=5"': True,
    '-m u32 --u32 "44=0:0xffffffff"': True,
    '-m u32 --u32 "45=0:0xffffffff"': False,
    '-m u32 ! --u32 "45=0:0xffffffff"': True,
    '-m u32 --u32 "0>>22&0x3C@8000=0:0xffffffff"': False,
    '-m u32 --u32 "0>>22&0x3C@8000&1=0:1"': False,
    '-m u32 --u32 "16@0=0:0xffffffff"': False,
    '-m u32 --u32 "0>>32=0"': None,
    '-m u32 ! --u32 "6&0xFF=6 && 0<<40=0"': None,
    '-m string --string "ORC!" --algo bm': True,
    '-m string ! --string "ORC!" --algo bm': False,
    '-m string --string "orc!" --algo bm': False,
    '-m string --string "orc!" --algo kmp --icase': True,
    '-m string --string "ORC!" --algo bm --from 40': True,
    '-m string --string "ORC!" --algo bm --from 41': False,
    '-m string --string "ORC!" --algo bm --to 44': True,
    '-m string --string "ORC!" --algo bm --to 43': False,
    '-m string --string "ORC!" --algo bm --from 40 --to 40': False,
    '-m string ! --string "ORC!" --algo bm --from 4000': True,
    '-m string --hex-string "|c0a80007|" --algo bm --from 12 --to 16': True,
    '-m string --hex-string "|e0a8|" --algo bm --icase': True,
    '-m string --hex-string "|e0a8|" --algo bm': False,
    '-m bpf --bytecode "1,6 0 0 65535"': None,
}


@pytest.mark.parametrize(("said", "expected"), BYTES.items())
def test_a_match_looks_at_the_bytes_of_a_packet(said: str, expected: bool | None) -> None:  # noqa: FBT001 - a column
    assert expected is met(said, PACKET)


# ---- times ---------------------------------------------------------------------------------------------------------------

TIMES: Rows = [  # 27 November 2026 is a Friday
    ("", {"2026-11-27T12:00:00": True, "2038-01-19T03:14:07": True, "2038-01-19T03:14:08": False}),
    ("--timestart 9:00 --timestop 17:00", {"2026-11-27T08:59:59": False, "2026-11-27T09:00:00": True, "2026-11-27T17:00:00": True}),
    ("--timestart 9:00 --timestop 16:59:59", {"2026-11-27T17:00:00": False}),
    (
        "--timestart 22:00 --timestop 2:00",
        {"2026-11-27T22:00:00": True, "2026-11-27T02:00:00": True, "2026-11-27T02:00:01": False, "2026-11-27T21:59:59": False},
    ),
    ("--timestart 10:00 --timestop 10:00", {"2026-11-27T10:00:00": True, "2026-11-27T09:00:00": True}),
    ("--weekdays Fri", {"2026-11-27T00:00:00": True, "2026-11-27T23:59:59": True, "2026-11-28T00:00:00": False}),
    ("! --weekdays Fri", {"2026-11-27T00:00:00": False, "2026-11-28T00:00:00": True}),
    ("--weekdays Thu", {"1970-01-01T00:00:00": True, "2026-11-26T00:00:00": True}),
    ("--weekdays 8", {"2026-11-27T00:00:00": False}),
    ("--monthdays 1,27", {"2026-11-27T12:00:00": True, "2026-12-01T12:00:00": True, "2026-11-28T12:00:00": False}),
    ("! --monthdays 31", {"2026-12-31T12:00:00": False, "2026-12-30T12:00:00": True}),
    ("--timestart 22:00 --timestop 2:00 --weekdays Fri", {"2026-11-28T01:00:00": False, "2026-11-27T01:00:00": True}),
    (
        "--timestart 22:00 --timestop 2:00 --weekdays Fri --contiguous",
        {"2026-11-28T01:00:00": True, "2026-11-27T01:00:00": False, "2026-11-27T23:00:00": True},
    ),
    ("--monthdays 31 --timestart 22:00 --timestop 2:00 --contiguous", {"2027-01-01T02:00:00": True, "2026-12-31T02:00:00": False}),
    ("--datestart 2026-11-27T12:00:00", {"2026-11-27T11:59:59": False, "2026-11-27T12:00:00": True}),
    ("--datestop 2026-11-27T12:00:00", {"2026-11-27T12:00:00": True, "2026-11-27T12:00:01": False}),
    ("--kerneltz --timestart 9:00", {"2026-11-27T12:00:00": None}),
]


@pytest.mark.parametrize(("said", "value", "expected"), cases(TIMES))
def test_a_match_looks_at_the_time(said: str, value: str, expected: bool | None) -> None:  # noqa: FBT001 - a column
    assert expected is met(f"-m time {said}", datetime.fromisoformat(value).replace(tzinfo=UTC))


# ---- sockets -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("--uid-owner 0", False),
        ("! --uid-owner 0", True),
        ("--socket-exists", False),
        ("! --socket-exists", True),
        ("! --gid-owner 3-5 ! --uid-owner 7", True),
        ("--gid-owner 3 ! --uid-owner 7", False),
        ("! --gid-owner 3 --suppl-groups", False),
        ("! --pid-owner 1", None),
    ],
)
def test_a_packet_without_a_socket_matches_if_all_is_denied(said: str, expected: bool | None) -> None:  # noqa: FBT001 - a column
    assert expected is met(f"-m owner {said}", None)


# ---- lists and sets ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("--rcheck", "! --rcheck"),
        ("--rcheck", "--update"),
        ("--rcheck --seconds 60 --reap", "--update --seconds 60"),
        ("--rcheck --name X --rdest", "--remove --name X --rdest"),
    ],
)
def test_whichever_option_asks_for_a_list_it_is_one_question(one: str, other: str) -> None:
    (first,), (second,) = (typed(f"-m recent {said}").constraints() for said in (one, other))

    assert (first.field, first.wanted) == (second.field, second.wanted) == (Field.RECENT, first.wanted)
    assert first.wanted.question() == second.wanted.question()
    assert first.wanted.holds(None) is None


def test_what_is_on_a_list_is_taken_off_it_also_where_that_is_no_match() -> None:
    match = typed("-m recent ! --remove --name X --rdest")
    off, other = match.decide()

    assert match.constraints() == ()
    assert (off.matches, other.matches, other.change) == (False, True, None)
    assert off.change == Remember(name="X", destination=True, mask=None, on=False)
    assert (off.given, other.given) == (
        typed("-m recent --rcheck --name X --rdest").constraints()[0],
        typed("-m recent ! --rcheck --name X --rdest").constraints()[0],
    )


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("--rcheck --name KUBE", "the client is on the recent list KUBE"),
        ("--update --name KUBE --rdest", "the destination is on the recent list KUBE"),
        ("--rcheck --seconds 60 --hitcount 4 --rttl", "the client is on the recent list DEFAULT as --seconds 60 --hitcount 4 --rttl asks"),
    ],
)
def test_a_list_is_asked_for_by_its_name(said: str, text: str) -> None:
    (constraint,) = typed(f"-m recent {said}").constraints()

    assert ("recent", text) == (constraint.wanted.question().kind, constraint.wanted.question().text.english())


@pytest.mark.parametrize("said", ["--set", "! --set"])
def test_what_only_puts_on_a_list_asks_nothing(said: str) -> None:
    assert typed(f"-m recent {said}").constraints() == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("--match-set A src", "! --match-set A src"),
        ("--match-set A src", "--match-set A src ! --update-counters"),
        ("--match-set A src", "--match-set A src --packets-gt 5"),
    ],
)
def test_membership_of_a_set_is_one_question(one: str, other: str) -> None:
    (first,), (second,) = (typed(f"-m set {said}").constraints() for said in (one, other))

    assert (first.field, first.wanted) == (second.field, second.wanted) == (Field.SET, first.wanted)
    assert first.wanted.question().text.english() == "the packet matches -m set --match-set A src"


def test_no_member_or_other_counters_is_one_question() -> None:
    """Linux 6.18: `! --match-set A src --packets-gt 9` matches a member that has 5, and what is no member."""
    match = typed("-m set ! --match-set A src --packets-gt 9")

    assert match.constraints() == ()
    assert [branch.matches for branch in match.decide()] == [True, False]


# ---- what a rule counts --------------------------------------------------------------------------------------------------

COUNTING = [
    row
    for row in MATCHES
    if row.saved != "FAIL" and row.options.startswith(("-m limit", "-m hashlimit", "-m quota", "-m connlimit", "-m statistic"))
]


@pytest.mark.parametrize("row", COUNTING, ids=str)
def test_what_a_rule_counts_is_asked_for_each_rule(row: Row) -> None:
    match = typed(row.options)
    questions = {branch.question for branch in match.decide() if branch.question is not None}

    assert len(questions) == ("--mode random" not in row.saved)
    for question in questions:
        assert question.kind == match.NAME
        assert question.per_rule
        assert question.text.fields["line"] == "?"


@pytest.mark.parametrize(("said", "expected"), [("--every 1 --packet 0", True), ("! --every 1 --packet 0", False)])
def test_every_first_packet_is_each(said: str, expected: bool) -> None:  # noqa: FBT001 - a column
    (branch,) = typed(f"-m statistic --mode nth {said}").decide()

    assert (branch.matches, branch.question, branch.weight) == (expected, None, None)
