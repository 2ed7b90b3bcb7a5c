"""What connection tracking makes of a packet when it first looks at it, behind the raw tables.

Rests on net/netfilter/nf_conntrack_core.c, nf_conntrack_proto_tcp.c (`tcp_error`, `tcp_new`), nf_conntrack_proto_icmp.c and …_icmpv6.c;
checked against the kernel by tests/kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.model.packet import (
    ESTABLISHED,
    ICMP,
    ICMPV6,
    INVALID,
    NEW,
    RELATED,
    REPLY,
    SCTP,
    TCP,
    UDP,
    UDPLITE,
    UNTRACKED,
    WITH_PORTS,
    Connection,
    Ends,
    flags_of,
    icmp_of,
)

if TYPE_CHECKING:
    from iptexplain.analysis.trace.state import Moving
    from iptexplain.model.packet import Packet, Place

UNSEEN = Connection("INVALID", tracked=False)
"""What rules in raw see, before conntrack has looked (nf_conntrack.h `nf_ct_get`: no entry is invalid)."""

_IGNORED = frozenset({"ECE", "CWR", "PSH"})
_VALID_FLAGS = frozenset(
    frozenset(flags.split()) for flags in ("SYN", "SYN URG", "SYN ACK", "RST", "RST ACK", "FIN ACK", "FIN ACK URG", "ACK", "ACK URG")
)
"""nf_conntrack_proto_tcp.c, `tcp_valid_flags`."""

_REQUESTS = {ICMP: frozenset({8, 13, 15, 17}), ICMPV6: frozenset({128, 139})}
"""The ICMP messages that begin a flow."""
_ANSWERS = {8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17, 128: 129, 129: 128, 139: 140, 140: 139}
"""The type of an answer by that of the question, and the other way round (`invmap`)."""
_UNTRACKED_ICMPV6 = frozenset({130, 131, 132, 133, 134, 135, 136, 143, 151, 152})
"""Multicast listeners and neighbour discovery (nf_conntrack_proto_icmpv6.c, `noct_valid_new`)."""

_ALL = frozenset({"SEEN_REPLY", "ASSURED", "CONFIRMED"})


def first_look(state: Moving) -> Connection:
    """The connection of a packet that conntrack has not seen before on its way."""
    packet = state.scene.said
    if packet.connection == UNTRACKED:
        return Connection("UNTRACKED", tracked=False)
    if packet.connection == INVALID or not _valid(packet, incoming=state.input != ""):
        return UNSEEN
    return _new(packet) if packet.connection == NEW else _known(packet)


def _valid(packet: Packet, *, incoming: bool) -> bool:
    """Does the packet pass the checks that come before any look-up."""
    if packet.bad_checksum and incoming and packet.protocol in {TCP, UDP, ICMP, ICMPV6, SCTP}:
        return False
    if packet.protocol == UDPLITE and incoming:
        return False  # nf_conntrack_proto_udp.c checks it by UDP's number, and no sound packet passes
    return packet.connection == RELATED or packet.protocol != TCP or flags_of(packet) - _IGNORED in _VALID_FLAGS


def _new(packet: Packet) -> Connection:
    kind, _ = icmp_of(packet)
    match packet.protocol:
        case 6:
            flags = flags_of(packet)
            begins = "RST" not in flags and (flags >= {"SYN"} and "ACK" not in flags if "SYN" in flags else "FIN" not in flags)
        case 1:
            begins = kind in _REQUESTS[ICMP]
        case 58:
            if kind in _UNTRACKED_ICMPV6:
                return Connection("UNTRACKED", tracked=False)
            begins = kind in _REQUESTS[ICMPV6]
        case _:
            begins = True
    if not begins:
        return UNSEEN
    original, reply = ends_of(packet)
    return Connection("NEW", tracked=True, protocol=packet.protocol, original=original, reply=reply)


def ends_of(packet: Packet) -> tuple[Ends, Ends]:
    """The packet's own ends as conntrack keeps them, and those of the answer to it."""
    source, destination, here, there = packet.source, packet.destination, packet.source_port, packet.destination_port
    if packet.protocol in {ICMP, ICMPV6}:
        kind, code = icmp_of(packet)
        return (
            Ends(source, here, destination, kind << 8 | code),
            Ends(destination, here, source, _ANSWERS.get(kind, 0) << 8 | code),
        )
    if packet.protocol not in WITH_PORTS:
        here = there = 0
    return Ends(source, here, destination, there), Ends(destination, there, source, here)


def _known(packet: Packet) -> Connection:
    """The connection of a packet that belongs to one which is there already; an ICMP answer that is said to be a question has none."""
    kind, _ = icmp_of(packet)
    echo = packet.protocol in {ICMP, ICMPV6}
    if echo and packet.connection != RELATED and (kind in _REQUESTS[packet.protocol]) is not (packet.connection == ESTABLISHED):
        return UNSEEN
    own, other = ends_of(packet)
    to, source = packet.translated_to, packet.translated_from
    replying = packet.connection != ESTABLISHED
    if replying:
        # The packet has the addresses of the answer as it comes; `ct_dnat` and `ct_snat` are what these were before the translation.
        original, reply = other, own
        if echo and packet.connection == RELATED:  # the error is about an echo request that went the other way
            original, reply = other._replace(destination_port=own.destination_port), own._replace(destination_port=other.destination_port)
        original = _placed(original, packet.translated_from, packet.translated_to)
    else:
        original, reply = own, _placed(other, to, source)
    word = "RELATED" if packet.connection == RELATED else "ESTABLISHED"
    return Connection(
        word,
        tracked=True,
        protocol=packet.protocol,
        original=original,
        reply=reply,
        translated_source=source is not None and source.address is not None,
        translated_destination=to is not None,
        status=_ALL,
        replying=packet.connection in {REPLY, RELATED},
        mark=packet.connection_mark,
    )


def _placed(ends: Ends, source: Place | None, destination: Place | None) -> Ends:
    """The ends with other places; a port that is not said stays."""
    if source is not None:
        ends = ends._replace(source=source.address, source_port=ends.source_port if source.port is None else source.port)
    if destination is not None:
        ends = ends._replace(
            destination=destination.address, destination_port=ends.destination_port if destination.port is None else destination.port
        )
    return ends
