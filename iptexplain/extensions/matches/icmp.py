"""icmp: the type of an ICMP message, such as echo requests (ping).

Man page iptables-extensions(8), icmp; kernel net/ipv4/netfilter/ip_tables.c `icmp_match`. iptables-save writes numbers. 255 stands
for any type.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.icmp import ICMP, IcmpType

_ANY = 255


def _type(text: str) -> IcmpType:
    return IcmpType.parse(text, ICMP)


def _written(value: IcmpType) -> str:
    return "any" if value.type == _ANY else str(value)


class Icmp(Extension):
    """The type and perhaps the code."""

    NAME: ClassVar[str] = "icmp"

    type: Given[IcmpType]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--icmp-type", "type", _type, negatable=True, write=_written),)


EXTENSION = Icmp
