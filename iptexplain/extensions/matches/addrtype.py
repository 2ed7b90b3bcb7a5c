"""addrtype: what kind of address the source or destination is to this node (LOCAL, BROADCAST, …).

Man page iptables-extensions(8), addrtype; kernel net/netfilter/xt_addrtype.c. With `--limit-iface-*` only the addresses of one interface
count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.states import listed
from iptexplain.model.matching import Constraint, Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.model.values import TypesOn, Words
from iptexplain.source import N_, either_of, message

if TYPE_CHECKING:
    from iptexplain.model.matching import Branch
    from iptexplain.source import Message

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

    def phrases(self) -> tuple[Phrase, ...]:
        """What source and destination are to this node."""
        return tuple([Phrase(_PLACES[one.field], self._said(one), one) for one in self.constraints()])

    def _said(self, one: Constraint) -> Message:
        given = self.source if one.field is Field.SOURCE_TYPE else self.destination
        types = Words(()) if given is None else given.value
        limited = self.limit_in or self.limit_out
        if types.names == ("LOCAL",):
            return message((_LIMITED_LOCAL[self.limit_out] if limited else _LOCAL)[one.negated])
        said = message(_LIMITED[self.limit_out], types=_types(types)) if limited else _types(types)
        return message("addresses other than {types}", types=said) if one.negated else said


def _types(wanted: Words) -> Message:
    return either_of([message(_NAMES[name]) if name in _NAMES else message("addresses of type {type}", type=name) for name in wanted.names])


_NAMES = {
    "LOCAL": N_("this node's addresses"),
    "BROADCAST": N_("broadcast addresses"),
    "MULTICAST": N_("multicast addresses"),
    "ANYCAST": N_("anycast addresses"),
}
"""The other types have no word that is true of IPv4 and of IPv6: to IPv4, what is LOCAL is not UNICAST."""
_PLACES = {Field.SOURCE_TYPE: Part.FROM, Field.DESTINATION_TYPE: Part.TO}
_LOCAL = N_("this node's addresses"), N_("addresses other than this node's")
_LIMITED_LOCAL = (
    (N_("addresses of the interface it comes in by"), N_("addresses other than those of the interface it comes in by")),
    (N_("addresses of the interface it leaves by"), N_("addresses other than those of the interface it leaves by")),
)
"""By whether it is the output interface: the addresses, and all others."""
_LIMITED = (
    N_("{types} (seen from the interface it comes in by alone)"),
    N_("{types} (seen from the interface it leaves by alone)"),
)
"""By whether it is the output interface."""

EXTENSION = AddrType
