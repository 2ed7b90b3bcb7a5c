"""Dump, node, sets and packets of the recorded cases, anonymised together: each packet has the fates that it had, in other words.

Of a range of addresses the kernel chooses one by a hash of the packet's addresses, which are others then. So that this alone makes no
difference, the tracer chooses here the address whose pseudonym is the first one of the range, and the first one among pseudonyms.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from iptexplain.analysis.trace.tracer import Tracer
from iptexplain.anonymize.beside.kinds import form
from iptexplain.anonymize.disguise import Disguise
from iptexplain.anonymize.dump import ADDRESSES, Writer, gather
from iptexplain.anonymize.needs import Needs
from iptexplain.api import load
from iptexplain.inputs.ipset import parse_ipset
from iptexplain.inputs.node import compose, parse_node
from iptexplain.inputs.packets import parse_packets
from iptexplain.model.address import Address
from tests.anonymize.story import KEY
from tests.inputs.sources import source
from tests.kernel.record import cases

if TYPE_CHECKING:
    from iptexplain.analysis.trace.fate import Fate
    from iptexplain.model.packet import Packet
    from iptexplain.source import Source

EACH = 6
"""So many cases of each family and backend with the same features."""
MOST_CHOSEN = 4096


class World(NamedTuple):
    """A case as files: dump, node, sets and packets."""

    dump: str
    node: Source
    ipset: Source
    packets: Source

    def traced(self) -> list[tuple[Packet, tuple[Fate, ...]]]:
        """Its packets, each with its fates."""
        (dump,) = load(self.dump.encode()).dumps
        node = compose(parse_node(self.node), sets=parse_ipset(self.ipset, may_be_empty=True))
        tracer = Tracer(dump, node)
        return [(packet, tracer.trace(packet).fates) for packet in parse_packets(self.packets)]


def world(case: dict[str, Any]) -> World:
    node = {key: case[key] for key in ("interfaces", "local_addrs", "routes", "sysctls")}
    return World(case["dump"], source(json.dumps(node)), source(case["ipsets"]), source(*map(json.dumps, case["packets"])))


def anonymized(given: World) -> tuple[Disguise, World]:
    """All files of a world under one key."""
    ruleset = load(given.dump.encode())
    needs = Needs()
    gather(ruleset, needs)
    beside = {"node": given.node, "ipset": given.ipset, "packets": given.packets}
    for kind, one in beside.items():
        form(kind).gather(one, needs)
    to = Disguise(KEY, needs, dumps=ruleset.dumps)
    writer = Writer(to)
    dump = "".join([f"{line}\n" for line in writer.lines(ruleset)])

    assert {doubt.why for doubt in writer.doubts} <= {ADDRESSES}

    return to, World(dump, *(source(*form(kind).lines(one, to, counters=False)) for kind, one in beside.items()))


def told(fates: tuple[Fate, ...], to: Disguise | None = None) -> dict[tuple[object, ...], Fraction]:
    """What becomes of a packet with which exact chance, in other words if a disguise is given."""
    found: dict[tuple[object, ...], Fraction] = {}
    for fate in fates:
        output, ends = fate.output, [fate.source, fate.destination]
        if to is not None:
            output = None if output is None else to.interface(output)
            ends = [None if end is None else to.addresses.address(end) for end in ends]
        ports = fate.source_port, fate.destination_port
        ended = fate.outcome, fate.where, fate.reject, len(fate.answers)
        key = *ended, output, *ends, *ports, fate.mark, fate.dnat, fate.snat
        found[key] = found.get(key, Fraction(0)) + Fraction(fate.share.numerator, fate.share.odd << fate.share.exponent)
    return found


@cache
def sample() -> list[dict[str, Any]]:
    """Cases of both families, of both backends and with all features."""
    kinds: dict[object, list[dict[str, Any]]] = defaultdict(list)
    for case in cases():
        kinds[case["family"], case["backend"], tuple(case["features"])].append(case)
    return [case for kind in kinds.values() for case in kind[:EACH]]


def name(case: dict[str, Any]) -> str:
    return f"{case['family']}-{case['backend']}-{case['seed']}"


def choice(to: Disguise | None) -> Any:  # noqa: ANN401 - stands for a function of `nat`
    """Chooses of a range the address whose pseudonym is the first one; without a disguise, the first one."""

    def chosen(_: object, first: Address, last: Address, **__: bool) -> Address:
        if to is None or first.value >= last.value:
            return first
        assert last.value - first.value < MOST_CHOSEN
        every = (Address(first.family, value) for value in range(first.value, last.value + 1))
        return min(every, key=to.addresses.address)

    return chosen


def test_the_sample_has_cases_of_all_kinds() -> None:
    kinds = {(case["family"], case["backend"]) for case in sample()}
    features = {feature for case in sample() for feature in case["features"]}

    assert {(4, "nft"), (4, "legacy"), (6, "nft"), (6, "legacy")} == kinds
    assert {"ct", "ipsets", "kube", "output", "random", "rare", "stateful"} == features
    assert len(sample()) >= 40


@pytest.mark.parametrize("case", sample(), ids=name)
def test_anonymized_packets_meet_the_same_fates(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    given = world(case)
    to, other = anonymized(given)
    monkeypatch.setattr("iptexplain.analysis.trace.nat._of_range", choice(to))
    before = given.traced()
    monkeypatch.setattr("iptexplain.analysis.trace.nat._of_range", choice(None))
    after = other.traced()

    assert len(case["packets"]) == len(before) == len(after)
    for number, ((packet, fates), (_, others)) in enumerate(zip(before, after, strict=True)):
        assert (number, packet, told(fates, to)) == (number, packet, told(others))


def test_what_is_written_is_not_what_was_given() -> None:
    changed = Counter[str]()
    for case in sample():
        given = world(case)
        _, other = anonymized(given)
        changed.update(kind for kind, one, new in zip(World._fields, given, other, strict=True) if one != new)

    assert changed["dump"] == changed["node"] == changed["packets"] == len(sample())
