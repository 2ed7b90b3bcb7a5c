"""icmp: the type of an ICMP message, such as echo requests (ping).

Man page iptables-extensions(8), icmp; kernel net/ipv4/netfilter/ip_tables.c `icmp_match`. iptables-save writes numbers. 255 stands
for any type.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.icmp import ICMP, IcmpType, said
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.named import NamedTuple
from iptexplain.source import message

_ANY = 255


class AnyType(NamedTuple):
    """All types and codes."""

    def holds(self, message: tuple[int, int]) -> bool:
        """Yes."""
        del message
        return True

    def __str__(self) -> str:
        return "any"


def _type(text: str) -> IcmpType | AnyType:
    found = IcmpType.parse(text, ICMP)
    return AnyType() if found.type == _ANY else found


class Icmp(Extension):
    """The type and perhaps the code."""

    NAME: ClassVar[str] = "icmp"

    type: Given[IcmpType | AnyType]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--icmp-type", "type", _type, negatable=True, field=Field.ICMP_TYPE),)

    def phrases(self) -> tuple[Phrase, ...]:
        """Which messages."""
        wanted, negated = self.type
        if isinstance(wanted, AnyType):
            return (Phrase(Part.IF, message("of no type" if negated else "of any type")),)
        return (Phrase(Part.IF, said(wanted, ICMP, negated=negated)),)


EXTENSION = Icmp
