"""The type-of-service byte, and the names that parts of it had in RFC 1349."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.common.numbers import MAX_8, integer
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message

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


def asked(wanted: Tos, *, negated: bool = False) -> Message:
    """What a match asks of the byte."""
    name = next((name for name, value in _NAMES.items() if wanted == Tos(value, _NAMED_BITS)), None)
    kind = "named" if name is not None else "whole" if wanted.mask == MAX_8 else "part"
    return message(_ASKED[kind][negated], name=name, value=f"{wanted.value:#04x}", mask=f"{wanted.mask:#04x}")


_ASKED = {
    "named": (N_("with TOS {name}"), N_("with any TOS but {name}")),
    "whole": (N_("with TOS {value}"), N_("with any TOS but {value}")),
    "part": (N_("with {value} in the bits {mask} of the TOS"), N_("with anything but {value} in the bits {mask} of the TOS")),
}
"""What may be asked, and its opposite."""
