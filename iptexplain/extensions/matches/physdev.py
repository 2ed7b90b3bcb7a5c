"""physdev: the bridge ports of a bridged packet.

Man page iptables-extensions(8), physdev; kernel net/netfilter/xt_physdev.c.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.matching import Constraint, Field
from iptexplain.model.values import Interface


@dataclass(frozen=True, slots=True)
class PhysDev(Extension):
    """Ports by name, and whether the packet came in, goes out or is switched through a bridge port."""

    port_in: Given[Interface] | None = None
    is_in: Given[bool] | None = None
    port_out: Given[Interface] | None = None
    is_out: Given[bool] | None = None
    is_bridged: Given[bool] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--physdev-is-in", "is_in", negatable=True),
        Option("--physdev-in", "port_in", Interface.parse, negatable=True),
        Option("--physdev-is-out", "is_out", negatable=True),
        Option("--physdev-out", "port_out", Interface.parse, negatable=True),
        Option("--physdev-is-bridged", "is_bridged", negatable=True),
    )

    def constraints(self) -> tuple[Constraint, ...]:
        """One for each option; a named port asks for its name, the others for None (whether there is one)."""
        named = ((Field.BRIDGE_IN, self.port_in), (Field.BRIDGE_OUT, self.port_out))
        asked = ((Field.BRIDGE_IN, self.is_in), (Field.BRIDGE_OUT, self.is_out), (Field.BRIDGED, self.is_bridged))
        return (
            *(Constraint(field, given.value, given.negated) for field, given in named if given is not None),
            *(Constraint(field, None, given.negated) for field, given in asked if given is not None),
        )


EXTENSION = PhysDev
