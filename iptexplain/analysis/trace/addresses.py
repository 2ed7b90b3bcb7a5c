"""What kinds of address a packet's addresses are to the node, and what is asked where nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.trace import scene
from iptexplain.analysis.trace.unknown import Device
from iptexplain.model.address import IPV6
from iptexplain.model.matching import Question
from iptexplain.model.values import TypesOn
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.analysis.trace.state import Moving
    from iptexplain.model.address import Address
    from iptexplain.model.values import Words


def has_type(state: Moving, address: Address | None, wanted: Words | TypesOn) -> bool | Question:
    """Is an address of one of the wanted types (net/netfilter/xt_addrtype.c); None is one of the node's own."""
    names = wanted.types.names if isinstance(wanted, TypesOn) else wanted.names
    if address is None:
        return scene.LOCAL in names
    if address.family == IPV6:
        by_form = _type_by_form(address, names)
        if by_form is not None:
            return by_form
        names = tuple([name for name in names if name not in _FORMS])
        if scene.ANYCAST in names and not isinstance(wanted, TypesOn) and state.scene.ground.is_anycast(address):
            return True
    if isinstance(wanted, TypesOn):
        return _type_on(state, address, wanted, names)
    found = state.scene.ground.type_of(address)
    return _type_unknown(state, address, names) if found is None else found in names


_FORMS = ("UNSPEC", scene.MULTICAST, scene.UNICAST)


def _type_by_form(address: Address, names: Sequence[str]) -> bool | None:
    """What the form of an IPv6 address says of its types (xt_addrtype.c `match_type6`); None if more than that is asked."""
    nowhere, multicast = scene.is_nowhere(address), scene.is_multicast(address)
    forms = dict(zip(_FORMS, (nowhere, multicast, not (nowhere or multicast)), strict=True))
    if not all(forms.get(name, True) for name in names):
        return False
    return True if all(name in forms for name in names) else None


def _type_on(state: Moving, address: Address, wanted: TypesOn, names: Sequence[str]) -> bool | Question:
    """As `_type`, where only the addresses of the packet's own interface count."""
    device = state.output if wanted.output else state.input
    name = device.name if isinstance(device, Device) else device
    found = None if name is None else state.scene.ground.type_on(address, name) if name else state.scene.ground.type_of(address)
    if found is not None:
        return found in names
    if state.fact(("local", address)) is False and set(names) == {scene.LOCAL}:
        return False
    return Question("local", message("{address} is {types} on the packet's own interface", address=address, types=wanted.types))


def _type_unknown(state: Moving, address: Address, names: Sequence[str]) -> bool | Question:
    """Of an address that may be one of the node's own, a broadcast address, or neither: asked for one after the other."""
    local, broadcast, unicast = (kind in names for kind in (scene.LOCAL, scene.BROADCAST, scene.UNICAST))
    if local == broadcast == unicast:
        return local
    is_local = state.fact(("local", address))
    if is_local is None:
        return question_local(address)
    if is_local or broadcast is unicast:
        return local if is_local else unicast
    is_broadcast = state.fact(("broadcast", address))
    if is_broadcast is None:
        return Question("local", message("{address} is a broadcast address of this node", address=address), ("broadcast", address))
    return broadcast if is_broadcast else unicast


def question_local(address: Address) -> Question:
    """Is an address one of the node's own."""
    text = message("{address} is an address of this node", address=address)
    return Question("local", text, ("local", address))


def local_address(state: Moving, address: Address | None) -> bool | None:
    """Is an address one of the node's own, None if nobody knows."""
    if address is None:
        return True
    found = state.scene.ground.type_of(address)
    return state.fact(("local", address)) if found is None else found in {scene.LOCAL, scene.ANYCAST}
