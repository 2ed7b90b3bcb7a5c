"""DNPT: change the network of the packet's IPv6 destination and keep the rest of it, without tracking connections.

Man page iptables-extensions(8), DNPT; kernel net/ipv6/netfilter/ip6t_NPT.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.npt import PREFIX_OPTIONS
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.model.address import Network
    from iptexplain.source import Message


class Dnpt(Extension):
    """The network that is replaced, and what stands in its place."""

    NAME: ClassVar[str] = "DNPT"
    GOES_ON: ClassVar[bool] = True

    source: Network
    destination: Network

    OPTIONS: ClassVar[tuple[Option, ...]] = PREFIX_OPTIONS

    def action(self) -> Message:
        """The new destination."""
        return message(
            "give the destination the network {new}, and fit the rest of the address so that checksums stay as with {old} (DNPT)",
            old=self.source,
            new=self.destination,
        )


EXTENSION = Dnpt
