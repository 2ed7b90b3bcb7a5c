"""eui64: whether the end of the IPv6 source address is made from the packet's Ethernet source address.

Man page iptables-extensions(8), eui64; kernel net/ipv6/netfilter/ip6t_eui64.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import message


class Eui64(Extension):
    """It has no options."""

    NAME: ClassVar[str] = "eui64"

    def phrases(self) -> tuple[Phrase, ...]:
        """Where the address comes from."""
        return (Phrase(Part.IF, message("with a source address made from the sender's MAC address (EUI-64)")),)


EXTENSION = Eui64
