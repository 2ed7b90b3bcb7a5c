"""Demands of one rule that no packet can meet together, as far as the values of single fields prove it."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from iptexplain.model.address import AddressRange, Network
from iptexplain.model.matching import Field
from iptexplain.model.values import Interface, Mark, PortList, Ports, TcpFlags, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.model.matching import Constraint, Wanted

_STATES = frozenset({"INVALID", "NEW", "ESTABLISHED", "RELATED", "UNTRACKED"})
"""States of which a packet has one; `SNAT` and `DNAT` come on top of them."""

_COMPARED = frozenset(
    {
        Field.SOURCE,
        Field.DESTINATION,
        Field.IN,
        Field.OUT,
        Field.PROTOCOL,
        Field.SOURCE_PORT,
        Field.DESTINATION_PORT,
        Field.TCP_FLAGS,
        Field.MARK,
        Field.CONNECTION_MARK,
        Field.STATE,
    }
)


def contradiction(demands: Sequence[Constraint]) -> Field | None:
    """The field of which two demands cannot both be met, or one cannot at all; None if nothing proves such a thing."""
    compared = [demand for demand in demands if demand.field in _COMPARED]
    for field, wanted, negated in compared:
        if _everything(wanted) if negated else _nothing(wanted):
            return field
    for one, other in combinations(compared, 2):
        if one.field is other.field and _exclude(one, other):
            return one.field
    return None


def _exclude(one: Constraint, other: Constraint) -> bool:
    if one.negated and other.negated:
        return False
    if one.negated:
        return _within(other.wanted, one.wanted)
    return _within(one.wanted, other.wanted) if other.negated else _apart(one.wanted, other.wanted)


def _nothing(wanted: Wanted) -> bool:
    """Is there no value that is wanted."""
    if isinstance(wanted, AddressRange):
        return wanted.first.value > wanted.last.value
    if isinstance(wanted, Mark):
        return bool(wanted.value & ~wanted.mask)
    return isinstance(wanted, TcpFlags) and not wanted.wanted <= wanted.looked_at


def _everything(wanted: Wanted) -> bool:
    """Is every value wanted."""
    if isinstance(wanted, Network):
        return not wanted.mask
    if isinstance(wanted, Interface):
        return wanted.prefix and not wanted.name
    return wanted == Ports(0, 0xFFFF) or (isinstance(wanted, Mark) and wanted.value == wanted.mask == 0)


def _apart(one: Wanted, other: Wanted) -> bool:
    """Is it proven that no value is in both."""
    these, those = _ranges(one), _ranges(other)
    apart = bool(these and those) and not any(low <= last and first <= high for first, last in these for low, high in those)
    if isinstance(one, Network) and isinstance(other, Network):
        apart = one.family == other.family and not one.meets(other)
    elif isinstance(one, Interface) and isinstance(other, Interface):
        apart = not (_begins(one, other) or _begins(other, one))
    elif isinstance(one, Mark) and isinstance(other, Mark):
        apart = bool((one.value ^ other.value) & one.mask & other.mask)
    elif isinstance(one, TcpFlags) and isinstance(other, TcpFlags):
        apart = bool((one.wanted ^ other.wanted) & one.looked_at & other.looked_at)
    elif isinstance(one, Words) and isinstance(other, Words):
        apart = {*one.names, *other.names} <= _STATES and not {*one.names} & {*other.names}
    return apart


def _within(one: Wanted, other: Wanted) -> bool:
    """Is it proven that every value of the first is one of the other."""
    these, those = _ranges(one), _ranges(other)
    within = bool(these) and all(any(low <= first and last <= high for low, high in those) for first, last in these)
    if isinstance(one, Network) and isinstance(other, Network):
        within = other.covers(one)
    elif isinstance(one, Interface) and isinstance(other, Interface):
        within = _begins(one, other)
    elif isinstance(one, Mark) and isinstance(other, Mark):
        within = one.mask & other.mask == other.mask and one.value & other.mask == other.value
    elif isinstance(one, TcpFlags) and isinstance(other, TcpFlags):
        within = other.looked_at <= one.looked_at and one.wanted & other.looked_at == other.wanted
    elif isinstance(one, Words) and isinstance(other, Words):
        within = {*one.names} <= {*other.names}
    elif isinstance(one, str) and isinstance(other, str):
        within = one == other
    return within


def _begins(one: Interface, other: Interface) -> bool:
    """Is every interface of the first one of the other."""
    return one == other or (other.prefix and one.name.startswith(other.name))


def _ranges(wanted: Wanted) -> list[tuple[int, int]]:
    """Ports, or addresses, from and to; empty for what has no such form. Addresses of one rule are of one family."""
    if isinstance(wanted, Ports):
        return [(wanted.first, wanted.last)]
    if isinstance(wanted, PortList):
        return [(ports.first, ports.last) for ports in wanted.ports]
    if isinstance(wanted, AddressRange):
        return [(wanted.first.value, wanted.last.value)]
    if isinstance(wanted, Network):
        free = ((1 << (32 if wanted.family == 4 else 128)) - 1) ^ wanted.mask  # noqa: PLR2004 - the family
        return [(wanted.value, wanted.value | free)] if not free & (free + 1) else []
    return []
