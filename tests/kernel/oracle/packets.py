"""Packets to ask about, as bytes, and what bytes say.

Each packet carries a number that is kept on all its ways: the id of the IPv4 header, the flow label of the IPv6 header.
"""

from __future__ import annotations

import struct
from functools import cache
from ipaddress import ip_address
from typing import Any, NamedTuple

PROTOCOLS = {
    "icmp": 1, "tcp": 6, "udp": 17, "dccp": 33, "gre": 47, "esp": 50, "ah": 51, "icmpv6": 58, "ospf": 89, "sctp": 132, "udplite": 136,
}  # fmt: skip
ICMP, TCP, UDP, DCCP, GRE, ESP, AH, ICMPV6, SCTP, UDPLITE = 1, 6, 17, 33, 47, 50, 51, 58, 132, 136
PORTS = {TCP, UDP, DCCP, SCTP, UDPLITE}
FLAGS = {letter: 1 << place for place, letter in enumerate("FSRPAUEC")}
ACK = FLAGS["A"]
EXTENSIONS = {0, 43, 60}  # the headers between that of IPv6 and that of the protocol; the fragment header is looked at by itself
FRAGMENT = 44
UNREACHABLE = {4: bytes([3, 3]), 6: bytes([1, 4])}  # of a port; in an ICMP error about a flow


class Probe(NamedTuple):
    """A packet, in the words of the JSON lines that `iptexplain trace --packets` reads. `iif` None: the node itself sends it.

    `ct` is `new` (what the packet itself makes of it), or there is a flow already: `established` in this direction, `reply` in the other;
    `related`: an ICMP port-unreachable about the flow from dst:dport to src:sport. `payload` is how many bytes it has more than it needs.
    """

    proto: str
    src: str
    dst: str
    iif: str | None = "eth0"
    sport: int = 40000
    dport: int = 80
    mark: int = 0
    ct: str = "new"
    flags: str | None = None
    icmp_type: int | None = None
    icmp_code: int = 0
    frag: bool = False
    ttl: int = 64
    tos: int = 0
    payload: int = 0
    ct_mark: int = 0
    ct_dnat: str | None = None
    ct_snat: str | None = None
    bad_csum: bool = False
    src_mac: str | None = None

    @property
    def family(self) -> int:
        return 6 if ":" in self.src else 4

    @property
    def number(self) -> int:
        """The number of its protocol."""
        if self.proto == "icmp" and self.family == 6:
            return ICMPV6
        return PROTOCOLS[self.proto] if self.proto in PROTOCOLS else int(self.proto)

    @property
    def icmp(self) -> int:
        """The ICMP type, an echo request if none is given."""
        return self.icmp_type if self.icmp_type is not None else 8 if self.family == 4 else 128

    @property
    def letters(self) -> str:
        """The TCP flags."""
        return self.flags if self.flags is not None else "S" if self.ct == "new" else "A"

    def json(self) -> dict[str, Any]:
        """The JSON line."""
        found: dict[str, Any] = {
            "proto": self.proto, "src": self.src, "dst": self.dst, "iif": self.iif, "mark": self.mark, "ct": self.ct, "ttl": self.ttl,
            "tos": self.tos, "length": len(datagram(self, 1)),
        }  # fmt: skip
        if self.number in PORTS:
            found |= {"sport": self.sport, "dport": self.dport}
        elif self.number in {ICMP, ICMPV6}:
            found |= {"sport": self.sport, "icmp_type": self.icmp, "icmp_code": self.icmp_code}
        if self.number == TCP:
            found["flags"] = self.letters
        for key in ("frag", "ct_mark", "ct_dnat", "ct_snat", "bad_csum", "src_mac"):
            if value := getattr(self, key):
                found[key] = value
        return found


def of_json(line: dict[str, Any]) -> Probe:
    """The packet of such a JSON line. Its length is the one it has here."""
    return Probe(**{key: value for key, value in line.items() if key != "length"})


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    data += b"\0" * (len(data) & 1)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


@cache
def _castagnoli() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)  # noqa: PLW2901 - a register that is shifted
        table.append(value)
    return tuple(table)


def _sctp_checksum(data: bytes) -> int:
    table, value = _castagnoli(), 0xFFFFFFFF
    for byte in data:
        value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ 0xFFFFFFFF


def _summed(probe: Probe, body: bytes, at: int, *, pseudo: bool = True) -> bytes:
    """The body with its checksum at this place."""
    head = b""
    if pseudo:
        head = ip_address(probe.src).packed + ip_address(probe.dst).packed + struct.pack("!II", len(body), probe_protocol(probe))
    found = checksum(head + body) ^ (0x5555 if probe.bad_csum else 0)
    return body[:at] + struct.pack("!H", found or 0xFFFF) + body[at + 2 :]


def probe_protocol(probe: Probe) -> int:
    """The protocol that the packet itself has: that of an ICMP error if it is one."""
    return probe.number if probe.ct != "related" else ICMP if probe.family == 4 else ICMPV6


def _sctp(probe: Probe, tag: int, rest: bytes) -> bytes:
    """An INIT with one parameter."""
    chunk = struct.pack("!BBHIIHHI", 1, 0, 24 + len(rest), tag | 1, 65535, 10, 10, tag)
    chunk += struct.pack("!HH", 0x8001, 4 + len(rest)) + rest + b"\0" * (-len(rest) & 3)
    whole = struct.pack("!HHII", probe.sport, probe.dport, 0, 0) + chunk
    found = _sctp_checksum(whole) ^ (0x5555 if probe.bad_csum else 0)
    return whole[:8] + struct.pack("<I", found) + whole[12:]


def _body(probe: Probe, tag: int) -> bytes:  # noqa: C901, PLR0911 - one case for each protocol
    """What follows the IP header."""
    rest = b"ORC!" + struct.pack("!I", tag) + b"x" * probe.payload
    ports = struct.pack("!HH", probe.sport, probe.dport)
    four = probe.family == 4
    if probe.ct == "related":
        quoted = probe._replace(ct="new", src=probe.dst, dst=probe.src, payload=0, bad_csum=False)
        if probe.number not in {ICMP, ICMPV6}:
            quoted = quoted._replace(sport=probe.dport, dport=probe.sport)
        return _summed(probe, UNREACHABLE[probe.family] + bytes(6) + datagram(quoted, tag) + rest, 2, pseudo=not four)
    match probe.number:
        case 6:
            flags = sum(FLAGS[letter] for letter in probe.letters)
            numbers = struct.pack("!II", tag, tag ^ 0xFFFFFFFF if flags & ACK else 0)
            return _summed(probe, ports + numbers + struct.pack("!BBHHH", 0x50, flags, 64240, 0, 0) + rest, 16)
        case 17:
            return _summed(probe, ports + struct.pack("!HH", 8 + len(rest), 0) + rest, 6)
        case 136:  # its second field says how much the checksum covers; 0 is all
            return _summed(probe, ports + struct.pack("!HH", 0, 0) + rest, 6)
        case 33:  # a REQUEST (type 0) with a long sequence number and a service code
            head = ports + struct.pack("!BBHBBHI", 5, 0, 0, 1, 0, 0, tag) + bytes(4)
            return _summed(probe, head + b"\0" * (-len(rest) & 3) + rest, 6)
        case 132:
            return _sctp(probe, tag, rest)
        case 1 | 58:
            head = struct.pack("!BBHHH", probe.icmp, probe.icmp_code, 0, probe.sport, tag & 0xFFFF)
            return _summed(probe, head + rest, 2, pseudo=not four)
        case 47:
            return struct.pack("!HH", 0, 0x0800) + rest  # version 0, no key
        case 50:
            return struct.pack("!II", probe.sport, 1) + rest
        case 51:
            return struct.pack("!BBHIII", 59, 2, 0, probe.sport, 1, 0) + rest
        case _:  # nobody knows where its checksum is; the kernel's REJECT wants the whole to sum up
            return _summed(probe, b"\0\0" + rest, 0, pseudo=not four)


def datagram(probe: Probe, tag: int) -> bytes:
    """The whole packet with a number of 32 bits, whose lower ones are in its header."""
    body = _body(probe, tag)
    source, destination = ip_address(probe.src).packed, ip_address(probe.dst).packed
    if probe.family == 6:
        first = 6 << 28 | probe.tos << 20 | mine(probe, tag)
        return struct.pack("!IHBB", first, len(body), probe_protocol(probe), probe.ttl) + source + destination + body
    head = struct.pack("!BBHHHBBH", 0x45, probe.tos, 20 + len(body), mine(probe, tag), 0, probe.ttl, probe_protocol(probe), 0)
    return _with_sum(head + source + destination) + body


def mine(probe: Probe, tag: int) -> int:
    """What of the number is in the header; never 0, which the headers of others have."""
    return tag & (0xFFFF if probe.family == 4 else 0xFFFFF) or 1


def _with_sum(head: bytes) -> bytes:
    return head[:10] + struct.pack("!H", checksum(head[:10] + b"\0\0" + head[12:])) + head[12:]


def fragments(whole: bytes) -> list[bytes]:
    """The packet in two fragments: the first holds the ports."""
    if whole[0] >> 4 == 4:
        head, body = whole[:20], whole[20:]
        cut = min(24, (len(body) - 1) & ~7)
        return [
            _with_sum(head[:2] + struct.pack("!HHH", 20 + len(part), int.from_bytes(head[4:6], "big"), place) + head[8:]) + part
            for place, part in ((0x2000, body[:cut]), (cut // 8, body[cut:]))
        ]
    head, body = whole[:40], whole[40:]
    cut = min(24, (len(body) - 1) & ~7)
    return [
        head[:4] + struct.pack("!HB", 8 + len(part), FRAGMENT) + head[7:] + struct.pack("!BBHI", head[6], 0, place, 7) + part
        for place, part in ((1, body[:cut]), (cut, body[cut:]))
    ]


class Header(NamedTuple):
    """What the bytes of a packet say. `tag` is its number; a later fragment has no ports; `quoted` is what an ICMP error is about."""

    family: int
    tag: int
    protocol: int
    src: str
    dst: str
    ttl: int
    tos: int
    sport: int = 0
    dport: int = 0
    later: bool = False
    flags: int = 0
    icmp: tuple[int, int] = (0, 0)
    quoted: bytes = b""


def parse(data: bytes) -> Header | None:
    """What these bytes say, None if they are no IP packet."""
    if len(data) < 20 or data[0] >> 4 not in {4, 6} or (data[0] >> 4 == 6 and len(data) < 40):
        return None
    later = False
    if data[0] >> 4 == 4:
        place = int.from_bytes(data[6:8], "big") & 0x1FFF
        start, protocol, tag, later = (data[0] & 15) * 4, data[9], int.from_bytes(data[4:6], "big"), place > 0
        source, destination, ttl, tos = data[12:16], data[16:20], data[8], data[1]
    else:
        first = int.from_bytes(data[:4], "big")
        start, protocol, tag = 40, data[6], first & 0xFFFFF
        source, destination, ttl, tos = data[8:24], data[24:40], data[7], first >> 20 & 255
        while protocol in EXTENSIONS | {FRAGMENT} and start + 8 <= len(data):
            if protocol == FRAGMENT:
                later = later or int.from_bytes(data[start + 2 : start + 4], "big") >= 8
            protocol, start = data[start], start + (8 if protocol == FRAGMENT else 8 + 8 * data[start + 1])
    found = Header(data[0] >> 4, tag, protocol, str(ip_address(source)), str(ip_address(destination)), ttl, tos, later=later)
    rest = data[start:]
    if later or len(rest) < 8:
        return found
    if protocol in PORTS:
        sport, dport = struct.unpack_from("!HH", rest)
        return found._replace(sport=sport, dport=dport, flags=rest[13] if protocol == TCP and len(rest) > 13 else 0)
    if protocol in {ICMP, ICMPV6}:
        return found._replace(sport=int.from_bytes(rest[4:6], "big"), icmp=(rest[0], rest[1]), quoted=rest[8:])
    return found


__all__ = ["ICMP", "ICMPV6", "PORTS", "TCP", "Header", "Probe", "datagram", "fragments", "mine", "of_json", "parse", "probe_protocol"]
