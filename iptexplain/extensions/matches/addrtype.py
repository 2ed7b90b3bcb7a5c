"""addrtype: what kind of address the source or destination is to this node (LOCAL, BROADCAST, …).

Man page iptables-extensions(8), addrtype; kernel net/netfilter/xt_addrtype.c. With `--limit-iface-*` only the addresses of one interface
count, which no dump tells: a question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.states import listed
from iptexplain.model.matching import Branch, Constraint, Field, Question, either
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.model.values import Words

_TYPES = (
    "UNSPEC",
    "UNICAST",
    "LOCAL",
    "BROADCAST",
    "ANYCAST",
    "MULTICAST",
    "BLACKHOLE",
    "UNREACHABLE",
    "PROHIBIT",
    "THROW",
    "NAT",
    "XRESOLVE",
)
"""In the order of iptables-save; `U` alone means the first."""


class AddrType(Extension):
    """Types of the source and of the destination; any of the listed ones will do."""

    NAME: ClassVar[str] = "addrtype"

    source: Given[Words] | None = None
    destination: Given[Words] | None = None
    limit_in: bool = False
    limit_out: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--src-type", "source", listed(_TYPES), negatable=True, field=Field.SOURCE_TYPE),
        Option("--dst-type", "destination", listed(_TYPES), negatable=True, field=Field.DESTINATION_TYPE),
        Option("--limit-iface-in", "limit_in"),
        Option("--limit-iface-out", "limit_out"),
    )

    def check(self) -> None:
        """A type is asked for, of the addresses of one interface at most."""
        if (self.source is None and self.destination is None) or (self.limit_in and self.limit_out):
            raise ValueError(self.source, self.destination)

    def constraints(self) -> tuple[Constraint, ...]:
        """The types, unless they are limited to one interface."""
        return () if self.limit_in or self.limit_out else super().constraints()

    def decide(self) -> tuple[Branch, ...]:
        """Limited to one interface: not known."""
        if not (self.limit_in or self.limit_out):
            return ()
        words = " ".join(f"{'! ' if o.negated else ''}{' '.join((o.keyword, *o.values))}" for o in self.save())
        question = Question("addrtype", message("the addresses are as {words} asks", words=words))
        return either(question)


EXTENSION = AddrType
