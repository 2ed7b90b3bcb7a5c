"""What a packet on its way makes for the entries of ipset's sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.trace.unknown import NO_DEVICE, Device, Some
from iptexplain.model import ipset
from iptexplain.model.matching import Chance
from iptexplain.model.names import protocol as protocol_name
from iptexplain.model.packet import ICMP, ICMPV6, WITH_PORTS, icmp_of
from iptexplain.model.share import Share
from iptexplain.model.values import Mark
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from iptexplain.analysis.trace.state import Key, Moving
    from iptexplain.model.ipset import PacketPart


class Parts(NamedTuple):
    """What the packet has for the entries of a set (ip_set_getport.c: the protocols with ports; ICMP has type·256+code in their place)."""

    state: Moving

    @property
    def family(self) -> int:
        """4 or 6."""
        return self.state.scene.family

    def part(self, kind: str, direction: str) -> PacketPart:  # noqa: PLR0911 - one for each kind of part
        """One part, None if nobody knows it."""
        state = self.state
        from_source = direction == "src"
        if kind in {ipset.IP, ipset.NET}:
            return state.source if from_source else state.destination
        if kind == ipset.PORT:
            return self._port(state.source_port if from_source else state.port)
        if kind == ipset.MARK:
            return Mark(state.mark)
        if kind == ipset.MAC:
            known = state.scene.packet.hardware_source
            if state.loop or state.input == NO_DEVICE or not from_source:
                return ipset.Absent()
            return None if known is None else ipset.Mac(known)
        if kind == ipset.DEVICE:
            device = state.input if from_source else state.output
            name = device.name if isinstance(device, Device) else device
            return ipset.Absent() if name == NO_DEVICE else None if name is None else ipset.Device(name)
        return None

    def _port(self, port: int | Some | None) -> PacketPart:
        protocol = self.state.scene.packet.protocol
        if protocol in WITH_PORTS:
            return ipset.Port(protocol, port) if isinstance(port, int) else None
        if protocol in {ICMP, ICMPV6}:
            kind, code = icmp_of(self.state.scene.packet)
            return ipset.Port(protocol, kind << 8 | code)
        return ipset.Port(protocol, 0)


def entry(state: Moving, name: str, directions: tuple[str, ...]) -> Key:
    """The packet's entry in a set, as far as it can be told without knowing the set."""
    sets = state.scene.ground.node.sets
    parts: tuple[object, ...] = () if sets is None else sets.parts(name, directions, Parts(state))
    return "set", (name, parts or tuple([state.source if way == "src" else state.destination for way in directions]))


def described(state: Moving, directions: tuple[str, ...]) -> str:
    """What is looked up, as far as it can be said without knowing the set: `10.0.0.1`, or `10.0.0.1:80,10.0.0.2:4000` for `dst,src`.

    A side that is named twice gives the address first and then the port, as all types of sets have it: `10.0.0.1,tcp:80` for `dst,dst`.
    """
    words = []
    for number, way in enumerate(directions):
        address, port = (state.source, state.source_port) if way == "src" else (state.destination, state.port)
        said = "?" if address is None else str(address)
        if way in directions[:number]:
            protocol = state.scene.packet.protocol
            said = f"{protocol_name(str(protocol))}:{port if isinstance(port, int) else '?'}"
        elif way not in directions[number + 1 :] and len(directions) > 1 and isinstance(port, int):
            said = f"{said}:{port}"
        words.append(said)
    return ",".join(words)


def drawn(state: Moving, name: str, directions: tuple[str, ...], *, return_no_match: bool) -> bool | Chance | None:
    """Is a packet whose port the kernel has drawn in a set, or with which chance; None if that is not what is unknown."""
    sets = state.scene.ground.node.sets
    if sets is None:
        return None
    for attribute in ("source_port", "port"):
        some = getattr(state, attribute)
        if not (isinstance(some, Some) and some.drawn):
            continue
        named = sorted(number for number in sets.ports(name) if some.has(number))
        others = next((number for low, high in some.ranges for number in range(low, high + 1) if number not in named), None)
        held = {}
        for number in [*named, *([] if others is None else [others])]:
            one = state._replace(**{attribute: number})  # type: ignore[arg-type]  # a port
            held[number] = sets.holds(name, directions, Parts(one), return_no_match=return_no_match)
        if None in held.values():
            return None
        yes = some.without(tuple((number, number) for number in named if not held[number]))
        if others is None or not held[others]:
            yes = some._replace(ranges=tuple((number, number) for number in named if held[number]))
        no = some.without(yes.ranges)
        if not yes.ranges or not no.ranges:
            return bool(yes.ranges)
        return Chance(
            Share.part(yes.size, some.size),
            state._replace(**{attribute: yes}),  # type: ignore[arg-type]  # a port
            state._replace(**{attribute: no}),  # type: ignore[arg-type]  # a port
        )
    return None
