from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.errors import IptexplainError
from iptexplain.inputs.ipset import KINDS, parse_ipset
from iptexplain.inputs.lines import UnreadableLineError
from iptexplain.model.address import Address, Network
from iptexplain.model.ipset import Device, Entry, IpSet, Mac, Member, Options, Port
from iptexplain.model.values import Mark
from tests.inputs.sources import file, source

if TYPE_CHECKING:
    from iptexplain.model.ipset import EntryPart, PacketPart

ONE = Address.parse("10.0.0.1")
NET = Network.parse("10.0.0.0/8")
HTTP = Port(6, 80)
MAC = Mac(0x020000000001)


def read(*lines: str) -> IpSet:
    """The last of the sets that the lines create."""
    return list(parse_ipset(source(*lines)).sets.values())[-1]


TYPES: list[tuple[str, str, tuple[EntryPart, ...]]] = [
    ("bitmap:ip range 10.0.0.0-10.0.0.255", "10.0.0.1", (ONE,)),
    ("bitmap:ip,mac range 10.0.0.0-10.0.0.255", "10.0.0.1,02:00:00:00:00:01", (ONE, MAC)),
    ("bitmap:ip,mac range 10.0.0.0-10.0.0.255", "10.0.0.1", (ONE,)),
    ("bitmap:port range 0-65535", "80", (Port(None, 80),)),
    ("hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x64902b2f", "10.0.0.1", (ONE,)),
    ("hash:ip family inet6", "fd00::1", (Address.parse("fd00::1"),)),
    ("hash:mac hashsize 1024 maxelem 65536", "02:00:00:00:00:01", (MAC,)),
    ("hash:ip,mac family inet", "10.0.0.1,02:00:00:00:00:01", (ONE, MAC)),
    ("hash:net family inet", "10.0.0.0/8", (NET,)),
    ("hash:net family inet", "10.0.0.1", (Network.of(ONE),)),
    ("hash:net,net family inet", "10.0.0.0/8,10.0.0.1", (NET, Network.of(ONE))),
    ("hash:ip,port family inet", "10.0.0.1,tcp:80", (ONE, HTTP)),
    ("hash:ip,port family inet", "10.0.0.1,80", (ONE, HTTP)),
    ("hash:ip,port family inet", "10.0.0.1,icmp:host-unreachable", (ONE, Port(1, 0x301))),
    ("hash:ip,port family inet", "10.0.0.1,icmp:3/17", (ONE, Port(1, 0x311))),
    ("hash:ip,port family inet6", "fd00::1,ipv6-icmp:echo-request", (Address.parse("fd00::1"), Port(58, 0x8000))),
    ("hash:ip,port family inet", "10.0.0.1,gre:0", (ONE, Port(47, 0))),
    ("hash:ip,port family inet", "10.0.0.1,253:0", (ONE, Port(253, 0))),
    ("hash:net,port family inet", "10.0.0.0/8,udp:53", (NET, Port(17, 53))),
    ("hash:ip,port,ip family inet", "10.0.0.1,tcp:80,10.0.0.1", (ONE, HTTP, ONE)),
    ("hash:ip,port,net family inet", "10.0.0.1,tcp:80,10.0.0.0/8", (ONE, HTTP, NET)),
    ("hash:ip,mark family inet markmask 0x000000ff", "10.0.0.1,0x00000034", (ONE, Mark(0x34))),
    ("hash:net,port,net family inet", "10.0.0.0/8,sctp:80,10.0.0.1", (NET, Port(132, 80), Network.of(ONE))),
    ("hash:net,iface family inet", "10.0.0.0/8,eth0", (NET, Device("eth0"))),
    ("hash:net,iface family inet", "10.0.0.0/8,physdev:eth0", (NET, Device("eth0", physdev=True))),
]


@pytest.mark.parametrize(("kind", "entry", "parts"), TYPES)
def test_entries_of_every_type_are_read(kind: str, entry: str, parts: tuple[EntryPart, ...]) -> None:
    found = read(f"create a {kind}", f"add a {entry}")

    assert (Entry(parts),) == found.entries
    assert kind.split(maxsplit=1)[0] == str(found.kind)


def test_every_type_has_an_example() -> None:
    assert {str(kind) for kind in KINDS} == {kind.split()[0] for kind, _, _ in TYPES} | {"list:set"}


def test_a_list_has_the_names_of_sets() -> None:
    found = read("create a hash:net", "create b list:set size 8", "add b a")

    assert (Entry((Member("a"),)),) == found.entries


def test_what_stands_behind_an_entry_is_read() -> None:
    line = 'add a 10.0.0.0/8 timeout 59 packets 3 bytes 400 comment "it is: nomatch" skbmark 0x1/0xff skbprio 1:10 skbqueue 5 nomatch'
    found = read("create a hash:net family inet timeout 60 counters comment skbinfo forceadd", line)

    assert (Entry((NET,), nomatch=True, timeout=59, packets=3, bytes=400, comment="it is: nomatch", mark=Mark(1, 0xFF)),) == found.entries
    assert Options(4, timeout=60) == found.options


def test_an_interface_may_stand_for_all_that_begin_so() -> None:
    found = read("create a hash:net,iface", "add a 10.0.0.0/8,veth wildcard")

    assert (Entry((NET, Device("veth", wildcard=True))),) == found.entries


@pytest.mark.parametrize(
    ("options", "mask"),
    [
        ("netmask 24", 0xFFFFFF00),
        ("bitmask 255.255.0.255", 0xFFFF00FF),
        ("family inet6 netmask 64", (1 << 128) - (1 << 64)),
        ("", None),
    ],
)
def test_masks_are_read(options: str, mask: int | None) -> None:
    assert mask == read(f"create a hash:ip {options}").options.mask


def test_all_that_ipset_prints_is_read() -> None:
    text = file("tests/data/ipvs/all-types.txt")
    found = parse_ipset(text)

    assert text.text.count("\ncreate ") + 1 == len(found.sets)
    assert text.text.count("\nadd ") == sum(len(one.entries) for one in found.sets.values())


BROKEN = [
    ("add b 10.0.0.1", "an entry of a set that was created"),
    ("add a 10.0.0.256", "one entry of hash:ip as `ipset save` writes it, such as 10.0.0.1"),
    ("add a fd00::1", "one entry of hash:ip"),
    ("add a 10.0.0.0/24", "one entry of hash:ip"),
    ("add a 10.0.0.1-10.0.0.9", "one entry of hash:ip"),
    ("add a 10.0.0.1,tcp:80", "one entry of hash:ip"),
    ("add a 10.0.0.1 timeout", "one entry of hash:ip"),
    ("add a 10.0.0.1 timeout ٣", "one entry of hash:ip"),
    (f"add a 10.0.0.1 timeout {'9' * 5000}", "one entry of hash:ip"),
    ("add a 10.0.0.1 comment x", "one entry of hash:ip"),
    ("add a 10.0.0.1 timeout 1 timeout 2", "one entry of hash:ip"),
    ("add a 10.0.0.1 -exist", "one entry of hash:ip"),
    ("create a hash:ip", "a line of `ipset save`"),
    ("create b hash:ip,ip", "one of the types bitmap:ip, bitmap:ip,mac,"),
    ("create b hash:ip family inet7", "one of the types"),
    ("create b hash:ip netmask 33", "one of the types"),
    ("create b hash:ip sometime 3", "one of the types"),
    ("add", "a line of `ipset save`"),
    ("Name: KUBE-CLUSTER-IP", "a line of `ipset save`"),
    ("-A INPUT -j ACCEPT", "a line of `ipset save`"),
    ("add a \x1b[31m10.0.0.1\x07", "one entry of hash:ip"),
    ("\udcff", "a line of `ipset save`"),
]


@pytest.mark.parametrize(("line", "expected"), BROKEN)
def test_a_line_that_cannot_be_read_is_told_with_its_place(line: str, expected: str) -> None:
    with pytest.raises(UnreadableLineError) as error:
        parse_ipset(source("# a remark", "", "create a hash:ip", line))

    assert error.value.line == 4
    assert str(error.value).startswith(f"input:4: expected {expected}")
    assert len(str(error.value)) < 600


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        ("hash:ip,port", "10.0.0.1"),
        ("hash:ip,port", "10.0.0.1,tcp:80-90"),
        ("hash:ip,port", "10.0.0.1,tcp:99999"),
        ("hash:ip,port", "10.0.0.1,foo:1"),
        ("hash:ip,port", "10.0.0.1,icmp:nothing"),
        ("hash:net", "10.0.0.0/255.0.0.0"),
        ("hash:net", "10.0.0.0/٣"),
        ("hash:mac", "02:00:00:00:00"),
        ("hash:ip,mark", "10.0.0.1,x"),
        ("hash:net,iface", "10.0.0.0/8,physdev:"),
        ("bitmap:port range 0-9", "tcp:1"),
    ],
)
def test_an_entry_of_another_form_is_refused(kind: str, entry: str) -> None:
    with pytest.raises(UnreadableLineError):
        read(f"create a {kind}", f"add a {entry}")


@pytest.mark.parametrize("member", ["b", "nothing"])
def test_a_list_of_lists_or_of_nothing_is_refused(member: str) -> None:
    with pytest.raises(UnreadableLineError, match="input:2: expected a list of sets that are in this file"):
        parse_ipset(source("create a hash:ip", "create b list:set size 8", f"add b {member}"))


@given(st.lists(st.text(alphabet=st.sampled_from('add create hash:ip,neort -"\x00\x1b\u2028\udcff0/19%'), max_size=40), max_size=6))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    try:
        found = parse_ipset(source("create a hash:ip,port", *lines))
    except IptexplainError:
        return
    assert "a" in found.sets


def packet_parts(kind: str, entry: str) -> list[PacketPart]:
    """What a packet has that makes this entry."""
    parts = read(f"create a {kind}", f"add a {entry}").entries[0].parts
    known = [part.single if isinstance(part, Network) else part for part in parts]
    assert not any(isinstance(part, Member) for part in known)
    return [Port(6, part.number) if isinstance(part, Port) and part.protocol is None else part for part in known]  # type: ignore[misc]  # as said above


def test_the_kernel_finds_the_same() -> None:
    sets = parse_ipset(file("tests/data/ipvs/sets.txt")).sets
    creates = {
        line.split()[1]: line.split(" ", 2)[2] for line in file("tests/data/ipvs/sets.txt").text.splitlines() if line.startswith("create")
    }
    wrong = []
    answers = file("tests/data/ipvs/answers.txt").text.splitlines()
    for line in answers:
        answer, name, entry = line.split()
        if sets[name].holds(packet_parts(creates[name], entry)) is not (answer == "yes"):
            wrong.append(line)

    assert len(answers) > 300
    assert wrong == []
