"""Who sends a packet, where that is not said as an address: a Pod, the node, or somebody outside.

An address that is made up is an example, and is said to be one: it is in the network that kube-proxy takes for the Pods', or of a range
kept for documentation, and no rule of the dump names it or a network around it, so that it stands for any other such sender.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.analysis.trace.scene import is_loopback
from iptexplain.errors import UsageError
from iptexplain.model.address import Address, Network
from iptexplain.model.node import LOOPBACK
from iptexplain.model.packet import UNSAID
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import proxy as facts
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iptexplain.model.node import Node
    from iptexplain.model.ruleset import Dump, Ruleset
    from iptexplain.model.values import Interface
    from iptexplain.source import Message

    Dumps = Sequence[tuple[Ruleset, Dump]]

POD, NODE, OUTSIDE = "pod", "node", "outside"
KINDS = (POD, NODE, OUTSIDE)
"""The words for a sender."""

_FAMILIES = {"ipv4": 4, "ipv6": 6}
_BITS = {4: 32, 6: 128}
_SHORTEST = {4: 8, 6: 16}
"""Networks with shorter prefixes are so wide that they name nobody."""


class Sender(NamedTuple):
    """An address to send from, where it comes in (as in `Packet.input`), what it stands for, and where it does not come in."""

    address: Address
    input: str | None
    note: Message
    not_in: Interface | None = None


_DOCUMENTATION = {
    4: ("203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24", "198.18.0.0/15"),
    6: ("2001:db8:0:ffff::/64", "3fff:0:0:ffff::/64"),
}
"""Where nobody is: RFC 5737 and the range for benchmarks (RFC 2544); RFC 3849, RFC 9637."""

_NODE = {4: ("192.0.2.1/32", "192.0.2.0/24", "198.18.0.0/15"), 6: ("2001:db8::1/128", "2001:db8:0:fffe::/64", "3fff:0:0:fffe::/64")}
"""Where an address stands for the node's own if nobody named that."""

_FIRST = 5
"""Which address of a network is the first example: the very first ones are often gateways."""

_MOST_NEAR = 20
"""Around so many endpoints an address is looked for."""


def sender(kind: str, family: int, dumps: Dumps, node: Node | None = None, to: Address | None = None) -> Sender:
    """An example of the `KINDS`, for a packet that goes `to` an address. Raises `UsageError` if these rules do not tell one."""
    texts = [ruleset.source.text for ruleset, _ in dumps]
    if kind == NODE:
        return _node(family, texts, node, to)
    return _pod(family, dumps, texts, node) if kind == POD else _outside(family, dumps, texts, node)


def _node(family: int, texts: Sequence[str], node: Node | None, to: Address | None) -> Sender:
    if to is not None and is_loopback(to):
        return Sender(to, None, message("a process of the node that asks {address} does so from there", address=to))
    own = None if node is None else _towards(node, family, to)
    if node is None and to is not None and _allowed_from_itself(to, texts):
        note = message("the node sends from {address}: the firewall of its load balancer has a rule for that", address=to)
        return Sender(to, None, note)
    if own is None:
        free = (address for network in _NODE[family] for address in _free(Network.parse(network), texts, None, anywhere=True))
        address = next(free, Address.parse(_NODE[family][0].partition("/")[0]))
        return Sender(address, None, message("{address} stands for the node's own address, which nobody named", address=address))
    address, interface = own
    return Sender(address, None, message("the node sends from {address}, its address on {interface}", address=address, interface=interface))


def _allowed_from_itself(to: Address, texts: Sequence[str]) -> bool:
    """Does kube-proxy let the node through to the address of a load balancer: it knows that the node sends from there.

    Source: proxier.go `syncProxyRules`, "allowFromNode": the rule `-s <address>` stands there if the node is in the source ranges.
    """
    rule = re.compile(rf"^-A KUBE-FW-\S+ -s {re.escape(str(to))}/{_BITS[to.family]} ", re.MULTILINE)
    return any(rule.search(text) is not None for text in texts)


def _towards(node: Node, family: int, to: Address | None) -> tuple[Address, str] | None:
    """The node's address on the interface that leads to another address, else on its first interface that has one."""
    every = [(one, link.name) for link in node.links.values() for one in link.addresses if one.address.family == family]
    known = {name: one.address for one, name in reversed(every) if name != LOOPBACK and not one.secondary}
    if to is not None:
        if any(one.address == to for one, _ in every):
            return to, next(name for one, name in every if one.address == to)
        ways = [(way.to, way.interface) for way in node.ways] + [(one.network, name) for one, name in every]
        for _, interface in sorted([way for way in ways if way[0].holds(to)], key=lambda way: -way[0].mask):
            if interface in known:
                return known[interface], interface
    return next(((known[name], name) for _, name in every if name in known), None)


def _outside(family: int, dumps: Dumps, texts: Sequence[str], node: Node | None) -> Sender:
    detector = next(filter(None, (_detector(dump) for _, dump in dumps)), None)
    not_in = None if detector is None else detector.interface
    for text in _DOCUMENTATION[family]:
        for address in _free(Network.parse(text), texts, node, anywhere=True):
            note = message("{address} stands for somebody outside: no rule names it", address=address)
            return Sender(address, UNSAID, note, not_in)
    raise UsageError(message("the rules name all addresses that could stand for somebody outside: give one with --from"))


def _pod(family: int, dumps: Dumps, texts: Sequence[str], node: Node | None) -> Sender:
    detectors = [known for _, dump in dumps if _FAMILIES.get(dump.family or "", family) == family if (known := _detector(dump)) is not None]
    detector = detectors[0] if detectors else None
    pods = detector.network if detector is not None else None
    if pods is not None and pods.family == family:
        for address in _in_network(pods, texts, node):
            return Sender(address, UNSAID, message("{address} stands for a Pod: these have {network}", address=address, network=pods))
    interface = _interface(detector, node)
    for around in _near(family, dumps):
        for address in _free(around, texts, node):
            if interface is not None:
                note = message("{address}, coming in by {interface}, stands for a Pod", address=address, interface=interface)
                return Sender(address, interface, note)
            return Sender(address, UNSAID, message("{address}, beside a Pod that a Service has, stands for a Pod", address=address))
    raise UsageError(message("these rules do not tell which addresses Pods have: give one with --from"))


def _detector(dump: Dump) -> facts.LocalDetector | None:
    found = facts.proxy(dump)
    return None if found is None else found.local_detector


def _interface(detector: facts.LocalDetector | None, node: Node | None) -> str | None:
    """The interface of a Pod, where interfaces tell Pods from others."""
    wanted = None if detector is None else detector.interface
    if wanted is None or not wanted.prefix:
        return None if wanted is None else wanted.name
    return next((name for name in (node.links if node is not None else ()) if wanted.holds(name)), f"{wanted.name}1")


def _in_network(pods: Network, texts: Sequence[str], node: Node | None) -> Iterator[Address]:
    """Addresses of Pods, those of this node first: with a route of their own, in a network of an interface, anywhere."""
    if node is not None:
        own = [way.to for way in node.ways if way.interface is not None and way.gateway is None and pods.covers(way.to)]
        own += [one.network for link in node.links.values() for one in link.addresses if pods.covers(one.network)]
        for network in own:
            yield from _free(network, texts, node)
    yield from _free(pods, texts, node)


_TRANSLATED = re.compile(r"--to-destination \[?([0-9A-Fa-f.:]+?)\]?(?::\d+)?[ \n]")


def _near(family: int, dumps: Dumps) -> Iterator[Network]:
    """Small networks around the first endpoints."""
    for ruleset, _ in dumps:
        for number, found in enumerate(_TRANSLATED.finditer(ruleset.source.text)):
            if number >= _MOST_NEAR:
                break
            try:
                address = Address.parse(found[1])
            except ValueError:
                continue
            if address.family == family:
                yield Network.parse(f"{address}/{_BITS[family] - 8}")


def _free(network: Network, texts: Sequence[str], node: Node | None, *, anywhere: bool = False) -> Iterator[Address]:
    """Addresses of a network that no rule names, and that are not the node's; further and further apart, as the first ones may be taken.

    `anywhere`: no rule may name the network itself either, or a wider one.
    """
    bits = _BITS[network.family] - network.mask.bit_count()
    own = {one.address for link in (node.links.values() if node is not None else ()) for one in link.addresses}
    narrowest = _SHORTEST[network.family] if anywhere else network.mask.bit_count() + 1
    around = range(narrowest, _BITS[network.family])
    for offset in [0] if not bits else [_FIRST + (1 << k) - 1 for k in range(bits)]:
        address = Address(network.family, network.value + offset)
        if network.holds(address) and address not in own and not _named(address, around, texts):
            yield address


def _named(address: Address, lengths: Iterable[int], texts: Sequence[str]) -> bool:
    """Does a rule name the address, or a network of one of these lengths around it, as iptables-save writes them."""
    spelt = str(address)
    if any(_stands_in(spelt, text) for text in texts):
        return True
    networks = [f" {Network.parse(f'{spelt}/{length}')} " for length in lengths]
    return any(network in text for text in texts for network in networks)


def _stands_in(address: str, text: str) -> bool:
    """Does an address stand in a text, and not as a part of a longer one."""
    at = -1
    while (at := text.find(address, at + 1)) >= 0:
        if text[at - 1 : at] not in _OF_ADDRESSES and text[at + len(address) : at + len(address) + 1] not in _DIGITS:
            return True
    return False


_DIGITS = frozenset("0123456789abcdef")
_OF_ADDRESSES = _DIGITS | {".", ":"}
"""What may stand before an address that is longer; behind it, a colon may begin a port."""
