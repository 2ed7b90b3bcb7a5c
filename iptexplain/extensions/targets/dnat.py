"""DNAT: send the packet to another destination; ends the nat table.

Man page iptables-extensions(8), DNAT; kernel net/netfilter/xt_nat.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.nat import drawn, endpoint, ports_of, several
from iptexplain.model.address import Endpoint
from iptexplain.model.content import Content
from iptexplain.model.matching import Opaque, Translate
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message


def _destination(text: str) -> Endpoint:
    """Read `10.0.0.1:80-90/8000`. Raises ValueError, also for a base port 0."""
    found = Endpoint.parse(text)
    if found.base_port == 0:
        raise ValueError(text)
    return found


class Dnat(Extension):
    """Where to; None where the dump has lost it."""

    NAME: ClassVar[str] = "DNAT"

    to: Endpoint | None = None
    random: bool = False
    persistent: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--to-destination", "to", _destination, content=Content.ADDRESS),
        Option("--random", "random"),
        Option("--persistent", "persistent"),
    )

    def effect(self) -> Translate | Opaque:
        """A new destination."""
        if self.to is None:
            return Opaque("DNAT")
        return Translate("DNAT", self.to, random=self.random, persistent=self.persistent)

    def action(self) -> Message:
        """Where the packet goes now."""
        if self.to is None:
            return message("change the destination to what the dump has lost (DNAT)")
        ports = ports_of(self.to)
        random = self.random and ports is not None and drawn(ports)
        return message(_ACTIONS[random, self.persistent and several(self.to)], to=endpoint(self.to))


_ACTIONS = {
    (False, False): N_("change the destination to {to} (DNAT)"),
    (True, False): N_("change the destination to {to}, drawn at random (DNAT)"),
    (False, True): N_("change the destination to {to}, the same address for a client each time (DNAT)"),
    (True, True): N_("change the destination to {to}, the port drawn at random, the same address for a client each time (DNAT)"),
}
"""By whether a port is drawn at random, and whether each client keeps its address: without a choice, the options do nothing."""

EXTENSION = Dnat
