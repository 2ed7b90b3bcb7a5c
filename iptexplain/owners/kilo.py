"""Kilo: a network between nodes over WireGuard.

Source: squat/kilo, pkg/mesh/routes.go (`Rules`) and pkg/encapsulation/ipip.go.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "Kilo",
    message("a network between the nodes of a cluster over WireGuard"),
    "squat/kilo, pkg/mesh/routes.go and pkg/encapsulation/ipip.go",
    (
        Kind("KILO-NAT", N_("gives packets that leave the network an address of this node as their source"), ("nat",)),
        Kind("KILO-IPIP", N_("accepts packets of the tunnel (IPIP) from the other nodes"), ("filter",)),
    ),
    comments=("Kilo: *",),
)
