"""DNAT: send the packet to another destination; ends the nat table.

Man page iptables-extensions(8), DNAT; kernel net/netfilter/xt_nat.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.address import Endpoint
from iptexplain.model.matching import Opaque, Translate


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
        Option("--to-destination", "to", _destination),
        Option("--random", "random"),
        Option("--persistent", "persistent"),
    )

    def effect(self) -> Translate | Opaque:
        """A new destination."""
        if self.to is None:
            return Opaque("DNAT")
        return Translate("DNAT", self.to, random=self.random, persistent=self.persistent)


EXTENSION = Dnat
