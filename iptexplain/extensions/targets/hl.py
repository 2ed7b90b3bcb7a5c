"""HL: change the hop limit of an IPv6 packet, so how many routers it may still pass, and go on.

Man page iptables-extensions(8), HL; kernel net/netfilter/xt_HL.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.numbers import MAX_8, integers
from iptexplain.model.matching import SetTtl
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


class HopLimitTarget(Extension):
    """The new number of routers, or by how many it becomes less or more."""

    NAME: ClassVar[str] = "HL"

    to: int | None = None
    less: int | None = None
    more: int | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--hl-set", "to", integers(MAX_8)),
        Option("--hl-dec", "less", integers(MAX_8, 1)),
        Option("--hl-inc", "more", integers(MAX_8, 1)),
    )

    def check(self) -> None:
        """One of the three."""
        if sum(said is not None for said in (self.to, self.less, self.more)) != 1:
            raise ValueError(self.NAME)

    def effect(self) -> SetTtl:
        """The new number."""
        return SetTtl(self.to, (self.more or 0) - (self.less or 0))

    def action(self) -> Message:
        """What becomes of the number."""
        if self.to is not None:
            return message("set the hop limit to {number}", number=self.to)
        return message("lower the hop limit by {number}" if self.less else "raise the hop limit by {number}", number=self.less or self.more)


EXTENSION = HopLimitTarget
