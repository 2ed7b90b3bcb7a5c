"""MASQUERADE: give the packet an address of the interface it leaves by as its source; ends the nat table.

Man page iptables-extensions(8), MASQUERADE; kernel net/netfilter/nf_nat_masquerade.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.matching import Translate


class Masquerade(Extension):
    """The range of source ports, and how they are drawn."""

    to_ports: str | None = None
    random: bool = False
    random_fully: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--to-ports", "to_ports", str),
        Option("--random", "random"),
        Option("--random-fully", "random_fully"),
    )

    def effect(self) -> Translate:
        """A source that the kernel chooses."""
        return Translate("MASQUERADE", None)


EXTENSION = Masquerade
