"""A packet at one place of its way through the node: what every rule's tests look at, and what targets change.

What is not known is asked: `test` gives a `Question`, and `learned` keeps the answer for whatever is asked next. A port that nobody said is
`Some` port of a range, and gets narrower with each answer; so is an interface.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from iptexplain.analysis.trace.fields import TESTS
from iptexplain.analysis.trace.members import entry
from iptexplain.analysis.trace.unknown import Device, Narrowing, Some
from iptexplain.model.address import Address, Network
from iptexplain.model.matching import (
    ANY_PORT,
    ChangeSet,
    CopyMark,
    Question,
    Remember,
    SetConnectionMark,
    SetMark,
    SetTos,
    SetTtl,
    Track,
    Untrack,
)
from iptexplain.model.packet import UNTRACKED, Connection, Ends
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from iptexplain.analysis.trace.scene import Scene
    from iptexplain.model.matching import Chance, Change, Field, Wanted

_MOST = 0xFFFFFFFF

Key = tuple[str, object]
"""What a fact is about."""


class Moving(NamedTuple):
    """The packet, and where it is.

    `source` and `destination` None: an address that nobody knows (`source`: one of the node's own). Ports None: the protocol has none;
    for ICMP the source port is the id. `input` and `output` are interfaces, "" for none; `next_output`: where a packet of the node's own
    goes after a new routing decision, which only POSTROUTING sees. `broadcast`: it leaves, and a copy of it comes back in; `copy`: it is
    that. `loop`: it has come back in by lo. `facts` are the answers so far.
    """

    scene: Scene
    hook: str
    source: Address | None
    source_port: int | Some | None
    destination: Address | None
    port: int | Some | None
    input: str | Device
    output: str | Device
    mark: int
    ttl: int
    tos: int
    length: int | Some
    connection: Connection
    gateway: Address | None = None
    next_output: str | Device | None = None
    broadcast: bool = False
    copy: bool = False
    loop: bool = False
    facts: frozenset[tuple[Key, bool]] = frozenset()

    @property
    def destination_port(self) -> int | None:
        """What long chains are indexed by; where the destination is not known, they are looked through."""
        port = self.port
        return ANY_PORT if isinstance(port, Some) or self.destination is None else port

    def comes_from_none_of(self, addresses: Collection[str]) -> bool:
        """Is the source none of these."""
        return self.source is not None and str(Network.of(self.source)) not in addresses

    def fact(self, key: Key) -> bool | None:
        """What was assumed about something unknown."""
        if self.facts:
            if (key, True) in self.facts:
                return True
            if (key, False) in self.facts:
                return False
        return None

    def test(self, field: Field, wanted: Wanted) -> bool | Question | Chance:
        """Is the field in the set; a question where nobody knows, a chance where the kernel draws."""
        return TESTS[field](self, wanted)

    def learned(self, question: Question, answer: bool) -> Moving:  # noqa: FBT001 - an answer is a bool
        """With the answer to one of its questions, if that says more than the question was."""
        about = question.about
        if isinstance(about, Narrowing):
            return self._replace(**{about.attribute: about.yes if answer else about.no})  # type: ignore[arg-type]  # of that attribute's type
        return self if about is None else self._replace(facts=self.facts | {(about, answer)})  # type: ignore[arg-type]  # a `Key`

    def changed(self, change: Change) -> Moving:  # noqa: PLR0911 - one for each kind of change
        """What a target changes."""
        match change:
            case SetMark(mark):
                return self._replace(mark=mark.put(self.mark))
            case SetConnectionMark() | CopyMark():
                return self._marked_connection(change)
            case Track():
                nobody = Ends(Address(self.scene.family, 0), 0, Address(self.scene.family, 0), 0)
                template = Connection("NEW", tracked=True, original=nobody, reply=nobody, status=frozenset({"CONFIRMED"}))
                return self if self.connection.tracked or self.connection.state == UNTRACKED.upper() else self._replace(connection=template)
            case Untrack():
                if self.connection.tracked:  # on its second way, through lo, it has its entry already
                    return self
                return self._replace(connection=Connection(UNTRACKED.upper(), tracked=False))
            case SetTtl(to, more):
                return self._replace(ttl=to if to is not None else max(0, min(255, self.ttl + more)))
            case SetTos(value, mask):
                return self._replace(tos=(self.tos & ~mask & 0xFF) ^ value)
            case Remember():
                return self._remembered(change)
            case ChangeSet(name, directions, put):
                return self._replace(facts=_with(self.facts, entry(self, name, directions), put))
            case _:
                assert_never(change)

    def _marked_connection(self, change: SetConnectionMark | CopyMark) -> Moving:
        """The formulas of net/netfilter/xt_connmark.c, `connmark_tg_shift`."""
        connection = self.connection
        if not connection.tracked:
            return self
        if isinstance(change, SetConnectionMark):
            new = _shifted(change.mark.put(connection.mark), change.shift)
            return self._replace(connection=connection._replace(mark=new))
        if change.save:
            new = (connection.mark & ~change.connection_mask & _MOST) ^ _shifted(self.mark & change.packet_mask, change.shift)
            return self._replace(connection=connection._replace(mark=new))
        new = (self.mark & ~change.packet_mask & _MOST) ^ _shifted(connection.mark & change.connection_mask, change.shift)
        return self._replace(mark=new)

    def _remembered(self, change: Remember) -> Moving:
        return self._replace(facts=_with(self.facts, self.listed(change.name, change.mask, destination=change.destination), change.on))

    def listed(self, name: str, mask: Address | None, *, destination: bool) -> Key:
        """The entry of a recent list that one of its addresses makes."""
        address = self.destination if destination else self.source
        return "recent", (name, None if address is None else address.masked(mask))


def _with(facts: frozenset[tuple[Key, bool]], key: Key, truth: bool) -> frozenset[tuple[Key, bool]]:  # noqa: FBT001 - what is remembered
    return frozenset(fact for fact in facts if fact[0] != key) | {(key, truth)}


def _shifted(value: int, by: int) -> int:
    return (value << by) & _MOST if by >= 0 else value >> -by
