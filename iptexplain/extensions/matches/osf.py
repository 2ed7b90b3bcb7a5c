"""osf: the operating system of the sender, guessed from the packet that opens a TCP connection.

Man page iptables-extensions(8), osf; kernel net/netfilter/xt_osf.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import integers

_LENGTH = 31


def _genre(text: str) -> str:
    return text[:_LENGTH]  # iptables cuts off what the kernel has no room for


class Osf(Extension):
    """The system's name.

    `ttl` is how the packet's TTL must fit that of the system: 0 the same, 1 not greater, 2 not looked at. `log` is which guesses the kernel
    logs: 0 all, 1 the first, 2 all that it knows.
    """

    NAME: ClassVar[str] = "osf"

    genre: Given[str]
    ttl: int | None = None
    log: int | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--genre", "genre", _genre, negatable=True),
        Option("--ttl", "ttl", integers(2)),
        Option("--log", "log", integers(2)),
    )


EXTENSION = Osf
