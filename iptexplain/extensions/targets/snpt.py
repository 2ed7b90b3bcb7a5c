"""SNPT: change the network of the packet's IPv6 source and keep the rest of it, without tracking connections.

Man page iptables-extensions(8), SNPT; kernel net/ipv6/netfilter/ip6t_NPT.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.npt import PREFIX_OPTIONS
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.model.address import Network
    from iptexplain.source import Message


class Snpt(Extension):
    """The network that is replaced, and what stands in its place."""

    NAME: ClassVar[str] = "SNPT"
    GOES_ON: ClassVar[bool] = True

    source: Network
    destination: Network

    OPTIONS: ClassVar[tuple[Option, ...]] = PREFIX_OPTIONS

    def action(self) -> Message:
        """The new source."""
        return message(
            "give the source the network {new}, and fit the rest of the address so that checksums stay as with {old} (SNPT)",
            old=self.source,
            new=self.destination,
        )


EXTENSION = Snpt
