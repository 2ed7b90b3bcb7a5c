"""The ports of tcp, udp and sctp: `--sport` and `--dport` as options and as constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.common.extension import Given, Option
from iptexplain.model.matching import Constraint, Field
from iptexplain.model.values import Ports

if TYPE_CHECKING:
    from collections.abc import Iterator

PORT_OPTIONS = (
    Option("--sport", "sport", Ports.parse, negatable=True),
    Option("--dport", "dport", Ports.parse, negatable=True),
)


def port_constraints(sport: Given[Ports] | None, dport: Given[Ports] | None) -> Iterator[Constraint]:
    """The constraints of the two options."""
    if sport is not None:
        yield Constraint(Field.SOURCE_PORT, sport.value, sport.negated)
    if dport is not None:
        yield Constraint(Field.DESTINATION_PORT, dport.value, dport.negated)
