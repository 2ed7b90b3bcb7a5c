"""pkttype: whether the packet came for this machine alone, for a group, or for all in the local network.

Man page iptables-extensions(8), pkttype; kernel net/netfilter/xt_pkttype.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.matching import Field
from iptexplain.model.values import Words

_TYPES = ("unicast", "broadcast", "multicast", "otherhost")
_ALSO = {"host": "unicast", "bcast": "broadcast", "mcast": "multicast"}


def _type(text: str) -> Words:
    found = _ALSO.get(text.lower(), text.lower())
    if found not in _TYPES:
        raise ValueError(text)
    return Words((found,))


class PktType(Extension):
    """`unicast`, `broadcast`, `multicast` or `otherhost`: to whom the link layer addressed the packet."""

    NAME: ClassVar[str] = "pkttype"

    type: Given[Words]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--pkt-type", "type", _type, negatable=True, field=Field.LINK_TYPE),)


EXTENSION = PktType
