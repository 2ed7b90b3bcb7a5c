"""SNAT: give the packet another source; ends the nat table.

Man page iptables-extensions(8), SNAT; kernel net/netfilter/xt_nat.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.address import Endpoint
from iptexplain.model.matching import Opaque, Translate


class Snat(Extension):
    """The new source; None where the dump has lost it."""

    to: Endpoint | None = None
    random: bool = False
    random_fully: bool = False
    persistent: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--to-source", "to", Endpoint.parse),
        Option("--random", "random"),
        Option("--random-fully", "random_fully"),
        Option("--persistent", "persistent"),
    )

    def effect(self) -> Translate | Opaque:
        """A new source."""
        return Opaque("SNAT") if self.to is None else Translate("SNAT", self.to)


EXTENSION = Snat
