"""Types of ICMP and ICMPv6 messages: a number, perhaps with a code, or a name that stands for them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from iptexplain.extensions.common.numbers import MAX_8, integer
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message

ICMP = """
any 255, echo-reply 0, pong 0, destination-unreachable 3, network-unreachable 3/0, host-unreachable 3/1, protocol-unreachable 3/2,
port-unreachable 3/3, fragmentation-needed 3/4, source-route-failed 3/5, network-unknown 3/6, host-unknown 3/7, network-prohibited 3/9,
host-prohibited 3/10, TOS-network-unreachable 3/11, TOS-host-unreachable 3/12, communication-prohibited 3/13,
host-precedence-violation 3/14, precedence-cutoff 3/15, source-quench 4, redirect 5, network-redirect 5/0, host-redirect 5/1,
TOS-network-redirect 5/2, TOS-host-redirect 5/3, echo-request 8, ping 8, router-advertisement 9, router-solicitation 10,
time-exceeded 11, ttl-exceeded 11, ttl-zero-during-transit 11/0, ttl-zero-during-reassembly 11/1, parameter-problem 12,
ip-header-bad 12/0, required-option-missing 12/1, timestamp-request 13, timestamp-reply 14, address-mask-request 17, address-mask-reply 18
"""
"""The names of ICMP messages that iptables knows, RFC 792 and its successors."""

ICMPV6 = """
destination-unreachable 1, no-route 1/0, communication-prohibited 1/1, beyond-scope 1/2, address-unreachable 1/3, port-unreachable 1/4,
failed-policy 1/5, reject-route 1/6, packet-too-big 2, time-exceeded 3, ttl-exceeded 3, ttl-zero-during-transit 3/0,
ttl-zero-during-reassembly 3/1, parameter-problem 4, bad-header 4/0, unknown-header-type 4/1, unknown-option 4/2, echo-request 128,
ping 128, echo-reply 129, pong 129, router-solicitation 133, router-advertisement 134, neighbour-solicitation 135,
neighbor-solicitation 135, neighbour-advertisement 136, neighbor-advertisement 136, redirect 137
"""
"""The names of ICMPv6 messages that ip6tables knows, RFC 4443 and RFC 4861."""


@cache
def _names(table: str) -> dict[str, str]:
    return {name.lower(): number for name, number in (entry.split() for entry in table.replace("\n", " ").split(","))}


class IcmpType(NamedTuple):
    """The type of a message, and its code; None: any code."""

    type: int
    code: int | None = None

    @classmethod
    def parse(cls, text: str, table: str) -> IcmpType:
        """Read `8`, `3/4`, `3/0:255`, or the beginning of one name of the table (`echo-req`). Raises ValueError."""
        meant = [number for name, number in _names(table).items() if name.startswith(text.lower())]
        if len(meant) > 1:
            raise ValueError(text)  # even if one of them is written in full
        kind, slash, codes = (meant[0] if meant else text).partition("/")
        first, colon, last = codes.partition(":")
        found = cls(integer(kind, MAX_8), integer(first, MAX_8) if slash else None)
        if colon and (found.code, integer(last, MAX_8)) == (0, MAX_8):
            return cls(found.type)
        return found

    def holds(self, message: tuple[int, int]) -> bool:
        """Is a message of this type and code one of them (`icmp6_match`)."""
        kind, code = message
        return kind == self.type and self.code in {None, code}

    def __str__(self) -> str:
        return str(self.type) if self.code is None else f"{self.type}/{self.code}"


_ASKED = {
    True: (N_("of type {type} ({name})"), N_("of any type but {type} ({name})")),
    False: (N_("of type {type}"), N_("of any type but {type}")),
}
"""By whether there is a name: what is asked, and the opposite."""


def said(wanted: IcmpType, table: str, *, negated: bool = False) -> Message:
    """What a match asks of the type, with the name that it has in the table, or that it has without its code."""
    name = _name(str(wanted), table) or _name(str(wanted.type), table)
    return message(_ASKED[bool(name)][negated], type=wanted, name=name)


def _name(number: str, table: str) -> str:
    """The first name of a type; what `ping` sends, with that name too."""
    found = [name for name, its_number in _names(table).items() if its_number == number]
    return ", ".join(name for name in found if name in {found[0], "ping"})
