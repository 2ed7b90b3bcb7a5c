"""NETMAP: put the packet into another network, with the rest of its address as it was.

Man page iptables-extensions(8), NETMAP; kernel net/netfilter/xt_NETMAP.c. On its way in the destination changes, on its way out the source.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.address import Address, Network
from iptexplain.model.matching import Translate


def _network(text: str) -> Network:
    """Read `10.1.0.0/16`; iptables takes a mask with holes for that of one address. Raises ValueError."""
    address = Address.parse(text.partition("/")[0])
    found = Network.parse(text)
    return found if str(found).partition("/")[2].isdecimal() else Network.of(address)


class Netmap(Extension):
    """The new network."""

    NAME: ClassVar[str] = "NETMAP"

    to: Network

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--to", "to", _network),)

    def effect(self) -> Translate:
        """A new network; the hook says whether for the destination or the source."""
        return Translate("NETMAP", None, network=self.to)


EXTENSION = Netmap
