"""Ranges of addresses that mean something by themselves, and so have to stay what they are.

Source: the IANA registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890 and those that it names).
"""

from __future__ import annotations

from iptexplain.model.address import Network
from iptexplain.named import NamedTuple


class Range(NamedTuple):
    """A range whose addresses stay in it. `kept`: each of them stays as it is."""

    network: Network
    kept: bool


_KEPT = (
    "0.0.0.0/8",  # this host, no address yet
    "127.0.0.0/8",  # loopback
    "169.254.0.0/16",  # link-local: metadata services and caches have fixed addresses there
    "192.0.0.0/24",  # assignments of IETF protocols
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and the broadcast to all
    "::/128",  # no address yet
    "::1/128",  # loopback
    "fe80::/128",  # the subnet router of a link
    "ff00::/8",  # multicast
)

_STAYING = (
    "10.0.0.0/8",  # private, as the next two (RFC 1918)
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",  # between providers and their customers (RFC 6598)
    "192.0.2.0/24",  # documentation, as the next two
    "198.51.100.0/24",
    "203.0.113.0/24",
    "192.88.99.0/24",  # relays of 6to4
    "198.18.0.0/15",  # benchmarks
    "::ffff:0:0/96",  # IPv4 in IPv6
    "64:ff9b::/96",  # NAT64
    "2000::/3",  # global addresses
    "2001::/32",  # Teredo
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4
    "fc00::/8",  # private (RFC 4193), as the next one
    "fd00::/8",
    "fe80::/64",  # link-local: what follows may be made of a hardware address
    "ff02::1:ff00:0/104",  # asks for a neighbour, by the last bits of its address
)

RANGES = (*(Range(Network.parse(text), kept=True) for text in _KEPT), *(Range(Network.parse(text), kept=False) for text in _STAYING))
"""All of them; the smallest one that holds an address counts."""

NOBODYS = tuple(Network.parse(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32"))
"""Ranges for documentation and benchmarks: addresses that nobody has."""
