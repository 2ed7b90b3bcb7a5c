from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iptexplain.anonymize.beside import ipset
from iptexplain.anonymize.needs import Needs
from iptexplain.inputs.ipset import KINDS, parse_ipset
from iptexplain.model.address import Address, Network
from iptexplain.model.ipset import Device, Mac, Member
from tests.anonymize.beside.again import address, again, network
from tests.inputs.sources import file, source

if TYPE_CHECKING:
    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.model.ipset import EntryPart, IpSet
    from iptexplain.source import Source

ALL_TYPES = "tests/data/ipvs/all-types.txt"
OTHER_TYPES = """\
create acme-macs hash:mac hashsize 1024
add acme-macs 0A:00:00:00:00:01
create acme-pairs hash:ip,mac family inet
add acme-pairs 192.0.2.1,0A:00:00:00:00:01
create acme-nets hash:net,net family inet bitmask 255.255.255.0
add acme-nets 192.0.2.0/25,10.0.0.0/8 nomatch
create acme-marks hash:ip,mark family inet markmask 0x0000ffff
add acme-marks 192.0.2.1,0x00000007
create acme-ways hash:net,port,net family inet6
add acme-ways fd00:1::/64,udp:53,fd00:2::/48
"""
FILES = (ALL_TYPES, "tests/data/ipvs/sets.txt", "samples/ipvs/ipset.txt")


def written(*lines: str, counters: bool = False) -> tuple[Disguise, list[str]]:
    to, other = again("ipset", source(*lines), counters=counters)
    return to, other.text.rstrip("\n").split("\n")


def renamed(part: EntryPart, to: Disguise, mask: int | None) -> EntryPart:
    """The part of an entry as it should be read again."""
    if isinstance(part, Address):
        cut = network(Network(part.family, part.value & mask, mask), to) if mask is not None else None
        return address(part, to) if cut is None else Address(part.family, cut.value)
    if isinstance(part, Network):
        return network(part, to) if mask is None else network(part._replace(mask=part.mask & mask), to)._replace(mask=part.mask)
    if isinstance(part, Device):
        return part._replace(name=to.interface(f"{part.name}+")[:-1] if part.wildcard else to.interface(part.name))
    if isinstance(part, Mac):
        return Mac(int(to.hardware(":".join(f"{part.value:012x}"[at : at + 2] for at in range(0, 12, 2)).upper()).replace(":", ""), 16))
    return Member(to.set_name(part.name)) if isinstance(part, Member) else part


def told(one: IpSet, to: Disguise | None = None) -> object:
    """What a set tells, in other words if a disguise is given."""
    entries = one.entries
    if to is not None:
        entries = tuple(
            [entry._replace(parts=tuple([renamed(part, to, one.options.mask) for part in entry.parts]), comment=None) for entry in entries]
        )
    return (one.name if to is None else to.set_name(one.name), one.kind, one.options, one.line, entries)


GIVEN = (source(OTHER_TYPES), *map(file, FILES))


@pytest.mark.parametrize("given", GIVEN, ids=["others", *FILES])
def test_sets_of_all_types_are_read_again_as_the_same(given: Source) -> None:
    to, other = again("ipset", given, counters=True)

    assert [told(one, to) for one in parse_ipset(given).sets.values()] == [told(one) for one in parse_ipset(other).sets.values()]


def test_every_type_is_among_them() -> None:
    assert {str(kind) for kind in KINDS} == {str(one.kind) for given in GIVEN for one in parse_ipset(given).sets.values()}


def test_names_of_sets_are_those_of_the_rules_and_those_of_kube_proxy_stay() -> None:
    to, lines = written(
        "create KUBE-CLUSTER-IP hash:ip,port family inet", "create acme hash:ip family inet6 timeout 5", "add acme ::1 timeout 4"
    )

    assert ["create KUBE-CLUSTER-IP hash:ip,port family inet", f"create {to.set_name('acme')} hash:ip family inet6 timeout 5"] == lines[:2]
    assert f"add {to.set_name('acme')} ::1 timeout 4" == lines[2]


def test_counters_stay_only_if_they_are_wanted() -> None:
    given = "create S hash:ip counters", "add S 127.0.0.1 packets 3 bytes 400"

    assert "add set-" in written(*given)[1][1]
    assert written(*given)[1][1].endswith(" 127.0.0.1")
    assert written(*given, counters=True)[1][1].endswith(" 127.0.0.1 packets 3 bytes 400")


def test_comments_and_what_hashes_begin_with_are_left_out_and_lines_keep_their_places() -> None:
    to, lines = written(
        "# acme", "create S hash:ip comment initval 0x1234", "", 'add S 127.0.0.1 comment "acme" skbmark 0x1/0xff skbprio 1:a'
    )
    name = to.set_name("S")

    assert ["", f"create {name} hash:ip comment", "", f"add {name} 127.0.0.1 skbmark 0x1/0xff skbprio 1:a"] == lines


def test_the_range_of_a_bitmap_stays_one_that_holds_its_entries() -> None:
    for span in ("10.244.1.3-10.244.1.77", "10.244.1.0/25"):
        to, lines = written(f"create S bitmap:ip range {span}", "add S 10.244.1.3", "add S 10.244.1.76", "add S 10.244.1.77")
        *_, new = lines[0].split(" ")
        first, last = (Address.parse(end).value for end in new.split("-")) if "-" in new else (0, 0)
        if "/" in new:
            first = Network.parse(new).value
            last = first + 127

        assert to.place(span) == new
        assert last - first == (127 if "/" in span else 74)
        assert all(first <= Address.parse(line.rpartition(" ")[2]).value <= last for line in lines[1:])


def test_beginnings_of_interfaces_are_told_from_interfaces() -> None:
    needs = Needs()
    given: Source = source("create S hash:net,iface", "add S 10.0.0.0/8,acme wildcard", "add S 10.0.0.0/8,acme1")
    ipset.gather(given, needs)
    to, other = again("ipset", given)
    wild, one = (line.rpartition(",")[2] for line in other.text.rstrip("\n").split("\n")[1:])

    assert {"acme+", "acme1"} == needs.interfaces
    assert f"{to.interface('acme+')[:-1]} wildcard" == wild
    assert to.interface("acme1") == one
    assert one.startswith(wild.removesuffix(" wildcard"))


def test_a_mask_with_holes_still_cuts_addresses_to_entries() -> None:
    to, lines = written("create S hash:ip family inet bitmask 255.255.0.255", "add S 10.7.0.77")
    entry = Address.parse(lines[1].rpartition(" ")[2])

    assert "bitmask 255.255.0.255" in lines[0]
    assert {entry.value} == {Address.parse(to.address(f"10.7.{part}.77")).value & 0xFFFF00FF for part in range(256)}


def test_a_node_without_sets_stays_without() -> None:
    assert again("ipset", source(""))[1].text == ""
