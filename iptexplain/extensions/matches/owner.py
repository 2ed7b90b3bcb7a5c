"""owner: the user, or the group, of the local program that sent the packet.

Man page iptables-extensions(8), owner; kernel net/netfilter/xt_owner.c. Numbers of processes, sessions and names of programs stand in rules
of very old kernels only. Names of users depend on the machine: only `root` is understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_32, integer, integers
from iptexplain.model.content import Content
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message

_MOST = MAX_32 - 1
_MOST_PROCESS = MAX_32 >> 1


class Ids(NamedTuple):
    """The users or groups from `first` to `last`, both included."""

    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Ids:
        """Read `1000`, `1000-1999`, `1000:1999` or `root`. Raises ValueError."""
        if text == "root":
            return cls(0, 0)
        low, dash, high = text.replace(":", "-").partition("-")
        first = integer(low, _MOST)
        return cls(first, integer(high, _MOST, first) if dash else first)

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


class Owner(Extension):
    """User, group (with `all_groups` any group of the user), and whether there is such a program at all; None: the rule does not say."""

    NAME: ClassVar[str] = "owner"
    WHOLE: ClassVar[Field | None] = Field.OWNER

    socket_exists: Given[bool] | None = None
    user: Given[Ids] | None = None
    group: Given[Ids] | None = None
    all_groups: bool = False
    process: Given[int] | None = None
    session: Given[int] | None = None
    program: Given[str] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--socket-exists", "socket_exists", negatable=True),
        Option("--uid-owner", "user", Ids.parse, negatable=True, content=Content.ACCOUNT),
        Option("--gid-owner", "group", Ids.parse, negatable=True, content=Content.ACCOUNT),
        Option("--suppl-groups", "all_groups"),
        Option("--pid-owner", "process", integers(_MOST_PROCESS), negatable=True),
        Option("--sid-owner", "session", integers(_MOST_PROCESS), negatable=True),
        Option("--cmd-owner", "program", str, negatable=True, content=Content.ACCOUNT),
    )

    def check(self) -> None:
        """At least one, and other groups only besides the group."""
        asked = (self.socket_exists, self.user, self.group, self.process, self.session, self.program)
        if (self.all_groups and self.group is None) or all(given is None for given in asked):
            raise ValueError(self.NAME)

    def holds(self, owner: None) -> bool | None:
        """Does a packet match that has no socket (None): only if all that is asked is denied (`owner_mt`). Very old kernels: not known."""
        del owner
        if self.process is not None or self.session is not None or self.program is not None:
            return None
        asked = (self.socket_exists, self.user, self.group)
        return not self.all_groups and all(given.negated for given in asked if given is not None)

    def phrases(self) -> tuple[Phrase, ...]:
        """Whose program sent the packet; what no program sent (the kernel itself) is sent by no user."""
        found = []
        if self.socket_exists is not None:
            found.append(message("not sent through a local socket" if self.socket_exists.negated else "sent through a local socket"))
        if self.user is not None:
            found.append(_sent_by(self.user, _USERS))
        if self.group is not None:
            found.append(_sent_by(self.group, _ANY_GROUPS if self.all_groups else _GROUPS))
        for given, texts in ((self.process, _PROCESS), (self.session, _SESSION), (self.program, _PROGRAM)):
            if given is not None:
                found.append(message(texts[given.negated], wanted=given.value))
        return tuple([Phrase(Part.IF, text) for text in found])


def _sent_by(given: Given[Ids], texts: dict[str, tuple[str, str]]) -> Message:
    first, last = given.value
    kind = "several" if first != last else "one" if first else "root"
    return message(texts[kind][given.negated], first=first, last=last)


_USERS = {
    "one": (N_("sent by user ID {first}"), N_("not sent by user ID {first}")),
    "root": (N_("sent by user ID {first} (root)"), N_("not sent by user ID {first} (root)")),
    "several": (N_("sent by one of the user IDs {first} to {last}"), N_("not sent by one of the user IDs {first} to {last}")),
}
_GROUPS = {
    "one": (N_("sent by a program of group ID {first}"), N_("not sent by a program of group ID {first}")),
    "root": (N_("sent by a program of group ID {first} (root)"), N_("not sent by a program of group ID {first} (root)")),
    "several": (
        N_("sent by a program of one of the group IDs {first} to {last}"),
        N_("not sent by a program of one of the group IDs {first} to {last}"),
    ),
}
_ANY_GROUPS = {
    "one": (
        N_("sent by a program with group ID {first} among all its groups"),
        N_("sent by a program without group ID {first} among all its groups"),
    ),
    "root": (
        N_("sent by a program with group ID {first} (root) among all its groups"),
        N_("sent by a program without group ID {first} (root) among all its groups"),
    ),
    "several": (
        N_("sent by a program with one of the group IDs {first} to {last} among all its groups"),
        N_("sent by a program with none of the group IDs {first} to {last} among all its groups"),
    ),
}
"""What is asked of the sender, and the opposite. Where all groups of a program count, there must be a program, `!` or not (`owner_mt`)."""
_PROCESS = N_("sent by process {wanted}"), N_("not sent by process {wanted}")
_SESSION = N_("sent by a process of session {wanted}"), N_("not sent by a process of session {wanted}")
_PROGRAM = N_("sent by a program named {wanted}"), N_("not sent by a program named {wanted}")

EXTENSION = Owner
