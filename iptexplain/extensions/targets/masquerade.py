"""MASQUERADE: give the packet an address of the interface it leaves by as its source; ends the nat table.

Man page iptables-extensions(8), MASQUERADE; kernel net/netfilter/nf_nat_masquerade.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.nat import SOURCES, drawn, with_ports
from iptexplain.model.address import NatPorts
from iptexplain.model.matching import Translate
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


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

    def action(self) -> Message:
        """Which source it gets."""
        to = message("the address of the interface it leaves by")
        to = to if self.to_ports is None else with_ports(to, self.to_ports)
        random = (self.random or self.random_fully) and drawn(self.to_ports)
        return message(SOURCES[random, False], to=to, target=self.NAME)


EXTENSION = Masquerade
