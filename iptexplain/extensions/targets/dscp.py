"""DSCP: set how urgent the packet is for routers on its way (DiffServ), and go on.

Man page iptables-extensions(8), DSCP; kernel net/netfilter/xt_DSCP.c. Names of classes are saved as numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.dscp import by_name, by_number, shown, written
from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.matching import SetTos
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.extensions.common.tos import Tos
    from iptexplain.source import Message


class DscpTarget(Extension):
    """The bits of the TOS byte that the class has."""

    NAME: ClassVar[str] = "DSCP"

    dscp: Tos

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--set-dscp", "dscp", by_number, write=written),
        Option("--set-dscp-class", "dscp", by_name),
    )

    def effect(self) -> SetTos:
        """Six bits of the TOS byte."""
        return SetTos(self.dscp.value, self.dscp.mask)

    def action(self) -> Message:
        """The class."""
        return message("set the DSCP to {dscp}", dscp=shown(self.dscp))


EXTENSION = DscpTarget
