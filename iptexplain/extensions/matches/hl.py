"""hl: how many more routers the IPv6 packet may pass (its hop limit).

Man page iptables-extensions(8), hl; kernel net/netfilter/xt_hl.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_8, integers


class HlMatch(Extension):
    """One of: exactly `equal` (or not), less than `less`, more than `greater`."""

    NAME: ClassVar[str] = "hl"

    equal: Given[int] | None = None
    less: int | None = None
    greater: int | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--hl-eq", "equal", integers(MAX_8), negatable=True, also=("--hl",)),
        Option("--hl-lt", "less", integers(MAX_8)),
        Option("--hl-gt", "greater", integers(MAX_8)),
    )

    def check(self) -> None:
        """One comparison."""
        if sum(asked is not None for asked in (self.equal, self.less, self.greater)) != 1:
            raise ValueError(self)


EXTENSION = HlMatch
