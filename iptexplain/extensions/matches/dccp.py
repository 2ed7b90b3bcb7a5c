"""dccp: ports, packet types and options of the transport protocol DCCP.

Man page iptables-extensions(8), dccp; kernel net/netfilter/xt_dccp.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_8, integers
from iptexplain.extensions.common.phrases import of_constraint
from iptexplain.extensions.common.ports import PORT_OPTIONS
from iptexplain.model.phrase import Part, Phrase
from iptexplain.named import NamedTuple
from iptexplain.source import N_, either_of, message, verbatim

if TYPE_CHECKING:
    from iptexplain.model.values import Ports

_TYPES = ("REQUEST", "RESPONSE", "DATA", "ACK", "DATAACK", "CLOSEREQ", "CLOSE", "RESET", "SYNC", "SYNCACK", "INVALID")
"""In the order of iptables-save."""


class PacketTypes(NamedTuple):
    """Some of the types of DCCP packets."""

    types: frozenset[str]

    @classmethod
    def parse(cls, text: str) -> PacketTypes:
        """Read `REQUEST,ack`. Raises ValueError."""
        found = frozenset(filter(None, text.upper().split(",")))
        if not found or not found.issubset(_TYPES):
            raise ValueError(text)
        return cls(found)

    def __str__(self) -> str:
        return ",".join(name for name in _TYPES if name in self.types)


class Dccp(Extension):
    """Source and destination ports, packet types, the number of an option; None where the rule does not say."""

    NAME: ClassVar[str] = "dccp"

    sport: Given[Ports] | None = None
    dport: Given[Ports] | None = None
    types: Given[PacketTypes] | None = None
    option: Given[int] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        *PORT_OPTIONS,
        Option("--dccp-types", "types", PacketTypes.parse, negatable=True),
        Option("--dccp-option", "option", integers(MAX_8, 1), negatable=True),
    )

    def phrases(self) -> tuple[Phrase, ...]:
        """Ports, types of packets, an option."""
        found = [of_constraint(one) for one in self.constraints()]
        if self.types is not None:
            names = either_of([verbatim(name) for name in _TYPES if name in self.types.value.types])
            found.append(Phrase(Part.IF, message(_OF_TYPES[self.types.negated], types=names)))
        if self.option is not None:
            text = N_("without DCCP option {number}") if self.option.negated else N_("with DCCP option {number}")
            found.append(Phrase(Part.IF, message(text, number=self.option.value)))
        return tuple([one for one in found if one is not None])


_OF_TYPES = N_("of DCCP type {types}"), N_("of any DCCP type but {types}")

EXTENSION = Dccp
