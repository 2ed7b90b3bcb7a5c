"""REDIRECT: send the packet to this node itself; ends the nat table.

Man page iptables-extensions(8), REDIRECT; kernel net/netfilter/nf_nat_redirect.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.nat import drawn, ports
from iptexplain.model.address import NatPorts
from iptexplain.model.matching import Translate
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message


def _ports(text: str) -> NatPorts:
    """Read `80` or `8000-8010`. Raises ValueError, also for a base port, which is for DNAT."""
    found = NatPorts.parse(text)
    if found.base is not None:
        raise ValueError(text)
    return found


class Redirect(Extension):
    """The port or range of ports, if it is to change."""

    NAME: ClassVar[str] = "REDIRECT"

    to_ports: NatPorts | None = None
    random: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--to-ports", "to_ports", _ports), Option("--random", "random"))

    def effect(self) -> Translate:
        """A destination on this node."""
        return Translate("REDIRECT", None, self.to_ports, random=self.random)

    def action(self) -> Message:
        """Where on this node it goes; only one of several ports can be random."""
        if self.to_ports is None:
            return message("redirect to this node itself (REDIRECT)")
        random = self.random and drawn(self.to_ports)
        text = (
            N_("redirect to {ports} of this node, drawn at random (REDIRECT)")
            if random
            else N_("redirect to {ports} of this node (REDIRECT)")
        )
        return message(text, ports=ports(self.to_ports))


EXTENSION = Redirect
