"""A packet as somebody describes it, and what connection tracking knows of its connection.

Numbers are those of the packet: ports, types, bytes. What is None is not known, unless it says otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from iptexplain.model.address import Address

TCP, UDP, ICMP, ICMPV6, SCTP, DCCP, UDPLITE = 6, 17, 1, 58, 132, 33, 136
WITH_PORTS = frozenset({TCP, UDP, SCTP, DCCP, UDPLITE})
"""The protocols whose headers begin with two ports (include/uapi/linux/in.h)."""

NEW, ESTABLISHED, REPLY, RELATED, INVALID, UNTRACKED = "new", "established", "reply", "related", "invalid", "untracked"
CONNECTIONS = (NEW, ESTABLISHED, REPLY, RELATED, INVALID, UNTRACKED)
"""What may be said of a packet's connection. `new`: nothing is known, the packet itself decides."""

FLAGS = {"F": "FIN", "S": "SYN", "R": "RST", "P": "PSH", "A": "ACK", "U": "URG", "E": "ECE", "C": "CWR"}
"""The letters of TCP flags."""

UNSAID = "?"
"""The input interface of a packet of which nobody said where it comes in, or whether the node itself sends it."""


class Place(NamedTuple):
    """An address and perhaps a port."""

    address: Address
    port: int | None = None


class Packet(NamedTuple):
    """One packet when it meets the node.

    `protocol` is its number. `input` is the interface where it comes in, None if the node itself sends it, `UNSAID`. `source_port` is the
    id for ICMP. `flags` are the names of the TCP flags that are set, None for the usual ones (SYN if new, else ACK). `length` is that of
    the whole IP packet in bytes. `connection` is one of `CONNECTIONS`; `connection_mark`, `translated_to` (DNAT) and `translated_from`
    (SNAT) belong to the connection that there is already.
    """

    family: int
    source: Address
    destination: Address
    protocol: int = TCP
    source_port: int | None = None
    destination_port: int | None = None
    input: str | None = UNSAID
    mark: int = 0
    connection: str = NEW
    flags: frozenset[str] | None = None
    icmp_type: int | None = None
    icmp_code: int = 0
    fragment: bool = False
    ttl: int = 64
    tos: int = 0
    length: int | None = None
    connection_mark: int = 0
    translated_to: Place | None = None
    translated_from: Place | None = None
    bad_checksum: bool = False
    hardware_source: int | None = None
    payload: bytes | None = None


class Ends(NamedTuple):
    """From where to where: one direction of a connection. The ports are those that conntrack keeps (ICMP: see `Connection`)."""

    source: Address | None
    source_port: int | None
    destination: Address | None
    destination_port: int | None


class Connection(NamedTuple):
    """What connection tracking knows of the packet's connection (net/netfilter/xt_conntrack.c looks at this).

    `state` is NEW, ESTABLISHED, RELATED, INVALID or UNTRACKED; `tracked` says whether there is an entry: without one all but the state is
    unknown to every rule. `original` and `reply` are the two directions; for ICMP the source port is the id and the destination port
    type·256+code of the request. `translated_source` and `translated_destination` are the SNAT and DNAT bits; `status` are the others that
    are set, of EXPECTED, SEEN_REPLY, ASSURED and CONFIRMED; `replying`: the packet goes in the direction of replies.
    """

    state: str
    tracked: bool
    protocol: int = 0
    original: Ends | None = None
    reply: Ends | None = None
    translated_source: bool = False
    translated_destination: bool = False
    status: frozenset[str] = frozenset()
    replying: bool = False
    mark: int = 0


def flags_of(packet: Packet) -> frozenset[str]:
    """The TCP flags of a packet; those that are usual where nobody said."""
    if packet.flags is not None:
        return packet.flags
    return frozenset({"SYN"}) if packet.connection == NEW else frozenset({"ACK"})


def icmp_of(packet: Packet) -> tuple[int, int]:
    """Type and code of an ICMP packet; -1 for another."""
    if packet.protocol not in {ICMP, ICMPV6}:
        return -1, -1
    kind = packet.icmp_type
    return (8 if packet.protocol == ICMP else 128) if kind is None else kind, packet.icmp_code
