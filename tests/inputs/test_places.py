from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.inputs.places import End, UnreadablePlaceError, parse_end, parse_place, parse_protocol
from iptexplain.model.address import Address
from iptexplain.model.packet import Place

FOUR, SIX = Address.parse("10.96.0.10"), Address.parse("2001:db8::10")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("10.96.0.10", End(FOUR)),
        ("10.96.0.10:53", End(FOUR, 53)),
        ("10.96.0.10:http", End(FOUR, 80)),
        ("10.96.0.10:53/udp", End(FOUR, 53, 17)),
        ("10.96.0.10:53/17", End(FOUR, 53, 17)),
        ("10.96.0.10/icmp", End(FOUR, None, 1)),
        ("10.96.0.10/GRE", End(FOUR, None, 47)),
        ("10.96.0.10/132", End(FOUR, None, 132)),
        ("2001:db8::10", End(SIX)),
        ("2001:db8::10/icmpv6", End(SIX, None, 58)),
        ("[2001:db8::10]", End(SIX)),
        ("[2001:db8::10]:53", End(SIX, 53)),
        ("[2001:db8::10]:53/udp", End(SIX, 53, 17)),
        ("::", End(Address(6, 0))),
    ],
)
def test_an_address_is_read_with_what_stands_behind_it(text: str, end: End) -> None:
    assert end == parse_end(text)


@pytest.mark.parametrize(
    "text", ["nginx", "default/nginx", "default/nginx:http", "default/nginx:http/tcp", "pod", "node", "outside", "", "10.96.0"]
)
def test_what_is_no_address_may_be_a_name(text: str) -> None:
    assert parse_end(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.96.0.300", "an address such as 10.96.0.10:53/udp or [2001:db8::1]:80"),
        ("10.96.0.300:80", "an address such as"),
        ("10.96.0.010", "an address such as"),
        ("[2001:db8::x]:80", "an address such as"),
        ("[nginx]:80", "an address such as"),
        ("2001:db8::10:http", "an address such as"),
        ("10.96.0.10:80:90", "an address such as"),
        ("10.96.0.10:", "a port from 0 to 65535 behind the address"),
        ("10.96.0.10:65536", "a port from 0 to 65535 behind the address"),
        ("10.96.0.10:web", "a port from 0 to 65535 behind the address"),
        ("[2001:db8::10]53", "a port from 0 to 65535 behind the address"),
        ("[2001:db8::10", "a port from 0 to 65535 behind the address"),
        ("[10.96.0.10]:53", "a port from 0 to 65535 behind the address"),
        ("10.96.0.10:53/", "a protocol such as tcp or 132 behind the slash"),
        ("10.96.0.10:53/all", "a protocol such as tcp or 132 behind the slash"),
        ("10.96.0.10/256", "a protocol such as tcp or 132 behind the slash"),
        ("10.96.0.10/24", "one address, not a network; a protocol by its name, such as gre"),
        ("2001:db8::10/64", "one address, not a network; a protocol by its name, such as gre"),
    ],
)
def test_what_is_neither_an_address_nor_a_name_is_refused(text: str, expected: str) -> None:
    with pytest.raises(UnreadablePlaceError) as error:
        parse_end(text)

    assert str(error.value).startswith(f"expected {expected}")
    assert str(error.value).endswith(f", found: {text}")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("10.96.0.10", Place(FOUR)),
        ("10.96.0.10:80", Place(FOUR, 80)),
        ("2001:db8::10", Place(SIX)),
        ("[2001:db8::10]", Place(SIX)),
        ("[2001:db8::10]:80", Place(SIX, 80)),
    ],
)
def test_a_place_is_an_address_and_perhaps_a_port(text: str, place: Place) -> None:
    assert place == parse_place(text)


@pytest.mark.parametrize(
    "text", ["", ":80", "nginx:80", "10.96.0.10:", "10.96.0.10:80/tcp", "[]", "[10.96.0.10]", "[2001:db8::10]80", "2001:db8::10:80:x"]
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is for nobody to read
        parse_place(text)


@pytest.mark.parametrize("text", ["", "all", "ip", "-1", "256", "tpc", "6 "])
def test_what_is_no_protocol_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is for nobody to read
        parse_protocol(text)


@given(st.text(alphabet=st.sampled_from("10.9:/[]abtcpud-"), max_size=20))
def test_any_text_is_an_end_or_a_name_or_refused(text: str) -> None:
    try:
        found = parse_end(text)
    except UnreadablePlaceError:
        return
    assert found is None or found.address.family == (6 if text.count(":") > 1 else 4)
