"""How each field that rules test is looked at in a packet on its way: yes, no, a question, or a chance where the kernel has drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iptexplain.analysis.trace.addresses import has_type
from iptexplain.analysis.trace.members import Parts, described, drawn, entry
from iptexplain.analysis.trace.unknown import NO_DEVICE, Device, Narrowing, Some
from iptexplain.extensions.common.extension import Extension
from iptexplain.model.address import Address, Network
from iptexplain.model.matching import Chance, Field, Question
from iptexplain.model.packet import TCP, WITH_PORTS, flags_of, icmp_of
from iptexplain.model.share import Share
from iptexplain.model.values import Interface, Mark, PortList, TypesOn
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Callable

    from iptexplain.analysis.trace.state import Moving
    from iptexplain.extensions.common.icmp import IcmpType
    from iptexplain.extensions.common.numbers import Range
    from iptexplain.extensions.matches.conntrack import Conntrack
    from iptexplain.extensions.matches.mac import HardwareAddress
    from iptexplain.extensions.matches.owner import Owner
    from iptexplain.extensions.matches.recent import Recent
    from iptexplain.extensions.matches.rpfilter import RpFilter
    from iptexplain.extensions.matches.set import SetMatch
    from iptexplain.extensions.matches.time import Time
    from iptexplain.model.address import AddressRange
    from iptexplain.model.matching import BothPorts, Holds, Wanted
    from iptexplain.model.values import Ports, TcpFlags, Words

    Numbers = Ports | PortList | Range


def _source(state: Moving, wanted: Network | AddressRange) -> bool | Question:
    return _address(state.source, wanted, Field.SOURCE)


def _destination(state: Moving, wanted: Network | AddressRange) -> bool | Question:
    return _address(state.destination, wanted, Field.DESTINATION)


def _address(address: Address | None, wanted: Network | AddressRange, field: Field) -> bool | Question:
    if address is not None:
        return wanted.holds(address)
    if isinstance(wanted, Network) and not wanted.mask:
        return True
    return Question("address", message("the new {field} is in {wanted}", field=message(field.value), wanted=wanted))


def _input(state: Moving, wanted: Interface) -> bool | Question:
    return _device(state.input, wanted, Field.IN)


def _output(state: Moving, wanted: Interface) -> bool | Question:
    return _device(state.output, wanted, Field.OUT)


def _device(device: str | Device, wanted: Interface, field: Field) -> bool | Question:
    if isinstance(device, str):
        return wanted.holds(device)
    held = device.holds(wanted)
    if held is not None:
        return held
    yes, no = device._replace(one_of=(*device.one_of, wanted)), device._replace(none_of=(*device.none_of, wanted))
    if field is Field.IN:
        return Question("interface", message("the packet arrives on {interface}", interface=wanted), Narrowing("input", yes, no))
    text = N_("the packet leaves by {interface} after it has changed") if device.again else N_("the packet leaves by {interface}")
    return Question("interface", message(text, interface=wanted), Narrowing("output", yes, no))


def _number(state: Moving, value: int | Some | None, wanted: Numbers, field: Field) -> bool | Question | Chance:
    if isinstance(value, int):
        return wanted.holds(value)
    if value is None:
        return False
    parts = sorted((part.first, part.last) for part in (wanted.ports if isinstance(wanted, PortList) else (wanted,)))
    inside, outside = value.within(parts), value.without(parts)
    if not inside.ranges or not outside.ranges:
        return bool(inside.ranges)
    attribute = _NUMBERS[field]
    if value.drawn:
        yes, no = state._replace(**{attribute: inside}), state._replace(**{attribute: outside})  # type: ignore[arg-type]  # numbers
        return Chance(Share.part(inside.size, value.size), yes, no)
    if field is Field.LENGTH:
        text = message("the packet is {wanted} bytes long", wanted=wanted)
    else:
        text = message("the new {field} is {wanted}" if value.new else "the {field} is {wanted}", field=message(field.value), wanted=wanted)
    return Question("packet", text, Narrowing(attribute, inside, outside))


_NUMBERS = {Field.SOURCE_PORT: "source_port", Field.DESTINATION_PORT: "port", Field.LENGTH: "length"}


def _either_port(state: Moving, wanted: PortList) -> bool | Question | Chance:
    one = _number(state, _port_of(state, state.source_port), wanted, Field.SOURCE_PORT)
    if one is True:
        return True
    other = _number(state, _port_of(state, state.port), wanted, Field.DESTINATION_PORT)
    return other if one is False or other is True else one


def _both_ports(state: Moving, wanted: BothPorts) -> bool | Question | Chance:
    one = _number(state, _port_of(state, state.source_port), wanted.source, Field.SOURCE_PORT)
    if one is False:
        return False
    other = _number(state, _port_of(state, state.port), wanted.destination, Field.DESTINATION_PORT)
    return other if one is True or other is False else one


def _port_of(state: Moving, port: int | Some | None) -> int | Some | None:
    """The port as rules see it; ICMP has an id in its place."""
    return port if state.scene.packet.protocol in WITH_PORTS else None


def _state(state: Moving, wanted: Words) -> bool:
    names, connection = wanted.names, state.connection
    return (
        connection.state in names
        or (connection.translated_source and "SNAT" in names)
        or (connection.translated_destination and "DNAT" in names)
    )


def _connection(state: Moving, wanted: Conntrack) -> bool | Question:
    held = wanted.holds(state.connection)
    if held is not None:
        return held
    return Question("conntrack", message("the connection is as {words} asks", words=f"-m conntrack {wanted.written()}"))


def _connection_mark(state: Moving, wanted: Mark) -> bool:
    return state.connection.tracked and wanted.holds(state.connection.mark)


def _source_type(state: Moving, wanted: Words | TypesOn) -> bool | Question:
    return has_type(state, state.source, wanted)


def _destination_type(state: Moving, wanted: Words | TypesOn) -> bool | Question:
    return has_type(state, state.destination, wanted)


def _flags(state: Moving, wanted: TcpFlags) -> bool:
    return state.scene.packet.protocol == TCP and wanted.holds(flags_of(state.scene.said))


def _icmp_type(state: Moving, wanted: IcmpType) -> bool:
    return wanted.holds(icmp_of(state.scene.packet))


def _ethernet(state: Moving, _wanted: None) -> bool:
    return not state.loop and state.input != NO_DEVICE


def _hardware_source(state: Moving, wanted: HardwareAddress) -> bool | Question:
    known = state.scene.packet.hardware_source
    if known is not None:
        return wanted.holds(known)
    return _asked(wanted, N_("the packet comes from the hardware address {wanted}"))


def _link_type(_state: Moving, wanted: Words) -> bool:
    """Who has sent it to the node on the link: what is not said went to the node itself."""
    return wanted.holds("unicast")


def _owner(state: Moving, wanted: Owner) -> bool | Question:
    if state.input != NO_DEVICE or state.loop or state.copy:
        return bool(wanted.holds(None))
    return _asked(wanted, N_("the sending program is as {words} asks"))


def _asked(wanted: Wanted, text: str) -> Question:
    """Something that nobody said of the packet."""
    words = f"-m {wanted.NAME} {wanted.written()}".rstrip() if isinstance(wanted, Extension) else str(wanted)
    return Question("packet", message(text, wanted=wanted, words=words))


def _set(state: Moving, wanted: SetMatch) -> bool | Question | Chance:
    name, directions = wanted.members.value
    sets = state.scene.ground.node.sets
    changed = state.fact(entry(state, name, directions)) if state.facts else None
    if changed is not None:
        return changed
    held = None if sets is None else sets.holds(name, directions, Parts(state), return_no_match=wanted.return_no_match)
    if held is not None:
        return held
    found = drawn(state, name, directions, return_no_match=wanted.return_no_match)
    if found is not None:
        return found
    return Question("set", message("set {set} contains {what}", set=name, what=described(state, directions)))


def _recent(state: Moving, wanted: Recent) -> bool | Question:
    key = state.listed(wanted.name, wanted.mask, destination=wanted.rdest)
    fact = state.fact(key)
    if fact is False:
        return False
    if fact is True and (wanted.hitcount or 1) == 1 and not wanted.rttl:
        return True
    address = state.destination if wanted.rdest else state.source
    shown: object = message("the source") if address is None else address.masked(wanted.mask)
    text = _LISTED[wanted.hitcount is not None, wanted.seconds is not None]
    return Question("recent", message(text, list=wanted.name, address=shown, hits=wanted.hitcount, seconds=wanted.seconds))


_LISTED = {
    (False, False): N_("the recent list {list} has {address}"),
    (False, True): N_("the recent list {list} has {address} in the last {seconds} seconds"),
    (True, False): N_("the recent list {list} has {address} {hits} times"),
    (True, True): N_("the recent list {list} has {address} {hits} times in the last {seconds} seconds"),
}
"""What is asked of a recent list, by whether how often counts, and since when."""


def _reverse_path(state: Moving, wanted: RpFilter) -> bool | Question:
    from iptexplain.analysis.trace.routing import reverse_path

    held = reverse_path(state, wanted)
    if held is None:
        return _asked(wanted, N_("the packet passes the test of its reverse path, {words}"))
    return held


def _time(state: Moving, wanted: Time) -> bool | Question:
    at = state.scene.at
    held = None if at is None else wanted.holds(at)
    return _asked(wanted, N_("it is the time of {words}")) if held is None else held


def _payload(state: Moving, wanted: Holds) -> bool | Question:
    payload = state.scene.packet.payload
    held = None if payload is None else wanted.holds(payload)
    return _asked(wanted, N_("the packet is as {words} asks")) if held is None else held


def _bridge_out(_state: Moving, _wanted: Interface | None) -> bool:
    return False


def _bridge_in(state: Moving, wanted: Interface | None) -> bool | Question:
    """A port of a bridge (net/netfilter/xt_physdev.c): only what came in through a bridge has one."""
    known = False if state.input == NO_DEVICE or state.loop else _port_of_bridge(state, state.input, wanted)
    if known is not None:
        return known
    if wanted is None:
        return Question("interface", message("the packet arrives through a bridge port"))
    return Question("interface", message("the packet arrives through the bridge port {wanted}", wanted=wanted))


def _port_of_bridge(state: Moving, device: str | Device, wanted: Interface | None) -> bool | None:
    """Is the packet's port of a bridge the wanted one (None: is there one), as far as the bridge and its ports are known."""
    if isinstance(device, Device) or not state.scene.ground.node.links_known:
        return None
    link = state.scene.ground.links.get(device)
    if link is None or not link.bridge:
        return None if link is not None and link.bridge is None else False
    fits = {wanted is None or wanted.holds(port) for port in link.ports}
    return fits.pop() if len(fits) == 1 else None


def _never(_state: Moving, _wanted: Wanted) -> bool:
    return False


def _protocol(state: Moving, wanted: str) -> bool:
    return wanted in state.scene.protocols


TESTS: dict[Field, Callable[[Moving, Any], bool | Question | Chance]] = {
    Field.SOURCE: _source,
    Field.DESTINATION: _destination,
    Field.IN: _input,
    Field.OUT: _output,
    Field.PROTOCOL: _protocol,
    Field.FRAGMENT: _never,  # fragments are put together before the first rule sees them
    Field.SOURCE_PORT: lambda state, wanted: _number(state, _port_of(state, state.source_port), wanted, Field.SOURCE_PORT),
    Field.DESTINATION_PORT: lambda state, wanted: _number(state, _port_of(state, state.port), wanted, Field.DESTINATION_PORT),
    Field.EITHER_PORT: _either_port,
    Field.BOTH_PORTS: _both_ports,
    Field.TCP_FLAGS: _flags,
    Field.ICMP_TYPE: _icmp_type,
    Field.LENGTH: lambda state, wanted: _number(state, state.length, wanted, Field.LENGTH),
    Field.TTL: lambda state, wanted: wanted.holds(state.ttl),
    Field.TOS: lambda state, wanted: wanted.holds(state.tos),
    Field.MARK: lambda state, wanted: wanted.holds(state.mark),
    Field.CONNECTION_MARK: _connection_mark,
    Field.STATE: _state,
    Field.CONNECTION: _connection,
    Field.SOURCE_TYPE: _source_type,
    Field.DESTINATION_TYPE: _destination_type,
    Field.ETHERNET: _ethernet,
    Field.HARDWARE_SOURCE: _hardware_source,
    Field.LINK_TYPE: _link_type,
    Field.OWNER: _owner,
    Field.BRIDGE_IN: _bridge_in,
    Field.BRIDGE_OUT: _bridge_out,
    Field.BRIDGED: _never,
    Field.SET: _set,
    Field.REVERSE_PATH: _reverse_path,
    Field.RECENT: _recent,
    Field.TIME: _time,
    Field.PAYLOAD: _payload,
}
"""How each field is looked at."""
