"""The output of `ip -j addr` or of `ip addr` (`--ip-addr`), written as JSON either way.

Of the text form only what was read of it is left; of JSON, what a packet may meet and what says how an interface came to be.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.anonymize.beside.allowed import array, chosen, each, number, text, truth, vocabulary, word, words
from iptexplain.inputs.ip_addr import parse_ip_addr
from iptexplain.inputs.json_text import is_json, values
from iptexplain.model.address import Address
from iptexplain.model.node import LOOPBACK
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iptexplain.anonymize.beside.allowed import Maker
    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.anonymize.needs import Needs
    from iptexplain.model.node import Assigned, Link
    from iptexplain.source import Source

_FLAGS = vocabulary("""
    UP LOWER_UP NO-CARRIER BROADCAST MULTICAST LOOPBACK POINTOPOINT NOARP MASTER SLAVE DEBUG DYNAMIC DORMANT ECHO PROMISC ALLMULTI AUTOMEDIA
    PORTSEL NOTRAILERS M-DOWN
    """)
_STATES = frozenset({"UP", "DOWN", "UNKNOWN", "LOWERLAYERDOWN", "DORMANT", "NOTPRESENT", "TESTING"})
_TYPES = vocabulary("loopback ether none ipip tunnel6 sit gre gre6 ppp slip infiniband can netlink void vsockmon")
_KINDS = vocabulary("""
    bridge bond vlan veth vxlan dummy tun ipip ip6tnl sit gre gretap ip6gre ip6gretap geneve macvlan macvtap ipvlan ipvtap vrf vti vti6 xfrm
    wireguard ifb nlmon openvswitch team vcan netkit lowpan erspan hsr macsec
    """)
_OTHER = "other"
_SCOPES = frozenset({"global", "site", "link", "host", "nowhere"})
_MARKS = vocabulary("""
    secondary temporary dynamic deprecated tentative dadfailed permanent nodad optimistic home mngtmpaddr noprefixroute autojoin
    stable-privacy
    """)
"""What `ip` says of an address by a key that is true (ip/ipaddress.c, `print_ifa_flags`)."""
_HARDWARE = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}")


def gather(source: Source, needs: Needs) -> None:
    """Adds the interfaces and the networks that they are connected to. Raises `UnreadableInputError`."""
    for link in parse_ip_addr(source).values():
        needs.interfaces |= {link.name, *link.ports}
        needs.connected |= {one.network for one in link.addresses}


def lines(source: Source, disguise: Disguise, *, counters: bool) -> Iterator[str]:  # noqa: ARG001 - without `-s` it prints no counters
    """The same interfaces in other words. Raises `UnreadableInputError`."""
    links = parse_ip_addr(source)
    makers = _makers(disguise)
    if not is_json(source):
        return array(chosen(item, makers) for item in _printed(links))
    given = values(source, message("the output of `{command}`", command="ip -j addr"))
    return array(chosen(item, makers) for found in given if isinstance(found, list) for item in found)


def _makers(to: Disguise) -> Mapping[str, Maker]:
    """What is written for the keys of an interface."""

    def hardware(value: str) -> str:
        return to.hardware(value) if _HARDWARE.fullmatch(value) else to.address(value)  # that of a tunnel is where it begins or ends

    address: dict[str, Maker] = {
        "family": word({"inet", "inet6"}),
        "local": text(to.address),
        "address": text(to.address),
        "prefixlen": number,
        "broadcast": text(to.address),
        "anycast": text(to.address),
        "scope": word(_SCOPES, _OTHER),
        **dict.fromkeys(_MARKS, truth),
    }
    about: dict[str, Maker] = {"info_kind": word(_KINDS, _OTHER), "info_slave_kind": word(_KINDS, _OTHER)}
    return {
        "ifindex": number,
        "link_index": number,
        "link": text(to.interface),
        "ifname": text(to.interface),
        "flags": words(_FLAGS),
        "mtu": number,
        "master": text(to.interface),
        "operstate": word(_STATES),
        "group": word({"default"}),
        "link_type": word(_TYPES, _OTHER),
        "address": text(hardware),
        "broadcast": text(hardware),
        "promiscuity": number,
        "linkinfo": lambda value: chosen(value, about),
        "addr_info": each(lambda value: chosen(value, address)),
    }


def _printed(links: Mapping[str, Link]) -> Iterator[dict[str, object]]:
    """The interfaces as `ip -j -d addr` would print what is known of them."""
    masters = {port: link.name for link in links.values() for port in link.ports}
    for link in links.values():
        item: dict[str, object] = {"ifname": link.name, "flags": ["UP"], "link_type": "loopback" if link.name == LOOPBACK else "none"}
        if link.name in masters:
            item["master"] = masters[link.name]
        if link.bridge:
            item["linkinfo"] = {"info_kind": "bridge"}
        elif link.bridge is False and link.ports:
            item["flags"] = ["UP", "MASTER"]
        yield {**item, "addr_info": [_info(one) for one in link.addresses]}


def _info(one: Assigned) -> dict[str, object]:
    """An address as it would be printed of an interface that is up."""
    found: dict[str, object] = {"family": "inet" if one.address.family == 4 else "inet6", "local": str(one.address)}  # noqa: PLR2004
    if not one.network.holds(one.address):  # beside a peer
        found["address"] = str(Address(one.network.family, one.network.value))
    found |= {"prefixlen": one.network.mask.bit_count(), "scope": "global" if one.globally else "host"}
    return found | ({"secondary": True} if one.secondary else {} if one.onlink else {"noprefixroute": True})
