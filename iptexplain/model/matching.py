"""What a match and a target are to the walk: constraints, questions, branches and effects.

A match that only limits what the packet may be is data: its `constraints`. Any other match says how it `decide`s, as branches with
weights; where the answer is not known, it is a `Question`, never a guess.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from iptexplain.model.address import Address, Endpoint, Network
    from iptexplain.model.share import Share
    from iptexplain.model.values import Interface, Mark, Ports, TcpFlags, Words
    from iptexplain.source import Message


class Field(Enum):
    """What of a packet a constraint looks at."""

    __hash__ = object.__hash__  # each member is one object; Enum's own hash is a Python function, and fields are keys everywhere

    SOURCE = "source address"
    DESTINATION = "destination address"
    IN = "input interface"
    OUT = "output interface"
    PROTOCOL = "protocol"
    FRAGMENT = "fragment"
    SOURCE_PORT = "source port"
    DESTINATION_PORT = "destination port"
    TCP_FLAGS = "TCP flags"
    MARK = "mark"
    STATE = "connection state"
    SOURCE_TYPE = "type of the source address"
    DESTINATION_TYPE = "type of the destination address"
    BRIDGE_IN = "arrived through a bridge port"
    BRIDGE_OUT = "leaves through a bridge port"
    BRIDGED = "bridged"


class Constraint(NamedTuple):
    """The field must be in the set, or must not if `negated`. `wanted` None: the field must be true."""

    field: Field
    wanted: Wanted
    negated: bool = False


class Question(NamedTuple):
    """Something that the dump does not tell. Equal questions get one answer along a branch. `text` says it as a statement.

    `kind` says what it is about, for analyses that know an answer (`recent`, `interface`, …).
    """

    kind: str
    text: Message

    def __hash__(self) -> int:
        return hash(self.text.english())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Question) and self.text.english() == other.text.english()


class State(Protocol):
    """A packet, known or abstract, at one place of the walk."""

    @property
    def mark(self) -> int:
        """The packet's mark."""

    @property
    def destination(self) -> Address | None:
        """The destination address; None for some address that no rule names (it is in no single-address set)."""

    @property
    def destination_port(self) -> int | None:
        """The destination port, None if it has none."""

    def comes_from_none_of(self, addresses: Collection[str]) -> bool:
        """Is it certain that the source is none of these single addresses, written `10.0.0.1/32`."""

    def test(self, field: Field, wanted: Wanted) -> bool | Question:
        """Is the field in the set; a question where that is not known."""

    def marked(self, mark: Mark) -> State:
        """The packet after `MARK --set-xmark`."""


class Branch(NamedTuple):
    """One way a match may turn out: whether it matches, with which chance, or under which answer to which question."""

    matches: bool
    weight: Share | None = None
    question: Question | None = None
    answer: bool = True


def either(question: Question, *, negated: bool = False) -> tuple[Branch, Branch]:
    """A match if the answer is yes, none if it is no; the other way round if `negated`."""
    return Branch(not negated, question=question), Branch(negated, question=question, answer=False)


class Match(Protocol):
    """A match of a rule."""

    def constraints(self) -> tuple[Constraint, ...]:
        """What it demands of the packet; all of them must hold."""

    def decide(self) -> tuple[Branch, ...]:
        """How it may turn out beyond its constraints; empty if these are everything."""


class Verdict(Enum):
    """An end of the walk, or of a chain, that needs no more words."""

    ACCEPT = "ACCEPT"
    DROP = "DROP"
    RETURN = "RETURN"
    CONTINUE = "go on"


# Effects are named tuples: two of different kinds with equal fields are equal, so tell them apart by their class.


class Jump(NamedTuple):
    """Go on in another chain; with `goto` without coming back behind this rule."""

    chain: str
    goto: bool = False


class Reject(NamedTuple):
    """Drop, and tell the sender so."""

    answer: str


class SetMark(NamedTuple):
    """Change the mark and go on."""

    mark: Mark


class Translate(NamedTuple):
    """Change the destination (DNAT) or the source (SNAT); ends the nat table. `to` None: the kernel chooses (MASQUERADE, REDIRECT)."""

    kind: str
    to: Endpoint | None


class Opaque(NamedTuple):
    """A target whose effect is not known to this version."""

    name: str


class Broken(NamedTuple):
    """The walk cannot go on: a jump to a chain that is missing, a loop. The kernel refuses such rules; a cut or edited dump has them."""

    what: Message


class Target(Protocol):
    """What a rule does when it matches."""

    def effect(self) -> Effect:
        """Its effect on the packet and the walk."""


if TYPE_CHECKING:
    Wanted = Network | Address | Interface | Ports | Mark | Words | TcpFlags | str | None
    Effect = Verdict | Jump | Reject | SetMark | Translate | Opaque | Broken
