"""CT: say how the packet's connection is to be tracked: not at all, in a zone of its own, with a helper.

Man page iptables-extensions(8), CT; kernel net/netfilter/xt_CT.c.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Option, Words
from iptexplain.extensions.common.joining import together
from iptexplain.extensions.common.numbers import MAX_16, integer
from iptexplain.model import values
from iptexplain.model.content import Content
from iptexplain.model.matching import Opaque, Track, Untrack
from iptexplain.named import NamedTuple
from iptexplain.source import N_, all_of, message, verbatim

if TYPE_CHECKING:
    from iptexplain.source import Message


_CONNECTION = ("new", "related", "destroy", "reply", "assured", "protoinfo", "helper", "mark", "natseqinfo", "secmark")
_EXPECTATION = ("new",)
"""The events in the order of iptables-save."""
_HELPER, _TIMEOUT = 15, 31
"""The longest names that are kept."""


class Zone(NamedTuple):
    """The zone with a number, or the one whose number is the packet's mark."""

    number: int = 0
    by_mark: bool = False

    @classmethod
    def parse(cls, text: str) -> Zone:
        """Read `7` or `mark`. Raises ValueError."""
        return cls(by_mark=True) if text.lower() == "mark" else cls(integer(text, MAX_16))

    def __str__(self) -> str:
        return "mark" if self.by_mark else str(self.number)


def _events(text: str, known: tuple[str, ...]) -> values.Words:
    said = text.split(",")
    if not set(said) <= set(known):
        raise ValueError(text)
    return values.Words(tuple(event for event in known if event in said))


def _name(text: str, most: int) -> str | None:
    """An empty name is none."""
    return text[:most] or None


class ConnectionTracking(Extension):
    """`notrack`: no tracking; the helper and the timeout policy by name; which events are told; the zone, for one direction or both."""

    NAME: ClassVar[str] = "CT"
    GOES_ON: ClassVar[bool] = True

    notrack: bool = False
    helper: str | None = None
    timeout: str | None = None
    events: values.Words | None = None
    expectation_events: values.Words | None = None
    zone: Zone | None = None
    zone_original: Zone | None = None
    zone_reply: Zone | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--notrack", "notrack"),
        Option("--helper", "helper", partial(_name, most=_HELPER), content=Content.LIST),
        Option("--timeout", "timeout", partial(_name, most=_TIMEOUT), content=Content.LIST),
        Option("--ctevents", "events", partial(_events, known=_CONNECTION)),
        Option("--expevents", "expectation_events", partial(_events, known=_EXPECTATION)),
        Option("--zone", "zone", Zone.parse),
        Option("--zone-orig", "zone_original", Zone.parse),
        Option("--zone-reply", "zone_reply", Zone.parse),
    )

    def check(self) -> None:
        """A connection has one zone; which of two is meant depends on the order in which they were said."""
        if len({zone for zone in (self.zone, self.zone_original, self.zone_reply) if zone is not None}) > 1:
            raise ValueError(self.NAME)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Zone 0 is where every connection is; one zone for each direction is one zone for both."""
        said = [words for words in super().save(to) if not words.keyword.startswith("--zone")]
        zone = self.zone_original or self.zone_reply or self.zone
        if zone is not None and zone != Zone():
            original, reply = self.zone_original is not None, self.zone_reply is not None
            keyword = "--zone" if original is reply else "--zone-orig" if original else "--zone-reply"
            said.append(Words(keyword, negated=False, values=(str(zone),)))
        return tuple(said)

    def effect(self) -> Untrack | Track | Opaque:
        """No more tracking; in a zone, connections are told apart by another table, of which nothing is known; the rest decides nothing."""
        if self.notrack:
            return Untrack()
        return Opaque(self.NAME) if any(words.keyword.startswith("--zone") for words in self.save()) else Track()

    def action(self) -> Message:
        """How the connection is tracked; without tracking, the rest means nothing (`xt_ct_tg_check`)."""
        if self.notrack:
            return message("leave it out of connection tracking (CT)")
        zone = self._zoned()
        details = [] if zone is None else [zone]
        if self.helper is not None:
            details.append(message("with the helper {helper}", helper=self.helper))
        if self.timeout is not None:
            details.append(message("with the timeout policy {policy}", policy=self.timeout))
        if self.events is not None:
            text = N_("telling programs only of the events {events}")
            if self.expectation_events is not None:
                text = N_("telling programs only of the events {events} and of new expected connections")
            details.append(message(text, events=together([verbatim(name) for name in self.events.names])))
        elif self.expectation_events is not None:
            details.append(message("telling programs only of new expected connections"))
        return message("track the connection {how} (CT)", how=all_of(details)) if details else message("track the connection as usual (CT)")

    def _zoned(self) -> Message | None:
        """The zone as it is saved; None for the one where every connection is."""
        for keyword, _, values_ in self.save():
            if keyword in _ZONES:
                by_mark = values_ == ("mark",)
                return message(_ZONES[keyword][by_mark], zone=values_[0])
        return None


_ZONES = {
    "--zone": (N_("in zone {zone}"), N_("in the zone whose number is the mark")),
    "--zone-orig": (
        N_("in zone {zone} in the direction of the first packet"),
        N_("in the zone whose number is the mark, in the direction of the first packet"),
    ),
    "--zone-reply": (
        N_("in zone {zone} in the direction of the replies"),
        N_("in the zone whose number is the mark, in the direction of the replies"),
    ),
}
"""A zone by its number, or by the mark."""

EXTENSION = ConnectionTracking
