from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.model.address import Address, Network
from iptexplain.model.ipset import Absent, Device, Entry, IpSet, IpSets, Kind, Mac, Member, Options, Port
from iptexplain.model.values import Mark

if TYPE_CHECKING:
    from iptexplain.model.ipset import EntryPart, PacketPart

HTTP, DNS = Port(6, 80), Port(17, 53)
MAC = Mac(0x020000000001)


def at(text: str) -> Address:
    return Address.parse(text)


def net(text: str) -> Network:
    return Network.parse(text)


def made(kind: str, *entries: Entry, options: Options | None = None) -> IpSet:
    method, _, parts = kind.partition(":")
    return IpSet("a", Kind(method, tuple(parts.split(","))), options or Options(4), entries)


def of(kind: str, *parts: EntryPart, options: Options | None = None) -> IpSet:
    return made(kind, Entry(parts), options=options)


class Inside(NamedTuple):
    """Some address of a network."""

    network: Network

    def within(self, network: Network) -> bool | None:
        if network.covers(self.network):
            return True
        return None if network.meets(self.network) else False


@pytest.mark.parametrize(
    ("of_type", "parts", "expected"),
    [
        (of("hash:mac", MAC, options=Options(None)), [MAC], True),
        (of("hash:mac", MAC, options=Options(None)), [Mac(1)], False),
        (of("hash:ip,mac", at("10.0.0.1"), MAC), [at("10.0.0.1"), MAC], True),
        (of("hash:ip,mac", at("10.0.0.1"), MAC), [at("10.0.0.1"), Mac(1)], False),
        (of("hash:ip,mark", at("10.0.0.1"), Mark(0x34)), [at("10.0.0.1"), Mark(0x34)], True),
        (of("hash:ip,mark", at("10.0.0.1"), Mark(0x34)), [at("10.0.0.1"), Mark(0x1234)], False),
        (of("hash:ip,mark", at("10.0.0.1"), Mark(0x34), options=Options(4, None, 0xFF)), [at("10.0.0.1"), Mark(0x1234)], True),
        (of("hash:net,net", net("10.0.0.0/8"), net("10.1.0.0/16")), [at("10.9.9.9"), at("10.1.2.3")], True),
        (of("hash:net,net", net("10.0.0.0/8"), net("10.1.0.0/16")), [at("10.1.2.3"), at("10.9.9.9")], False),
        (of("hash:net,port,net", net("10.0.0.0/8"), HTTP, net("10.1.0.0/16")), [at("10.9.9.9"), HTTP, at("10.1.2.3")], True),
        (of("hash:net,port,net", net("10.0.0.0/8"), HTTP, net("10.1.0.0/16")), [at("10.9.9.9"), DNS, at("10.1.2.3")], False),
        (of("bitmap:port", Port(None, 80), options=Options(None)), [Port(6, 80)], True),
        (of("bitmap:port", Port(None, 80), options=Options(None)), [Port(17, 80)], True),
        (of("bitmap:port", Port(None, 80), options=Options(None)), [Port(132, 80)], False),
        (of("hash:ip,port", at("10.0.0.1"), HTTP), [at("10.0.0.1"), HTTP, at("10.0.0.9")], True),
        (of("hash:ip,port", at("10.0.0.1"), HTTP), [at("10.0.0.1")], False),
        (of("hash:ip,port", at("10.0.0.1"), HTTP), [at("10.0.0.1"), Absent()], False),
        (of("hash:ip", at("10.0.0.1")), [at("fd00::1")], False),
        (of("hash:net,iface", net("10.0.0.0/8"), Device("eth0")), [at("10.0.0.1"), Absent()], False),
        (made("hash:ip"), [at("10.0.0.1")], False),
    ],
)
def test_a_packet_is_in_a_set_if_all_its_parts_are(of_type: IpSet, parts: list[PacketPart], expected: bool) -> None:  # noqa: FBT001 - a row of the table
    assert expected is of_type.holds(parts)


def test_of_two_networks_the_longer_first_one_decides() -> None:
    found = made(
        "hash:net,net",
        Entry((net("10.0.0.0/8"), net("10.1.1.0/24")), nomatch=True),
        Entry((net("10.0.0.0/16"), net("10.0.0.0/8"))),
    )

    assert [found.holds([at(one), at("10.1.1.1")]) for one in ("10.0.0.1", "10.9.0.1")] == [True, False]


def test_what_is_excepted_can_be_asked_for() -> None:
    found = made("hash:net", Entry((net("10.0.0.0/8"),)), Entry((net("10.1.0.0/16"),), nomatch=True))
    asked = [at(text) for text in ("10.2.0.1", "10.1.0.1", "11.0.0.1")]

    assert [found.holds([one]) for one in asked] == [True, False, False]
    assert [found.holds([one], return_no_match=True) for one in asked] == [False, True, False]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([at("1.2.3.4"), HTTP, Inside(net("10.1.0.0/16"))], True),
        ([at("1.2.3.4"), HTTP, Inside(net("10.0.0.0/7"))], None),
        ([at("1.2.3.4"), HTTP, Inside(net("12.0.0.0/8"))], False),
        ([at("1.2.3.4"), HTTP, Inside(net("10.2.0.0/15"))], None),
        ([at("1.2.3.4"), HTTP, Inside(net("10.2.0.0/17"))], False),
        ([at("1.2.3.4"), HTTP, None], None),
        ([at("1.2.3.4"), DNS, None], False),
        ([at("1.2.3.4"), None, at("10.1.0.1")], None),
        ([None, HTTP, at("11.1.0.1")], False),
        ([Inside(net("1.2.3.4")), HTTP, at("10.1.0.1")], True),
    ],
)
def test_an_answer_is_given_only_if_it_is_certain(parts: list[PacketPart], expected: bool | None) -> None:  # noqa: FBT001 - a row of the table
    found = made(
        "hash:ip,port,net",
        Entry((at("1.2.3.4"), HTTP, net("10.0.0.0/8"))),
        Entry((at("1.2.3.4"), HTTP, net("10.2.0.0/16")), nomatch=True),
    )

    assert expected is found.holds(parts)


class Sent(NamedTuple):
    """A packet of which everything is known."""

    family: int
    parts: dict[tuple[str, str], PacketPart]

    def part(self, kind: str, direction: str) -> PacketPart:
        return self.parts[kind, direction]


PACKET = Sent(4, {("ip", "src"): at("10.0.0.1"), ("ip", "dst"): at("10.0.0.2"), ("net", "src"): at("10.0.0.1"), ("port", "dst"): HTTP})
SETS = IpSets(
    {
        "sources": of("hash:ip", at("10.0.0.1")),
        "places": of("hash:ip,port", at("10.0.0.2"), HTTP),
        "nothing": made("hash:net"),
        "six": of("hash:ip", at("fd00::1"), options=Options(6)),
        "lists": made("list:set", Entry((Member("nothing"),)), Entry((Member("sources"),)), options=Options(None)),
        "empty": made("list:set", options=Options(None)),
        "odd": made("list:set", Entry((Member("gone"),)), Entry((Member("nothing"),)), options=Options(None)),
    }
)


@pytest.mark.parametrize(
    ("name", "directions", "expected"),
    [
        ("sources", ("src",), True),
        ("sources", ("dst",), False),
        ("places", ("dst", "dst"), True),
        ("places", ("dst",), False),
        ("six", ("src",), False),
        ("lists", ("src",), True),
        ("empty", ("src",), False),
        ("odd", ("src",), None),
        ("gone", ("src",), None),
    ],
)
def test_the_flags_say_which_parts_are_looked_up(name: str, directions: tuple[str, ...], expected: bool | None) -> None:  # noqa: FBT001 - a row of the table
    assert expected is SETS.holds(name, directions, PACKET)


SMALL = st.builds(
    lambda value, length: Network(4, value & ~((1 << length) - 1), (1 << 32) - (1 << length)), st.integers(0, 15), st.integers(0, 4)
)


@given(st.lists(st.tuples(SMALL, st.booleans()), max_size=8, unique_by=lambda entry: entry[0]), SMALL)
def test_what_is_certain_of_a_network_holds_for_each_of_its_addresses(entries: list[tuple[Network, bool]], where: Network) -> None:
    found = made("hash:net", *(Entry((network,), nomatch) for network, nomatch in entries))
    certain = found.holds([Inside(where)])
    answers = {found.holds([Address(4, value)]) for value in range(16) if where.holds(Address(4, value))}

    assert certain is None or {certain} == answers
    assert certain is not None or len(entries) > 0


@given(st.lists(st.tuples(SMALL, st.booleans()), max_size=8, unique_by=lambda entry: entry[0]), st.integers(0, 15))
def test_the_smallest_network_decides(entries: list[tuple[Network, bool]], value: int) -> None:
    found = made("hash:net", *(Entry((network,), nomatch) for network, nomatch in entries))
    holding = [(network.mask, nomatch) for network, nomatch in entries if network.holds(Address(4, value))]

    assert found.holds([Address(4, value)]) is (bool(holding) and not max(holding)[1])
