"""What a match and a target are to the walk: constraints, questions, branches and effects.

A match that only limits what the packet may be is data: its `constraints`. Any other match says how it `decide`s, as branches with
weights; where the answer is not known, it is a `Question`, never a guess.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from iptexplain.named import NamedTuple
from iptexplain.source import N_, Message

if TYPE_CHECKING:
    from collections.abc import Collection

    from iptexplain.model.address import Address, Endpoint, NatPorts, Network
    from iptexplain.model.share import Share
    from iptexplain.model.values import Interface, Mark, Ports, TcpFlags, Words


class Field(Enum):
    """What of a packet a constraint looks at; behind each what it is compared with (`Wanted`), if that is not plain.

    Its value is what people call it, a template.
    """

    __hash__ = object.__hash__  # each member is one object; Enum's own hash is a Python function, and fields are keys everywhere

    SOURCE = N_("source address")  # Network, AddressRange
    DESTINATION = N_("destination address")
    IN = N_("input interface")
    OUT = N_("output interface")
    PROTOCOL = N_("protocol")
    FRAGMENT = N_("fragment")
    SOURCE_PORT = N_("source port")  # Ports, PortList
    DESTINATION_PORT = N_("destination port")
    EITHER_PORT = N_("source or destination port")
    BOTH_PORTS = N_("source and destination port")  # BothPorts
    TCP_FLAGS = N_("TCP flags")
    ICMP_TYPE = N_("ICMP type")
    LENGTH = N_("length")  # of the whole IP packet, in bytes
    TTL = N_("TTL")  # or the hop limit
    TOS = N_("TOS")  # the byte of the IP header; IPv6: the traffic class
    MARK = N_("mark")
    CONNECTION_MARK = N_("connection mark")
    STATE = N_("connection state")
    CONNECTION = N_("connection")  # a match whose `holds` looks at a `packet.Connection`
    SOURCE_TYPE = N_("type of the source address")  # Words, or TypesOn for the addresses of one interface
    DESTINATION_TYPE = N_("type of the destination address")
    ETHERNET = N_("header of Ethernet")
    HARDWARE_SOURCE = N_("source hardware address")
    LINK_TYPE = N_("kind of link-layer destination")
    OWNER = N_("owner of the socket")
    BRIDGE_IN = N_("arrived through a bridge port")
    BRIDGE_OUT = N_("leaves through a bridge port")
    BRIDGED = N_("bridged")
    SET = N_("member of a set")  # the match `set`
    IPVS = N_("connection of IPVS")  # the match `ipvs`
    REVERSE_PATH = N_("reverse path")  # the match `rpfilter`
    RECENT = N_("recent list")  # the match `recent`
    TIME = N_("time")  # the match `time`
    PAYLOAD = N_("payload")  # a match whose `holds` looks at the bytes of a packet


class BothPorts(NamedTuple):
    """A set of source ports and one of destination ports."""

    source: Ports
    destination: Ports

    def __str__(self) -> str:
        return f"{self.source} and {self.destination}"


class Constraint(NamedTuple):
    """The field must be in the set, or must not if `negated`. `wanted` None: the field must be true."""

    field: Field
    wanted: Wanted
    negated: bool = False


class Holds(Protocol):
    """A set of values of a field."""

    def holds(self, value: Any, /) -> bool | None:  # noqa: ANN401 - each set has its own kind of values
        """Is the value in the set; None if it cannot be told."""


class Question:
    """Something that the dump does not tell. Equal questions get one answer along a branch. `text` says it as a statement.

    `kind` says what it is about, for analyses that know an answer (`recent`, `interface`, …). `about` is for the `State` that asks: what it
    learns from the answer; if there is that, the constraint is looked at anew behind the answer. `per_rule`: it is about what this one rule
    has counted, so the walk puts the rule's `line` into the text, and another rule's question is another one.

    Two are equal if they say the same in English, which is written once: a walk compares its questions all the time.
    """

    __slots__ = ("about", "english", "kind", "per_rule", "text")

    def __init__(self, kind: str, text: Message, about: object = None, *, per_rule: bool = False) -> None:
        """See the class."""
        self.kind = kind
        self.text = text
        self.about = about
        self.per_rule = per_rule
        self.english = text.english()

    def of_rule(self, line: int) -> Question:
        """The question about what the rule in a line has counted."""
        return Question(self.kind, Message(self.text.template, {**self.text.fields, "line": line}), self.about)

    def __hash__(self) -> int:
        return hash(self.english)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Question) and self.english == other.english)

    def __repr__(self) -> str:
        return f"Question({self.kind!r}, {self.english!r})"


class Chance(NamedTuple):
    """The kernel has drawn what a test looks at: with this `share` the answer is yes, and the packet is `yes` then, else `no`."""

    share: Share
    yes: State
    no: State


ANY_PORT = -1
"""The destination port of a packet that has one, but nobody said which."""


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
        """The destination port, None if it has none, `ANY_PORT` if it is not known."""

    def comes_from_none_of(self, addresses: Collection[str]) -> bool:
        """Is it certain that the source is none of these single addresses, written `10.0.0.1/32`."""

    def test(self, field: Field, wanted: Wanted) -> bool | Question | Chance:
        """Is the field in the set; a question where that is not known, a chance where that is drawn."""

    def changed(self, change: Change) -> State:
        """The packet after a target has changed it."""

    def learned(self, question: Question, answer: bool) -> State:  # noqa: FBT001 - an answer is a bool
        """The packet when the answer to a question of its `test` is known."""


class Branch(NamedTuple):
    """One way a match may turn out: whether it matches, with which chance, or under which answer to which question.

    `change` is what has changed then. `given`: only where the packet meets this constraint.
    """

    matches: bool
    weight: Share | None = None
    question: Question | None = None
    answer: bool = True
    change: Change | None = None
    given: Constraint | None = None


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
    """Drop, and tell the sender so. `answer` "" is the default of the family."""

    answer: str


class SetMark(NamedTuple):
    """Change the mark and go on."""

    mark: Mark


class SetConnectionMark(NamedTuple):
    """Change the mark of the connection and go on: (mark & ~mask) ^ value, shifted left by so many bits (right if negative)."""

    mark: Mark
    shift: int = 0


class CopyMark(NamedTuple):
    """Copy the packet's mark to that of the connection (`save`), or the other way round, and go on.

    net/netfilter/xt_connmark.c `connmark_tg_shift`: the new mark is (target & ~its mask) ^ (source & its mask), the source shifted left
    by so many bits (right if negative).
    """

    save: bool
    packet_mask: int
    connection_mask: int
    shift: int = 0


class Untrack(NamedTuple):
    """Connection tracking leaves the packet alone (NOTRACK, CT --notrack); go on."""


class Track(NamedTuple):
    """Connection tracking is told how to treat the packet (CT, without --notrack), so that nothing behind can untrack it; go on."""


class SetTtl(NamedTuple):
    """Change the TTL (hop limit) and go on: set it `to`, or let it grow by `more` (negative: fall)."""

    to: int | None
    more: int = 0


class SetTos(NamedTuple):
    """Change the bits in `mask` of the TOS byte and go on: (tos & ~mask) ^ value."""

    value: int
    mask: int


class ChangeSet(NamedTuple):
    """Put the packet's entry into a set of ipset, or take it out; go on."""

    name: str
    directions: tuple[str, ...]
    put: bool


class Remember(NamedTuple):
    """Put an address of the packet on a list of `-m recent`, or take it off."""

    name: str
    destination: bool
    mask: Address | None
    on: bool


class Queue(NamedTuple):
    """A program behind a queue decides (NFQUEUE). `bypass`: without a program the packet is accepted, else dropped."""

    number: str
    bypass: bool


class Translate(NamedTuple):
    """Change the destination (DNAT) or the source (SNAT); ends the nat table. `to` None: the kernel chooses (MASQUERADE, REDIRECT).

    `ports` are those of MASQUERADE and REDIRECT. `random`: the port is drawn; `fully`: even where that is not needed. `persistent`: a
    client gets the same address whatever it asks for. `network` is the new one of NETMAP.
    """

    kind: str
    to: Endpoint | None
    ports: NatPorts | None = None
    random: bool = False
    fully: bool = False
    persistent: bool = False
    network: Network | None = None


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
    Wanted = Network | Address | Interface | Ports | Mark | Words | TcpFlags | Holds | BothPorts | str | None
    Change = SetMark | SetConnectionMark | CopyMark | Track | Untrack | SetTtl | SetTos | ChangeSet | Remember
    Effect = Verdict | Jump | Reject | Change | Queue | Translate | Opaque | Broken
