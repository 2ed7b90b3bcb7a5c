"""udp: the ports of UDP.

Man page iptables-extensions(8), udp; kernel net/netfilter/xt_tcpudp.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.ports import PORT_OPTIONS

if TYPE_CHECKING:
    from iptexplain.model.values import Ports


class Udp(Extension):
    """Source and destination ports; None where the rule does not say."""

    sport: Given[Ports] | None = None
    dport: Given[Ports] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = PORT_OPTIONS


EXTENSION = Udp
