"""pkttype: whether the packet came for this machine alone, for a group, or for all in the local network.

Man page iptables-extensions(8), pkttype; kernel net/netfilter/xt_pkttype.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.model.values import Words
from iptexplain.source import N_, message

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

    def phrases(self) -> tuple[Phrase, ...]:
        """For whom it was in the local network."""
        (name,) = self.type.value.names
        return (Phrase(Part.IF, message(_FOR[name][self.type.negated])),)


_FOR = {
    "unicast": (N_("sent to this machine alone on the local network"), N_("not sent to this machine alone on the local network")),
    "broadcast": (N_("sent as a broadcast on the local network"), N_("not sent as a broadcast on the local network")),
    "multicast": (N_("sent as a multicast on the local network"), N_("not sent as a multicast on the local network")),
    "otherhost": (N_("sent to another machine on the local network"), N_("not sent to another machine on the local network")),
}
"""What the link layer says, and the opposite."""

EXTENSION = PktType
