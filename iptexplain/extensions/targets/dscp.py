"""DSCP: set how urgent the packet is for routers on its way (DiffServ), and go on.

Man page iptables-extensions(8), DSCP; kernel net/netfilter/xt_DSCP.c. Names of classes are saved as numbers.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.dscp import DSCP_MAX, dscp_class
from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.numbers import integers
from iptexplain.model.matching import Verdict


class DscpTarget(Extension):
    """The number of the class, 0 to 63."""

    NAME: ClassVar[str] = "DSCP"

    dscp: int

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--set-dscp", "dscp", integers(DSCP_MAX), write="{:#04x}".format),
        Option("--set-dscp-class", "dscp", dscp_class),
    )

    def effect(self) -> Verdict:
        """Its way through these rules stays the same."""
        return Verdict.CONTINUE


EXTENSION = DscpTarget
