"""Words for what several extensions ask: addresses, ports, interfaces, protocols, numbers; and for a match that has no words of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.model.address import AddressRange, Network
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.model.values import Interface, PortList, Ports
from iptexplain.source import N_, either_of, message, verbatim

if TYPE_CHECKING:
    from iptexplain.extensions.common.extension import Extension
    from iptexplain.model.matching import Constraint
    from iptexplain.source import Message

_ALL_PORTS = Ports(0, 65535)
_PARTS = {Field.SOURCE: Part.FROM, Field.DESTINATION: Part.TO, Field.SOURCE_PORT: Part.FROM, Field.DESTINATION_PORT: Part.TO}


def of(match: Extension) -> tuple[Phrase, ...]:
    """The words of a match all of whose constraints are about where packets come from and go to; else its own text, quoted."""
    found = [of_constraint(one) for one in match.constraints()]
    if found and not match.decide() and None not in found:
        return tuple([one for one in found if one is not None])
    return (Phrase(Part.IF, message("matching {text}", text=str(match))),)


def of_constraint(one: Constraint) -> Phrase | None:
    """The words of a constraint on addresses, ports, interfaces or the protocol; None for others."""
    match one.wanted:
        case Network() | AddressRange():
            return Phrase(_PARTS[one.field], addresses(one.wanted, negated=one.negated), one)
        case Ports() | PortList() if one.field in _PARTS:
            return Phrase(_PARTS[one.field], ports(one.wanted, negated=one.negated), one)
        case Interface():
            return Phrase(Part.IF, _interface(one.wanted, out=one.field is Field.OUT, negated=one.negated), one)
        case str() if one.field is Field.PROTOCOL:
            return Phrase(Part.WHAT, protocol(one.wanted, negated=one.negated), one)
        case _:
            return _alone(one)


def _alone(one: Constraint) -> Phrase | None:
    """Of a constraint on what only one extension asks."""
    if one.field is Field.EITHER_PORT and isinstance(one.wanted, PortList):
        return Phrase(Part.IF, message(_EITHER[one.negated], ports=numbers(one.wanted.ports)), one)
    if one.field is Field.FRAGMENT:
        return Phrase(Part.IF, message("not a second or later fragment" if one.negated else "a second or later fragment"), one)
    return None


_EITHER = N_("with source or destination port {ports}"), N_("with neither source nor destination port {ports}")


def addresses(wanted: Network | AddressRange, *, negated: bool = False) -> Message:
    """`10.0.0.1`, `10.0.0.0/8`, `10.0.0.1-10.0.0.9`; or where else; never "to", which stands before the destination alone."""
    if isinstance(wanted, AddressRange):
        single = wanted.first if wanted.first == wanted.last else None
        every, no = False, wanted.first.value > wanted.last.value
    else:
        single = wanted.single
        every, no = wanted == Network.whole(wanted.family), False
    if every or no:
        return message("any address") if every is not negated else message("no address")
    if single is not None:
        shown = f"{single}/128" if str(single).endswith(":") else single  # no colon before that of the sentence
        return message("any address but {address}", address=shown) if negated else verbatim(shown)
    return message("outside {network}", network=wanted) if negated else verbatim(wanted)


def ports(wanted: Ports | PortList, *, negated: bool = False) -> Message:
    """`port 80`, `ports 1024-65535`, `ports 80, 443 or 8000-8010`; or any others."""
    several = wanted.ports if isinstance(wanted, PortList) else (wanted,)
    if _ALL_PORTS in several:
        return message("no port") if negated else message("any port")
    if several[0].first > several[0].last:
        return message("any port") if negated else message("no port ({first}-{last} is an empty range)", **several[0]._asdict())
    said = numbers(several)
    if negated:
        return message("any port but {ports}", ports=said)
    one = len(several) == 1 and several[0].first == several[0].last
    return message("port {port}", port=said) if one else message("ports {ports}", ports=said)


def numbers(ranges: tuple[Ports, ...]) -> Message:
    """Numbers and ranges of numbers: `80, 443 or 8000-8010`."""
    return either_of([verbatim(first if first == last else f"{first}-{last}") for first, last in ranges])


def not_read(field: Field | None, text: str, *, negated: bool = False) -> Phrase | None:
    """The words of an address or of ports that cannot be read, which stay as they are; None for what is no end of a packet's way.

    Of UDP iptables takes a range whose first port is the greater one, and no packet meets it.
    """
    if field not in _PARTS:
        return None
    first, _, last = text.partition(":")
    kind = "address" if field in {Field.SOURCE, Field.DESTINATION} else "port"
    try:
        turned = Ports.parse(f"{last}:{first}") if first and last and kind == "port" else None
    except ValueError:
        turned = None
    if turned is not None:
        return Phrase(_PARTS[field], ports(Ports(turned.last, turned.first), negated=negated))
    return Phrase(_PARTS[field], message(_NOT_READ[kind][negated], text=text))


_NOT_READ = {
    "address": (N_('an address that cannot be read ("{text}")'), N_('any address but one that cannot be read ("{text}")')),
    "port": (N_('a port that cannot be read ("{text}")'), N_('any port but one that cannot be read ("{text}")')),
}
"""What stands in the rule, and the opposite."""

_INTERFACES = {
    (False, False, False): N_("coming in by {name}"),
    (False, False, True): N_("coming in by any interface {name}*"),
    (False, True, False): N_("not coming in by {name}"),
    (False, True, True): N_("not coming in by any interface {name}*"),
    (True, False, False): N_("leaving by {name}"),
    (True, False, True): N_("leaving by any interface {name}*"),
    (True, True, False): N_("not leaving by {name}"),
    (True, True, True): N_("not leaving by any interface {name}*"),
}
"""By whether it is the way out, whether it is negated, and whether it is a beginning of names."""


def _interface(wanted: Interface, *, out: bool, negated: bool) -> Message:
    if not wanted.name:  # what no packet meets if it is negated: one without an interface too begins with nothing (`ip_packet_match`)
        return message("no packet at all (by no interface)") if negated else message("whatever the interface")
    return message(_INTERFACES[out, negated, wanted.prefix], name=wanted.name)


_PROTOCOLS = {"ipv6-icmp": "ICMPv6", "udplite": "UDP-Lite", "ipv6": "IPv6 in IP", "ipencap": "IP in IP", "mobility-header": "Mobile IPv6"}
"""Where the name in capitals is not what people write."""


def protocol(name: str, *, negated: bool = False) -> Message:
    """`TCP`, `everything but TCP`; a protocol without a name by its number."""
    if name == "all":
        return message("nothing") if negated else message("everything")
    said = message("protocol {number}", number=name) if name.isdecimal() else verbatim(_PROTOCOLS.get(name, name.upper()))
    return message("everything but {protocol}", protocol=said) if negated else said
