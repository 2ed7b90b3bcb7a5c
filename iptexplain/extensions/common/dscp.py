"""The names of DSCP classes, for the match dscp and the target DSCP: what is saved is the number."""

from __future__ import annotations

DSCP_MAX = 0x3F


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
