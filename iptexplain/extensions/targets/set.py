"""SET: put an address or port of the packet on a list (ipset), take it from one, or use what a list knows of it.

Man page iptables-extensions(8), SET; kernel net/netfilter/xt_set.c. With `--map-set` the packet may get another mark, so its
way is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.ipset import Entry
from iptexplain.extensions.common.joining import together
from iptexplain.extensions.common.numbers import integer
from iptexplain.model.content import Content
from iptexplain.model.matching import ChangeSet, Opaque
from iptexplain.source import N_, all_of, message

if TYPE_CHECKING:
    from iptexplain.source import Message


class SetTarget(Extension):
    """Entries to add, to delete and to look up.

    `exist`: an entry that is there already begins its time anew; `timeout`: that time, in seconds. `map_mark`, `map_prio` and
    `map_queue`: what the packet gets from the entry that is looked up.
    """

    NAME: ClassVar[str] = "SET"
    GOES_ON: ClassVar[bool] = True

    add: Entry | None = None
    exist: bool = False
    timeout: int | None = None
    delete: Entry | None = None
    look_up: Entry | None = None
    map_mark: bool = False
    map_prio: bool = False
    map_queue: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--add-set", "add", Entry.parse, write=Entry.words, words=2, content=Content.SET),
        Option("--exist", "exist"),
        Option("--timeout", "timeout", integer),
        Option("--del-set", "delete", Entry.parse, write=Entry.words, words=2, content=Content.SET),
        Option("--map-set", "look_up", Entry.parse, write=Entry.words, words=2, content=Content.SET),
        Option("--map-mark", "map_mark"),
        Option("--map-prio", "map_prio"),
        Option("--map-queue", "map_queue"),
    )

    def check(self) -> None:
        """Something to do; each of the other options with what it belongs to."""
        mapped = self.map_mark or self.map_prio or self.map_queue
        if mapped is not (self.look_up is not None) or (self.add is None and (self.exist or self.timeout is not None)):
            raise ValueError(self.NAME)
        if self.add is None and self.delete is None and self.look_up is None:
            raise ValueError(self.NAME)

    def effect(self) -> ChangeSet | Opaque:
        """A list changes. What two changes in one rule, or what is found on a list, come to is not known here."""
        match self.add, self.delete, self.look_up:
            case Entry(), None, None:
                return ChangeSet(self.add.name, self.add.parts, put=True)
            case None, Entry(), None:
                return ChangeSet(self.delete.name, self.delete.parts, put=False)
            case _:
                return Opaque(self.NAME)

    def action(self) -> Message:
        """Each change, in the order of the kernel (`set_target_v3`)."""
        done = []
        if self.add is not None:
            length = 0 if self.timeout is None else 1 if self.timeout else 2
            text = _ADDED[length, self.exist]
            done.append(message(text, entry=self.add.member(), set=self.add.name, seconds=self.timeout))
        if self.delete is not None:
            done.append(message("remove the {entry} from the set {set}", entry=self.delete.member(), set=self.delete.name))
        if self.look_up is not None:
            what = together([message(text) for attribute, text in _MAPPED.items() if getattr(self, attribute)])
            text = N_("take {what} from the entry of the {entry} in the set {set}, if there is one")
            done.append(message(text, what=what, entry=self.look_up.member(), set=self.look_up.name))
        return all_of(done)


_ADDED = {
    (0, False): N_("add the {entry} to the set {set}"),
    (1, False): N_("add the {entry} to the set {set} for {seconds} s"),
    (2, False): N_("add the {entry} to the set {set} for good"),
    (0, True): N_("add the {entry} to the set {set}, or begin its time there anew"),
    (1, True): N_("add the {entry} to the set {set} for {seconds} s, counted anew if it is there already"),
    (2, True): N_("add the {entry} to the set {set} for good, also if it is there already"),
}
"""By whether a time is given, for which 0 is no end; and whether it is given to an entry that is there already."""
_MAPPED = {"map_mark": N_("the mark"), "map_prio": N_("the priority"), "map_queue": N_("the queue of the network card")}

EXTENSION = SetTarget
