"""Addresses that keep their neighbours: two that share their first n bits still share n, and no more.

That is Crypto-PAn (Xu, Fan, Ammar, Moon: "Prefix-Preserving IP Address Anonymization", ICNP 2002): whether a bit is turned over depends on
the bits before it, by AES under the key. So every network of CIDR form stays a network of the same length and holds the same addresses.

What CIDR does not say is kept by not turning bits over where that would break it, and by looking at fewer of the bits before:

* *fixed* places, where the bit stays: the way down to a special range (`special`), the ends of a range from one address to another, and
  the first and last address of a connected network;
* *seen* bits: behind the prefix of a NETMAP only bits behind it count, so that both networks change alike; where a mask has holes, the
  bits under it depend on no others. (An address of a range that is kept may so fall out of such a network: 127.0.0.1 out of
  0.0.0.1/0.0.0.255.)

AES is that of pycryptodome, which encrypts all blocks of an address in one call. (Libraries of Crypto-PAn call it once a bit: measured,
200 µs for an IPv4 address and 740 µs for one of IPv6, where a dump has tens of thousands. The tests hold one of them against this module.)
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from iptexplain.anonymize import special
from iptexplain.errors import MissingProgramError
from iptexplain.model.address import Address, Network
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from iptexplain.anonymize.key import Key
    from iptexplain.anonymize.needs import Needs

_BLOCK = 128
"""The bits of a block of AES, which are those of an IPv6 address."""

_BITS = {4: 32, 6: 128}

_PIECE = 8
"""So many bits of an address are worked out, and kept, at a time."""


parsed = lru_cache(1 << 17)(Address.parse)
"""`Address.parse` for texts that are read twice, first to see what they ask."""


class Addresses:
    """The permutation of both families under one key."""

    def __init__(self, key: Key, needs: Needs, keep: Iterable[Network] = ()) -> None:
        """`keep` are networks whose addresses stay as they are. Raises `MissingProgramError` without pycryptodomex."""
        ranges = (*special.RANGES, *(special.Range(network, kept=True) for network in keep))
        self._of = {family: _clear(key, family, needs, ranges) for family in _BITS}
        self.broken_ranges = frozenset(pair for one in self._of.values() for pair in one.broken_ranges)
        """Ranges whose ends would tell their addresses: what is written for them does not hold exactly what they held."""
        self.broken_networks = frozenset(network for one in self._of.values() for network in one.broken_networks)
        """Networks of NETMAP that hold addresses which stay as they are: the others no longer correspond."""

    def address(self, address: Address) -> Address:
        """The address that stands for another."""
        return Address(address.family, self._of[address.family].image(address.value))

    def network(self, network: Network) -> Network:
        """The network that holds the images of all addresses of another."""
        family, value, mask = network
        permutation = self._of[family]
        holed = mask & -mask and (mask | (mask & -mask) - 1) != (1 << _BITS[family]) - 1
        return Network(family, (permutation.turned(value) if holed else permutation.image(value)) & mask, mask)

    def range(self, first: Address, last: Address) -> tuple[Address, Address]:
        """The first and the last image of the addresses from `first` to `last`; that range must have been among the needs."""
        if first.value > last.value:  # holds nothing, and so shall the other
            low, high = self.range(last, first)
            return high, low
        image = self._of[first.family].image
        if (first, last) in self.broken_ranges:
            low, high = sorted((self.address(first), self.address(last)))
            return low, high
        below = (1 << _aligned(first.value, last.value)) - 1
        above = (1 << _aligned_end(first.value, last.value)) - 1
        return Address(first.family, image(first.value) & ~below), Address(last.family, image(last.value) | above)

    def kept(self, address: Address) -> bool:
        """Does an address stay what it is because of the range that it is in."""
        return self._of[address.family].kept(address.value)

    def seen(self) -> Iterator[tuple[Address, Address]]:
        """All addresses that have been asked for, each with the one that stands for it."""
        for family, permutation in self._of.items():
            for value, image in sorted(permutation.images.items()):
                yield Address(family, value), Address(family, image)


_MOST_TRIED = 50_000
"""So many addresses are tried altogether."""

_MOST_TURNS = 64
"""So many permutations are tried; where a dump names most addresses of a range there is no clear one."""


def _clear(key: Key, family: int, needs: Needs, ranges: Sequence[special.Range]) -> _Permutation:
    """The first permutation under a key in which no address or network of the inputs stands for one of them.

    Not for secrecy: whoever looks for an original in the output shall find none, even where it would mean another. Nearly always that is
    the first permutation, so that inputs that are anonymised one after another get the same addresses.
    """
    own = {address.value for address in needs.addresses if address.family == family}
    networks = {(network.value, network.mask) for network in needs.networks if network.family == family}

    def clear(one: _Permutation) -> bool:
        if not all(one.kept(value) or one.image(value) not in own for value in own):
            return False
        return not any((one.image(value) & mask, mask) in networks for value, mask in networks if one.turns(value, mask) >= _LEAST_TURNED)

    most = max(1, min(_MOST_TURNS, _MOST_TRIED // (1 + len(own) + len(networks) + len(needs.ranges))))
    turns = [("addresses",), *(("addresses", str(turn)) for turn in range(1, most + 1))]
    found = (_Permutation(key.draw(*turn), family, needs, ranges) for turn in turns)
    first = next(found)
    return next(filter(clear, chain([first], found)), first)


_LEAST_BEFORE = 2
"""So few bits are enough before the bit where a range parts: the permutation is one in which no original stands (`_clear`)."""

_LEAST_TURNED = 4
"""A network in whose prefix fewer bits may be turned over is nearly a special range itself: such as 10.0.0.0/9."""


class _Permutation:
    """The permutation of the addresses of one family."""

    def __init__(self, secret: bytes, family: int, needs: Needs, ranges: Iterable[special.Range]) -> None:
        self._bits = bits = _BITS[family]
        self._encrypt, padding = _cipher(secret)
        self._pads = tuple([padding & ((1 << _BLOCK) - 1) >> bit for bit in range(bits)])
        own = [one for one in ranges if one.network.family == family]
        self._ranges = sorted(((one.network, one.kept) for one in own), key=lambda row: -row[0].mask)
        kept = [network for network, stays in self._ranges if stays]
        translated = [network for network in needs.translated if network.family == family]
        self.broken_networks = [network for network in translated if any(network.meets(other) for other in kept)]
        follow = [network for network in translated if network not in self.broken_networks]
        self._seen = _seen_bits(family, follow, [network for network in needs.holed if network.family == family])
        self._masks = tuple([seen << (_BLOCK - bits) for seen in self._seen])
        self._fixed: dict[int, set[int]] = {}
        for one in own:
            self._fix_way(one.network.value, one.network.mask.bit_count())
        self.broken_ranges: list[tuple[Address, Address]] = []
        for first, last in sorted(tuple(sorted(pair)) for pair in needs.ranges):
            if first.family == family and not self._fix_ends(first.value, last.value):
                self.broken_ranges.append((first, last))
        for network in needs.connected:
            if network.family == family:
                self._fix_edges(network)
        self.images: dict[int, int] = {}
        self._pieces: dict[tuple[int, int], int] = {}

    def image(self, value: int) -> int:
        """What stands for an address."""
        found = self.images.get(value)
        if found is None:
            found = self.images[value] = value if self.kept(value) else value ^ self._flips(value)
        return found

    def turned(self, value: int) -> int:
        """What stands for the bits of an address under a mask with holes, whichever ranges are kept: it is no address."""
        return value ^ self._flips(value)

    def turns(self, value: int, mask: int) -> int:
        """How many bits of an address under a mask may be turned over."""
        if self.kept(value):
            return 0
        fixed = sum(1 << (self._bits - 1 - bit) for bit, places in self._fixed.items() if value & self._seen[bit] in places)
        return (mask & ~fixed).bit_count()

    def kept(self, value: int) -> bool:
        """Is an address in a range that is kept."""
        return next((kept for network, kept in self._ranges if value & network.mask == network.value), False)

    def _flips(self, value: int) -> int:
        """The bits of an address that are turned over, piece by piece: many addresses share their first ones."""
        bits, known, flips = self._bits, self._pieces, 0
        for start in range(0, bits, _PIECE):
            place = start, value >> (bits - start - _PIECE)
            found = known.get(place)
            if found is None:
                found = known[place] = self._piece(start, value)
            flips = flips << _PIECE | found
        return flips

    def _piece(self, start: int, value: int) -> int:
        """Which of a few bits of an address are turned over."""
        shifted = value << (_BLOCK - self._bits)
        rows = zip(self._masks[start : start + _PIECE], self._pads[start : start + _PIECE], strict=True)
        drawn = self._encrypt(b"".join([(shifted & mask | pad).to_bytes(16) for mask, pad in rows]))[::16]
        found = 0
        for bit, byte in enumerate(drawn, start):
            fixed = self._fixed.get(bit)
            found = found << 1 | (byte >> 7 if fixed is None or value & self._seen[bit] not in fixed else 0)
        return found

    def _fix(self, bit: int, value: int) -> None:
        """From now on a bit (counted from 0, the first) of addresses that begin as this one stays as it is."""
        self._fixed.setdefault(bit, set()).add(value & self._seen[bit])

    def _fix_way(self, value: int, length: int) -> None:
        """The first `length` bits of addresses that begin with those of this one, as far as they do."""
        for bit in range(length):
            self._fix(bit, value)

    def _fix_ends(self, first: int, last: int) -> bool:
        """The bits by which addresses from `first` to `last` differ from those outside; False if the ends would then tell too much.

        Behind the bit where they part the ends of a range keep their bits, since the images would not stand in a row otherwise. That is
        only done where enough bits before it are turned over, or where the addresses are nobody's.
        """
        bits = self._bits
        if _aligned(first, last) == (first ^ last).bit_length():
            return True  # it is a network
        parting = bits - (first ^ last).bit_length()
        prefix = ((1 << bits) - 1) ^ (((1 << bits) - 1) >> parting)
        nobodys = any(network.value == first & network.mask == last & network.mask for network in special.NOBODYS) or self.kept(first)
        if self.turns(first, prefix) < _LEAST_BEFORE and not nobodys:
            return False
        self._fix(parting, first)
        for end, whole in ((first, _aligned(first, last)), (last, _aligned_end(first, last))):
            for bit in range(parting + 1, bits - whole):
                self._fix(bit, end)
        return True

    def _fix_edges(self, network: Network) -> None:
        """The bits behind the prefix that are all 0 or all 1 so far."""
        rest = ((1 << self._bits) - 1) ^ network.mask
        for bit in range(network.mask.bit_count(), self._bits):
            self._fix(bit, network.value)
            self._fix(bit, network.value | rest)


def _seen_bits(family: int, translated: Iterable[Network], holed: Iterable[Network]) -> tuple[int, ...]:
    """For each bit of an address the bits before it that count."""
    bits = _BITS[family]
    whole = (1 << bits) - 1
    seen = [whole ^ (whole >> bit) for bit in range(bits)]
    for network in translated:
        for bit in range(network.mask.bit_count(), bits):
            seen[bit] &= ~network.mask
    for network in holed:
        for bit in range(bits):
            if network.mask >> (bits - 1 - bit) & 1:
                seen[bit] &= network.mask
    return tuple(seen)


def _aligned(first: int, last: int) -> int:
    """How many bits at the end of `first` are free in the range: the largest network that begins there has so many."""
    size = (first & -first).bit_length() - 1 if first else _BLOCK
    return min(size, (last - first + 1).bit_length() - 1)


def _aligned_end(first: int, last: int) -> int:
    """How many bits at the end of `last` are free in the range: the largest network that ends there has so many."""
    behind = last + 1
    return min((behind & -behind).bit_length() - 1, (last - first + 1).bit_length() - 1)


def _cipher(secret: bytes) -> tuple[Callable[[bytes], bytes], int]:
    """What encrypts blocks under a key of 32 bytes, and the padding that follows from it (as in the reference implementation)."""
    try:
        from Cryptodome.Cipher import AES
    except ImportError:
        what = message("anonymizing needs the package {package}: pip install 'iptexplain[report]'", package="pycryptodomex")
        raise MissingProgramError(what) from None
    cipher = AES.new(secret[:16], AES.MODE_ECB)
    return cipher.encrypt, int.from_bytes(cipher.encrypt(secret[16:]))
