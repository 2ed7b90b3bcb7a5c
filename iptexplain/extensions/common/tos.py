"""The type-of-service byte, and the names that parts of it had in RFC 1349."""

from __future__ import annotations

from iptexplain.extensions.common.numbers import MAX_8, integer
from iptexplain.named import NamedTuple

_NAMES = {"minimize-delay": 0x10, "maximize-throughput": 0x08, "maximize-reliability": 0x04, "minimize-cost": 0x02, "normal-service": 0x00}
_NAMED_BITS = 0x3F
"""A name says nothing of the two upper bits."""


class Tos(NamedTuple):
    """A value of the bits in `mask` of the byte."""

    value: int
    mask: int = MAX_8

    @classmethod
    def parse(cls, text: str) -> Tos:
        """Read `0x10/0x3f`, `16`, or a name in upper or lower case. Raises ValueError.

        >>> str(Tos.parse("Minimize-Delay")), str(Tos.parse("4"))
        ('0x10/0x3f', '0x04/0xff')
        """
        named = _NAMES.get(text.lower())
        if named is not None:
            return cls(named, _NAMED_BITS)
        value, slash, mask = text.partition("/")
        return cls(integer(value, MAX_8), integer(mask, MAX_8) if slash else MAX_8)

    def holds(self, tos: int) -> bool:
        """Has a packet with this byte these bits (net/netfilter/xt_dscp.c, `tos_mt`)."""
        return tos & self.mask == self.value

    def __str__(self) -> str:
        return f"0x{self.value:02x}/0x{self.mask:02x}"
