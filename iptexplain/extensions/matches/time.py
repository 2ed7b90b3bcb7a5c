"""time: does the packet come at some time of the day, on some days, or between two dates.

Man page iptables-extensions(8), time; kernel net/netfilter/xt_time.c. Times are UTC unless the rule asks for the kernel's time zone.
iptables-save turns excluded days into all others, and prints the last second of 31 bits as the end if the rule has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option
from iptexplain.extensions.common.extension import Words as Said
from iptexplain.extensions.common.numbers import integer
from iptexplain.model.content import Content
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.model.values import Words
from iptexplain.named import NamedTuple
from iptexplain.source import N_, either_of, message, verbatim

if TYPE_CHECKING:
    from datetime import datetime

    from iptexplain.source import Message

_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH = tuple(map(str, range(1, 32)))
_DATE, _CLOCK = (2038, 12, 31), (23, 59, 59)
"""The greatest numbers in a date and in a time."""
_FIRST_YEAR, _FIRST_WEEKDAY = 1970, 3
"""Its first day was a Thursday."""
_DAY = 86400
_LAST_SECOND = _DAY - 1
_LAST_MOMENT = 2**31 - 1


def _numbers(text: str, separator: str, most: tuple[int, ...]) -> list[int]:
    """The decimal numbers of a date or time, one at least; an empty one is 0, as C reads it."""
    found = [int(part or "0") for part in text.split(separator) if not part or (part.isascii() and part.isdigit())]
    if len(found) != text.count(separator) + 1 or len(found) > len(most) or any(map(int.__gt__, found, most)):
        raise ValueError(text)
    return found


class DayTime(NamedTuple):
    """Seconds since midnight."""

    seconds: int

    @classmethod
    def parse(cls, text: str) -> DayTime:
        """Read `8:30` or `08:30:15`. Raises ValueError."""
        hours, minutes, *seconds = _numbers(text, ":", _CLOCK)
        return cls(hours * 3600 + minutes * 60 + sum(seconds))

    def __str__(self) -> str:
        return f"{self.seconds // 3600:02}:{self.seconds // 60 % 60:02}:{self.seconds % 60:02}"


class Moment(NamedTuple):
    """Seconds since 1970."""

    seconds: int

    @classmethod
    def parse(cls, text: str) -> Moment:
        """Read `2024`, `2024-02`, `2024-02-29` or `2024-02-29T08:30:15`. Raises ValueError."""
        from calendar import timegm

        date, clock, time = text.partition("T")
        days = _numbers(date, "-", _DATE)
        if days[0] < _FIRST_YEAR or (clock and len(days) < len(_DATE)):
            raise ValueError(text)
        date_and_time = (*(*days, 1, 1)[:3], *(*_numbers(time, ":", _CLOCK), 0, 0)[:3])
        return cls(timegm(date_and_time))  # 31 February is 3 March, here as there

    def __str__(self) -> str:
        from time import gmtime, strftime

        return strftime("%Y-%m-%dT%H:%M:%S", gmtime(self.seconds))


def _weekdays(text: str) -> Words:
    """Read `Mon,Wed`, `Mo`, or numbers from 1 on; iptables takes numbers beyond 7 for no day."""
    found = [_weekday(part) for part in text.removesuffix(",").split(",")] if text else []
    return Words(tuple([day for number, day in enumerate(_WEEK, 1) if number in found]))


def _weekday(text: str) -> int:
    if text[:1].isdigit():
        return integer(text, least=1)
    for number, day in enumerate(_WEEK, 1):
        if text[:2] == day[:2]:
            return number
    raise ValueError(text)


def _monthdays(text: str) -> Words:
    """Read `1,15`; iptables looks at two digits of each, and takes 0 for no day."""
    found = [_numbers(part[:2].lstrip(), ",", (31,))[0] for part in text.split(",")]
    return Words(tuple([day for number, day in enumerate(_MONTH, 1) if number in found]))


class Time(Extension):
    """From `start` to `stop` each day (over midnight as one span if `contiguous`), on these days, from `first` to `last`."""

    NAME: ClassVar[str] = "time"
    WHOLE: ClassVar[Field | None] = Field.TIME

    start: DayTime = DayTime(0)
    stop: DayTime = DayTime(_LAST_SECOND)
    monthdays: Given[Words] | None = None
    weekdays: Given[Words] | None = None
    first: Moment = Moment(0)
    last: Moment = Moment(_LAST_MOMENT)
    kernel_zone: bool = False
    contiguous: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--timestart", "start", DayTime.parse),
        Option("--timestop", "stop", DayTime.parse),
        Option("--monthdays", "monthdays", _monthdays, negatable=True),
        Option("--weekdays", "weekdays", _weekdays, negatable=True),
        Option("--days", "weekdays", lambda text: Given(_weekdays(text))),
        Option("--datestart", "first", Moment.parse, content=Content.DATE),
        Option("--datestop", "last", Moment.parse, content=Content.DATE),
        Option("--kerneltz", "kernel_zone", also=("--localtz",)),
        Option("--utc", "kernel_zone", lambda: False, words=0),
        Option("--contiguous", "contiguous"),
    )

    def check(self) -> None:
        """Only a span over midnight can be one span."""
        if self.contiguous and self.start <= self.stop:
            raise ValueError(self.start, self.stop)

    def save(self, to: Dialect = Dialect()) -> tuple[Said, ...]:  # noqa: B008 - an immutable value
        """Without what limits nothing; the days that are meant, never those that are not. A last moment of 0 is lost, as iptables does."""
        out = []
        whole_day = (self.start, self.stop) == (DayTime(0), DayTime(_LAST_SECOND))
        nothing = {
            "--timestart": whole_day,
            "--timestop": whole_day,
            "--datestart": not self.first.seconds,
            "--datestop": not self.last.seconds,
        }
        for words in super().save(to):
            keyword, negated, values = words
            if keyword in {"--monthdays", "--weekdays"}:
                every = _MONTH if keyword == "--monthdays" else _WEEK
                days = [day for day in every if (day in values[0].split(",")) is not negated]
                if len(days) < len(every):
                    out.append(Said(keyword, negated=False, values=(",".join(days),)))
            elif not nothing.get(keyword):
                out.append(words)
        return tuple(out)

    def holds(self, now: datetime) -> bool | None:
        """Does a packet match that comes `now`, an aware time (`time_mt`); None if only the kernel of the node knows its time zone."""
        if self.kernel_zone:
            return None
        seconds = int(now.timestamp())
        if not self.first.seconds <= seconds <= self.last.seconds:
            return False
        daytime, day = seconds % _DAY, seconds // _DAY
        start, stop = self.start.seconds, self.stop.seconds
        if start < stop:
            if not start <= daytime <= stop:
                return False
        elif stop < daytime < start:
            return False
        elif self.contiguous and daytime <= stop:
            day -= 1  # behind midnight, of the span that began the day before
        from time import gmtime

        weekday, monthday = _WEEK[(day + _FIRST_WEEKDAY) % len(_WEEK)], _MONTH[gmtime(day * _DAY).tm_mday - 1]
        return all(
            given is None or given.value.holds(found) is not given.negated
            for given, found in ((self.weekdays, weekday), (self.monthdays, monthday))
        )

    def phrases(self) -> tuple[Phrase, ...]:
        """Hours, days, dates, each with the time zone; nothing of them limited: at any time."""
        zone = message("time zone of the node's kernel" if self.kernel_zone else "UTC")
        found = [*self._hours(zone)]
        for given, every, said in ((self.weekdays, _WEEK, _weekdays_said), (self.monthdays, _MONTH, _monthdays_said)):
            days = every if given is None else tuple([day for day in every if given.value.holds(day) is not given.negated])
            if days != every:
                found.append(message("on {days} ({zone})", days=said(days), zone=zone) if days else message("on no day"))
        begins, ends = self.first != Moment(0), self.last != Moment(_LAST_MOMENT)
        if begins or ends:
            first, last = (str(moment).replace("T", " ") for moment in (self.first, self.last))
            found.append(message(_DATES[begins, ends], first=first, last=last, zone=zone))
        return tuple([Phrase(Part.IF, text) for text in found or [message("at any time")]])

    def _hours(self, zone: Message) -> list[Message]:
        """Over midnight, days are those of the hours themselves, or with `contiguous` those on which a span begins."""
        start, stop = self.start.seconds, self.stop.seconds
        if start == stop or (not start and stop == _LAST_SECOND):  # equal ones limit nothing (`time_mt`)
            return []
        if start > stop:
            text = (
                N_("between {start} and {stop} on the next day ({zone})")
                if self.contiguous
                else N_("until {stop} or from {start} on ({zone})")
            )
        elif not start:
            text = N_("until {stop} ({zone})")
        else:
            text = N_("from {start} on ({zone})") if stop == _LAST_SECOND else N_("between {start} and {stop} ({zone})")
        begin, end = (str(time).removesuffix(":00") for time in (self.start, self.stop))
        return [message(text, start=begin, stop=end, zone=zone)]


_DAYS = dict(
    zip(_WEEK, (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday")), strict=True)
)
_FEW = 2
"""So many days in a row are named one by one."""
_DATES = {
    (True, False): N_("from {first} on ({zone})"),
    (False, True): N_("until {last} ({zone})"),
    (True, True): N_("from {first} until {last} ({zone})"),
}
"""By whether there is a beginning and an end."""


def _rows(days: tuple[str, ...], every: tuple[str, ...]) -> list[list[str]]:
    """The days that follow each other."""
    found: list[list[str]] = []
    for day in days:
        if found and every.index(found[-1][-1]) + 1 == every.index(day):
            found[-1].append(day)
        else:
            found.append([day])
    return found


def _weekdays_said(days: tuple[str, ...]) -> Message:
    said = []
    for row in _rows(days, _WEEK):
        if len(row) > _FEW:
            said.append(message("{first} to {last}", first=message(_DAYS[row[0]]), last=message(_DAYS[row[-1]])))
        else:
            said += [message(_DAYS[day]) for day in row]
    return either_of(said)


def _monthdays_said(days: tuple[str, ...]) -> Message:
    if len(days) == 1:
        return message("day {day} of the month", day=days[0])
    rows = [verbatim(row[0] if len(row) == 1 else f"{row[0]}-{row[-1]}") for row in _rows(days, _MONTH)]
    return message("days {days} of the month", days=either_of(rows))


EXTENSION = Time
