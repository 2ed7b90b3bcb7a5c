"""recent: lists of addresses that the kernel keeps while packets come.

Man page iptables-extensions(8), recent; kernel net/netfilter/xt_recent.c. `--set` always matches (and puts the address on the list); the
others match addresses on the list, and no dump tells who is on it: a question.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.matching import Branch, Question, either
from iptexplain.source import message


class Recent(Extension):
    """One of `set`, `rcheck`, `update`, `remove`; the list's name; `seconds` is how long an entry counts."""

    set: Given[bool] | None = None
    rcheck: Given[bool] | None = None
    update: Given[bool] | None = None
    remove: Given[bool] | None = None
    seconds: int | None = None
    reap: bool = False
    hitcount: int | None = None
    rttl: bool = False
    name: str = "DEFAULT"
    mask: str | None = None
    rsource: bool = False
    rdest: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--set", "set", negatable=True),
        Option("--rcheck", "rcheck", negatable=True),
        Option("--update", "update", negatable=True),
        Option("--remove", "remove", negatable=True),
        Option("--seconds", "seconds", int),
        Option("--reap", "reap"),
        Option("--hitcount", "hitcount", int),
        Option("--rttl", "rttl"),
        Option("--name", "name", str),
        Option("--mask", "mask", str),
        Option("--rsource", "rsource"),
        Option("--rdest", "rdest"),
    )

    def check(self) -> None:
        """Exactly one of the four says what is asked."""
        if sum(asked is not None for asked in (self.set, self.rcheck, self.update, self.remove)) != 1:
            raise ValueError(self.name)

    def decide(self) -> tuple[Branch, ...]:
        """`--set` matches; the others ask whether the address is on the list."""
        if self.set is not None:
            return (Branch(not self.set.negated),)
        asked = self.rcheck or self.update or self.remove
        if asked is None:
            return ()
        question = Question("recent", message("the client is on the recent list {list}", list=self.name))
        return either(question, negated=asked.negated)


EXTENSION = Recent
