"""Lists of names such as the states of connections, in the order in which iptables-save prints them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from iptexplain.model.values import Words
from iptexplain.source import N_, either_of, message, verbatim

if TYPE_CHECKING:
    from collections.abc import Callable

    from iptexplain.extensions.common.extension import Given
    from iptexplain.source import Message

PACKET_STATES = ("INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED")
"""What connection tracking says of a packet."""
STATES = (*PACKET_STATES, "SNAT", "DNAT")
"""Those, and whether addresses of the connection were changed."""


def listed(order: tuple[str, ...]) -> Callable[[str], Words]:
    """What reads names with commas between them and puts them in order. Each may be cut short and in lower case, as iptables takes them.

    >>> str(listed(STATES)("est,DNAT,new"))
    'NEW,ESTABLISHED,DNAT'
    """
    return partial(_listed, order=order)


def _listed(text: str, order: tuple[str, ...]) -> Words:
    found = {_meant(part, order) for part in text.split(",")}
    return Words(tuple([name for name in order if name in found]))


def _meant(part: str, order: tuple[str, ...]) -> str:
    beginning = part.upper()
    if beginning:
        for name in order:  # the first name that begins so, even if others do too
            if name.startswith(beginning):
                return name
    raise ValueError(part)


def states(asked: Given[Words]) -> Message:
    """The states of connections that a rule asks for, as they are written everywhere; and that addresses were changed, in words."""
    names = [verbatim(name) for name in asked.value.names if name in PACKET_STATES]
    changed = [name for name in asked.value.names if name not in PACKET_STATES]
    if not changed:
        return message("connection state not {states}" if asked.negated else "connection state {states}", states=either_of(names))
    translated = message(_CHANGED[tuple(changed)][asked.negated])
    if not names:
        return translated
    text = N_("connection state not {states}, and {translated}") if asked.negated else N_("connection state {states} or {translated}")
    return message(text, states=either_of(names), translated=translated)


_CHANGED = {
    ("SNAT",): (N_("its source changed by SNAT"), N_("its source not changed by SNAT")),
    ("DNAT",): (N_("its destination changed by DNAT"), N_("its destination not changed by DNAT")),
    ("SNAT", "DNAT"): (
        N_("its source or its destination changed by NAT"),
        N_("neither its source nor its destination changed by NAT"),
    ),
}
"""What NAT changed, and the opposite."""
