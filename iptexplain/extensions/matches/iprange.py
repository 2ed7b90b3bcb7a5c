"""iprange: the packet's address lies between two others.

Man page iptables-extensions(8), iprange; kernel net/netfilter/xt_iprange.c. A range whose first address is the greater one never matches.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_8, integer
from iptexplain.model.address import Address
from iptexplain.named import NamedTuple

_OCTETS = 4


def _address(text: str) -> Address:
    """An address; octets may be octal or hexadecimal, and the last ones left out (`10.1` is 10.1.0.0)."""
    if ":" in text:
        return Address.parse(text)
    octets = [integer(octet, MAX_8) for octet in text.split(".")]
    if len(octets) > _OCTETS:
        raise ValueError(text)
    return Address(4, int.from_bytes(bytes(octets).ljust(_OCTETS, b"\0"), "big"))


class AddressRange(NamedTuple):
    """The addresses from `first` to `last`, both included."""

    first: Address
    last: Address

    @classmethod
    def parse(cls, text: str) -> AddressRange:
        """Read `10.0.0.1-10.0.0.9`, or one address. Raises ValueError."""
        low, dash, high = text.partition("-")
        found = cls(_address(low), _address(high if dash else low))
        if found.first.family != found.last.family:
            raise ValueError(text)
        return found

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


class IpRange(Extension):
    """The source and the destination; None where the rule does not say."""

    NAME: ClassVar[str] = "iprange"

    source: Given[AddressRange] | None = None
    destination: Given[AddressRange] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--src-range", "source", AddressRange.parse, negatable=True),
        Option("--dst-range", "destination", AddressRange.parse, negatable=True),
    )

    def check(self) -> None:
        """At least one of them."""
        if self.source is None and self.destination is None:
            raise ValueError(self.NAME)


EXTENSION = IpRange
