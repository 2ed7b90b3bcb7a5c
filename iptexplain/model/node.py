"""The node that a dump comes from: interfaces, addresses, routes and settings, as far as they are known.

The kernel's names: an address is LOCAL, BROADCAST, MULTICAST or UNICAST to the node (net/ipv4/fib_frontend.c `inet_dev_addr_type`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iptexplain.model.address import Address, Network
    from iptexplain.model.ipset import IpSets

LOOPBACK = "lo"


class Assigned(NamedTuple):
    """An address of an interface, and the network it is in (`192.168.0.1/24`; with a peer, that of the peer).

    `secondary`: in the network of an earlier address of the interface; the kernel never chooses it. `globally`: of global scope.
    `onlink`: a route to the network follows from it, by this interface. (On `lo` there is no such route: there the whole network of an
    IPv4 address is LOCAL, net/ipv4/fib_frontend.c `fib_add_ifaddr`.)
    """

    address: Address
    network: Network
    secondary: bool = False
    globally: bool = True
    onlink: bool = True


class Link(NamedTuple):
    """An interface and its addresses in their order.

    `ports` are the interfaces that have it as their master. `bridge`: is it a bridge, so that these are bridge ports; None: not known, it
    may be a bond, a team or a VRF as well.
    """

    name: str
    addresses: tuple[Assigned, ...] = ()
    ports: tuple[str, ...] = ()
    bridge: bool | None = False


class Way(NamedTuple):
    """A route: where to, by which interface, through which gateway. Of two to the same network the one with the smaller `metric` holds.

    `kind` is `unicast`, `blackhole`, `unreachable`, `prohibit`, `throw` (ends the search: no shorter prefix is looked at, the network is
    unreachable) or `local` (all its addresses are delivered here). One to the same network with the same metric is a part of the same route
    (multipath): the kernel spreads over them. `tos` other than 0: only for packets with this value in the bits 0x1c of theirs, and for them
    before a route without it, whatever the metric (net/ipv4/fib_trie.c `fib_table_lookup`).
    """

    to: Network
    interface: str | None
    gateway: Address | None = None
    kind: str = "unicast"
    metric: int = 0
    tos: int = 0


class Node(NamedTuple):
    """What is known of a node: all of its interfaces if `links_known`, all routes if `ways_known`, all settings if `sysctls_known`.

    What is not named in a part that is known does not exist (a setting has the default of the kernel); in another part it is unknown.
    `links` are in the order of the kernel, `lo` among them. `ways` are the routes that were said; those to connected networks follow from
    the addresses where `connected` says so (`ip route` prints them itself). `sysctls` are by name (`net.ipv4.conf.all.route_localnet`).
    `sets` are those of ipset, None if they are not known.
    """

    links: Mapping[str, Link]
    ways: tuple[Way, ...] = ()
    sysctls: Mapping[str, int] = {}
    sets: IpSets | None = None
    links_known: bool = True
    ways_known: bool = True
    sysctls_known: bool = True
    connected: bool = True
