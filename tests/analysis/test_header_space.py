"""Sets of packets: what is in two of them, and what is left of one, against each value asked by itself."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iptexplain.analysis.header_space import Masked, Names, Values, boxes, cut, is_part, meet
from iptexplain.errors import TooManyCasesError
from iptexplain.model.address import AddressRange, Network
from iptexplain.model.matching import Constraint, Field
from iptexplain.model.values import Interface, Mark, PortList, Ports, Words

if TYPE_CHECKING:
    from iptexplain.analysis.header_space import Box

quickly = settings(deadline=None, max_examples=150)

NUMBERS = range(-2, 24)
SMALL_MARKS = range(32)
INTERFACES = ("", "e", "eth", "eth0", "eth01", "eth1", "lo", "veth0", "veth")


@st.composite
def values(draw: st.DrawFn) -> Values:
    ends = sorted(draw(st.lists(st.integers(0, 20), min_size=0, max_size=6, unique=True)))
    return Values(tuple((low, high - 1) for low, high in zip(ends[::2], ends[1::2], strict=False) if low <= high - 1))


@st.composite
def masked(draw: st.DrawFn) -> Masked:
    masks = draw(st.lists(st.tuples(st.integers(0, 31), st.integers(0, 31)), max_size=3))
    return Masked(tuple(Mark(value & mask, mask) for value, mask in masks))


@st.composite
def names(draw: st.DrawFn) -> Names:
    pattern = st.builds(Interface, st.sampled_from(["e", "eth", "eth0", "lo", "veth"]), st.booleans())
    found = Names(((Interface("", prefix=True), ()),))
    for one in draw(st.lists(pattern, max_size=3)):
        other = Names(((one, ()),))
        found = found.without(other) if draw(st.booleans()) else found.meet(other)
    return found


def among(number: int, found: Values) -> bool:
    return any(low <= number <= high for low, high in found.ranges)


def called(name: str, found: Names) -> bool:
    return any(pattern.holds(name) and not any(one.holds(name) for one in but) for pattern, but in found.parts)


def marked(mark: int, found: Masked) -> bool:
    return any(one.holds(mark) for one in found.parts)


@quickly
@given(values(), values())
def test_numbers(one: Values, other: Values) -> None:
    for number in NUMBERS:
        assert among(number, one.meet(other)) == (among(number, one) and among(number, other))
        assert among(number, one.without(other)) == (among(number, one) and not among(number, other))
    assert bool(one.without(other)) == any(among(number, one) and not among(number, other) for number in NUMBERS)


@quickly
@given(masked(), masked())
def test_marks(one: Masked, other: Masked) -> None:
    for mark in SMALL_MARKS:
        assert marked(mark, one.meet(other)) == (marked(mark, one) and marked(mark, other))
        assert marked(mark, one.without(other)) == (marked(mark, one) and not marked(mark, other))


@quickly
@given(names(), names())
def test_interfaces(one: Names, other: Names) -> None:
    for name in INTERFACES:
        assert called(name, one.meet(other)) == (called(name, one) and called(name, other))
        assert called(name, one.without(other)) == (called(name, one) and not called(name, other))


_PORTS = st.builds(lambda low, more: Ports(low, low + more), st.integers(0, 12), st.integers(0, 6))
_CONSTRAINTS = st.one_of(
    st.builds(Constraint, st.just(Field.DESTINATION_PORT), _PORTS, st.booleans()),
    st.builds(Constraint, st.just(Field.EITHER_PORT), st.builds(lambda *ports: PortList(ports), _PORTS, _PORTS), st.booleans()),
    st.builds(Constraint, st.just(Field.SOURCE_PORT), _PORTS, st.booleans()),
    st.builds(Constraint, st.just(Field.MARK), st.builds(lambda v, m: Mark(v & m, m), st.integers(0, 3), st.integers(0, 3)), st.booleans()),
    st.builds(Constraint, st.just(Field.STATE), st.sampled_from([Words(("NEW",)), Words(("ESTABLISHED",))]), st.booleans()),
)


def _meets(packet: tuple[int, int, int], constraint: Constraint) -> bool:
    source, destination, mark = packet
    wanted: Any = constraint.wanted
    field, _, negated = constraint
    if field is Field.MARK:
        return wanted.holds(mark) is not negated
    if field is Field.STATE:
        return ("NEW" in wanted.names) is not negated
    asked = {Field.SOURCE_PORT: (source,), Field.DESTINATION_PORT: (destination,), Field.EITHER_PORT: (source, destination)}[field]
    return any(wanted.holds(port) for port in asked) is not negated


@quickly
@given(st.lists(_CONSTRAINTS, max_size=4), st.lists(_CONSTRAINTS, max_size=3))
def test_packets_of_rules(first: list[Constraint], second: list[Constraint]) -> None:
    """What is left of the packets of one rule without those of another is what only the first one takes."""
    left = boxes(first, {})
    for taken in boxes(second, {}):
        parts = [(box, cut(box, taken)) for box in left]
        left = [part for box, cuts in parts for part in ([box] if cuts is None else cuts)]
    for packet in product((0, 5, 13), range(0, 20, 3), range(4)):
        wanted = all(_meets(packet, one) for one in first) and not all(_meets(packet, one) for one in second)
        source, destination, mark = packet
        ports = ((Field.SOURCE_PORT, source), (Field.DESTINATION_PORT, destination))
        demands = [Constraint(field, Ports(port, port)) for field, port in ports]
        (point,) = boxes([*demands, Constraint(Field.MARK, Mark(mark)), Constraint(Field.STATE, Words(("NEW",)))], {})
        assert any(meet(box, point) is not None for box in left) is wanted


def test_addresses_of_both_families_are_different_ones() -> None:
    every, one = (boxes([Constraint(Field.SOURCE, Network.parse(text))], {})[0] for text in ("::/0", "10.0.0.0/8"))

    assert meet(every, one) is None
    assert is_part(boxes([Constraint(Field.SOURCE, AddressRange.parse("10.0.0.1-10.0.0.9"))], {})[0], one)


def test_a_mask_with_holes_and_a_set_that_nobody_looks_into_are_only_equal_to_themselves() -> None:
    holes = [boxes([Constraint(Field.SOURCE, Network.parse(text))], {})[0] for text in ("10.0.0.0/255.0.0.3", "10.0.0.0/255.0.0.1")]
    assert is_part(holes[0], holes[1])
    assert not is_part(holes[1], holes[0])

    local, other = ([Constraint(Field.DESTINATION_TYPE, Words((name,)))] for name in ("LOCAL", "UNICAST"))
    assert not is_part(boxes(local, {})[0], boxes(other, {})[0])
    assert boxes([*local, local[0]._replace(negated=True)], {}) == []


def test_a_packet_without_a_port_has_none_whatever_is_asked() -> None:
    ports = [Constraint(Field.DESTINATION_PORT, Ports(80, 80), negated) for negated in (False, True)]
    left: list[Box] = [{}]
    for one in ports:
        left = [part for box in left for part in cut(box, boxes([one], {})[0]) or ()]

    assert left


def test_what_was_changed_on_the_way_is_another_thing() -> None:
    marks = [Constraint(Field.MARK, Mark(1))]

    assert not is_part(boxes(marks, {Field.MARK: 3})[0], boxes(marks, {})[0])


def test_more_parts_than_anybody_would_wait_for_are_an_error() -> None:
    ports = Constraint(Field.EITHER_PORT, PortList((Ports(1, 1),)))

    with pytest.raises(TooManyCasesError):
        boxes([ports] * 12, {})
