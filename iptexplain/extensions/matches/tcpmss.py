"""tcpmss: the largest TCP segment that the sender of a SYN packet wants to get (its option MSS).

Man page iptables-extensions(8), tcpmss; kernel net/netfilter/xt_tcpmss.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_16, Range


def _sizes(text: str) -> Range:
    found = Range.parse(text, MAX_16)
    if found.first > found.last:
        raise ValueError(text)
    return found


class TcpmssMatch(Extension):
    """The sizes, in bytes."""

    NAME: ClassVar[str] = "tcpmss"

    size: Given[Range]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--mss", "size", _sizes, negatable=True),)


EXTENSION = TcpmssMatch
