"""addrtype: what kind of address the source or destination is to this node (LOCAL, BROADCAST, …).

Man page iptables-extensions(8), addrtype; kernel net/netfilter/xt_addrtype.c. With `--limit-iface-*` only the addresses of one interface
count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.states import listed
from iptexplain.model.matching import Constraint, Field
from iptexplain.model.values import TypesOn, Words

if TYPE_CHECKING:
    from iptexplain.model.matching import Branch

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
        """The types, limited to the addresses of one interface or not."""
        found = super().constraints()
        if not (self.limit_in or self.limit_out):
            return found
        return tuple(
            [Constraint(field, TypesOn(wanted, self.limit_out), not_) for field, wanted, not_ in found if isinstance(wanted, Words)]
        )

    def decide(self) -> tuple[Branch, ...]:
        """The types are all there is."""
        return ()


EXTENSION = AddrType
