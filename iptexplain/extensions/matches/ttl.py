"""ttl: how many more routers the IPv4 packet may pass (its time to live).

Man page iptables-extensions(8), ttl; kernel net/netfilter/xt_hl.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.limits import above, above_what, below, below_what, exactly
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.extensions.common.numbers import Range


class TtlMatch(Extension):
    """One of: `equal` to a number (or not), `less` than one, `greater` than one; each as the numbers that it means."""

    NAME: ClassVar[str] = "ttl"

    equal: Given[Range] | None = None
    less: Range | None = None
    greater: Range | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--ttl-eq", "equal", exactly, negatable=True, field=Field.TTL, also=("--ttl",)),
        Option("--ttl-lt", "less", below, field=Field.TTL, write=below_what),
        Option("--ttl-gt", "greater", above, field=Field.TTL, write=above_what),
    )

    def check(self) -> None:
        """One comparison."""
        if sum(asked is not None for asked in (self.equal, self.less, self.greater)) != 1:
            raise ValueError(self)

    def phrases(self) -> tuple[Phrase, ...]:
        """The numbers as the rule compares them."""
        if self.equal is not None:
            text = N_("with any TTL but {ttl}") if self.equal.negated else N_("with TTL {ttl}")
            return (Phrase(Part.IF, message(text, ttl=self.equal.value)),)
        if self.less is not None:
            return (Phrase(Part.IF, message("with TTL below {ttl}", ttl=below_what(self.less))),)
        return tuple(
            [Phrase(Part.IF, message("with TTL above {ttl}", ttl=above_what(more))) for more in (self.greater,) if more is not None]
        )


EXTENSION = TtlMatch
