"""NetBird: a private network between machines, wherever these are.

Source: netbirdio/netbird, client/firewall/iptables/ (`createContainers`, `createDefaultChains`, `ensureNATOutputChain`; before:
router_linux.go and acl_linux.go).
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "NetBird",
    message("a private network between machines, wherever these are"),
    "netbirdio/netbird, client/firewall/iptables/",
    (
        Kind("NETBIRD-ACL-INPUT", N_("decides which packets from the NetBird network reach this machine"), ("filter",)),
        Kind("NETBIRD-ACL-OUTPUT", N_("decides which packets of this machine go to the NetBird network (older NetBird)"), ("filter",)),
        Kind("NETBIRD-RT-FWD-IN", N_("decides which packets from the NetBird network are forwarded to other networks"), ("filter",)),
        Kind("NETBIRD-RT-FWD-OUT", N_("decides which packets are forwarded to the NetBird network"), ("filter",)),
        Kind("NETBIRD-RT-FWD", N_("lets packets between the NetBird network and other networks through (older NetBird)"), ("filter",)),
        Kind(
            "NETBIRD-RT-NAT",
            N_("gives packets between the NetBird network and other networks an address of this machine as source"),
            ("nat",),
        ),
        Kind("NETBIRD-RT-PRE", N_("marks packets whose source address NETBIRD-RT-NAT is to change, or that are redirected"), ("mangle",)),
        Kind("NETBIRD-RT-RDR", N_("sends connections on to where NetBird forwards their ports"), ("nat",)),
        Kind("NETBIRD-NAT-OUTPUT", N_("sends this machine's own connections on to where NetBird forwards their ports"), ("nat",)),
        Kind("NETBIRD-RT-MSSCLAMP", N_("limits the size of TCP packets to what fits through the NetBird network"), ("mangle",)),
    ),
)
