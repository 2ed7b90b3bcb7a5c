"""A packet at one place of its way through the node: what every rule's tests look at, and what targets change.

What is not known is asked: `test` gives a `Question`, and `learned` keeps the answer for whatever is asked next. A port that nobody said is
`Some` port of a range, and gets narrower with each answer; so is an interface.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from iptexplain.analysis.trace import scene
from iptexplain.extensions.common.extension import Extension
from iptexplain.model import ipset
from iptexplain.model.address import Address, Network
from iptexplain.model.matching import (
    ANY_PORT,
    Chance,
    ChangeSet,
    CopyMark,
    Field,
    Question,
    Remember,
    SetConnectionMark,
    SetMark,
    SetTos,
    SetTtl,
    Track,
    Untrack,
)
from iptexplain.model.packet import ICMP, ICMPV6, NEW, TCP, UNTRACKED, WITH_PORTS, Connection, Ends
from iptexplain.model.share import Share
from iptexplain.model.values import Interface, Mark, PortList, TypesOn
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from iptexplain.analysis.trace.scene import Scene
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
    from iptexplain.model.ipset import PacketPart
    from iptexplain.model.matching import BothPorts, Change, Holds, Wanted
    from iptexplain.model.packet import Packet
    from iptexplain.model.values import Ports, TcpFlags, Words

    Numbers = Ports | PortList | Range

_MOST = 0xFFFFFFFF


class Some(NamedTuple):
    """A number that nobody knows, in one of these ranges. `drawn`: the kernel draws it, nobody could have said it. `new`: by nat."""

    ranges: tuple[tuple[int, int], ...]
    drawn: bool = False
    new: bool = False

    @property
    def only(self) -> int | None:
        """The number, if there is no other."""
        return self.ranges[0][0] if len(self.ranges) == 1 and self.ranges[0][0] == self.ranges[0][1] else None


class Device(NamedTuple):
    """An interface that nobody knows: one of all of these, and none of those. `again`: by another decision, behind a change."""

    one_of: tuple[Interface, ...] = ()
    none_of: tuple[Interface, ...] = ()
    again: bool = False

    def holds(self, wanted: Interface) -> bool | None:
        """Is it the wanted interface."""
        if (wanted.prefix and not wanted.name) or any(wanted.covers(known) for known in self.one_of):
            return True
        if any(not (known.covers(wanted) or wanted.covers(known)) for known in self.one_of):
            return False
        return False if any(known.covers(wanted) for known in self.none_of) else None

    @property
    def name(self) -> str | None:
        """Its name, if that is known by now."""
        return next((known.name for known in self.one_of if not known.prefix), None)


ANY_NUMBER = Some(((0, 65535),))
OUTSIDE_DEVICE = Device(none_of=(Interface("lo", prefix=False),))
NO_DEVICE = ""
"""The name of the missing interface (ip_tables.c: `nulldevname`)."""

Key = tuple[str, object]
"""What a fact is about."""


class Narrowing(NamedTuple):
    """What an attribute of the state is if the answer is yes, and if it is no."""

    attribute: str
    yes: object
    no: object


class Moving(NamedTuple):
    """The packet, and where it is.

    `source` and `destination` None: an address that nobody knows (`source`: one of the node's own). Ports None: the protocol has none;
    for ICMP the source port is the id. `input` and `output` are interfaces, "" for none; `next_output`: where a packet of the node's own
    goes after a new routing decision, which only POSTROUTING sees. `broadcast`: it leaves, and a copy of it comes back in; `copy`: it is
    that. `loop`: it has come back in by lo. `facts` are the answers so far.
    """

    scene: Scene
    hook: str
    source: Address | None
    source_port: int | Some | None
    destination: Address | None
    port: int | Some | None
    input: str | Device
    output: str | Device
    mark: int
    ttl: int
    tos: int
    length: int | Some
    connection: Connection
    gateway: Address | None = None
    next_output: str | Device | None = None
    broadcast: bool = False
    copy: bool = False
    loop: bool = False
    facts: frozenset[tuple[Key, bool]] = frozenset()

    @property
    def destination_port(self) -> int | None:
        """What long chains are indexed by; where the destination is not known, they are looked through."""
        port = self.port
        return ANY_PORT if isinstance(port, Some) or self.destination is None else port

    def comes_from_none_of(self, addresses: Collection[str]) -> bool:
        """Is the source none of these."""
        return self.source is not None and str(Network.of(self.source)) not in addresses

    def fact(self, key: Key) -> bool | None:
        """What was assumed about something unknown."""
        if self.facts:
            if (key, True) in self.facts:
                return True
            if (key, False) in self.facts:
                return False
        return None

    def test(self, field: Field, wanted: Wanted) -> bool | Question | Chance:
        """Is the field in the set; a question where nobody knows, a chance where the kernel draws."""
        return _TESTS[field](self, wanted)

    def learned(self, question: Question, answer: bool) -> Moving:  # noqa: FBT001 - an answer is a bool
        """With the answer to one of its questions, if that says more than the question was."""
        about = question.about
        if isinstance(about, Narrowing):
            return self._replace(**{about.attribute: about.yes if answer else about.no})  # type: ignore[arg-type]  # of that attribute's type
        return self if about is None else self._replace(facts=self.facts | {(about, answer)})  # type: ignore[arg-type]  # a `Key`

    def changed(self, change: Change) -> Moving:  # noqa: PLR0911 - one for each kind of change
        """What a target changes."""
        match change:
            case SetMark(mark):
                return self._replace(mark=mark.put(self.mark))
            case SetConnectionMark() | CopyMark():
                return self._marked_connection(change)
            case Track():
                nobody = Ends(Address(self.scene.family, 0), 0, Address(self.scene.family, 0), 0)
                template = Connection("NEW", tracked=True, original=nobody, reply=nobody, status=frozenset({"CONFIRMED"}))
                return self if self.connection.tracked or self.connection.state == UNTRACKED.upper() else self._replace(connection=template)
            case Untrack():
                if self.connection.tracked:  # on its second way, through lo, it has its entry already
                    return self
                return self._replace(connection=Connection(UNTRACKED.upper(), tracked=False))
            case SetTtl(to, more):
                return self._replace(ttl=to if to is not None else max(0, min(255, self.ttl + more)))
            case SetTos(value, mask):
                return self._replace(tos=(self.tos & ~mask & 0xFF) ^ value)
            case Remember():
                return self._remembered(change)
            case ChangeSet(name, directions, put):
                return self._replace(facts=_with(self.facts, _entry(self, name, directions), put))
            case _:
                assert_never(change)

    def _marked_connection(self, change: SetConnectionMark | CopyMark) -> Moving:
        """The formulas of net/netfilter/xt_connmark.c, `connmark_tg_shift`."""
        connection = self.connection
        if not connection.tracked:
            return self
        if isinstance(change, SetConnectionMark):
            new = _shifted(change.mark.put(connection.mark), change.shift)
            return self._replace(connection=connection._replace(mark=new))
        if change.save:
            new = (connection.mark & ~change.connection_mask & _MOST) ^ _shifted(self.mark & change.packet_mask, change.shift)
            return self._replace(connection=connection._replace(mark=new))
        new = (self.mark & ~change.packet_mask & _MOST) ^ _shifted(connection.mark & change.connection_mask, change.shift)
        return self._replace(mark=new)

    def _remembered(self, change: Remember) -> Moving:
        address = self.destination if change.destination else self.source
        return self._replace(facts=_with(self.facts, ("recent", (change.name, _cut(address, change.mask))), change.on))


def _with(facts: frozenset[tuple[Key, bool]], key: Key, truth: bool) -> frozenset[tuple[Key, bool]]:  # noqa: FBT001 - what is remembered
    return frozenset(fact for fact in facts if fact[0] != key) | {(key, truth)}


def _shifted(value: int, by: int) -> int:
    return (value << by) & _MOST if by >= 0 else value >> -by


def _cut(address: Address | None, mask: Address | None) -> Address | None:
    return address if address is None or mask is None else Address(address.family, address.value & mask.value)


# ---- what the tests look at ------------------------------------------------------------------------------------------


def _source(state: Moving, wanted: Network | AddressRange) -> bool | Question:
    return _address(state.source, wanted, Field.SOURCE)


def _destination(state: Moving, wanted: Network | AddressRange) -> bool | Question:
    return _address(state.destination, wanted, Field.DESTINATION)


def _address(address: Address | None, wanted: Network | AddressRange, field: Field) -> bool | Question:
    if address is not None:
        return wanted.holds(address)
    if isinstance(wanted, Network) and not wanted.mask:
        return True
    return Question("address", message("the new {field} is in {wanted}", field=field.value, wanted=wanted))


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
    text = "the packet leaves by {interface} after it has changed" if device.again else "the packet leaves by {interface}"
    return Question("interface", message(text, interface=wanted), Narrowing("output", yes, no))


def _number(state: Moving, value: int | Some | None, wanted: Numbers, field: Field) -> bool | Question | Chance:
    if isinstance(value, int):
        return wanted.holds(value)
    if value is None:
        return False
    inside = _inside(value, wanted)
    if inside == value.ranges:
        return True
    if not inside:
        return False
    outside = value._replace(ranges=_outside(value, wanted))
    if value.drawn:
        attribute = _NUMBERS[field]
        yes, no = ({attribute: part} for part in (value._replace(ranges=inside), outside))
        return Chance(Share.part(_size(inside), _size(value.ranges)), state._replace(**yes), state._replace(**no))  # type: ignore[arg-type]  # a number's
    if field is Field.LENGTH:
        text = message("the packet is {wanted} bytes long", wanted=wanted)
    else:
        text = message("the new {field} is {wanted}" if value.new else "the {field} is {wanted}", field=field.value, wanted=wanted)
    narrowing = Narrowing(_NUMBERS[field], value._replace(ranges=inside), outside)
    return Question("packet", text, narrowing)


_NUMBERS = {Field.SOURCE_PORT: "source_port", Field.DESTINATION_PORT: "port", Field.LENGTH: "length"}


def _size(ranges: tuple[tuple[int, int], ...]) -> int:
    return sum(last + 1 - first for first, last in ranges)


def _inside(value: Some, wanted: Numbers) -> tuple[tuple[int, int], ...]:
    """The part of the ranges that is in the wanted set."""
    parts = sorted((part.first, part.last) for part in (wanted.ports if isinstance(wanted, PortList) else (wanted,)))
    found: list[tuple[int, int]] = []
    for low, high in value.ranges:
        for first, last in parts:
            begin, end = max(low, first), min(high, last)
            if begin <= end:
                if found and begin <= found[-1][1] + 1:
                    found[-1] = found[-1][0], max(found[-1][1], end)
                else:
                    found.append((begin, end))
    return tuple(found)


def _outside(value: Some, wanted: Numbers) -> tuple[tuple[int, int], ...]:
    """The part of the ranges that is not in the wanted set."""
    left = list(value.ranges)
    for first, last in _inside(value, wanted):
        cut: list[tuple[int, int]] = []
        for low, high in left:
            if last < low or high < first:
                cut.append((low, high))
                continue
            cut += [(low, first - 1)] if low < first else []
            cut += [(last + 1, high)] if last < high else []
        left = cut
    return tuple(left)


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
    return _type(state, state.source, wanted)


def _destination_type(state: Moving, wanted: Words | TypesOn) -> bool | Question:
    return _type(state, state.destination, wanted)


def _type(state: Moving, address: Address | None, wanted: Words | TypesOn) -> bool | Question:
    names = wanted.types.names if isinstance(wanted, TypesOn) else wanted.names
    if address is None:
        return scene.LOCAL in names
    if address.family == 6:  # noqa: PLR2004 - IPv6
        by_form = _type_by_form(address, names)
        if by_form is not None:
            return by_form
        names = tuple([name for name in names if name not in _FORMS])
        if scene.ANYCAST in names and not isinstance(wanted, TypesOn) and state.scene.ground.is_anycast(address):
            return True
    if isinstance(wanted, TypesOn):
        return _type_on(state, address, wanted, names)
    found = state.scene.ground.type_of(address)
    return _type_unknown(state, address, names) if found is None else found in names


_FORMS = ("UNSPEC", scene.MULTICAST, scene.UNICAST)


def _type_by_form(address: Address, names: Sequence[str]) -> bool | None:
    """What the form of an IPv6 address says of its types (xt_addrtype.c `match_type6`); None if more than that is asked."""
    nowhere, multicast = scene.is_nowhere(address), scene.is_multicast(address)
    forms = dict(zip(_FORMS, (nowhere, multicast, not (nowhere or multicast)), strict=True))
    if not all(forms.get(name, True) for name in names):
        return False
    return True if all(name in forms for name in names) else None


def _type_on(state: Moving, address: Address, wanted: TypesOn, names: Sequence[str]) -> bool | Question:
    """As `_type`, where only the addresses of the packet's own interface count."""
    device = state.output if wanted.output else state.input
    name = device.name if isinstance(device, Device) else device
    found = None if name is None else state.scene.ground.type_on(address, name) if name else state.scene.ground.type_of(address)
    if found is not None:
        return found in names
    if state.fact(("local", address)) is False and set(names) == {scene.LOCAL}:
        return False
    return Question("local", message("{address} is {types} on the packet's own interface", address=address, types=wanted.types))


def _type_unknown(state: Moving, address: Address, names: Sequence[str]) -> bool | Question:
    """Of an address that may be one of the node's own, a broadcast address, or neither: asked for one after the other."""
    local, broadcast, unicast = (kind in names for kind in (scene.LOCAL, scene.BROADCAST, scene.UNICAST))
    if local == broadcast == unicast:
        return local
    is_local = state.fact(("local", address))
    if is_local is None:
        return question_local(address)
    if is_local or broadcast is unicast:
        return local if is_local else unicast
    is_broadcast = state.fact(("broadcast", address))
    if is_broadcast is None:
        return Question("local", message("{address} is a broadcast address of this node", address=address), ("broadcast", address))
    return broadcast if is_broadcast else unicast


def question_local(address: Address) -> Question:
    """Is an address one of the node's own."""
    text = message("{address} is an address of this node", address=address)
    return Question("local", text, ("local", address))


def local_address(state: Moving, address: Address | None) -> bool | None:
    """Is an address one of the node's own, None if nobody knows."""
    if address is None:
        return True
    found = state.scene.ground.type_of(address)
    return state.fact(("local", address)) if found is None else found in {scene.LOCAL, scene.ANYCAST}


def _flags(state: Moving, wanted: TcpFlags) -> bool:
    return state.scene.packet.protocol == TCP and wanted.holds(flags_of(state.scene.said))


def _icmp_type(state: Moving, wanted: IcmpType) -> bool:
    return wanted.holds(icmp_of(state.scene.packet))


def flags_of(packet: Packet) -> frozenset[str]:
    """The TCP flags of a packet; those that are usual where nobody said."""
    if packet.flags is not None:
        return packet.flags
    return frozenset({"SYN"}) if packet.connection == NEW else frozenset({"ACK"})


def icmp_of(packet: Packet) -> tuple[int, int]:
    """Type and code of an ICMP packet; -1 for another."""
    if packet.protocol not in {ICMP, ICMPV6}:
        return -1, -1
    kind = packet.icmp_type
    return (8 if packet.protocol == ICMP else 128) if kind is None else kind, packet.icmp_code


def _ethernet(state: Moving, _wanted: None) -> bool:
    return not state.loop and state.input != NO_DEVICE


def _hardware_source(state: Moving, wanted: HardwareAddress) -> bool | Question:
    known = state.scene.packet.hardware_source
    if known is not None:
        return wanted.holds(known)
    return _asked(wanted, "the packet comes from the hardware address {wanted}")


def _link_type(_state: Moving, wanted: Words) -> bool:
    """Who has sent it to the node on the link: what is not said went to the node itself."""
    return wanted.holds("unicast")


def _owner(state: Moving, wanted: Owner) -> bool | Question:
    if state.input != NO_DEVICE or state.loop or state.copy:
        return bool(wanted.holds(None))
    return _asked(wanted, "the sending program is as {words} asks")


def _asked(wanted: Wanted, text: str) -> Question:
    """Something that nobody said of the packet."""
    words = f"-m {wanted.NAME} {wanted.written()}".rstrip() if isinstance(wanted, Extension) else str(wanted)
    return Question("packet", message(text, wanted=wanted, words=words))


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


def _set(state: Moving, wanted: SetMatch) -> bool | Question:
    name, directions = wanted.members.value
    sets = state.scene.ground.node.sets
    changed = state.fact(_entry(state, name, directions)) if state.facts else None
    if changed is not None:
        return changed
    held = None if sets is None else sets.holds(name, directions, Parts(state), return_no_match=wanted.return_no_match)
    if held is not None:
        return held
    return Question("set", message("set {set} contains {what}", set=name, what=_entry_text(state, directions)))


def _entry(state: Moving, name: str, directions: tuple[str, ...]) -> Key:
    """The packet's entry in a set, as far as it can be told without knowing the set."""
    sets = state.scene.ground.node.sets
    parts: tuple[object, ...] = () if sets is None else sets.parts(name, directions, Parts(state))
    return "set", (name, parts or tuple([state.source if way == "src" else state.destination for way in directions]))


def _entry_text(state: Moving, directions: tuple[str, ...]) -> str:
    """What is looked up, as far as it can be said without knowing the set: `10.0.0.1`, or `10.0.0.1:80,10.0.0.2:4000` for `dst,src`."""
    words = []
    for way in directions:
        address, port = (state.source, state.source_port) if way == "src" else (state.destination, state.port)
        said = "?" if address is None else str(address)
        words.append(said if len(directions) == 1 or not isinstance(port, int) else f"{said}:{port}")
    return ",".join(words)


def _recent(state: Moving, wanted: Recent) -> bool | Question:
    address = _cut(state.destination if wanted.rdest else state.source, wanted.mask)
    fact = state.fact(("recent", (wanted.name, address)))
    if fact is False:
        return False
    if fact is True and (wanted.hitcount or 1) == 1 and not wanted.rttl:
        return True
    shown = address if address is not None else "the source"
    if wanted.hitcount:
        text = message("the recent list {list} has {address} {hits} times", list=wanted.name, address=shown, hits=wanted.hitcount)
        if wanted.seconds:
            text = message(
                "the recent list {list} has {address} {hits} times in the last {seconds} seconds",
                list=wanted.name,
                address=shown,
                hits=wanted.hitcount,
                seconds=wanted.seconds,
            )
    elif wanted.seconds:
        text = message(
            "the recent list {list} has {address} in the last {seconds} seconds", list=wanted.name, address=shown, seconds=wanted.seconds
        )
    else:
        text = message("the recent list {list} has {address}", list=wanted.name, address=shown)
    return Question("recent", text)


def _reverse_path(state: Moving, wanted: RpFilter) -> bool | Question:
    from iptexplain.analysis.trace.routing import reverse_path

    held = reverse_path(state, wanted)
    if held is None:
        return _asked(wanted, "the packet passes the test of its reverse path, {words}")
    return held


def _time(state: Moving, wanted: Time) -> bool | Question:
    at = state.scene.at
    held = None if at is None else wanted.holds(at)
    return _asked(wanted, "it is the time of {words}") if held is None else held


def _payload(state: Moving, wanted: Holds) -> bool | Question:
    payload = state.scene.packet.payload
    held = None if payload is None else wanted.holds(payload)
    return _asked(wanted, "the packet is as {words} asks") if held is None else held


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


_TESTS: dict[Field, Callable[[Moving, Any], bool | Question | Chance]] = {
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
