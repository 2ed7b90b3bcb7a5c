"""icmp6: the type of an ICMPv6 message, such as echo requests (ping) or neighbour discovery.

Man page iptables-extensions(8), icmp6; kernel net/ipv6/netfilter/ip6_tables.c `icmp6_match`. iptables-save writes numbers.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.icmp import ICMPV6, IcmpType, said
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase


def _type(text: str) -> IcmpType:
    return IcmpType.parse(text, ICMPV6)


class Icmp6(Extension):
    """The type and perhaps the code."""

    NAME: ClassVar[str] = "icmp6"

    type: Given[IcmpType]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--icmpv6-type", "type", _type, negatable=True, field=Field.ICMP_TYPE),)

    def phrases(self) -> tuple[Phrase, ...]:
        """Which messages."""
        return (Phrase(Part.IF, said(self.type.value, ICMPV6, negated=self.type.negated)),)


EXTENSION = Icmp6
