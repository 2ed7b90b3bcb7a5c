"""What may become of a packet: its fates, each with its chance, the answers it rests on, and one way there.

The way is a `Trail` (analysis.walk): rules, chains that were passed as a whole, and the events of this module, the last one first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.model.packet import Place
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from iptexplain.analysis.walk import Trail
    from iptexplain.model.address import Address
    from iptexplain.model.matching import Question, Verdict
    from iptexplain.model.packet import Packet
    from iptexplain.model.share import Share
    from iptexplain.source import Message

LOCAL, FORWARDED, SENT, DROPPED, REJECTED, UNROUTABLE, UNKNOWN = (
    "local",
    "forwarded",
    "sent",
    "dropped",
    "rejected",
    "unroutable",
    "unknown",
)
"""The outcomes. `unknown`: a target or a chain whose effect nobody knows has it."""

ARRIVES = (LOCAL, FORWARDED, SENT)
"""The outcomes of a packet that gets on."""


class Arrived(NamedTuple):
    """The packet has come in by an interface; None: nobody knows which."""

    interface: str | None


class Enters(NamedTuple):
    """The packet meets a table at a hook. `loop`: it comes back in by lo."""

    hook: str
    table: str
    loop: bool = False


class Policy(NamedTuple):
    """No rule of the base chain ended the packet's way through the table: the policy decides."""

    table: str
    chain: str
    verdict: Verdict
    line: int


class Routed(NamedTuple):
    """The node decides where the packet goes: to itself (`local`), or out of an interface (None: not known), through a gateway.

    `again`: it has decided that before, but the packet has changed.
    """

    local: bool
    output: str | None = None
    gateway: Address | None = None
    again: bool = False


class Translated(NamedTuple):
    """An address of the packet has changed. `what` is `destination` or `source`; a port None is not known, an address None neither.

    `why` is the target of the rule (DNAT, MASQUERADE, …), "" if the connection it belongs to is translated so.
    """

    what: str
    before: Place
    after: Place | None
    why: str


class Ended(NamedTuple):
    """The packet's way ends without a rule: `why` says it (a martian address, no route)."""

    why: Message


Event = Arrived | Enters | Policy | Routed | Translated | Ended


class Fate(NamedTuple):
    """One of the things that may become of the packet.

    `answers` are the assumptions it rests on; its `share` is the exact chance under them. `where` is the hook in which it ended, or
    `ROUTING:…`; `reject` what the sender is told. `output`, `source` … `mark` are the packet as it leaves or is delivered; None: not known
    (`output`: or it does not leave), `source_port` None: the kernel draws it, or not known. `paths` is how many ways lead there; `trail` is
    the likeliest of them, or one of those that only a question without consequence tells apart.
    """

    share: Share
    answers: tuple[tuple[Question, bool], ...]
    outcome: str
    where: str
    reject: str | None
    output: str | None
    source: Address | None
    source_port: int | None
    destination: Address | None
    destination_port: int | None
    mark: int
    dnat: bool
    snat: bool
    paths: int
    trail: Trail | None


class Trace(NamedTuple):
    """The packet, and its fates in the order of their rules, likelier ones first."""

    packet: Packet
    fates: tuple[Fate, ...]


__all__ = [
    "ARRIVES",
    "DROPPED",
    "FORWARDED",
    "LOCAL",
    "REJECTED",
    "SENT",
    "UNKNOWN",
    "UNROUTABLE",
    "Arrived",
    "Ended",
    "Enters",
    "Event",
    "Fate",
    "Place",
    "Policy",
    "Routed",
    "Trace",
    "Translated",
]
