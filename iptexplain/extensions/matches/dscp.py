"""dscp: the service class that the packet's IP header asks for (the six high bits of the old TOS byte).

Man page iptables-extensions(8), dscp; kernel net/netfilter/xt_dscp.c. iptables-save writes the number of a class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.dscp import by_name, by_number, written
from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.matching import Field

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


EXTENSION = DscpMatch
