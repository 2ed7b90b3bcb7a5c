"""The description of a node that a user wrote (`--node`).

Settings stay that say what becomes of packets, with the other name of the interface that they are for; all others are left out.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from iptexplain.anonymize.beside.allowed import chosen, each, number, renamed, text
from iptexplain.inputs.node import parse_node
from iptexplain.model.address import Network

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iptexplain.anonymize.beside.allowed import Maker
    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.anonymize.needs import Needs
    from iptexplain.source import Source

_DEFAULT = "default"
_WHOLE = frozenset({"net.ipv4.ip_forward", "net.ipv4.ip_nonlocal_bind", "net.ipv6.ip_nonlocal_bind"})
"""Settings of the whole node (Documentation/networking/ip-sysctl.rst)."""
_OF_INTERFACE = re.compile(
    r"(net\.ipv[46]\.conf\.)(.+)"
    r"(\.(?:forwarding|rp_filter|route_localnet|accept_local|src_valid_mark|arp_ignore|arp_announce|disable_ipv6|accept_ra|proxy_arp))"
)
_EVERY = frozenset({"all", "default"})


def gather(source: Source, needs: Needs) -> None:
    """Adds the interfaces and the networks that they are connected to. Raises `UnreadableInputError`."""
    node = parse_node(source)
    for link in node.links.values():
        needs.interfaces |= {link.name, *link.ports}
        needs.connected |= {one.network for one in link.addresses}
    for name in node.sysctls:
        found = _OF_INTERFACE.fullmatch(name)
        if found is not None and found[2] not in _EVERY:
            needs.interfaces.add(found[2])


def lines(source: Source, disguise: Disguise, *, counters: bool) -> Iterator[str]:  # noqa: ARG001 - a node has no counters
    """The same node in other words. Raises `UnreadableInputError`."""
    parse_node(source)
    yield from json.dumps(chosen(json.loads(source.text), _Node(disguise).makers), indent=1).split("\n")


class _Node:
    """What is written for the parts of a description."""

    def __init__(self, disguise: Disguise) -> None:
        self._to = disguise
        self._name = disguise.interface
        self._addresses = each(text(self._address))
        names = each(text(self._name))
        self.makers: Mapping[str, Maker] = {
            "interfaces": renamed(self._name, lambda one: chosen(one, {"addrs": self._addresses})),
            "local_addrs": self._addresses,
            "routes": each(self._route),
            "sysctls": renamed(self._setting, number),
            "bridges": renamed(self._name, names),
        }

    def _address(self, given: str) -> str:
        address, slash, length = given.partition("/")
        return f"{self._to.address(address)}{slash}{length}"

    def _route(self, given: object) -> list[str]:
        if not isinstance(given, list):
            raise TypeError(given)
        to, interface, *gateway = given
        network = to if to == _DEFAULT else str(self._to.addresses.network(Network.parse(to)))
        return [network, self._name(interface), *map(self._to.address, gateway)]

    def _setting(self, name: str) -> str:
        """What stands for the name of a setting, "" for one that nobody here knows."""
        if name in _WHOLE:
            return name
        found = _OF_INTERFACE.fullmatch(name)
        return "" if found is None else f"{found[1]}{found[2] if found[2] in _EVERY else self._name(found[2])}{found[3]}"
