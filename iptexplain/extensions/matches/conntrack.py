"""conntrack: what connection tracking knows of the packet's flow.

Man page iptables-extensions(8), conntrack; kernel net/netfilter/xt_conntrack.c. Where only the state is asked for, that is a
constraint like others; else the match as a whole looks at the connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.host import Host
from iptexplain.extensions.common.numbers import MAX_8, MAX_16, MAX_32, Range, extent_of, integer, ranges
from iptexplain.extensions.common.phrases import ports, protocol
from iptexplain.extensions.common.states import STATES, listed, states
from iptexplain.model import names
from iptexplain.model.content import Content
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.model.values import Ports
from iptexplain.model.values import Words as Names
from iptexplain.source import N_, either_of, message, verbatim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.model.packet import Connection
    from iptexplain.source import Message

_STATUS = ("EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED")
_DIRECTIONS = ("ORIGINAL", "REPLY")


def _protocol(text: str) -> int:
    """The number of a protocol, 0 for all of them."""
    try:
        return integer(text, MAX_8)
    except ValueError:
        name = names.protocol(text)
        return next(number for number in range(MAX_8 + 1) if names.protocol(str(number)) == name)


def _ports(text: str) -> Range:
    """Unlike those of tcp, the first port may be the greater one."""
    low, colon, high = text.partition(":")
    first = names.port(low) if low or not colon else 0
    last = names.port(high) if high else MAX_16 if colon else first
    if max(first, last) > MAX_16:
        raise ValueError(text)
    return Range(first, last)


def _status(text: str) -> Names:
    """The order of iptables-save; `NONE` is the lack of the others."""
    found = listed(("NONE", *_STATUS))(text).names
    return Names(tuple([name for name in found if name != "NONE"]) or found)


def _direction(text: str) -> str:
    if text.upper() not in _DIRECTIONS:
        raise ValueError(text)
    return text.upper()


class Conntrack(Extension):
    """All options of `-m conntrack`; None where the rule does not say. `expire`: how many seconds the connection is remembered."""

    NAME: ClassVar[str] = "conntrack"
    WHOLE: ClassVar[Field | None] = Field.CONNECTION

    state: Given[Names] | None = None
    protocol: Given[int] | None = None
    original_source: Given[Host] | None = None
    original_destination: Given[Host] | None = None
    reply_source: Given[Host] | None = None
    reply_destination: Given[Host] | None = None
    original_source_port: Given[Range] | None = None
    original_destination_port: Given[Range] | None = None
    reply_source_port: Given[Range] | None = None
    reply_destination_port: Given[Range] | None = None
    status: Given[Names] | None = None
    expire: Given[Range] | None = None
    direction: str | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--ctstate", "state", listed(STATES), negatable=True, field=Field.STATE),
        Option("--ctproto", "protocol", _protocol, negatable=True),
        Option("--ctorigsrc", "original_source", Host.parse, negatable=True, content=Content.ADDRESS),
        Option("--ctorigdst", "original_destination", Host.parse, negatable=True, content=Content.ADDRESS),
        Option("--ctreplsrc", "reply_source", Host.parse, negatable=True, content=Content.ADDRESS),
        Option("--ctrepldst", "reply_destination", Host.parse, negatable=True, content=Content.ADDRESS),
        Option("--ctorigsrcport", "original_source_port", _ports, negatable=True),
        Option("--ctorigdstport", "original_destination_port", _ports, negatable=True),
        Option("--ctreplsrcport", "reply_source_port", _ports, negatable=True),
        Option("--ctrepldstport", "reply_destination_port", _ports, negatable=True),
        Option("--ctstatus", "status", _status, negatable=True),
        Option("--ctexpire", "expire", ranges(MAX_32), negatable=True),
        Option("--ctdir", "direction", _direction),
    )

    def check(self) -> None:
        """Something is asked."""
        if all(getattr(self, name) is None for name in self.FIELDS):
            raise ValueError(self.NAME)

    def holds(self, connection: Connection) -> bool | None:
        """Is the connection so; None if that depends on what is not known of it.

        Without an entry for the packet the state alone is looked at, and nothing matches that does not ask for it (`conntrack_mt`).
        """
        if self.state is not None and _in_state(self.state.value, connection) is self.state.negated:
            return False
        if not connection.tracked:
            return self.state is not None
        if self.direction is not None and (self.direction == "REPLY") is not connection.replying:
            return False
        met = [None if found is None else found is not given.negated for given, found in self._looked_at(connection)]
        return False if False in met else None if None in met else True

    def _looked_at(self, connection: Connection) -> Iterator[tuple[Given[Any], bool | None]]:
        """Each option that is asked, and whether the connection has what stands behind it."""
        for way, ends in (("original", connection.original), ("reply", connection.reply)):
            for part in ("source", "destination", "source_port", "destination_port"):
                given = getattr(self, f"{way}_{part}")
                if given is not None:
                    found = getattr(ends, part, None)
                    yield given, None if found is None else given.value.holds(found)
        if self.protocol is not None:
            yield self.protocol, self.protocol.value == connection.protocol
        if self.status is not None:
            yield self.status, any(name in connection.status for name in self.status.value.names)  # never for NONE, which is no bit
        if self.expire is not None:
            yield self.expire, None

    def phrases(self) -> tuple[Phrase, ...]:
        """The state as most rules ask for it; then what else is asked of the connection."""
        found = []
        if self.state is not None:
            found.append(states(self.state))
        if self.protocol is not None:
            name = protocol(names.protocol(str(self.protocol.value))) if self.protocol.value else message("protocol 0")
            text = N_("the connection does not use {protocol}") if self.protocol.negated else N_("the connection uses {protocol}")
            found.append(message(text, protocol=name))
        for attribute, (asked, not_asked) in _ENDS.items():
            given = getattr(self, attribute)
            if given is not None:
                wanted = ports(Ports(*given.value)) if isinstance(given.value, Range) else given.value
                found.append(message(not_asked if given.negated else asked, wanted=wanted))
        if self.status is not None:
            found.append(_status_said(self.status.value, negated=self.status.negated))
        if self.expire is not None:
            kind, seconds = extent_of(self.expire.value, negated=self.expire.negated)
            found.append(message(_EXPIRES[kind], first=seconds.first, last=seconds.last))
        if self.direction is not None:
            original = self.direction == "ORIGINAL"
            found.append(message("in the direction of the first packet" if original else "in the direction of the replies"))
        return tuple([Phrase(Part.IF, text) for text in found])


def _status_said(wanted: Names, *, negated: bool) -> Message:
    """NONE is no bit of the status, so that no connection has it (`conntrack_mt`)."""
    if wanted.names == ("NONE",):
        return message("with an entry in connection tracking" if negated else "with a connection status that no packet has (NONE)")
    found = either_of([verbatim(name) for name in wanted.names])
    return message("connection status not {status}" if negated else "connection status {status}", status=found)


_EXPIRES = {
    "one": N_("with {first} s left until the connection is forgotten"),
    "but one": N_("with any time but {first} s left until the connection is forgotten"),
    "between": N_("with {first} to {last} s left until the connection is forgotten"),
    "but between": N_("with any time but {first} to {last} s left until the connection is forgotten"),
    "at least": N_("with at least {first} s left until the connection is forgotten"),
    "at most": N_("with at most {last} s left until the connection is forgotten"),
    "any": N_("with an entry in connection tracking"),
    "none": N_("with a time left until the connection is forgotten that none has"),
}
"""By what `extent_of` finds; the kernel rounds down."""
_ENDS = {
    "original_source": (N_("the connection was opened from {wanted}"), N_("the connection was not opened from {wanted}")),
    "original_destination": (N_("the connection was opened to {wanted}"), N_("the connection was not opened to {wanted}")),
    "reply_source": (N_("replies come from {wanted}"), N_("replies do not come from {wanted}")),
    "reply_destination": (N_("replies go to {wanted}"), N_("replies do not go to {wanted}")),
    "original_source_port": (N_("the connection was opened from {wanted}"), N_("the connection was not opened from {wanted}")),
    "original_destination_port": (N_("the connection was opened to {wanted}"), N_("the connection was not opened to {wanted}")),
    "reply_source_port": (N_("replies come from {wanted}"), N_("replies do not come from {wanted}")),
    "reply_destination_port": (N_("replies go to {wanted}"), N_("replies do not go to {wanted}")),
}
"""What is asked of the ends of the connection, and the opposite."""


def _in_state(wanted: Names, connection: Connection) -> bool:
    """Is the state one of the listed, or is one of the listed translations there."""
    return (
        wanted.holds(connection.state)
        or (connection.translated_source and wanted.holds("SNAT"))
        or (connection.translated_destination and wanted.holds("DNAT"))
    )


EXTENSION = Conntrack
