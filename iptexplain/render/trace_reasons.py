"""Why a rule matched, in the words of somebody who looks at a packet: `it does not come from 192.168.0.0/16`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.model.address import Network
from iptexplain.model.matching import Field
from iptexplain.model.values import Interface, Words
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule
    from iptexplain.source import Message

_SAID = {
    Field.SOURCE: (N_("it comes from {wanted}"), N_("it does not come from {wanted}")),
    Field.DESTINATION: (N_("it goes to {wanted}"), N_("it does not go to {wanted}")),
    Field.IN: (N_("it came in by {wanted}"), N_("it did not come in by {wanted}")),
    Field.OUT: (N_("it leaves by {wanted}"), N_("it does not leave by {wanted}")),
    Field.MARK: (N_("it has the mark {wanted}"), N_("it does not have the mark {wanted}")),
    Field.STATE: (N_("its connection is {wanted}"), N_("its connection is not {wanted}")),
    Field.SOURCE_TYPE: (N_("its source is {wanted}"), N_("its source is not {wanted}")),
    Field.DESTINATION_TYPE: (N_("its destination is {wanted}"), N_("its destination is not {wanted}")),
    Field.SOURCE_PORT: (N_("its source port is {wanted}"), N_("its source port is not {wanted}")),
    Field.DESTINATION_PORT: (N_("it goes to port {wanted}"), N_("it does not go to port {wanted}")),
    Field.PROTOCOL: (N_("it is {wanted}"), N_("it is not {wanted}")),
}
"""For each thing that a rule may ask: what is said if that is so, and if it is not."""

_TYPES = {
    "LOCAL": message("an address of this node"),
    "BROADCAST": message("a broadcast address"),
    "MULTICAST": message("a multicast address"),
    "UNICAST": message("an address of somebody else"),
}

SENDER = frozenset({Field.SOURCE, Field.IN, Field.SOURCE_TYPE})
"""What asks who sends the packet."""

ENDS = SENDER | {Field.DESTINATION, Field.OUT, Field.DESTINATION_TYPE, Field.MARK}
"""What asks from where to where it goes, too."""

ALL = frozenset(_SAID)


def reason(rule: Rule, about: Collection[Field] = ALL) -> Message | None:
    """What the rule asks of these things, and the packet fulfils; None if it asks nothing of them."""
    asked = [constraint for match in binding.matches(rule) for constraint in match.constraints() if constraint.field in about]
    return both([_said(constraint) for constraint in asked]) if asked else None


def both(said: Sequence[Message]) -> Message:
    """Several statements as one sentence."""
    if len(said) == 1:
        return said[0]
    if len(said) == 2:  # noqa: PLR2004 - the last two
        return message("{one} and {other}", one=said[0], other=said[1])
    return message("{one}, {more}", one=said[0], more=both(said[1:]))


def _said(constraint: Constraint) -> Message:
    wanted: object = constraint.wanted
    if isinstance(wanted, Words) and len(wanted.names) == 1:
        wanted = _TYPES.get(wanted.names[0], wanted)
    elif isinstance(wanted, Network):
        wanted = wanted.single or wanted
    elif isinstance(wanted, Interface):
        wanted = f"{wanted.name}*" if wanted.prefix else wanted.name
    return message(_SAID[constraint.field][constraint.negated], wanted=wanted)
