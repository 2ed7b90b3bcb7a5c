"""What the sender of a rejected packet is told, and when it is told nothing.

Rests on net/ipv4/netfilter/nf_reject_ipv4.c, net/ipv4/icmp.c (`icmp_send`) and their IPv6 equivalents; checked against the kernel by
tests/kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.trace.addresses import local_address
from iptexplain.analysis.trace.routing import Send, towards
from iptexplain.analysis.trace.scene import BROADCAST, MULTICAST, is_link_local, is_nowhere
from iptexplain.extensions.targets.reject import full_name
from iptexplain.model.address import IPV4
from iptexplain.model.packet import ICMP, ICMPV6, TCP, UDP, flags_of, icmp_of

if TYPE_CHECKING:
    from iptexplain.analysis.trace.state import Moving

_ANSWERED_ICMP = frozenset({0, 8, *range(13, 19)})
"""icmp.c, `icmp_pointers`: to no other type is an error sent."""
_SUMMED = frozenset({TCP, UDP, ICMP, ICMPV6})
"""The protocols whose checksums are looked at before an answer."""
_ERRORS_OF_SIX = 128
"""ICMPv6 types below are errors."""


def answer_of(state: Moving, answer: str) -> str | None:
    """What the sender is told (`icmp-port-unreachable`, `tcp-reset`); None: nothing, the packet is just gone."""
    packet = state.scene.packet
    told = full_name(answer, state.scene.family)
    if (packet.bad_checksum and packet.protocol in _SUMMED) or not _may_be_answered(state):
        return None
    if told == "tcp-reset":
        return None if packet.protocol != TCP or "RST" in flags_of(state.scene.said) else told
    kind, _ = icmp_of(packet)
    silent = (packet.protocol == ICMP and kind not in _ANSWERED_ICMP) or (packet.protocol == ICMPV6 and kind < _ERRORS_OF_SIX)
    anycast = state.source is not None and state.scene.ground.is_anycast(state.source)
    return None if silent or anycast else told


def _may_be_answered(state: Moving) -> bool:
    """Was the packet sent by one node to one node, and is there a way back."""
    source, destination = state.source, state.destination
    kind = None if destination is None else state.scene.ground.type_of(destination)
    if kind in {BROADCAST, MULTICAST} and not is_nowhere(destination):
        return False
    if source is not None and is_link_local(source) and isinstance(state.input, str) and state.input:
        here = state.scene.ground.addresses(state.input)  # the answer leaves by the link where the packet came in, or not at all
        return here is None or state.scene.family == IPV4 or any(assigned.network.holds(source) for assigned in here)
    if source is None or local_address(state, source):
        return True
    return not is_nowhere(source) and isinstance(towards(state, source), Send)
