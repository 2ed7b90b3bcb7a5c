"""Where the node sends a packet: the decision behind PREROUTING, and that for packets of its own.

Rests on net/ipv4/route.c (`ip_route_input_slow`, `ip_route_output_key_hash_rcu`), net/ipv4/fib_frontend.c (`fib_validate_source`),
net/ipv6/route.c and ip6_output.c; checked against the kernel by tests/kernel. What is not known is a `Question`, or an unknown `Device`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.trace import scene
from iptexplain.analysis.trace.addresses import local_address, question_local
from iptexplain.analysis.trace.scene import is_everybody, is_link_local, is_loopback, is_multicast, is_nowhere
from iptexplain.analysis.trace.unknown import OUTSIDE_DEVICE, Device
from iptexplain.model.address import IPV4, IPV6, Address
from iptexplain.model.matching import Question
from iptexplain.model.node import LOOPBACK, Way
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iptexplain.analysis.trace.state import Moving
    from iptexplain.extensions.matches.rpfilter import RpFilter
    from iptexplain.source import Message

_ALL_HOSTS = frozenset(map(Address.parse, ("224.0.0.1", "ff01::1", "ff02::1")))
"""The multicast groups that every node is in."""

_ROUTED_TOS = 0x1C
"""The bits of the TOS byte that routes look at (include/net/ip_fib.h)."""


class Deliver(NamedTuple):
    """To the node itself. `broadcast`: to all nodes of the link, this one among them."""

    broadcast: bool = False


class Send(NamedTuple):
    """Out of an interface, perhaps through a gateway. `broadcast`: a copy comes back in by lo."""

    output: str | Device
    gateway: Address | None = None
    broadcast: bool = False


class Refuse(NamedTuple):
    """Nowhere; `reject` is what the sender is told, None for nothing."""

    why: Message
    reject: str | None = None


Decision = Deliver | Send | Refuse


# ---- a packet that has come in ---------------------------------------------------------------------------------------


def arriving(state: Moving) -> Decision | Question:
    """The decision about a packet that has come in."""
    if state.destination is None:
        return Deliver()  # some address of the node's own, by REDIRECT
    if state.source is None:
        return Send(OUTSIDE_DEVICE)
    for decide in _ARRIVING[state.scene.family]:
        found = decide(state, state.source, state.destination)
        if found is not None:
            return found
    return _in_time(state, towards(state, state.destination))


def _no_sender(_state: Moving, source: Address, destination: Address) -> Refuse | None:
    if is_multicast(source) or is_everybody(source) or (is_nowhere(source) and not is_everybody(destination)):
        return Refuse(message("{address} cannot be a sender", address=source))
    return None


def _to_everybody(_state: Moving, _source: Address, destination: Address) -> Decision | None:
    if is_everybody(destination) or destination in _ALL_HOSTS:
        return Deliver(broadcast=True)
    if is_multicast(destination):
        return Refuse(message("nobody here listens to the multicast address {address}", address=destination))
    return None


def _nowhere(_state: Moving, _source: Address, destination: Address) -> Refuse | None:
    return Refuse(message("{address} is no destination", address=destination)) if is_nowhere(destination) else None


def localnet(state: Moving, interface: str | None) -> bool | Question:
    """May addresses of 127.0.0.0/8 go in and out by an interface (None: not known)."""
    node = state.scene.ground.node
    names = [f"net.ipv4.conf.{which}.route_localnet" for which in ("all", interface)]
    if any(node.sysctls.get(name) for name in names):
        return True
    if node.sysctls_known or all(name in node.sysctls for name in names):
        return False
    fact = state.fact(("route_localnet", None))
    return fact if fact is not None else Question("sysctl", message("route_localnet is 1 on this node"), ("route_localnet", None))


def _loopback(state: Moving, source: Address, destination: Address) -> Decision | Question | None:
    """Addresses of 127.0.0.0/8, which are only valid inside a node unless route_localnet says otherwise."""
    if not (is_loopback(destination) or is_loopback(source)):
        return None
    allowed = localnet(state, _input(state) or None)
    if isinstance(allowed, Question):
        return allowed
    if is_loopback(destination):
        return Deliver() if allowed else Refuse(message("{address} is only valid inside a node (route_localnet is 0)", address=destination))
    return Refuse(message("{address} cannot come from outside", address=source))


def _on_its_link(state: Moving, _source: Address, destination: Address) -> Decision | None:
    """What is link-local (or ::1, by DNAT) is looked up on the interface where it has come in (net/ipv6/route.c `rt6_device_match`)."""
    device = _input(state)
    here = state.scene.ground.addresses(device)
    if here is None or not (is_link_local(destination) or is_loopback(destination)):
        return None
    if any(destination in {assigned.address, Address(6, assigned.network.value)} for assigned in here):
        return Deliver()
    best = _best(state, destination, only=device)
    return _no_route(destination) if not best else _in_time(state, _refused(best[0].kind, destination) or Send(device, best[0].gateway))


def _own(state: Moving, source: Address, destination: Address) -> Decision | Question | None:
    """Addresses of the node: as destination it is delivered, as source it is a martian."""
    if state.scene.ground.type_of(destination) == scene.BROADCAST or state.fact(("broadcast", destination)):
        return Deliver(broadcast=True)
    local = local_address(state, destination)
    if local is None:
        return question_local(destination)
    if local_address(state, source):
        return Refuse(message("{address} is the node's own address, and cannot come from outside", address=source))
    return Deliver() if local else None


def _own_of_six(state: Moving, _source: Address, destination: Address) -> Decision | Question | None:
    """As `_own`, but nobody minds the node's own address as source."""
    local = local_address(state, destination)
    if local is None:
        return question_local(destination)
    return Deliver() if local else None


def _reversed(state: Moving, source: Address, _destination: Address) -> Refuse | None:
    """The filter of reverse paths (sysctl rp_filter; fib_frontend.c `__fib_validate_source`)."""
    ground, device = state.scene.ground, _input(state)
    mode = ground.setting("rp_filter", device)
    if not mode or not (ground.node.ways_known and ground.node.links_known):
        return None
    back = towards(state, source)
    if isinstance(back, Refuse) or (mode == 1 and isinstance(back.output, str) and back.output != device):
        return Refuse(message("no answer to {address} would leave by {interface} (rp_filter)", address=source, interface=device))
    return None


def _forwarding(state: Moving, _source: Address, _destination: Address) -> Refuse | None:
    name = "net.ipv4.ip_forward" if state.scene.family == IPV4 else "net.ipv6.conf.all.forwarding"
    if state.scene.ground.node.sysctls.get(name, 1):
        return None
    return Refuse(message("the node does not forward packets ({setting} is 0)", setting=name))


def _beyond_the_link(state: Moving, source: Address, destination: Address) -> Refuse | Question | None:
    """A link-local source stays on its link (ip6_output.c `ip6_forward`)."""
    if not (is_link_local(source) or is_nowhere(source)):
        return None
    found = towards(state, destination)
    if isinstance(found, Send) and not is_nowhere(source):
        unknown = isinstance(found.output, Device) or isinstance(state.input, Device)
        stays = state.fact(("stays", destination)) if unknown else found.output == state.input
        if stays is None:
            text = message("the route to {address} leaves by the interface where the packet came in", address=destination)
            return Question("interface", text, ("stays", destination))
        if stays:
            return None
    return Refuse(message("{address} is only valid on its link", address=source), None if is_nowhere(source) else "icmp6-beyond-scope")


_ARRIVING: dict[int, tuple[Callable[[Moving, Address, Address], Decision | Question | None], ...]] = {
    4: (_no_sender, _to_everybody, _nowhere, _loopback, _own, _reversed, _forwarding),
    6: (_to_everybody, _on_its_link, _own_of_six, _forwarding, _beyond_the_link),
}
"""What the kernel looks at, in its order; each gives the decision, or None to go on."""


def _in_time(state: Moving, found: Send | Refuse) -> Send | Refuse:
    """A packet is only sent on if its TTL allows that."""
    if isinstance(found, Send) and state.ttl <= 1:
        answer = "icmp-time-exceeded" if state.scene.family == IPV4 else "icmp6-time-exceeded"
        return Refuse(message("the TTL has run out"), answer)
    return found


def _input(state: Moving) -> str:
    """The interface where the packet has come in, "" if nobody knows."""
    return state.input if isinstance(state.input, str) else state.input.name or ""


# ---- a packet of the node's own --------------------------------------------------------------------------------------


def leaving(state: Moving) -> Decision | Question:  # noqa: PLR0911 - one for each kind of destination
    """The decision about a packet that the node itself sends; `Deliver`: by lo."""
    destination = state.destination
    if destination is None:
        return Deliver()  # some address of the node's own, by REDIRECT
    if is_nowhere(destination):
        return Deliver()
    ground = state.scene.ground
    if is_multicast(destination) or is_everybody(destination):
        return Send(_device_of(state) or _out_of(state, destination), broadcast=True)
    if ground.type_of(destination) == scene.BROADCAST:
        if is_loopback(destination):
            return Deliver(broadcast=True)
        ends = {last: name for name, link in ground.links.items() for a in link.addresses if (last := scene.last_of(a.network)) is not None}
        return Send(ends.get(destination, OUTSIDE_DEVICE), broadcast=True)
    local = local_address(state, destination)
    if local is None:
        return question_local(destination)
    return Deliver() if local else towards(state, destination)


def _device_of(state: Moving) -> str | None:
    """The interface that has the packet's source: multicast leaves by that."""
    return next((name for name, link in state.scene.ground.links.items() if any(a.address == state.source for a in link.addresses)), None)


def _out_of(state: Moving, destination: Address) -> str | Device:
    found = towards(state, destination)
    return found.output if isinstance(found, Send) else OUTSIDE_DEVICE


# ---- routes ----------------------------------------------------------------------------------------------------------


def towards(state: Moving, destination: Address) -> Send | Refuse:
    """The route to an address that is not the node's own: the longest prefix, then TOS and the smallest metric."""
    node = state.scene.ground.node
    best = _best(state, destination)
    if not node.ways_known and (not best or best[0].to.mask == 0):
        return Send(OUTSIDE_DEVICE)
    if not best:
        return _no_route(destination)
    refused = _refused(best[0].kind, destination)
    if refused is not None:
        return refused
    several = len({way.interface for way in best}) > 1 and (destination.family == IPV4 or best[0].gateway is not None)
    if several or best[0].interface is None:
        return Send(OUTSIDE_DEVICE)  # the kernel spreads over several; of links that IPv6 has the same network on it takes the first
    return Send(best[0].interface, best[0].gateway if len(best) == 1 else None)


def _best(state: Moving, destination: Address, only: str | None = None) -> list[Way]:
    """The routes that fit best, several only if they are equal; those of one interface if there is an `only`."""
    best: list[Way] = []
    first = -1, 0, 0
    for way in _ways(state):
        if (
            not way.to.holds(destination)
            or (only is not None and way.interface != only)
            or (way.tos and way.tos != state.tos & _ROUTED_TOS)
        ):
            continue
        rank = way.to.mask.bit_count(), way.tos, -way.metric
        if rank > first:
            best, first = [way], rank
        elif rank == first:
            best.append(way)
    return best


def _ways(state: Moving) -> Iterator[Way]:
    """The routes that were said, and those to connected networks."""
    node = state.scene.ground.node
    yield from node.ways
    for name, link in node.links.items() if node.connected else ():
        if name == LOOPBACK:
            continue
        for assigned in link.addresses:
            if assigned.onlink:
                yield Way(assigned.network, name)


def _refused(kind: str, destination: Address) -> Refuse | None:
    four = destination.family == IPV4
    match kind:
        case "throw":
            return _no_route(destination)
        case "unreachable":
            why = message("the route to {address} says that it is unreachable", address=destination)
            return Refuse(why, "icmp-host-unreachable" if four else "icmp6-no-route")
        case "prohibit":
            why = message("the route to {address} prohibits that", address=destination)
            return Refuse(why, "icmp-admin-prohibited" if four else "icmp6-adm-prohibited")
        case "blackhole":
            return Refuse(message("the route to {address} is a black hole", address=destination))
        case _:
            return None


def _no_route(destination: Address) -> Refuse:
    answer = "icmp-net-unreachable" if destination.family == IPV4 else "icmp6-no-route"
    return Refuse(message("the node has no route to {address}", address=destination), answer)


# ---- the match rpfilter ----------------------------------------------------------------------------------------------


def reverse_path(state: Moving, match: RpFilter) -> bool | None:  # noqa: PLR0911 - one for each kind of source
    """Does the packet pass the test of `-m rpfilter` (net/ipv4/netfilter/ipt_rpfilter.c, ip6t_rpfilter.c), None if nobody knows."""
    source, device = state.source, _input(state)
    ground = state.scene.ground
    if state.loop:
        return True
    if source is None or not device or not (ground.node.links_known and ground.node.ways_known):
        return None
    if is_nowhere(source) and (source.family == IPV6 or is_everybody(state.destination) or is_multicast(state.destination)):
        return True
    kind = ground.type_of(source)
    if kind == scene.LOCAL:
        return match.accept_local and (match.loose or source.family == IPV6 or _interface_of(state, source) == device)
    if kind in {scene.BROADCAST, scene.ANYCAST}:
        return False
    back = towards(state, source)
    if isinstance(back, Refuse):
        return False
    if match.loose:
        return True
    return None if isinstance(back.output, Device) else back.output == device


def _interface_of(state: Moving, address: Address) -> str:
    """The interface that has one of the node's own addresses."""
    links = state.scene.ground.links
    return next((name for name, link in links.items() if any(a.address == address for a in link.addresses)), LOOPBACK)
