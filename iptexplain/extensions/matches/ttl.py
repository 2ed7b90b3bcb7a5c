"""ttl: how many more routers the IPv4 packet may pass (its time to live).

Man page iptables-extensions(8), ttl; kernel net/netfilter/xt_hl.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_8, integers


class TtlMatch(Extension):
    """One of: exactly `equal` (or not), less than `less`, more than `greater`."""

    NAME: ClassVar[str] = "ttl"

    equal: Given[int] | None = None
    less: int | None = None
    greater: int | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--ttl-eq", "equal", integers(MAX_8), negatable=True, also=("--ttl",)),
        Option("--ttl-lt", "less", integers(MAX_8)),
        Option("--ttl-gt", "greater", integers(MAX_8)),
    )

    def check(self) -> None:
        """One comparison."""
        if sum(asked is not None for asked in (self.equal, self.less, self.greater)) != 1:
            raise ValueError(self)


EXTENSION = TtlMatch
