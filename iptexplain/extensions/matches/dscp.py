"""dscp: the service class that the packet's IP header asks for (the six high bits of the old TOS byte).

Man page iptables-extensions(8), dscp; kernel net/netfilter/xt_dscp.c. iptables-save writes the number of a class.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.dscp import DSCP_MAX, dscp_class
from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import integers


class DscpMatch(Extension):
    """The number of the class, 0 to 63."""

    NAME: ClassVar[str] = "dscp"

    dscp: Given[int]

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--dscp", "dscp", integers(DSCP_MAX), negatable=True, write="{:#04x}".format),
        Option("--dscp-class", "dscp", dscp_class, negatable=True),
    )


EXTENSION = DscpMatch
