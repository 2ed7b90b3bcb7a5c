"""New addresses and ports in words, for DNAT, SNAT, MASQUERADE and REDIRECT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.model.address import NatPorts
from iptexplain.source import N_, message, verbatim

if TYPE_CHECKING:
    from iptexplain.model.address import Endpoint
    from iptexplain.source import Message


def endpoint(to: Endpoint) -> Message:
    """`10.0.0.1:80`, `port 80`, `an address from 10.0.0.1 to 10.0.0.9 and port 80`."""
    new = ports_of(to)
    if new is None:
        return _addresses(to)
    if to.first is None:
        return ports(new)
    if to.first == to.last and new.first == new.last:
        return verbatim(to._replace(base_port=None))
    return with_ports(_addresses(to), new)


def ports_of(to: Endpoint) -> NatPorts | None:
    """The ports of an endpoint; None if it names none."""
    return None if to.first_port is None or to.last_port is None else NatPorts(to.first_port, to.last_port, to.base_port)


def several(to: Endpoint) -> bool:
    """Is there more than one address to choose from."""
    return to.first != to.last


def _addresses(to: Endpoint) -> Message:
    if several(to):
        return message("an address from {first} to {last}", first=to.first, last=to.last)
    return verbatim(to._replace(first_port=None, last_port=None, base_port=None))


def with_ports(address: Message, new: NatPorts) -> Message:
    """An address together with its port, or its ports."""
    return message("{address} and {ports}", address=address, ports=ports(new))


def ports(new: NatPorts) -> Message:
    """`port 80`, `a port from 80 to 90`; for a shifted map, which port becomes which."""
    if new.first == new.last:
        return message("port {port}", port=new.first)
    text = (
        N_("a port from {first} to {last}")
        if new.base is None
        else N_("a port shifted so that {base} becomes {first}, and so on up to {last}")
    )
    return message(text, first=new.first, last=new.last, base=new.base)


def drawn(new: NatPorts | None) -> bool:
    """Is the port chosen among several, so that it can be random: not if there is one, and not in a shifted map (nf_nat_core.c).

    None: no ports are named, which leaves the choice among all of its kind to a new source alone.
    """
    return new is None or (new.first != new.last and new.base is None)


SOURCES = {
    (False, False): N_("replace the source with {to} ({target})"),
    (True, False): N_("replace the source with {to}, with a random port ({target})"),
    (False, True): N_("replace the source with {to}, the same address for a client each time ({target})"),
    (True, True): N_("replace the source with {to}, with a random port and the same address for a client each time ({target})"),
}
"""What SNAT and MASQUERADE do, by whether the port is random, and whether each client keeps its address.

Both `--random` and `--random-fully` draw it anew (nf_nat_core.c).
"""
