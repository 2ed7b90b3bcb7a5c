"""Demands of one rule that no packet can meet together, as far as the values of single fields prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.header_space import boxes
from iptexplain.errors import TooManyCasesError
from iptexplain.model.address import Network
from iptexplain.model.matching import Field
from iptexplain.model.values import Interface, Mark, PortList, Ports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.model.matching import Constraint, Wanted

_PORTS = frozenset({Field.SOURCE_PORT, Field.DESTINATION_PORT, Field.EITHER_PORT})


def contradiction(demands: Sequence[Constraint]) -> Field | None:
    """The field of which the demands cannot all be met; None if nothing proves such a thing."""
    for field in dict.fromkeys(demand.field for demand in demands):
        if any(one.field is field and one.negated and isinstance(one.wanted, Network) and not one.wanted.mask for one in demands):
            return field  # no address of the family, and rules are for one family
        alike = [one for one in demands if one.field is field or (field in _PORTS and one.field in _PORTS)]
        if len(alike) == 1 and not alike[0].negated and _is_sound(alike[0].wanted):
            continue
        try:
            if not boxes(alike, {}):
                return field
        except TooManyCasesError:
            continue
    return None


def _is_sound(wanted: Wanted) -> bool:
    """Is it certain, and seen at once, that some value is wanted."""
    return isinstance(wanted, (Network, Interface, Ports, PortList, str)) or (isinstance(wanted, Mark) and not wanted.value & ~wanted.mask)
