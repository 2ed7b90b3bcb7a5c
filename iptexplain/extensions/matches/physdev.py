"""physdev: the bridge ports of a bridged packet.

Man page iptables-extensions(8), physdev; kernel net/netfilter/xt_physdev.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.content import Content
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.model.values import Interface
from iptexplain.source import N_, message

_LONGEST = 15


def _port(text: str) -> Interface:
    if not 0 < len(text.encode("utf-8", "surrogateescape")) <= _LONGEST:
        raise ValueError(text)
    return Interface.parse(text)


class PhysDev(Extension):
    """Ports by name, and whether the packet came in, goes out or is switched through a bridge port."""

    NAME: ClassVar[str] = "physdev"

    port_in: Given[Interface] | None = None
    is_in: Given[bool] | None = None
    port_out: Given[Interface] | None = None
    is_out: Given[bool] | None = None
    is_bridged: Given[bool] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--physdev-is-in", "is_in", negatable=True, field=Field.BRIDGE_IN),
        Option("--physdev-in", "port_in", _port, negatable=True, field=Field.BRIDGE_IN, content=Content.INTERFACE),
        Option("--physdev-is-out", "is_out", negatable=True, field=Field.BRIDGE_OUT),
        Option("--physdev-out", "port_out", _port, negatable=True, field=Field.BRIDGE_OUT, content=Content.INTERFACE),
        Option("--physdev-is-bridged", "is_bridged", negatable=True, field=Field.BRIDGED),
    )

    def check(self) -> None:
        """Something is asked."""
        if all(getattr(self, name) is None for name in self.FIELDS):
            raise ValueError(self.NAME)

    def phrases(self) -> tuple[Phrase, ...]:
        """By which ports of a bridge, or whether by any."""
        found = []
        for attribute, texts in _FLAGS.items():
            flag = getattr(self, attribute)
            if flag is not None:
                found.append(message(texts[flag.negated]))
        for attribute, (named, begins) in _PORTS.items():
            port = getattr(self, attribute)
            if port is not None and port.value.name:
                found.append(message((begins if port.value.prefix else named)[port.negated], port=port.value.name))
            elif port is not None:
                found.append(message(_FLAGS[attribute.replace("port_", "is_")][port.negated]))
        return tuple([Phrase(Part.IF, text) for text in found])


_FLAGS = {
    "is_in": (N_("coming in by a bridge port"), N_("not coming in by a bridge port")),
    "is_out": (N_("leaving by a bridge port"), N_("not leaving by a bridge port")),
    "is_bridged": (N_("bridged (not routed)"), N_("not bridged")),
}
_PORTS = {
    "port_in": (
        (N_("coming in by bridge port {port}"), N_("not coming in by bridge port {port}")),
        (N_("coming in by any bridge port {port}*"), N_("not coming in by any bridge port {port}*")),
    ),
    "port_out": (
        (N_("leaving by bridge port {port}"), N_("not leaving by bridge port {port}")),
        (N_("leaving by any bridge port {port}*"), N_("not leaving by any bridge port {port}*")),
    ),
}
"""What is asked, and the opposite; of a port by its name, and of all whose names begin so."""

EXTENSION = PhysDev
