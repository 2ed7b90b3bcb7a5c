"""The permutation of addresses: a library's Crypto-PAn where nothing is asked, and what is asked is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from yacryptopan import CryptoPAn  # type: ignore[import-untyped]  # it has no annotations

from iptexplain.anonymize import special
from iptexplain.anonymize.addresses import Addresses
from iptexplain.anonymize.key import Key
from iptexplain.anonymize.needs import Needs
from iptexplain.model.address import Address, Network

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = Key(b"a key that tests may know")
BITS = {4: 32, 6: 128}

address_of = {family: st.builds(Address, st.just(family), st.integers(0, (1 << bits) - 1)) for family, bits in BITS.items()}
addresses = st.one_of(*address_of.values())


def permutation(*keep: str, **needs: object) -> Addresses:
    asked = Needs()
    for name, value in needs.items():
        setattr(asked, name, value)
    return Addresses(KEY, asked, [Network.parse(text) for text in keep])


PLAIN = permutation()


def common(one: Address, other: Address) -> int:
    """How many bits two addresses share at their beginning."""
    return BITS[one.family] - (one.value ^ other.value).bit_length()


@pytest.mark.parametrize("text", ["1.2.3.4", "8.8.8.8", "203.0.113.7", "2001:db8::1", "2600:1f18::5", "255.255.255.254", "::2"])
def test_without_ranges_it_is_the_crypto_pan_of_a_library(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(special, "RANGES", ())
    address = Address.parse(text)

    expected = CryptoPAn(KEY.draw("addresses")).anonymize_bin(address.value, address.family)

    assert permutation().address(address).value == expected


@given(st.sampled_from([4, 6]).flatmap(lambda family: st.tuples(address_of[family], address_of[family])))
def test_two_addresses_share_as_many_bits_as_before(pair: tuple[Address, Address]) -> None:
    one, other = pair

    kept = {PLAIN.kept(one), PLAIN.kept(other)}
    assert common(PLAIN.address(one), PLAIN.address(other)) == common(one, other) or kept == {True, False}
    assert (PLAIN.address(one) == PLAIN.address(other)) == (one == other)


@given(addresses)
def test_special_ranges_hold_what_they_held(address: Address) -> None:
    image = PLAIN.address(address)

    for network, _ in special.RANGES:
        assert network.holds(image) == network.holds(address), network
    if any(kept and network.holds(address) for network, kept in special.RANGES):
        smallest = max((one for one in special.RANGES if one.network.holds(address)), key=lambda one: one.network.mask)
        assert not smallest.kept or image == address


@pytest.mark.parametrize("text", ["0.0.0.0", "127.0.0.1", "169.254.169.254", "224.0.0.251", "255.255.255.255", "::", "::1", "ff02::1"])  # noqa: S104 - nothing is bound
def test_special_addresses_stay(text: str) -> None:
    assert str(PLAIN.address(Address.parse(text))) == text


def test_a_link_local_address_may_be_made_of_a_hardware_address_and_changes() -> None:
    found = PLAIN.address(Address.parse("fe80::5054:ff:fe12:3456"))

    assert Network.parse("fe80::/64").holds(found)
    assert str(found) != "fe80::5054:ff:fe12:3456"


@given(addresses, st.data())
def test_networks_hold_the_images_of_what_they_held(address: Address, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, BITS[address.family]))
    network = Network.parse(f"{address}/{length}")
    other = data.draw(address_of[address.family])

    assert PLAIN.network(network).holds(PLAIN.address(other)) == network.holds(other)


def test_networks_that_are_kept_stay_and_hold_what_they_held() -> None:
    own = permutation("198.51.100.0/25", "2001:db8:5::/48")

    assert str(own.address(Address.parse("198.51.100.7"))) == "198.51.100.7"
    assert str(own.address(Address.parse("2001:db8:5::7"))) == "2001:db8:5::7"
    others = [Address.parse(f"198.51.100.{number}") for number in range(128, 256)]
    assert [own.address(one) for one in others] != others
    assert Network.parse("198.51.100.128/25").holds(own.address(Address.parse("198.51.100.200")))


@given(st.sampled_from([4, 6]).flatmap(lambda family: st.tuples(*[address_of[family]] * 3)), st.integers(0, 12))
def test_ranges_hold_the_images_of_what_they_held(three: tuple[Address, Address, Address], near: int) -> None:
    first, last, other = three
    first, last = sorted((first, last))
    own = permutation(ranges={(first, last)})
    assume((first, last) not in own.broken_ranges)
    low, high = own.range(first, last)

    tried = {other, first, last}
    for end in (first, last):
        tried |= {Address(end.family, end.value + step) for step in (-near, -1, 1, near) if 0 <= end.value + step < 1 << BITS[end.family]}
    for one in tried:
        assert (low <= own.address(one) <= high) == (first <= one <= last), (first, last, one)


@pytest.mark.parametrize(("first", "last"), [("5.1.2.3", "130.4.5.6"), ("8.8.4.4", "9.9.9.9"), ("::2", "::4")])
def test_a_range_whose_ends_would_tell_their_addresses_is_not_kept(first: str, last: str) -> None:
    pair = Address.parse(first), Address.parse(last)
    own = permutation(ranges={pair}, addresses={*pair})

    assert own.broken_ranges == {pair}
    assert not {*own.range(*pair)} & {*pair}


@pytest.mark.parametrize(
    ("first", "last"), [("192.168.1.10", "192.168.2.200"), ("10.96.0.0", "10.96.1.44"), ("203.0.113.5", "203.0.113.77")]
)
def test_a_common_range_is_kept(first: str, last: str) -> None:
    pair = Address.parse(first), Address.parse(last)
    own = permutation(ranges={pair}, addresses={*pair})
    low, high = own.range(*pair)

    assert own.broken_ranges == set()
    assert high.value - low.value == pair[1].value - pair[0].value


def test_a_netmap_to_addresses_that_are_kept_tells_no_others() -> None:
    own = permutation("203.0.113.0/24", translated={Network.parse("203.0.0.0/16"), Network.parse("0.0.0.0/0")})
    tried = [Address.parse(f"8.8.{number}.4") for number in range(32)]

    assert {str(network) for network in own.broken_networks} == {"203.0.0.0/16", "0.0.0.0/0"}
    assert not any(own.address(one).value & 0xFFFF == one.value & 0xFFFF for one in tried)


def test_a_range_that_is_a_network_costs_no_secrecy() -> None:
    own = permutation(ranges={(Address.parse("8.8.8.0"), Address.parse("8.8.8.255"))})

    assert own.address(Address.parse("8.8.8.77")) == PLAIN.address(Address.parse("8.8.8.77"))


def test_an_empty_range_stays_empty() -> None:
    first, last = Address.parse("10.0.0.9"), Address.parse("10.0.0.3")
    low, high = permutation(ranges={(first, last)}).range(first, last)

    assert low > high


@given(address_of[4], address_of[4])
def test_netmap_does_to_images_what_it_did(source: Address, to: Address) -> None:
    network = Network.parse(f"{to}/20")
    own = permutation(translated={network})

    def mapped(address: Address, network: Network) -> Address:
        return Address(4, network.value | address.value & ~network.mask)

    if not (PLAIN.kept(source) or PLAIN.kept(mapped(source, network))):
        assert own.address(mapped(source, network)) == mapped(own.address(source), own.network(network))


@given(address_of[6], address_of[6])
def test_masks_with_holes_hold_the_images_of_what_they_held(one: Address, other: Address) -> None:
    network = Network.parse(f"{one}/::ffff:ffff:ffff:0")
    own = permutation(holed={network})
    inside = Address(6, network.value | other.value & ~network.mask)

    for address in (other, inside):
        if not PLAIN.kept(address):
            assert own.network(network).holds(own.address(address)) == network.holds(address)


def edges() -> Iterator[tuple[str, str]]:
    for network in ("192.168.7.0/24", "10.1.0.0/16", "203.0.113.16/29"):
        first = Network.parse(network)
        yield network, str(Address(4, first.value))
        yield network, str(Address(4, first.value | ~first.mask & 0xFFFFFFFF))


@pytest.mark.parametrize(("network", "edge"), [*edges()])
def test_the_edges_of_a_connected_network_are_those_of_the_other(network: str, edge: str) -> None:
    own = permutation(connected={Network.parse(network)})
    image = own.network(Network.parse(network))

    rest = Address.parse(edge).value & ~image.mask
    assert own.address(Address.parse(edge)).value == image.value | rest


def test_no_original_stands_for_another() -> None:
    own = {Address.parse(f"192.168.{net}.{number}") for net in range(3) for number in range(9, 60)}
    found = [Addresses(Key(bytes([number]) * 16), _with(own)) for number in range(40)]

    assert all(one.address(address) not in own for one in found for address in own)
    unasked = [Addresses(Key(bytes([number]) * 16), Needs()) for number in range(40)]
    assert any(one.address(address) in own for one in unasked for address in own)


def _with(addresses: set[Address]) -> Needs:
    needs = Needs()
    needs.addresses = addresses
    return needs


def test_another_key_gives_other_addresses() -> None:
    other = Addresses(Key(b"another key of many bytes"), Needs())
    tried = [Address.parse(f"8.8.{number}.8") for number in range(64)]

    assert [PLAIN.address(one) for one in tried] != [other.address(one) for one in tried]
