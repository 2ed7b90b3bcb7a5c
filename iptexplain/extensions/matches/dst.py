"""dst: whether the IPv6 packet has a header with options for its destination, and what that holds.

Man page iptables-extensions(8), dst; kernel net/ipv6/netfilter/ip6t_hbh.c. Without an option it asks for the header alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.header_options import asked
from iptexplain.extensions.common.numbers import TypeLengths, integer
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.model.phrase import Phrase


class Dst(Extension):
    """The length of the header in bytes, and the options that it begins with."""

    NAME: ClassVar[str] = "dst"

    length: Given[int] | None = None
    options: TypeLengths | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--dst-len", "length", integer, negatable=True),
        Option("--dst-opts", "options", TypeLengths.parse),
    )

    def phrases(self) -> tuple[Phrase, ...]:
        """The header, its length and its first options."""
        return asked(message("destination options"), self.length, self.options)


EXTENSION = Dst
