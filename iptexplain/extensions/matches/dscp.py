"""dscp: the service class that the packet's IP header asks for (the six high bits of the old TOS byte).

Man page iptables-extensions(8), dscp; kernel net/netfilter/xt_dscp.c. iptables-save writes the number of a class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.dscp import by_name, by_number, shown, written
from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.extensions.common.tos import Tos


class DscpMatch(Extension):
    """The bits of the TOS byte that the class has."""

    NAME: ClassVar[str] = "dscp"

    dscp: Given[Tos]

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--dscp", "dscp", by_number, negatable=True, field=Field.TOS, write=written),
        Option("--dscp-class", "dscp", by_name, negatable=True),
    )

    def phrases(self) -> tuple[Phrase, ...]:
        """Which class."""
        text = N_("with any DSCP but {dscp}") if self.dscp.negated else N_("with DSCP {dscp}")
        return (Phrase(Part.IF, message(text, dscp=shown(self.dscp.value))),)


EXTENSION = DscpMatch
