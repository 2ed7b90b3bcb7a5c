"""ah: numbers in the IPsec authentication header, which tell the security association of the packet.

Man page iptables-extensions(8), ah; kernel net/ipv4/netfilter/ipt_ah.c, net/ipv6/netfilter/ip6t_ah.c. Length and reserved field: IPv6 only.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.numbers import MAX_32, Range, but_everything, integers, ranges


class Ah(Extension):
    """The security parameter index, the length of the header in bytes, and whether its reserved field must be 0."""

    NAME: ClassVar[str] = "ah"

    spi: Given[Range] | None = None
    length: Given[int] | None = None
    reserved: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--ahspi", "spi", ranges(MAX_32), negatable=True),
        Option("--ahlen", "length", integers(MAX_32), negatable=True),
        Option("--ahres", "reserved"),
    )

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Without what asks nothing: every index, and length 0, which the kernel takes for any."""
        any_length = Words("--ahlen", negated=False, values=("0",))
        return but_everything(tuple(words for words in super().save(to) if words != any_length), "--ahspi")


EXTENSION = Ah
