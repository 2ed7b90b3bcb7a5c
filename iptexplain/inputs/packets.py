"""Packets to trace, one JSON object a line.

What a line does not say has its default or is unknown (`model/packet.py` tells which). What a protocol does not have is not looked at:
ports of GRE, flags of UDP, the type of a message that is not ICMP.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING

from iptexplain.errors import UnreadableInputError, UsageError
from iptexplain.inputs.json_text import RepeatedKeyError, once, shown
from iptexplain.inputs.lines import numbered
from iptexplain.inputs.places import parse_place, parse_protocol
from iptexplain.model import names
from iptexplain.model.address import Address
from iptexplain.model.packet import CONNECTIONS, FLAGS, ICMP, ICMPV6, TCP, WITH_PORTS, Packet
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from iptexplain.model.packet import Place
    from iptexplain.source import Message, Source

_ECHO = {ICMP: 8, ICMPV6: 128}
_MAX_8, _MAX_16, _MAX_32 = 0xFF, 0xFFFF, 0xFFFFFFFF
_SHORTEST, _LONGEST = 20, 40 + 0xFFFF
"""The lengths of an IPv4 header and of the longest IPv6 packet."""
_HARDWARE = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}", re.ASCII)


class UnfitPacketError(UsageError):
    """A packet that cannot be. Remedy: another value for `key`, as said in `expected`."""

    def __init__(self, expected: Message, key: str, found: object) -> None:
        """`found` is the value of the key; absent is None."""
        super().__init__(message("{key}: expected {expected}, found: {found}", key=key, expected=expected, found=shown(found)))
        self.key = key
        self.expected = expected


def parse_packets(source: Source) -> Iterator[Packet]:
    """The packets of a text, one after the other as they are asked for. Raises `UnreadableInputError` at the first line that is none."""
    decoder = json.JSONDecoder(object_pairs_hook=once)
    for number, line in numbered(source):
        try:
            found = make_packet(decoder.decode(line))
        except UnfitPacketError as error:
            raise UnreadableInputError(message("{file}:{line}: {reason}", file=source.name, line=number, reason=error.message)) from error
        except json.JSONDecodeError as error:
            where = {"line": number, "column": error.colno, "reason": error.msg}
            raise UnreadableInputError(message("{file}:{line}:{column}: broken JSON: {reason}", file=source.name, **where)) from error
        except RepeatedKeyError as error:
            where = {"line": number, "key": shown(error.key)}
            raise UnreadableInputError(message("{file}:{line}: {key} stands twice in one object", file=source.name, **where)) from error
        except (ValueError, RecursionError) as error:  # a number of thousands of digits, lists in lists without end
            raise UnreadableInputError(message("{file}:{line}: JSON that nobody writes", file=source.name, line=number)) from error
        yield found


_EXAMPLE = '{"src": "10.244.1.5", "dst": "10.96.0.10", "dport": 53, "proto": "udp"}'


def make_packet(given: object) -> Packet:
    """The packet that these keys describe, those of a line of JSON. Raises `UnfitPacketError`, also for what is no object with keys.

    `icmp` between IPv6 addresses is ICMPv6. Without `length`, that of `payload` holds.
    """
    if not isinstance(given, dict):
        raise UnfitPacketError(message("one JSON object in a line, such as {example}", example=_EXAMPLE), "$", given)
    read: dict[str, object] = {}
    readers = _readers()
    for key, value in given.items():
        if key not in readers:
            raise UnfitPacketError(message("one of the keys {keys}", keys=", ".join(readers)), key, value)
        field, reader, expected = readers[key]
        try:
            read[field] = reader(value)
        except (ValueError, TypeError, AttributeError):
            raise UnfitPacketError(expected, key, value) from None
    packet = Packet(**{"family": 0, "source": None, "destination": None, **read})  # type: ignore[arg-type]  # each reader makes what its field holds
    return _sound(packet, given)


def _sound(packet: Packet, given: Mapping[str, object]) -> Packet:
    """The packet with what follows from its parts, if these fit together."""
    source, destination, protocol, length = packet.source, packet.destination, packet.protocol, packet.length
    for key, address in (("src", source), ("dst", destination)):
        if address is None:
            raise UnfitPacketError(_readers()[key][2], key, None)
    family = source.family
    if destination.family != family:
        raise UnfitPacketError(message("an address of the same family as `src`"), "dst", given["dst"])
    for key, place in (("ct_dnat", packet.translated_to), ("ct_snat", packet.translated_from)):
        if place is not None and place.address.family != family:
            raise UnfitPacketError(message("an address of the same family as `src`"), key, given[key])
    if packet.payload is not None:
        if length not in {None, len(packet.payload)}:
            raise UnfitPacketError(message("the length of `payload`, {length}", length=len(packet.payload)), "length", length)
        length = len(packet.payload)
    if protocol == ICMP and family == 6:  # noqa: PLR2004
        protocol = ICMPV6
    echo = _ECHO.get(protocol)
    kind = None if echo is None else echo if packet.icmp_type is None else packet.icmp_type
    with_ports = protocol in WITH_PORTS
    return packet._replace(
        family=family,
        protocol=protocol,
        length=length,
        source_port=packet.source_port if with_ports or echo is not None else None,
        destination_port=packet.destination_port if with_ports else None,
        flags=packet.flags if protocol == TCP else None,
        icmp_type=kind,
        icmp_code=0 if echo is None else packet.icmp_code,
    )


def _number(most: int, least: int = 0) -> Callable[[object], int]:
    def read(value: object) -> int:
        if type(value) is not int or not least <= value <= most:  # no bool
            raise ValueError(value)
        return value

    return read


def _or_unknown(read: Callable[[object], int]) -> Callable[[object], int | None]:
    """A reader that takes null too: not known."""
    return lambda value: None if value is None else read(value)


def _mark(value: object) -> int:
    """Read a number or `"0x4000"`."""
    found = names.number(value) if isinstance(value, str) else value
    return _number(_MAX_32)(found)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(value)
    return value


def _address(value: object) -> Address:
    return Address.parse(_text(value))


def _protocol(value: object) -> int:
    """Read a number, or the name of a protocol."""
    return _number(_MAX_8)(value) if type(value) is int else parse_protocol(_text(value))


def _input(value: object) -> str | None:
    return None if value is None else _text(value)


def _connection(value: object) -> str:
    if value not in CONNECTIONS:
        raise ValueError(value)
    return _text(value)


@cache
def _flags_of(letters: str) -> frozenset[str]:
    return frozenset([FLAGS[letter] for letter in letters])


def _flags(value: object) -> frozenset[str] | None:
    if value is None:
        return None
    if not isinstance(value, str) or not set(value) <= FLAGS.keys():
        raise ValueError(value)
    return _flags_of(value)


def _place(value: object) -> Place | None:
    return None if value is None else parse_place(_text(value))


def _hardware(value: object) -> int | None:
    if value is None:
        return None
    if not _HARDWARE.fullmatch(_text(value)):
        raise ValueError(value)
    return int(_text(value).replace(":", ""), 16)


def _bytes(value: object) -> bytes | None:
    if value is None:
        return None
    found = bytes.fromhex(_text(value))
    if not _SHORTEST <= len(found) <= _LONGEST:
        raise ValueError(value)
    return found


@cache
def _readers() -> dict[str, tuple[str, Callable[[object], object], Message]]:
    """For each key its field, its reader, and what an error asks for."""
    address = message("an address such as {example}", example="10.244.1.5")
    port = message("a port, a number from 0 to {most}", most=_MAX_16)
    small = message("a number from 0 to {most}", most=_MAX_8)
    mark = message("a mark of 32 bits, as a number or as {example}", example='"0x4000"')
    truth = message("true or false")
    place = message("an address and perhaps a port, such as {one} or {other}", one='"10.0.0.1:80"', other='"[2001:db8::1]:80"')
    return {
        "proto": ("protocol", _protocol, message("a protocol, by its name or its number from 0 to {most}", most=_MAX_8)),
        "src": ("source", _address, address),
        "dst": ("destination", _address, address),
        "sport": ("source_port", _or_unknown(_number(_MAX_16)), port),
        "dport": ("destination_port", _or_unknown(_number(_MAX_16)), port),
        "iif": ("input", _input, message("the name of an interface, or null for a packet that the node itself sends")),
        "mark": ("mark", _mark, mark),
        "ct": ("connection", _connection, message("one of {words}", words=", ".join(CONNECTIONS))),
        "flags": ("flags", _flags, message("letters of {letters}", letters="".join(FLAGS))),
        "icmp_type": ("icmp_type", _or_unknown(_number(_MAX_8)), small),
        "icmp_code": ("icmp_code", _number(_MAX_8), small),
        "frag": ("fragment", _truth, truth),
        "ttl": ("ttl", _number(_MAX_8), small),
        "tos": ("tos", _number(_MAX_8), small),
        "length": (
            "length",
            _or_unknown(_number(_LONGEST, _SHORTEST)),
            message("the length of the whole packet in bytes, from {least} to {most}", least=_SHORTEST, most=_LONGEST),
        ),
        "ct_mark": ("connection_mark", _mark, mark),
        "ct_dnat": ("translated_to", _place, place),
        "ct_snat": ("translated_from", _place, place),
        "bad_csum": ("bad_checksum", _truth, truth),
        "src_mac": ("hardware_source", _hardware, message("a hardware address such as {example}", example="02:00:00:00:00:01")),
        "payload": ("payload", _bytes, message("the whole packet from its IP header on, in hexadecimal digits")),
    }
