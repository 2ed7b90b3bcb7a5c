"""hl: how many more routers the IPv6 packet may pass (its hop limit).

Man page iptables-extensions(8), hl; kernel net/netfilter/xt_hl.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.limits import above, above_what, below, below_what, exactly, said
from iptexplain.model.matching import Field
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.extensions.common.numbers import Range
    from iptexplain.model.phrase import Phrase


class HlMatch(Extension):
    """One of: `equal` to a number (or not), `less` than one, `greater` than one; each as the numbers that it means."""

    NAME: ClassVar[str] = "hl"

    equal: Given[Range] | None = None
    less: Range | None = None
    greater: Range | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--hl-eq", "equal", exactly, negatable=True, field=Field.TTL, also=("--hl",)),
        Option("--hl-lt", "less", below, field=Field.TTL, write=below_what),
        Option("--hl-gt", "greater", above, field=Field.TTL, write=above_what),
    )

    def check(self) -> None:
        """One comparison."""
        if sum(asked is not None for asked in (self.equal, self.less, self.greater)) != 1:
            raise ValueError(self)

    def phrases(self) -> tuple[Phrase, ...]:
        """The comparison."""
        return said(message("hop limit"), self.equal, self.less, self.greater)


EXTENSION = HlMatch
