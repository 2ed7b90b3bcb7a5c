"""physdev: the bridge ports of a bridged packet.

Man page iptables-extensions(8), physdev; kernel net/netfilter/xt_physdev.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.matching import Field
from iptexplain.model.values import Interface

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
        Option("--physdev-in", "port_in", _port, negatable=True, field=Field.BRIDGE_IN),
        Option("--physdev-is-out", "is_out", negatable=True, field=Field.BRIDGE_OUT),
        Option("--physdev-out", "port_out", _port, negatable=True, field=Field.BRIDGE_OUT),
        Option("--physdev-is-bridged", "is_bridged", negatable=True, field=Field.BRIDGED),
    )

    def check(self) -> None:
        """Something is asked."""
        if all(getattr(self, name) is None for name in self.FIELDS):
            raise ValueError(self.NAME)


EXTENSION = PhysDev
