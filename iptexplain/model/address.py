"""Addresses, networks and endpoints of both families.

Kept as integers with their family, since iptables has netmasks with holes (`10.0.0.0/255.255.0.255`), which `ipaddress` has not.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from iptexplain.model.names import number
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

IPV4, IPV6 = 4, 6
"""The families."""

_BITS = {4: 32, 6: 128}
_OCTETS = {str(octet): octet for octet in range(256)}
"""The only way to write each octet: no leading zeros, no signs, no other digits than ASCII."""


class Address(NamedTuple):
    """One address; `family` is 4 or 6."""

    family: int
    value: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `10.0.0.1` or `2001:db8::1`. Raises ValueError."""
        try:  # the quick way for what is nearly always there
            a, b, c, d = text.split(".")
            return cls(4, _OCTETS[a] << 24 | _OCTETS[b] << 16 | _OCTETS[c] << 8 | _OCTETS[d])
        except (ValueError, KeyError):
            from ipaddress import ip_address
        found = ip_address(text)
        if "%" in text:  # an interface, which no rule can have here
            raise ValueError(text)
        return cls(found.version, int(found))

    def masked(self, mask: Address | None) -> Address:
        """The address with only the bits that are set in a mask; None leaves it as it is."""
        return self if mask is None else Address(self.family, self.value & mask.value)

    def __str__(self) -> str:
        value = self.value
        if self.family == 4:  # noqa: PLR2004
            return f"{value >> 24}.{value >> 16 & 255}.{value >> 8 & 255}.{value & 255}"
        from ipaddress import IPv6Address

        lead = {0: "::", 0xFFFF: "::ffff:"}.get(value >> 32)  # what may hold an IPv4 address, glibc's inet_ntop, and so iptables, writes so
        if lead is not None and (value >> 16):
            return f"{lead}{Address(4, value & 0xFFFFFFFF)}"
        return str(IPv6Address(value))


class Network(NamedTuple):
    """All addresses that agree with `value` in the bits of `mask`; the mask may have holes."""

    family: int
    value: int
    mask: int

    @classmethod
    def parse(cls, text: str) -> Network:
        """Read `10.0.0.0/8`, `10.0.0.1`, `10.0.0.0/255.255.0.255`, `10/8` or the IPv6 forms. Raises ValueError."""
        address, slash, length = text.partition("/")
        try:
            family, value = Address.parse(address)
        except ValueError:
            family, value = 4, _short(address)
        whole = (1 << _BITS[family]) - 1
        if not slash:
            mask = whole
        elif length.isdecimal():
            if int(length) > _BITS[family]:
                raise ValueError(text)
            mask = whole ^ (whole >> int(length))
        else:
            mask_family, mask = Address.parse(length)
            if mask_family != family:
                raise ValueError(text)
        return cls(family, value & mask, mask)

    @classmethod
    def one(cls, text: str) -> Address | None:
        """The address of a network with only one, `10.0.0.1/32` or `10.0.0.1`; None for a wider one. Raises ValueError."""
        address, slash, length = text.partition("/")
        if not slash or length == ("128" if ":" in address else "32"):
            return Address.parse(address)
        return cls.parse(text).single

    @classmethod
    def whole(cls, family: int) -> Network:
        """0.0.0.0/0 or ::/0."""
        return cls(family, 0, 0)

    @classmethod
    def all_single(cls, texts: Iterable[str]) -> bool:
        """Is each of many texts one IPv4 address, spelt as iptables-save does: `10.0.0.1/32`."""
        return _whole(_SINGLE, lines=True)("\n".join(texts)) is not None

    @classmethod
    def of(cls, address: Address) -> Network:
        """The network of one address: `10.0.0.1/32`."""
        return cls(address.family, address.value, (1 << _BITS[address.family]) - 1)

    def holds(self, address: Address) -> bool:
        """Is the address one of them."""
        return address.family == self.family and address.value & self.mask == self.value

    def covers(self, other: Network) -> bool:
        """Is every address of the other one of these."""
        return self.family == other.family and self.mask & other.mask == self.mask and other.value & self.mask == self.value

    def meets(self, other: Network) -> bool:
        """Is there an address in both."""
        both = self.mask & other.mask
        return self.family == other.family and self.value & both == other.value & both

    @property
    def single(self) -> Address | None:
        """The address, if there is only one."""
        return Address(self.family, self.value) if self.mask == (1 << _BITS[self.family]) - 1 else None

    def __str__(self) -> str:
        length = self.mask.bit_count()
        whole = (1 << _BITS[self.family]) - 1
        if self.mask == whole ^ (whole >> length):
            return f"{Address(self.family, self.value)}/{length}"
        return f"{Address(self.family, self.value)}/{Address(self.family, self.mask)}"


class AddressRange(NamedTuple):
    """The addresses from `first` to `last`, both included; none if `first` is the greater one."""

    first: Address
    last: Address

    @classmethod
    def parse(cls, text: str) -> AddressRange:
        """Read `10.0.0.1-10.0.0.9`, or one address. Octets may be octal or hexadecimal, and the last ones left out. Raises ValueError."""
        low, dash, high = text.partition("-")
        first, last = (Address.parse(end) if ":" in end else Address(4, _short(end)) for end in (low, high if dash else low))
        if first.family != last.family:
            raise ValueError(text)
        return cls(first, last)

    def holds(self, address: Address) -> bool:
        """Is the address one of them (net/netfilter/xt_iprange.c)."""
        return address.family == self.first.family and self.first.value <= address.value <= self.last.value

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


class NatPorts(NamedTuple):
    """The ports from `first` to `last`, one of which a packet gets.

    `base` is the `/8000` of `80-90/8000`: the port that `first` takes the place of, for a map of many ports (DNAT alone).
    """

    first: int
    last: int
    base: int | None = None

    @classmethod
    def parse(cls, text: str) -> NatPorts:
        """Read `80`, `80-90`, `80-90/8000`, numbers as in C; where one port stands alone, also a service. Raises ValueError."""
        if not text[:1].isdecimal():
            return cls(_port(text), _port(text))  # a name, which may have a dash
        ports, slash, base = text.partition("/")
        low, dash, high = ports.partition("-")
        first = _port(low)
        last = _port(high) if dash and high[:1].isdecimal() else first
        if (dash and not high[:1].isdecimal()) or (slash and not dash) or last < first:
            raise ValueError(text)
        return cls(first, last, _port(base) if slash else None)

    def __str__(self) -> str:
        ports = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return ports if self.base is None else f"{ports}/{self.base}"


class Endpoint(NamedTuple):
    """Where a packet is sent on by DNAT: an address or a range of them, a port or a range, or only one of the two.

    `base_port` is the `/8000` of `10.0.0.1:80-90/8000` (shifted port maps).
    """

    first: Address | None
    last: Address | None
    first_port: int | None
    last_port: int | None
    base_port: int | None = None

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """Read `10.0.0.1:80`, `10.0.0.1-10.0.0.5:80-90`, `:53`, `[2001:db8::1]:80` or `2001:db8::1`. Raises ValueError."""
        if not text:
            raise ValueError(text)
        if text.count(":") <= 1 and "-" not in text and "/" not in text and text[0] != "[":
            address, colon, port = text.partition(":")
            to, number = Address.parse(address) if address else None, _port(port) if colon else None
            return cls(to, to, number, number)
        if text.startswith("["):
            addresses, closed, ports = text[1:].partition("]")
            if not closed or (ports and ports[0] != ":") or (addresses and ":" not in addresses):
                raise ValueError(text)
        elif text.count(":") > 1:
            addresses, ports = text, ""
        else:
            addresses, colon, ports = text.partition(":")
            ports = colon + ports
        low, dash, high = addresses.partition("-")
        first = Address.parse(low) if addresses else None
        last = Address.parse(high) if dash else first
        if first is not None and last is not None and first.family != last.family:
            raise ValueError(text)
        if not ports:
            return cls(first, last, None, None)
        return cls(first, last, *NatPorts.parse(ports[1:]))

    @classmethod
    def written(cls, text: str) -> str:
        """The text of an endpoint in the spelling of iptables-save, without making the endpoint where it is spelt so. Raises ValueError."""
        return text if _whole(_ENDPOINT)(text) else str(cls.parse(text))

    @classmethod
    def all_written(cls, texts: Iterable[str]) -> bool:
        """Is each of many texts one IPv4 address and one port in the spelling of iptables-save."""
        return _whole(_ENDPOINT, lines=True)("\n".join(texts)) is not None

    @classmethod
    def first_of(cls, text: str) -> tuple[str | None, int | None]:
        """The (first) address and port of an endpoint as `written` gives it, without making the endpoint where it is one of each."""
        if _whole(_ENDPOINT)(text):
            address, _, port = text.partition(":")
            return address, int(port)
        found = cls.parse(text)
        return None if found.first is None else str(found.first), found.first_port

    @property
    def single(self) -> bool:
        """Is it one address and one port."""
        return self.first is not None and self.first == self.last and self.first_port is not None and self.first_port == self.last_port

    def __str__(self) -> str:
        address = ""
        if self.first is not None:
            six = self.first.family == 6 and self.first_port is not None  # noqa: PLR2004
            address = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
            address = f"[{address}]" if six else address
        if self.first_port is None or self.last_port is None:
            return address
        return f"{address}:{NatPorts(self.first_port, self.last_port, self.base_port)}"


_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"(?:{_OCTET}\.){{3}}{_OCTET}"
_ENDPOINT = rf"{_IPV4}:(?:[1-9][0-9]{{0,3}}|[1-5][0-9]{{4}}|6[0-4][0-9]{{3}})"
"""One IPv4 address and one port (up to 64999), in the only way to write them."""
_SINGLE = rf"{_IPV4}/32"


@cache
def _whole(expression: str, *, lines: bool = False) -> Callable[[str], object]:
    """Tells whether a text, or each of its lines, is as the expression says; compiled when first asked for."""
    return re.compile(rf"(?:{expression}(?:\n{expression})*+)?" if lines else expression).fullmatch


def _short(text: str) -> int:
    """An IPv4 address as iptables reads it: with fewer octets than four, and with octal and hexadecimal ones. Raises ValueError."""
    octets = [number(part) for part in text.split(".")]
    if len(octets) > 4 or max(octets) > 0xFF:  # noqa: PLR2004 - the octets of an address, and the last of their values
        raise ValueError(text)
    return int.from_bytes(bytes(octets).ljust(4, b"\0"))


def _port(text: str) -> int:
    """A port as a number in the ways of C, or as the name of a service."""
    if text.isascii() and text.isdigit() and text[0] != "0":
        found = int(text)
    else:
        from iptexplain.model.names import port

        found = port(text)
    if found > 0xFFFF:  # noqa: PLR2004 - the last port
        raise ValueError(text)
    return found
