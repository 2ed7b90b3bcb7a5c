"""DNPT: change the network of the packet's IPv6 destination and keep the rest of it, without tracking connections.

Man page iptables-extensions(8), DNPT; kernel net/ipv6/netfilter/ip6t_NPT.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.npt import PREFIX_OPTIONS

if TYPE_CHECKING:
    from iptexplain.model.address import Network


class Dnpt(Extension):
    """The network that is replaced, and what stands in its place."""

    NAME: ClassVar[str] = "DNPT"

    source: Network
    destination: Network

    OPTIONS: ClassVar[tuple[Option, ...]] = PREFIX_OPTIONS


EXTENSION = Dnpt
