"""Entries of connection tracking, made before a packet is sent and taken away (include/uapi/linux/netfilter/nfnetlink_conntrack.h)."""

from __future__ import annotations

import socket
import struct
from ipaddress import ip_address
from typing import TYPE_CHECKING

from tests.kernel.oracle.netlink import CREATE, EXCLUSIVE, attribute, attributes, nested
from tests.kernel.oracle.packets import ICMP, ICMPV6

if TYPE_CHECKING:
    from tests.kernel.oracle.netlink import Netlink
    from tests.kernel.oracle.packets import Probe

NEW, DELETE = 0x100, 0x102
ANSWERS = {8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17, 128: 129, 129: 128}
SEEN_REPLY, ASSURED, CONFIRMED = 2, 4, 8
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


def _place(text: str) -> tuple[str, int | None]:
    """`10.0.0.1:80`, `10.0.0.1`, `[fd00::1]:80` or `fd00::1`."""
    if text.startswith("["):
        address, _, port = text[1:].partition("]")
        return address, int(port[1:]) if port else None
    if text.count(":") > 1:
        return text, None
    address, _, port = text.partition(":")
    return address, int(port) if port else None


def _tuple(probe: Probe, source: tuple[str, int], destination: tuple[str, int], kind: int) -> bytes:
    """One direction; `kind` is the ICMP type there."""
    number = probe.number
    protocol = attribute(1, bytes([number]))
    if number in {ICMP, ICMPV6}:
        first = 4 if number == ICMP else 7
        protocol += attribute(first, struct.pack("!H", probe.sport)) + attribute(first + 1, bytes([kind]))
        protocol += attribute(first + 2, bytes([probe.icmp_code]))
    else:
        protocol += attribute(2, struct.pack("!H", source[1])) + attribute(3, struct.pack("!H", destination[1]))
    first = 1 if probe.family == 4 else 3
    addresses = attribute(first, ip_address(source[0]).packed) + attribute(first + 1, ip_address(destination[0]).packed)
    return nested(1, addresses) + nested(2, protocol)


def _translation(kind: int, text: str) -> bytes:
    """The new source (6) or destination (13) of an entry."""
    address, port = _place(text)
    packed = ip_address(address).packed
    first = 1 if len(packed) == 4 else 4
    ports = b"" if port is None else nested(3, attribute(1, struct.pack("!H", port)), attribute(2, struct.pack("!H", port)))
    return nested(kind, attribute(first, packed), attribute(first + 1, packed), ports)


def _state(number: int) -> bytes:
    """What an entry knows of its protocol: established, and nobody looks at sequence numbers."""
    if number == 6:
        flags = struct.pack("BB", 8, 8)
        return nested(4, nested(1, attribute(1, b"\x03"), attribute(4, flags), attribute(5, flags)))
    if number == 132:
        return nested(4, nested(3, attribute(1, b"\x04"), attribute(2, bytes(4)), attribute(3, bytes(4))))
    return b""


def make(requests: Netlink, probe: Probe) -> None:
    """Make the entry of the flow that the packet belongs to (seen both ways, assured)."""
    here, there, kind = (probe.src, probe.sport), (probe.dst, probe.dport), probe.icmp
    if probe.ct != "established":
        here, there = there, here
    if probe.ct == "reply":
        kind = ANSWERS.get(kind, kind)
    body = nested(1, _tuple(probe, here, there, kind)) + nested(2, _tuple(probe, there, here, ANSWERS.get(kind, 0)))
    body += attribute(3, struct.pack("!I", SEEN_REPLY | ASSURED | CONFIRMED)) + attribute(7, struct.pack("!I", 600))
    if probe.ct_mark:
        body += attribute(8, struct.pack("!I", probe.ct_mark))
    body += b"".join(_translation(key, text) for key, text in ((6, probe.ct_snat), (13, probe.ct_dnat)) if text)
    requests.call(NEW, body + _state(probe.number), family=FAMILIES[probe.family], flags=CREATE | EXCLUSIVE)


def forget(requests: Netlink, entry: bytes, family: int) -> None:
    """Take away an entry that was told as new."""
    found = attributes(entry)
    zone = attribute(18, found[18]) if 18 in found else b""
    requests.send(DELETE, nested(1, found[1]) + zone, family=FAMILIES[family])


def forget_all(requests: Netlink) -> None:
    """Take away every entry."""
    requests.call(DELETE, b"", family=socket.AF_UNSPEC)


__all__ = ["NEW", "forget", "forget_all", "make"]
