"""set: is an address, port or interface of the packet a member of a named ipset.

Man page iptables-extensions(8), set; kernel net/netfilter/xt_set.c. The members of the set are kept elsewhere (`ipset save`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.ipset import Entry
from iptexplain.extensions.common.numbers import MAX_64, integers
from iptexplain.model.content import Content
from iptexplain.model.matching import Constraint, Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, all_of, message

if TYPE_CHECKING:
    from iptexplain.model.matching import Branch
    from iptexplain.source import Message

_COUNT = integers(MAX_64)


class SetMatch(Extension):
    """The set; whether its counters and those of member sets count this packet; what the member's counters must be then."""

    NAME: ClassVar[str] = "set"

    members: Given[Entry]
    return_no_match: bool = False
    update_counters: Given[bool] | None = None
    update_member_counters: Given[bool] | None = None
    packets: Given[int] | None = None
    packets_below: int | None = None
    packets_above: int | None = None
    bytes: Given[int] | None = None
    bytes_below: int | None = None
    bytes_above: int | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--match-set", "members", Entry.parse, negatable=True, write=Entry.words, words=2, content=Content.SET),
        Option("--set", "members", Entry.parse, negatable=True, words=2, content=Content.SET),
        Option("--return-nomatch", "return_no_match"),
        Option("--update-counters", "update_counters", negatable=True),
        Option("--update-subcounters", "update_member_counters", negatable=True),
        Option("--packets-eq", "packets", _COUNT, negatable=True),
        Option("--packets-lt", "packets_below", _COUNT),
        Option("--packets-gt", "packets_above", _COUNT),
        Option("--bytes-eq", "bytes", _COUNT, negatable=True),
        Option("--bytes-lt", "bytes_below", _COUNT),
        Option("--bytes-gt", "bytes_above", _COUNT),
    )

    def check(self) -> None:
        """Each counter is compared once."""
        for compared in ((self.packets, self.packets_below, self.packets_above), (self.bytes, self.bytes_below, self.bytes_above)):
            if sum(wanted is not None for wanted in compared) > 1:
                raise ValueError(compared)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Without the flags that ask for what happens anyway."""
        return tuple(words for words in super().save(to) if words.negated or not words.keyword.startswith("--update-"))

    def constraints(self) -> tuple[Constraint, ...]:
        """The packet is in the set, or is not; what comes to that by the counters of its entry is a question.

        Kernels from 4.17 on take an entry with other counters for none, so that `!` before the set turns both: then all is one question.
        """
        if self._compares() and self.members.negated:
            return ()
        return (
            Constraint(Field.SET, SetMatch(members=Given(self.members.value), return_no_match=self.return_no_match), self.members.negated),
        )

    def decide(self) -> tuple[Branch, ...]:
        """The counters are not known."""
        return super().decide() if self._compares() else ()

    def _compares(self) -> bool:
        compared = (self.packets, self.packets_below, self.packets_above, self.bytes, self.bytes_below, self.bytes_above)
        return any(wanted is not None for wanted in compared)

    def phrases(self) -> tuple[Phrase, ...]:
        """Who is in the set, and what its entry has counted; with counters `!` turns all of that (kernels from 4.17 on)."""
        compared = [
            message(
                not_asked if isinstance(given, Given) and given.negated else asked,
                number=given.value if isinstance(given, Given) else given,
            )
            for attribute, (asked, not_asked) in _COUNTED.items()
            if (given := getattr(self, attribute)) is not None
        ]
        if compared and self.members.negated:
            found = [message("not all of this at once: {asked}", asked=all_of([self._member(negated=False), *compared]))]
        else:
            found = [self._member(negated=self.members.negated), *compared]
        if self.update_counters is not None and self.update_counters.negated:
            found.append(message("without counting it in the set"))
        if self.update_member_counters is not None and self.update_member_counters.negated:
            found.append(message("without counting it in sets that are members of the set"))
        return tuple([Phrase(Part.IF, text) for text in found])

    def _member(self, *, negated: bool) -> Message:
        """What parts of an entry stand for (addresses, ports, interfaces) only the set knows."""
        name, parts = self.members.value
        if len(parts) == 1:
            who = message(_ENDS[parts[0]])
        elif len(set(parts)) == 1:
            who = message(_SAME[parts[0]], count=len(parts))
        else:
            who = message("the {entry}", entry=self.members.value.member())
        return message((_EXCEPTION if self.return_no_match else _MEMBER)[negated], who=who, set=name)


_ENDS = {"src": N_("the source"), "dst": N_("the destination")}
_SAME = {
    "src": N_("the source ({count} parts of it, such as address and port)"),
    "dst": N_("the destination ({count} parts of it, such as address and port)"),
}
_MEMBER = N_("with {who} in the set {set}"), N_("with {who} not in the set {set}")
_EXCEPTION = N_("with {who} an exception (nomatch) of the set {set}"), N_("with {who} no exception (nomatch) of the set {set}")
_COUNTED = {
    "packets": (N_("its entry has counted exactly {number} packets"), N_("its entry has not counted exactly {number} packets")),
    "packets_below": (N_("its entry has counted fewer than {number} packets"), ""),
    "packets_above": (N_("its entry has counted more than {number} packets"), ""),
    "bytes": (N_("its entry has counted exactly {number} bytes"), N_("its entry has not counted exactly {number} bytes")),
    "bytes_below": (N_("its entry has counted fewer than {number} bytes"), ""),
    "bytes_above": (N_("its entry has counted more than {number} bytes"), ""),
}
"""What is asked of counters, and the opposite where there is one."""

EXTENSION = SetMatch
