from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.model.values import CERTAIN, TCP_FLAGS, Interface, Mark, PortList, Ports, TcpFlags, Threshold, TypesOn, Words

WORDS = st.integers(0, 0xFFFFFFFF)

# ---- ports ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last", "saved"),
    [
        ("80", 80, 80, "80"),
        ("0", 0, 0, "0"),
        ("8000:8010", 8000, 8010, "8000:8010"),
        (":1024", 0, 1024, "0:1024"),
        ("1024:", 1024, 65535, "1024:65535"),
        ("80:80", 80, 80, "80"),
        ("ssh", 22, 22, "22"),
        ("http:0x51", 80, 81, "80:81"),
    ],
)
def test_ports_are_read(text: str, first: int, last: int, saved: str) -> None:
    ports = Ports.parse(text)

    assert (first, last) == ports
    assert saved == str(ports)
    assert (ports.holds(first), ports.holds(last)) == (True, True)
    assert (ports.holds(first - 1), ports.holds(last + 1)) == (False, False)


@pytest.mark.parametrize("text", ["", "x", "-1", "65536", "10:5", "1:65536", "1:2:3", "80,443", "nosuch", "080", "1_0"])
def test_what_are_no_ports_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is for nobody to read
        Ports.parse(text)


@pytest.mark.parametrize("text", ["80", "80,443", "22,8000:8010,53", "1:2,3:4,5:6,7:8,9:10,11:12,13:14,20"])
def test_a_list_of_ports_is_written_as_it_is_read(text: str) -> None:
    assert text == str(PortList.parse(text))


@pytest.mark.parametrize("text", ["", "80,", "80:", ":80", "80:80", "90:80", "65536", "nosuch", ",".join(map(str, range(16)))])
def test_what_is_no_list_of_ports_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is for nobody to read
        PortList.parse(text)


@given(st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 65535)), min_size=1, max_size=7), st.integers(0, 65535))
def test_a_list_holds_the_ports_that_a_part_of_it_holds(ends: list[tuple[int, int]], port: int) -> None:
    parts = [Ports(min(pair), max(pair)) for pair in ends]

    assert any(part.holds(port) for part in parts) is PortList(tuple(parts)).holds(port)


# ---- marks ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0x4000/0x4000", "0x1", "0x0", "0x0/0xffff0000", "0x4d415351"])
def test_a_mark_is_written_as_it_is_read(text: str) -> None:
    assert text == str(Mark.parse(text))


@pytest.mark.parametrize("text", ["", "x", "0x100000000", "0x1/0x100000000", "-1", "0x1/", "/0x1"])
def test_what_is_no_mark_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is for nobody to read
        Mark.parse(text)


@given(WORDS, WORDS, WORDS)
def test_a_mark_is_put_as_the_kernel_does(value: int, mask: int, before: int) -> None:
    after = Mark(value, mask).put(before)

    assert ((before & ~mask) ^ value) & 0xFFFFFFFF == after


@given(WORDS, WORDS)
def test_a_mark_that_was_set_with_its_own_bits_is_held(value: int, before: int) -> None:
    mark = Mark(value, value)

    assert mark.holds(mark.put(before))
    assert mark.put(before) == mark.put(mark.put(before))


@given(WORDS, WORDS)
def test_an_empty_mask_flips_bits(value: int, before: int) -> None:
    assert before == Mark(value, 0).put(Mark(value, 0).put(before))


# ---- thresholds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "k"),
    [
        ("0.33333333349", 715827883),
        ("0.50000000000", 1 << 30),
        ("0.20000000019", 429496730),
        ("0.16666666651", 357913941),
        ("0.33332999982", 715820724),
        ("0.00999999978", 21474836),
        ("1.00000000000", CERTAIN),
        ("0.00000000000", 0),
    ],
)
def test_a_probability_is_the_threshold_of_the_kernel(text: str, k: int) -> None:
    assert (k,) == Threshold.parse(text)
    assert text == str(Threshold(k))


@given(st.integers(0, CERTAIN))
def test_every_threshold_survives_saving(k: int) -> None:
    assert (k,) == Threshold.parse(str(Threshold(k)))


@pytest.mark.parametrize("text", ["", "x", "-0.1", "1.1", "nan", "inf", "0,5"])
def test_what_is_no_probability_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is for nobody to read
        Threshold.parse(text)


# ---- interfaces ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["eth0", "veth+", "+", "a+b", "br-0", 'a"b'])
def test_an_interface_is_written_as_it_is_read(text: str) -> None:
    assert text == str(Interface.parse(text))


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("eth0", "eth0", True),
        ("eth0", "eth01", False),
        ("eth0", "", False),
        ("eth+", "eth0", True),
        ("eth0+", "eth0", True),
        ("eth+", "et", False),
        ("eth+", "", False),
        ("+", "", True),
        ("+", "lo", True),
    ],
)
def test_an_interface_holds_names_as_the_kernel_does(text: str, name: str, expected: bool) -> None:  # noqa: FBT001 - a column
    assert expected == Interface.parse(text).holds(name)


INTERFACES = st.builds(Interface, st.text("ab", max_size=3), st.booleans())


@given(INTERFACES, INTERFACES)
def test_an_interface_covers_what_it_holds(one: Interface, other: Interface) -> None:
    names = {a + b + c + d for a in ["", "a", "b"] for b in ["", "a", "b"] for c in ["", "a", "b"] for d in ["", "a", "b", "c"]}
    mine, its = ({name for name in names if interface.holds(name)} for interface in (one, other))

    assert one.covers(other) is (its <= mine)


# ---- words and flags -----------------------------------------------------------------------------------------------------


def test_words_keep_their_order() -> None:
    words = Words.parse("RELATED,ESTABLISHED")

    assert words.names == ("RELATED", "ESTABLISHED")
    assert str(words) == "RELATED,ESTABLISHED"
    assert (words.holds("RELATED"), words.holds("RELATE")) == (True, False)


@pytest.mark.parametrize("text", ["FIN,SYN,RST,ACK SYN", "SYN NONE", "FIN,SYN,RST,PSH,ACK,URG NONE", "SYN,RST SYN", "NONE NONE"])
def test_flags_are_written_as_they_are_read(text: str) -> None:
    assert text == str(TcpFlags.parse(*text.split(" ")))


def test_all_flags_have_a_short_name() -> None:
    assert frozenset(TCP_FLAGS) == TcpFlags.parse("ALL", "SYN").looked_at


@pytest.mark.parametrize("text", ["", "SYM", "syn", "SYN,", "SYN,ALL"])
def test_what_are_no_flags_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is for nobody to read
        TcpFlags.parse(text, "SYN")


FLAGS = st.frozensets(st.sampled_from(TCP_FLAGS))


@given(FLAGS, FLAGS, st.frozensets(st.sampled_from((*TCP_FLAGS, "ECE", "CWR"))))
def test_flags_hold_where_those_looked_at_are_set_as_wanted_and_no_others(
    looked_at: frozenset[str], wanted: frozenset[str], flags: frozenset[str]
) -> None:
    expected = all((flag in flags and flag in looked_at) is (flag in wanted) for flag in TCP_FLAGS)

    assert expected is TcpFlags(looked_at, wanted).holds(flags)


@pytest.mark.parametrize(("output", "text"), [(True, "LOCAL,UNICAST --limit-iface-out"), (False, "LOCAL,UNICAST --limit-iface-in")])
def test_types_on_an_interface_are_told_in_the_words_of_the_rule(output: bool, text: str) -> None:  # noqa: FBT001 - a column
    types = TypesOn(Words(("LOCAL", "UNICAST")), output)

    assert text == str(types)
    assert (types.holds("LOCAL"), types.holds("MULTICAST")) == (True, False)
