"""REDIRECT: send the packet to this node itself; ends the nat table.

Man page iptables-extensions(8), REDIRECT; kernel net/netfilter/nf_nat_redirect.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.matching import Translate


class Redirect(Extension):
    """The port or range of ports, if it is to change."""

    to_ports: str | None = None
    random: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--to-ports", "to_ports", str), Option("--random", "random"))

    def effect(self) -> Translate:
        """A destination on this node."""
        return Translate("REDIRECT", None)


EXTENSION = Redirect
