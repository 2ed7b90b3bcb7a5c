"""The one protocol that a rule takes packets of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.model import names
from iptexplain.model.shape import per_shape

if TYPE_CHECKING:
    from iptexplain.model.lines import Values
    from iptexplain.model.shape import Shape

_OPTIONS = frozenset({"-p", "--protocol"})
_ANY = "all"


def protocol_of(shape: Shape, values: Values) -> str | None:
    """The protocol, as kube-proxy's chains are named with it (`TCP`); None if the rule takes packets of others too, or it is none."""
    slot = _slot(shape)
    try:
        found = _ANY if slot is None else names.protocol(values[slot])
    except ValueError:
        return None
    return None if found == _ANY else found.upper()


@per_shape
def _slot(shape: Shape) -> int | None:
    """Where the rules of a shape have the protocol that they ask for."""
    options = (option for clause in shape.clauses if clause.kind == "base" for option in clause.options)
    return next((option.values[0] for option in options if option.name in _OPTIONS and not option.negated), None)
