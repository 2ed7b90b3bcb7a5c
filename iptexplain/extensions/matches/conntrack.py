"""conntrack: what connection tracking knows of the packet's flow.

Man page iptables-extensions(8), conntrack; kernel net/netfilter/xt_conntrack.c. Only the state is a constraint here; original and reply
addresses, status and lifetime are questions.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.host import Host
from iptexplain.extensions.common.numbers import MAX_8, MAX_16, MAX_32, Range, integer, ranges
from iptexplain.extensions.common.states import STATES, listed
from iptexplain.model import names
from iptexplain.model.matching import Branch, Field, Question, either
from iptexplain.model.values import Words as Names
from iptexplain.source import message

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
        Option("--ctorigsrc", "original_source", Host.parse, negatable=True),
        Option("--ctorigdst", "original_destination", Host.parse, negatable=True),
        Option("--ctreplsrc", "reply_source", Host.parse, negatable=True),
        Option("--ctrepldst", "reply_destination", Host.parse, negatable=True),
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

    def decide(self) -> tuple[Branch, ...]:
        """Everything but the state is not known."""
        rest = [words for words in self.save() if words.keyword != "--ctstate"]
        if not rest:
            return ()
        text = " ".join(f"{'! ' if o.negated else ''}{' '.join((o.keyword, *o.values))}" for o in rest)
        question = Question("conntrack", message("the connection is as {words} asks", words=text))
        return either(question)


EXTENSION = Conntrack
