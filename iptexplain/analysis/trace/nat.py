"""What network address translation makes of a packet: which address and port the kernel chooses, and what it draws.

Rests on net/netfilter/nf_nat_core.c (`get_unique_tuple`, `find_best_ips_proto`, `nf_nat_l4proto_unique_tuple`), nf_nat_masquerade.c,
nf_nat_redirect.c, xt_NETMAP.c, net/ipv4/devinet.c (`inet_select_addr`) and net/ipv6/addrconf.c (`ipv6_dev_get_saddr`); checked against the
kernel by tests/kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.trace import scene
from iptexplain.analysis.trace.unknown import Some
from iptexplain.model.address import IPV4, IPV6, Address, Network
from iptexplain.model.matching import Question
from iptexplain.model.packet import ICMP, ICMPV6, WITH_PORTS
from iptexplain.model.share import ONE, Share
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iptexplain.analysis.trace.state import Moving
    from iptexplain.model.matching import Translate
    from iptexplain.model.node import Assigned

_MOST_PORTS = 64
"""A draw among so many ports is told port by port; among more, the port is not known."""
_BITS = {4: 32, 6: 128}


class Chosen(NamedTuple):
    """One result of a translation: with which chance, the address (None: not known) and the port (or id); None for both: dropped."""

    share: Share
    address: Address | None
    port: int | Some | None
    dropped: bool = False


DROPPED = Chosen(ONE, None, None, dropped=True)


def destinations(state: Moving, how: Translate) -> Iterable[Chosen]:
    """The new destinations of DNAT, REDIRECT and NETMAP."""
    first = last = None
    low = high = base = None
    if how.kind == "REDIRECT":
        first = last = _redirected(state)
        if first is None and _no_address(state):
            return (DROPPED,)
        if how.ports is not None:
            low, high = how.ports.first, how.ports.last
    elif how.network is not None and state.destination is not None:
        first = last = mapped(state.destination, how.network)
    elif how.to is not None:
        first, last = how.to.first, how.to.last
        low, high, base = how.to.first_port, how.to.last_port, how.to.base_port
    address = None if how.kind == "REDIRECT" else state.destination
    if first is not None:
        address = _of_range(state, first, last or first, persistent=how.persistent, destination_is_new=True)
    return [Chosen(share, address, port) for share, port in _destination_ports(state, low, high, base, random=how.random or how.fully)]


def _destination_ports(  # noqa: PLR0911 - one for each way to choose
    state: Moving, low: int | None, high: int | None, base: int | None, *, random: bool
) -> Iterable[tuple[Share, int | Some | None]]:
    """The new destination ports with their chances: as nf_nat_l4proto_unique_tuple chooses, which begins with the first unless it draws."""
    port = state.port.only or state.port if isinstance(state.port, Some) else state.port
    if state.scene.packet.protocol not in WITH_PORTS or low is None or high is None:
        return [(ONE, port)]
    size = high - low + 1
    if random and base is None and 1 < size <= _MOST_PORTS:
        return [(Share.part(1, size), low + number) for number in range(size)]
    if size == 1:
        return [(ONE, low)]
    if random and base is None:
        return [(ONE, Some(((low, high),), drawn=True))]
    if not isinstance(port, int):
        return [(ONE, port if base is None and port is not None and _inside(port, low, high) else Some(((low, high),), new=True))]
    if base is not None:
        return [(ONE, low + ((port - base) & 0xFFFF) % size)]
    return [(ONE, port if low <= port <= high else low)]


def sources(state: Moving, how: Translate) -> Iterable[Chosen]:
    """The new sources of SNAT, MASQUERADE and NETMAP."""
    random = how.random or how.fully
    low = high = None
    if how.kind == "MASQUERADE":
        known, address = masquerade_address(state)
        if known and address is None:
            return (DROPPED,)
        first = last = address
        if how.ports is not None:
            low, high = how.ports.first, how.ports.last
    elif how.network is not None:
        first = last = None if state.source is None else mapped(state.source, how.network)
    elif how.to is not None:
        first, last = how.to.first, how.to.last
        if first is None:
            first = last = state.source
        low, high = how.to.first_port, how.to.last_port
    else:
        first = last = None
    port = state.source_port
    same = first is not None and last is not None and state.source is not None and first.value <= state.source.value <= last.value
    if same and not random and _inside(port, low, high):
        return (Chosen(ONE, state.source, port),)
    address = None if first is None else _of_range(state, first, last or first, persistent=how.persistent, destination_is_new=False)
    return (Chosen(ONE, address, _source_port(state, low, high, random=random)),)


def keeps_its_source(state: Moving, how: Translate) -> bool | Question:
    """Does a packet of an unknown node itself have the very source that MASQUERADE would choose, so that nothing is translated."""
    known, _ = masquerade_address(state)
    fits = how.ports is None or _inside(state.source_port, how.ports.first, how.ports.last)
    if known or state.input != "" or state.source is None or how.random or how.fully or not fits:
        return False
    key = "kept", (state.source, state.output)
    fact = state.fact(key)
    if fact is not None:
        return fact
    return Question("address", message("{address} is the source that masquerading takes there", address=state.source), key)


def _inside(port: int | Some | None, low: int | None, high: int | None) -> bool:
    if low is None or high is None or port is None:
        return True
    return low <= port <= high if isinstance(port, int) else all(low <= first and last <= high for first, last in port.ranges)


def _source_port(state: Moving, low: int | None, high: int | None, *, random: bool) -> int | Some | None:
    """The new source port: kept where it may be, else drawn; an ICMP id likewise."""
    port, protocol = state.source_port, state.scene.packet.protocol
    echo = protocol in {ICMP, ICMPV6}
    if not (echo or protocol in WITH_PORTS) or (not random and _inside(port, low, high)):
        return port
    if low is not None and high is not None:
        drawn = low, high
    elif echo or not isinstance(port, int):
        drawn = (0, 65535) if echo else (1, 65535)
    else:
        drawn = next(draws for last, draws in _CLASSES if port <= last)
    return drawn[0] if drawn[0] == drawn[1] else Some((drawn,), drawn=True)


_CLASSES = ((511, (1, 511)), (1023, (600, 1023)), (65535, (1024, 65535)))
"""Up to which port, and from where to where a new one is drawn (nf_nat_core.c `nf_nat_l4proto_unique_tuple`)."""


def mapped(address: Address, network: Network) -> Address:
    """The address with the bits of another network (xt_NETMAP.c)."""
    bits = (1 << _BITS[address.family]) - 1
    return Address(address.family, (address.value & ~network.mask & bits) | (network.value & network.mask))


def _redirected(state: Moving) -> Address | None:
    """Where REDIRECT sends a packet (nf_nat_redirect.c): the node's own go to lo, others to the first address of their interface."""
    family = state.scene.family
    if state.hook == "OUTPUT":
        return Address.parse("127.0.0.1" if family == IPV4 else "::1")
    device = state.input if isinstance(state.input, str) else state.input.name
    assigned = None if device is None else state.scene.ground.addresses(device)
    usable = [a for a in assigned or () if a.address.family == family and not a.secondary]
    if scene.is_link_local(state.destination) and family == IPV6:  # an address of the link that the packet was sent on
        usable = [a for a in usable if scene.is_link_local(a.address)]
    return usable[0].address if usable else None


def _no_address(state: Moving) -> bool:
    """Is it certain that the packet's interface has no address."""
    device = state.input if isinstance(state.input, str) else state.input.name
    return device is not None and state.scene.ground.addresses(device) is not None


def masquerade_address(state: Moving) -> tuple[bool, Address | None]:
    """Whether the address that MASQUERADE takes is known, and which it is; None: the interface has none, so the packet is dropped."""
    ground = state.scene.ground
    device = state.output if isinstance(state.output, str) else state.output.name
    if device is None or not ground.node.links_known:
        return False, None
    family = state.scene.family
    if family == IPV6:
        return True, _source_of_six(state, device)
    hop = state.gateway or state.destination
    own = [a for a in ground.addresses(device) or () if _may_be_source(a, family)]
    for assigned in own:
        if hop is not None and assigned.network.holds(hop):
            return True, assigned.address
    if own:
        return True, own[0].address
    for name, link in ground.links.items():
        if name != device:
            for assigned in link.addresses:
                if _may_be_source(assigned, family):
                    return True, assigned.address
    return True, None


def _may_be_source(assigned: Assigned, family: int) -> bool:
    return assigned.address.family == family and not assigned.secondary and assigned.globally and not scene.is_loopback(assigned.address)


def _source_of_six(state: Moving, device: str) -> Address | None:
    """The source that an IPv6 packet gets (RFC 6724; addrconf.c `ipv6_get_saddr_eval`), None if there is none."""
    destination = state.destination
    if destination is None:
        return None
    wanted = _scope(destination)
    strict = wanted <= _LINK_SCOPE or scene.is_multicast(destination)
    best: tuple[tuple[int, ...], Address] | None = None
    for name, link in state.scene.ground.links.items():
        for assigned in link.addresses if name == device or not strict else ():
            address = assigned.address
            if address.family != IPV6:
                continue
            own = _scope(address)
            common = min(128 - (address.value ^ destination.value).bit_length(), assigned.network.mask.bit_count())
            fits = -own if own >= wanted else own - 128
            rank = (address == destination, fits, name == device, _label(address) == _label(destination), common)
            if best is None or rank > best[0]:
                best = rank, address
    return None if best is None else best[1]


_LINK_SCOPE, _GLOBAL_SCOPE = 2, 14
_UNIQUE_LOCAL = Network.parse("fc00::/7")


def _scope(address: Address) -> int:
    """How far an IPv6 address reaches, as in multicast addresses (RFC 4007; addrconf_core.c `ipv6_addr_scope`)."""
    if scene.is_multicast(address):
        return address.value >> 112 & 0xF
    return _LINK_SCOPE if scene.is_link_local(address) or scene.is_loopback(address) else _GLOBAL_SCOPE


def _label(address: Address) -> int:
    """Addresses with equal labels go together (net/ipv6/addrlabel.c); as far as nodes have such addresses."""
    if scene.is_loopback(address):
        return 0
    return 5 if _UNIQUE_LOCAL.holds(address) else 1


def _of_range(state: Moving, first: Address, last: Address, *, persistent: bool, destination_is_new: bool) -> Address | None:
    """The address of a range that a packet gets, by a hash of its addresses (nf_nat_core.c `find_best_ips_proto`); None: not known."""
    if first == last:
        return first
    source, destination = state.source, state.destination
    if source is None or destination is None:
        return None
    words = [_words(address) for address in (source, destination, first, last)]
    theirs, mine, low, high = words
    top = len(theirs) - 1
    seed = jhash2(theirs + [0] * (3 - top), 0 if persistent else mine[top])
    found: list[int] = []
    whole = False
    for at in range(top + 1):
        begin, span = 0, _ALL
        if not whole:
            begin, end = _swapped(low[at]), _swapped(high[at])
            span = (end - begin + 1) & _ALL
        value = _swapped((begin + (seed * span >> 32)) & _ALL)
        found.append(value)
        whole = whole or value != high[at]
        if not persistent:
            seed ^= value if destination_is_new else mine[at]
    value = 0
    for word in found:
        value = value << 32 | _swapped(word)
    return Address(first.family, value)


_ALL = 0xFFFFFFFF


def _words(address: Address) -> list[int]:
    """The address as the kernel has it in memory, in words of a little-endian machine."""
    size = _BITS[address.family] // 32
    return [_swapped(address.value >> 32 * at & _ALL) for at in range(size - 1, -1, -1)]


def _swapped(word: int) -> int:
    return int.from_bytes(word.to_bytes(4, "big"), "little")


def jhash2(words: list[int], initial: int) -> int:
    """Bob Jenkins' hash of 32-bit words, as include/linux/jhash.h has it."""
    a = b = c = (0xDEADBEEF + (len(words) << 2) + initial) & _ALL
    rest = list(words)
    while len(rest) > 3:  # noqa: PLR2004 - three words at a time
        a, b, c = (a + rest[0]) & _ALL, (b + rest[1]) & _ALL, (c + rest[2]) & _ALL
        a, b, c = _mixed(a, b, c)
        rest = rest[3:]
    rest += [0] * (3 - len(rest))
    if words:
        a, b, c = (a + rest[0]) & _ALL, (b + rest[1]) & _ALL, (c + rest[2]) & _ALL
        c = _final(a, b, c)
    return c


def _rotated(word: int, by: int) -> int:
    return (word << by | word >> 32 - by) & _ALL


def _mixed(a: int, b: int, c: int) -> tuple[int, int, int]:
    a = ((a - c) & _ALL) ^ _rotated(c, 4)
    c = (c + b) & _ALL
    b = ((b - a) & _ALL) ^ _rotated(a, 6)
    a = (a + c) & _ALL
    c = ((c - b) & _ALL) ^ _rotated(b, 8)
    b = (b + a) & _ALL
    a = ((a - c) & _ALL) ^ _rotated(c, 16)
    c = (c + b) & _ALL
    b = ((b - a) & _ALL) ^ _rotated(a, 19)
    a = (a + c) & _ALL
    c = ((c - b) & _ALL) ^ _rotated(b, 4)
    b = (b + a) & _ALL
    return a, b, c


def _final(a: int, b: int, c: int) -> int:
    c = ((c ^ b) - _rotated(b, 14)) & _ALL
    a = ((a ^ c) - _rotated(c, 11)) & _ALL
    b = ((b ^ a) - _rotated(a, 25)) & _ALL
    c = ((c ^ b) - _rotated(b, 16)) & _ALL
    a = ((a ^ c) - _rotated(c, 4)) & _ALL
    b = ((b ^ a) - _rotated(a, 14)) & _ALL
    return ((c ^ b) - _rotated(b, 24)) & _ALL
