"""Where a packet comes from or goes to, as somebody writes it: `10.96.0.10:53/udp`. What is no address may be the name of a Service."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from iptexplain.errors import UsageError
from iptexplain.model import names
from iptexplain.model.address import Address
from iptexplain.model.packet import Place
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message

_MOST_PROTOCOLS = 255
_MOST_PORTS = 65535
_BITS = {4: 32, 6: 128}
_DOTTED = re.compile(r"\d+(?:\.\d+){3}", re.ASCII)
"""What can only be meant as an IPv4 address, though it may be none: 300.0.0.1."""


class End(NamedTuple):
    """One end of a packet's way: address, port and the number of the protocol, as far as they are said."""

    address: Address
    port: int | None = None
    protocol: int | None = None


class UnreadablePlaceError(UsageError):
    """A place that is written in a way that can be no address and no name. Remedy: as said in `expected`."""

    def __init__(self, text: str, expected: Message) -> None:
        """`text` is what was written."""
        super().__init__(message("expected {expected}, found: {text}", expected=expected, text=text))
        self.text = text
        self.expected = expected


def parse_end(text: str) -> End | None:
    """Read `ADDR[:PORT][/PROTO]`; an IPv6 address before a port stands in brackets. None: no address, perhaps the name of a Service.

    Raises `UnreadablePlaceError` for an address with a port or a protocol that is none, and for what looks like an address and is none.
    """
    where, slash, called = text.partition("/")
    host = _host(where)
    try:
        address = Address.parse(host)
    except ValueError:
        if _DOTTED.fullmatch(host) or text.startswith("[") or where.count(":") > 1:
            raise UnreadablePlaceError(text, message("an address such as {one} or {other}", one=_EXAMPLES[0], other=_EXAMPLES[1])) from None
        return None
    try:
        port = parse_place(where).port
    except ValueError:
        raise UnreadablePlaceError(text, message("a port from 0 to {most} behind the address", most=_MOST_PORTS)) from None
    if port is None and called.isascii() and called.isdigit() and int(called) <= _BITS[address.family]:
        raise UnreadablePlaceError(text, message("one address, not a network; a protocol by its name, such as {example}", example="gre"))
    try:
        return End(address, port, parse_protocol(called) if slash else None)
    except ValueError:
        raise UnreadablePlaceError(text, message("a protocol such as {one} or {other} behind the slash", one="tcp", other="132")) from None


_EXAMPLES = ("10.96.0.10:53/udp", "[2001:db8::1]:80")


def _host(where: str) -> str:
    """The part of `ADDR[:PORT]` that is the address, if it is one."""
    if where.startswith("["):
        return where[1:].partition("]")[0]
    return where if where.count(":") > 1 else where.partition(":")[0]


def parse_place(text: str) -> Place:
    """Read `10.0.0.1`, `10.0.0.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`. Raises ValueError."""
    address = Address.parse(_host(text))
    if text.startswith("["):
        _, closed, rest = text.partition("]")
        if not closed or address.family == 4 or (rest and rest[0] != ":"):  # noqa: PLR2004
            raise ValueError(text)
        return Place(address, _port(rest[1:]) if rest else None)
    _, colon, port = text.partition(":") if text.count(":") == 1 else (text, "", "")
    return Place(address, _port(port) if colon else None)


def _port(text: str) -> int:
    """A port, by its number or the name of a service."""
    return names.port(text)


@cache
def _protocols() -> dict[str, int]:
    return {names.protocol(str(number)): number for number in range(1, _MOST_PROTOCOLS + 1)}


@cache
def parse_protocol(text: str) -> int:
    """The number of a protocol of which the name or the number is written. Raises ValueError, also for `all`, which is none."""
    try:
        return 0 if text == "0" else _protocols()[names.protocol(text)]
    except KeyError:
        raise ValueError(text) from None
