from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.model.address import Address, Endpoint, Network

BITS = {4: 32, 6: 128}
ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Networks with masks of all sorts, holes too, among few addresses, so that they meet now and then."""
    family = draw(st.sampled_from([4, 6]))
    whole = (1 << BITS[family]) - 1
    mask = whole ^ draw(st.integers(0, 15))
    return Network(family, draw(st.integers(0, 15)) & mask, mask)


# ---- addresses -----------------------------------------------------------------------------------------------------------


@given(ADDRESSES)
def test_an_address_is_written_as_iptables_writes_it(address: IPv4Address | IPv6Address) -> None:
    family = {4: socket.AF_INET, 6: socket.AF_INET6}[address.version]

    assert socket.inet_ntop(family, address.packed) == str(Address.parse(str(address)))


@pytest.mark.parametrize("text", ["::", "::1", "::ffff", "::1:0", "::1.2.3.4", "::ffff:1.2.3.4", "::fffe:1:2", "1::1.2.3.4"])
def test_an_address_that_holds_another_is_written_as_iptables_writes_it(text: str) -> None:
    packed = socket.inet_pton(socket.AF_INET6, text)

    assert socket.inet_ntop(socket.AF_INET6, packed) == str(Address.parse(text))


@pytest.mark.parametrize("text", ["", "x", "10.0.0", "10.0.0.256", "10.0.0.0/8", "1::2::3", "10.0.0.1 ", ":80", "010.0.0.1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is for nobody to read
        Address.parse(text)


# ---- networks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.0/8",
        "0.0.0.0/0",
        "1.2.3.4/32",
        "10.0.0.0/255.255.0.255",
        "::/0",
        "2001:db8::/32",
        "fd00::1/128",
        "::1/ffff::1",
        "128.0.0.0/1",
    ],
)
def test_a_network_is_written_as_it_is_read(text: str) -> None:
    assert text == str(Network.parse(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.1", "10.0.0.1/32"),
        ("fd00::1", "fd00::1/128"),
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("fd00::1/ffff::", "fd00::/16"),
        ("1.2.3.4/0.0.0.0", "0.0.0.0/0"),
    ],
)
def test_a_network_has_one_form(text: str, expected: str) -> None:
    assert expected == str(Network.parse(text))
    assert Network.parse(expected) == Network.parse(text)


@pytest.mark.parametrize(
    "text", ["", "/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/ffff::", "::/129", "10.0.0.0/8/8", "!", "x/8"]
)
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is for nobody to read
        Network.parse(text)


@given(ADDRESSES, st.integers(0, 128))
def test_lengths_mean_what_python_says(address: IPv4Address | IPv6Address, length: int) -> None:
    if length > address.max_prefixlen:
        return

    assert ip_network(f"{address}/{length}", strict=False) == ip_network(str(Network.parse(f"{address}/{length}")))


@given(networks(), networks())
def test_networks_relate_as_their_members_do(one: Network, other: Network) -> None:
    def members(network: Network) -> set[Address]:
        return {address for value in range(32) if network.holds(address := Address(network.family, value))}

    mine, its = members(one), members(other)

    assert one.covers(other) is (its <= mine and one.family == other.family)
    assert one.meets(other) is bool(mine & its)


@given(networks())
def test_a_network_is_single_if_it_has_one_member(network: Network) -> None:
    single = network.single

    assert (single is not None) is (network.mask == (1 << BITS[network.family]) - 1)
    assert single is None or network.holds(single)


def test_the_whole_holds_everything_of_its_family() -> None:
    assert Network.whole(4).holds(Address.parse("255.255.255.255"))
    assert not Network.whole(4).holds(Address.parse("::1"))
    assert Network.whole(6).covers(Network.parse("fd00::/8"))
    assert f"{Network.whole(4)} {Network.whole(6)}" == "0.0.0.0/0 ::/0"


# ---- endpoints -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.1",
        "10.0.0.1:80",
        "10.0.0.1-10.0.0.5",
        "10.0.0.1-10.0.0.5:80",
        "10.0.0.1-10.0.0.5:80-90",
        "10.0.0.1:80-90",
        "10.0.0.1:80-90/8000",
        ":53",
        ":1024-2048",
        "2001:db8::1",
        "2001:db8::1-2001:db8::5",
        "[2001:db8::1]:80",
        "[2001:db8::1]:80-90",
        "[2001:db8::1-2001:db8::5]:80",
        "[2001:db8::1]:80-90/8000",
    ],
)
def test_an_endpoint_is_written_as_it_is_read(text: str) -> None:
    assert text == str(Endpoint.parse(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.1-10.0.0.1:80-80", "10.0.0.1:80"),
        ("10.0.0.1:http", "10.0.0.1:80"),
        ("10.0.0.1:ftp-data", "10.0.0.1:20"),
        ("10.0.0.1:0x50-0132/ssh", "10.0.0.1:80-90/22"),
        ("[2001:DB8:0::1]", "2001:db8::1"),
        ("[]:80", ":80"),
    ],
)
def test_an_endpoint_has_one_form(text: str, expected: str) -> None:
    assert expected == str(Endpoint.parse(text)) == Endpoint.written(text)
    assert Endpoint.parse(expected) == Endpoint.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.1:",
        "10.0.0.1:80-http",
        "10.0.0.1:90-80",
        "10.0.0.1:80/8000",
        "10.0.0.1:80-",
        "10.0.0.1-",
        "-10.0.0.1",
        "10.0.0.1-2001:db8::1",
        "[10.0.0.1]:80",
        "[2001:db8::1]-[2001:db8::5]:80",
        "[2001:db8::1]80",
        "[",
    ],
)
def test_what_iptables_refuses_is_no_endpoint(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is for nobody to read
        Endpoint.parse(text)


@pytest.mark.parametrize(
    "text",
    ["x", "10.0.0.1:x", "10.0.0.1:65536", "10.0.0.1:-1", "10.0.0.1-x", "[2001:db8::1", "[10.0.0.x]:80", "10.0.0.1:80:90", "10.0.0.1/8", ""],
)
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is for nobody to read
        Endpoint.parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.1:80", True),
        ("[::1]:80", True),
        ("10.0.0.1", False),
        (":80", False),
        ("10.0.0.1:80-81", False),
        ("10.0.0.1-10.0.0.2:80", False),
    ],
)
def test_an_endpoint_is_single_if_it_is_one_address_and_one_port(text: str, expected: bool) -> None:  # noqa: FBT001 - a column
    assert expected == Endpoint.parse(text).single


@given(ADDRESSES, st.integers(0, 65535))
def test_the_parts_of_an_endpoint_are_told_apart(address: IPv4Address | IPv6Address, port: int) -> None:
    written = str(Address.parse(str(address)))
    text = f"{written}:{port}" if address.version == 4 else f"[{written}]:{port}"
    found = Endpoint.parse(text)

    assert (written, port) == (str(found.first), found.first_port)
    assert ip_address(str(found.last)) == address
    assert text == str(found)
