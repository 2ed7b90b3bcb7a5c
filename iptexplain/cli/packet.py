"""A packet as the options of `trace` describe it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from iptexplain.analysis.trace import ends
from iptexplain.errors import UsageError
from iptexplain.inputs.places import End, parse_end
from iptexplain.model.packet import FLAGS, ICMP, ICMPV6
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPTIONS = {
    "source": "--from",
    "to": "--to",
    "interface": "--in",
    "mark": "--mark",
    "connection": "--ct",
    "flags": "--tcp-flags",
    "icmp_type": "--icmp-type",
    "length": "--length",
    "ttl": "--ttl",
}


class Described(NamedTuple):
    """The options, None where one is not given."""

    source: str | None = None
    to: str | None = None
    interface: str | None = None
    mark: str | None = None
    connection: str | None = None
    flags: str | None = None
    icmp_type: str | None = None
    length: int | None = None
    ttl: int | None = None

    def check(self, packets: str | None) -> None:
        """Raises `UsageError` if they do not go with a file of packets, or there is too little to make a packet of."""
        said = [option for name, option in _OPTIONS.items() if getattr(self, name) is not None]
        if packets is not None and said:
            raise UsageError(message("--packets says everything about the packets; {option} does not go with it", option=said[0]))
        if packets is None and self.source is None:
            raise UsageError(message("who sends the packet? give --from ADDRESS[:PORT] or one of {kinds}; or --packets FILE", kinds=_KINDS))
        if packets is None and self.to is None:
            raise UsageError(message("where does the packet go? give --to ADDRESS[:PORT][/PROTOCOL], or --to NAMESPACE/SERVICE[:PORT]"))

    def sender(self) -> End | str:
        """Who sends it: an address, or one of `analysis.trace.ends.KINDS`. Raises `UsageError`."""
        text = self.source or ""
        if text.lower() in ends.KINDS:
            return text.lower()
        found = parse_end(text)
        if found is None or found.protocol is not None:
            raise UsageError(message("--from {text}: expected an address, perhaps with a port, or one of {kinds}", text=text, kinds=_KINDS))
        return found

    def keys(self, family: int) -> Mapping[str, object]:
        """What they say beside the two ends, in the keys of a line of --packets. Raises `UsageError`."""
        found: dict[str, object] = {
            "iif": self.interface,
            "mark": self.mark,
            "ct": self.connection,
            "length": self.length,
            "ttl": self.ttl,
            "flags": None if self.flags is None else _flags(self.flags),
        }
        if self.icmp_type is not None:
            found |= _icmp(self.icmp_type, family)
        return {key: value for key, value in found.items() if value is not None}


_KINDS = ", ".join(ends.KINDS)


def _flags(text: str) -> str:
    """The letters of flags that are written as letters or as names. Raises `UsageError`."""
    letters = {name: letter for letter, name in FLAGS.items()}
    if text.upper() == "NONE":
        return ""
    words = text.upper().split(",")
    if all(word in letters for word in words):
        return "".join(letters[word] for word in words)
    if set(text.upper()) <= FLAGS.keys():
        return text.upper()
    raise UsageError(message("--tcp-flags {text}: expected names such as SYN,ACK, letters such as SA, or NONE", text=text))


def _icmp(text: str, family: int) -> Mapping[str, object]:
    """Protocol, type and code of an ICMP message. Raises `UsageError`."""
    from iptexplain.extensions.common.icmp import ICMP as NAMES
    from iptexplain.extensions.common.icmp import ICMPV6 as NAMES_V6
    from iptexplain.extensions.common.icmp import IcmpType

    six = family == 6  # noqa: PLR2004 - IPv6
    try:
        found = IcmpType.parse(text, NAMES_V6 if six else NAMES)
    except ValueError:
        raise UsageError(message("--icmp-type {text}: expected a type such as 8, 3/4 or echo-request", text=text)) from None
    return {"proto": ICMPV6 if six else ICMP, "icmp_type": found.type, "icmp_code": found.code or 0}


def time(text: str) -> datetime:
    """The time of --at, in UTC if it says no zone. Raises `UsageError`."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(message("--at {text}: expected a time such as 2026-01-31T12:00 or 2026-01-31T12:00+01:00", text=text)) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
