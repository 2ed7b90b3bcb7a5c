"""REDIRECT: send the packet to this node itself; ends the nat table.

Man page iptables-extensions(8), REDIRECT; kernel net/netfilter/nf_nat_redirect.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.address import NatPorts
from iptexplain.model.matching import Translate


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


EXTENSION = Redirect
