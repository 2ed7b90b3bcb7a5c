"""Lists of names such as the states of connections, in the order in which iptables-save prints them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from iptexplain.model.values import Words
from iptexplain.source import either_of, message, verbatim

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
    """The states of connections that a rule asks for, in words; they stay as they are written everywhere."""
    names = either_of([verbatim(name) for name in asked.value.names])
    return message("connection state not {states}" if asked.negated else "connection state {states}", states=names)
