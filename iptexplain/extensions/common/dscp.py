"""The classes of DSCP, for the match dscp and the target DSCP: what is saved is the number."""

from __future__ import annotations

from iptexplain.extensions.common.numbers import integer
from iptexplain.extensions.common.tos import Tos

_MAX = 0x3F
_MASK = 0xFC
_SHIFT = 2
_CLASSES = (*(f"CS{n}" for n in range(8)), *(f"AF{forwarding}{drop}" for forwarding in range(1, 5) for drop in range(1, 4)), "EF")
"""Names that say more than the number; `BE` is `CS0` too."""


def by_number(text: str) -> Tos:
    """The bits of the TOS byte that have the number of a class, 0 to 63. Raises ValueError."""
    return Tos(integer(text, _MAX) << _SHIFT, _MASK)


def by_name(text: str) -> Tos:
    """Those of a class by its name. Raises ValueError."""
    return Tos(dscp_class(text) << _SHIFT, _MASK)


def written(bits: Tos) -> str:
    """The number of the class, as iptables-save prints it."""
    return f"{bits.value >> _SHIFT:#04x}"


def shown(bits: Tos) -> str:
    """The number of the class, and its name if it has one.

    >>> shown(by_number("46")), shown(by_number("1"))
    ('46 (EF)', '1')
    """
    number = bits.value >> _SHIFT
    for name in _CLASSES:
        if dscp_class(name) == number:
            return f"{number} ({name})"
    return str(number)


def dscp_class(name: str) -> int:
    """The number of a class: `CS0` to `CS7`, `BE`, `AF11` to `AF43`, `EF`, in any case. Raises ValueError.

    What follows such a name is ignored, as iptables does.

    >>> dscp_class("EF"), dscp_class("cs1"), dscp_class("AF41")
    (46, 8, 34)
    """
    match tuple(name.upper()):
        case "B", "E", *_:
            return 0
        case "E", "F", *_:
            return 46
        case "C", "S", ("0" | "1" | "2" | "3" | "4" | "5" | "6" | "7") as precedence, *_:
            return int(precedence) << 3
        case "A", "F", ("1" | "2" | "3" | "4") as forwarding, ("1" | "2" | "3") as drop, *_:
            return int(forwarding) << 3 | int(drop) << 1
    raise ValueError(name)
