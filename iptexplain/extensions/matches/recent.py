"""recent: lists of addresses that the kernel keeps while packets come.

Man page iptables-extensions(8), recent; kernel net/netfilter/xt_recent.c. `--set` always matches (and puts the address on the list); the
others match addresses on the list, and no dump tells who is on it. iptables-save always prints a mask and whose address it is.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.numbers import MAX_16, MAX_32, integer, integers
from iptexplain.extensions.common.prefix import cut
from iptexplain.model.address import Address
from iptexplain.model.content import Content
from iptexplain.model.matching import Branch, Constraint, Field, Question, Remember
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message

_ALL_BITS = {4: Address(4, (1 << 32) - 1), 6: Address(6, (1 << 128) - 1)}
_LONGEST = 199


def _hits(text: str) -> int | None:
    """At least so many; none at all is what happens without the option."""
    return integer(text, MAX_16) or None


class Recent(Extension):
    """One of `set`, `rcheck`, `update`, `remove`; the list's name; `seconds` is how long an entry counts.

    `mask`: the bits of an address that count, None for all. The packet's source counts, or its destination (`rdest`).
    """

    NAME: ClassVar[str] = "recent"

    set: Given[bool] | None = None
    rcheck: Given[bool] | None = None
    update: Given[bool] | None = None
    remove: Given[bool] | None = None
    seconds: int | None = None
    reap: bool = False
    hitcount: int | None = None
    rttl: bool = False
    name: str = "DEFAULT"
    mask: Address | None = None
    rsource: bool = False
    rdest: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--set", "set", negatable=True),
        Option("--rcheck", "rcheck", negatable=True),
        Option("--update", "update", negatable=True),
        Option("--remove", "remove", negatable=True),
        Option("--seconds", "seconds", integers(MAX_32, 1)),
        Option("--reap", "reap"),
        Option("--hitcount", "hitcount", _hits),
        Option("--rttl", "rttl"),
        Option("--name", "name", partial(cut, size=_LONGEST), content=Content.LIST),
        Option("--mask", "mask", Address.parse),
        Option("--rsource", "rsource"),
        Option("--rdest", "rdest"),
    )

    def check(self) -> None:
        """Exactly one of the four says what is asked; how long and how often goes with two of them. The name is that of a file in /proc."""
        if sum(asked is not None for asked in (self.set, self.rcheck, self.update, self.remove)) != 1:
            raise ValueError(self.name)
        limited = self.seconds is not None or self.hitcount is not None or self.rttl
        if (limited and self.rcheck is None and self.update is None) or (self.reap and self.seconds is None):
            raise ValueError(self.name)
        if not self.name or "/" in self.name:
            raise ValueError(self.name)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """With the mask of all bits if there is none, and source or destination, which wins if both are given."""
        asked = [words for words in super().save(to) if words.keyword not in {"--mask", "--rsource", "--rdest"}]
        mask = Words("--mask", negated=False, values=(str(self.mask or _ALL_BITS[to.family]),))
        return (*asked, mask, Words("--rdest" if self.rdest else "--rsource", negated=False, values=()))

    def constraints(self) -> tuple[Constraint, ...]:
        """The address is on the list, or is not: asked with `--rcheck`, without `!`, whichever option asks."""
        asked = self.rcheck or self.update or self.remove
        if asked is None or (self.remove is not None and self.remove.negated):
            return ()
        return (Constraint(Field.RECENT, self._on_list(), asked.negated),)

    def _on_list(self) -> Recent:
        return Recent(
            rcheck=Given(True),  # noqa: FBT003 - the value of a flag
            seconds=self.seconds,
            hitcount=self.hitcount,
            rttl=self.rttl,
            name=self.name,
            mask=self.mask,
            rdest=self.rdest,
        )

    def decide(self) -> tuple[Branch, ...]:
        """Beyond the question whether it is on the list: what becomes of the list where the packet matches."""
        if self.set is not None:
            return (Branch(not self.set.negated, change=self._change(on=True)),)
        if self.remove is not None and self.remove.negated:
            listed = Constraint(Field.RECENT, self._on_list())  # what is on the list is taken off it, and does not match
            return Branch(False, change=self._change(on=False), given=listed), Branch(True, given=listed._replace(negated=True))  # noqa: FBT003 - whether it matches
        for asked, on in ((self.update, True), (self.remove, False)):
            if asked is not None and not asked.negated:
                return (Branch(True, change=self._change(on=on)),)  # noqa: FBT003 - it matches
        return ()

    def question(self) -> Question:
        """Whether the address is on the list."""
        who = message("destination") if self.rdest else message("client")
        asked = [words for words in self.save() if words.keyword in {"--seconds", "--hitcount", "--rttl"}]
        if not asked:
            return Question(self.NAME, message("the {who} is on the recent list {list}", who=who, list=self.name))
        said = " ".join(" ".join((words.keyword, *words.values)) for words in asked)
        return Question(self.NAME, message("the {who} is on the recent list {list} as {words} asks", who=who, list=self.name, words=said))

    def _change(self, *, on: bool) -> Remember:
        return Remember(self.name, self.rdest, self.mask, on)

    def phrases(self) -> tuple[Phrase, ...]:
        """What must be on the list, and what becomes of the list."""
        return tuple([Phrase(Part.IF, text) for text in (*self._asked(), *self._done())])

    def _asked(self) -> list[Message]:
        asked = self.rcheck or self.update or self.remove
        if asked is None:
            return []
        where = message("{list} with the same TTL" if self.rttl else "{list}", list=self.name)
        texts = _ASKED[self.seconds is not None, self._often()]
        return [message(texts[asked.negated], who=self._who(), list=where, seconds=self.seconds, hits=self.hitcount)]

    def _done(self) -> list[Message]:
        """Of an entry that is too old or seen too rarely, `! --update` notes a packet that matches (`recent_mt`)."""
        limited = self.seconds is not None or self._often()
        found = []
        if self.set is not None:
            found.append(message(_SET[self.set.negated], who=self._who(), list=self.name))
        elif self.update is not None and (limited or not self.update.negated):
            found.append(message("noting it again if it is there" if self.update.negated else "noting it again"))
        elif self.remove is not None:
            found.append(message("taking it off if it is there" if self.remove.negated else "taking it off the list"))
        if self.reap:
            found.append(message("forgetting the list's oldest entry if it is older"))
        return found

    def _often(self) -> bool:
        """Is more than one hit wanted, which is what every entry has."""
        return self.hitcount is not None and self.hitcount > 1

    def _who(self) -> Message:
        """Whose address is looked for, as `constraints` has it."""
        return message(_WHO[self.mask not in {None, *_ALL_BITS.values()}, self.rdest], mask=self.mask)


_WHO = {
    (False, False): N_("the source"),
    (False, True): N_("the destination"),
    (True, False): N_("the source (masked by {mask})"),
    (True, True): N_("the destination (masked by {mask})"),
}
"""By whether there is a mask, and whether the destination counts."""
_SET = N_("noting {who} on the list {list}"), N_("no packet at all (but noting {who} of each on the list {list})")
_ASKED = {
    (False, False): (N_("{who} is on the list {list}"), N_("{who} is not on the list {list}")),
    (True, False): (
        N_("{who} was noted on the list {list} in the last {seconds} s"),
        N_("{who} was not noted on the list {list} in the last {seconds} s"),
    ),
    (False, True): (
        N_("{who} was noted on the list {list} at least {hits} times"),
        N_("{who} was not noted on the list {list} at least {hits} times"),
    ),
    (True, True): (
        N_("{who} was noted on the list {list} at least {hits} times in the last {seconds} s"),
        N_("{who} was not noted on the list {list} at least {hits} times in the last {seconds} s"),
    ),
}
"""By whether a time is given and a number: what is asked of the list, and the opposite."""

EXTENSION = Recent
