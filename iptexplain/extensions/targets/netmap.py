"""NETMAP: put the packet into another network, with the rest of its address as it was.

Man page iptables-extensions(8), NETMAP; kernel net/netfilter/xt_NETMAP.c. On its way in the destination changes, on its way out the source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.address import Address, Network
from iptexplain.model.content import Content
from iptexplain.model.matching import Translate
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message


def _network(text: str) -> Network:
    """Read `10.1.0.0/16`; iptables takes a mask with holes for that of one address. Raises ValueError."""
    address = Address.parse(text.partition("/")[0])
    found = Network.parse(text)
    return found if str(found).partition("/")[2].isdecimal() else Network.of(address)


class Netmap(Extension):
    """The new network."""

    NAME: ClassVar[str] = "NETMAP"

    to: Network

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--to", "to", _network, content=Content.ADDRESS),)

    def effect(self) -> Translate:
        """A new network; the hook says whether for the destination or the source."""
        return Translate("NETMAP", None, network=self.to)

    def action(self) -> Message:
        """The hook says which address changes: `netmap_tg4`."""
        return self.action_in("")

    def action_in(self, chain: str) -> Message:
        """One of the two addresses where the chain is that of a hook."""
        end = "destination" if chain in _DESTINATION else "source" if chain in _SOURCE else ""
        single = self.to.single
        return message(_ACTIONS[end, single is not None], to=self.to if single is None else single)


_DESTINATION, _SOURCE = ("PREROUTING", "OUTPUT"), ("INPUT", "POSTROUTING")
_ACTIONS = {
    ("destination", False): N_("move the destination to the network {to}, keeping the rest of the address (NETMAP)"),
    ("destination", True): N_("replace the destination with {to} (NETMAP)"),
    ("source", False): N_("move the source to the network {to}, keeping the rest of the address (NETMAP)"),
    ("source", True): N_("replace the source with {to} (NETMAP)"),
    ("", False): N_(
        "move the destination (in PREROUTING, OUTPUT) or the source (in INPUT, POSTROUTING) to the network {to}, "
        "keeping the rest of the address (NETMAP)"
    ),
    ("", True): N_("replace the destination (in PREROUTING, OUTPUT) or the source (in INPUT, POSTROUTING) with {to} (NETMAP)"),
}
"""By the end that changes, where that is certain, and by whether it becomes one address."""

EXTENSION = Netmap
