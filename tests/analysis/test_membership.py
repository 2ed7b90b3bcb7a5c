from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iptexplain.analysis import traffic
from iptexplain.analysis.membership import Visit
from iptexplain.analysis.walk import Walker
from iptexplain.inputs.ipset import parse_ipset
from iptexplain.model.address import Address, Network
from iptexplain.model.matching import Verdict
from iptexplain.model.values import Interface
from tests.dumps import table
from tests.inputs.sources import source

if TYPE_CHECKING:
    from iptexplain.analysis.traffic import Source

CLUSTER = Network.parse("10.244.0.0/16")
SERVICE = Address.parse("10.96.0.1")
POD = traffic.pod(4, CLUSTER, None)
NODE = traffic.node(4, (CLUSTER,))
OUTSIDE = traffic.outside(4, (CLUSTER,), None)
BY_DEVICE = traffic.pod(4, None, Interface("cni0", prefix=False))

SETS = parse_ipset(
    source(
        "create pods hash:net",
        "add pods 10.244.0.0/15",
        "create some hash:net",
        "add some 10.244.1.0/24",
        "create services hash:ip,port",
        "add services 10.96.0.1,tcp:80",
        "create addresses hash:ip",
        "add addresses 10.96.0.1",
        "add addresses 198.51.100.7",
        "create coarse hash:ip netmask 8",
        "add coarse 10.0.0.0",
        "create marks hash:ip,mark",
        "add marks 10.96.0.1,0x1",
        "create devices hash:net,iface",
        "add devices 10.244.0.0/15,cni0",
        "add devices 10.0.0.0/8,cni0",
        "create ports bitmap:port range 0-65535",
        "add ports 80",
    )
)


def answer(rule: str, of: Source, *, to: Address | None = SERVICE, to_server: bool = False) -> bool | None:
    """Whether a rule with one match matches; None: that depends on something."""
    packet = traffic.Traffic(4, of, to, to_local=True, protocol="tcp", port=80)
    found = Walker(table([f"-A INPUT {rule} -j ACCEPT"])).walk("INPUT", [Visit(packet, SETS, to_server)])
    ends = {outcome.effect for outcome in found}
    return ends.pop() is Verdict.ACCEPT if len(ends) == 1 else None


@pytest.mark.parametrize(
    ("match", "of", "expected"),
    [
        ("services dst,dst", POD, True),
        ("services dst", POD, False),
        ("services src,dst", POD, False),
        ("services src,dst", NODE, True),
        ("services dst,src", POD, None),
        ("pods src", POD, True),
        ("pods src", OUTSIDE, None),
        ("some src", POD, None),
        ("some src", NODE, False),
        ("addresses src", OUTSIDE, False),
        ("addresses src", NODE, True),
        ("coarse src", POD, True),
        ("coarse src", OUTSIDE, None),
        ("coarse dst", POD, True),
        ("marks dst,src", POD, None),
        ("devices src,src", BY_DEVICE, None),
        ("devices src,src", NODE, False),
        ("devices src,src", POD, None),
        ("devices src,dst", POD, None),
        ("ports dst", OUTSIDE, True),
        ("gone dst", POD, None),
    ],
)
def test_a_source_is_in_a_set_if_every_such_source_is(match: str, of: Source, expected: bool | None) -> None:  # noqa: FBT001 - a row of the table
    assert expected is answer(f"-m set --match-set {match}", of)
    assert (None if expected is None else not expected) is answer(f"-m set ! --match-set {match}", of)


def test_an_address_of_the_node_is_none_in_particular() -> None:
    asked = [
        answer(f"-m set --match-set {match}", POD, to=None) for match in ("services dst,dst", "addresses dst", "ports dst", "pods dst")
    ]

    assert asked == [False, False, True, None]


def test_the_counters_of_an_entry_are_not_known() -> None:
    asked = [answer(f"-m set --match-set {match} dst,dst --packets-gt 3", POD) for match in ("services", "addresses", "devices")]

    assert asked == [None, None, None]
    assert answer("-m set --match-set services dst --packets-gt 3", POD) is False


@pytest.mark.parametrize(
    ("match", "before", "behind"),
    [
        ("--ipvs", False, True),
        ("! --ipvs", True, False),
        ("--vaddr 10.96.0.1 --vproto 6 --vport 80", False, True),
        ("--vaddr 10.96.0.2", False, False),
        ("! --vaddr 10.96.0.2", False, True),
        ("--vaddr 10.96.0.0/16", False, None),
        ("--vport 81", False, False),
        ("--vproto 17", False, False),
        ("--vdir REPLY", False, False),
        ("--vdir ORIGINAL", False, True),
        ("--vmethod MASQ", False, None),
    ],
)
def test_a_connection_is_one_of_ipvs_behind_it(match: str, before: bool, behind: bool | None) -> None:  # noqa: FBT001 - a row of the table
    assert before is answer(f"-m ipvs {match}", POD)
    assert behind is answer(f"-m ipvs {match}", POD, to_server=True)


def test_behind_ipvs_nobody_knows_which_server_it_is() -> None:
    visit = Visit(traffic.Traffic(4, POD, SERVICE, to_local=True, protocol="tcp", port=80), SETS, to_server=True)

    assert (visit.destination, visit.destination_port) == (None, None)
    assert answer("-m set --match-set services dst,dst", POD, to_server=True) is None
    assert visit.comes_from_none_of(["10.96.0.1/32"])


def test_other_questions_are_not_answered() -> None:
    assert answer("-m recent --rcheck --name x", POD) is None
