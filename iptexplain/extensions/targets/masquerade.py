"""MASQUERADE: give the packet an address of the interface it leaves by as its source; ends the nat table.

Man page iptables-extensions(8), MASQUERADE; kernel net/netfilter/nf_nat_masquerade.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.address import NatPorts
from iptexplain.model.matching import Translate


def _ports(text: str) -> NatPorts:
    """Read `1024-65535`; iptables takes a base port too, and saves 0 for it."""
    found = NatPorts.parse(text)
    return found if found.base is None else found._replace(base=0)


class Masquerade(Extension):
    """The range of source ports, and how they are drawn."""

    NAME: ClassVar[str] = "MASQUERADE"

    to_ports: NatPorts | None = None
    random: bool = False
    random_fully: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--to-ports", "to_ports", _ports),
        Option("--random", "random"),
        Option("--random-fully", "random_fully"),
    )

    def effect(self) -> Translate:
        """A source that the kernel chooses."""
        return Translate("MASQUERADE", None, self.to_ports, random=self.random, fully=self.random_fully)


EXTENSION = Masquerade
