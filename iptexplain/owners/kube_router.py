"""kube-router: a network for Pods with network policies, and addresses of Services by IPVS.

Source: cloudnativelabs/kube-router, pkg/controllers/netpol/network_policy_controller.go and npc_iptables.go (policies),
pkg/controllers/proxy/network_services_controller.go (Services), pkg/controllers/routing/network_routes_controller.go (`enableForwarding`).
k3s and k0s bring it along.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

_HASH = "?" * 16

OWNER = Owner(
    "kube-router",
    message("a network for Pods that also enforces network policies and makes the addresses of Services work"),
    "cloudnativelabs/kube-router, pkg/controllers/netpol/npc_iptables.go and pkg/controllers/proxy/network_services_controller.go",
    (
        Kind("KUBE-ROUTER-INPUT", N_("leads what Pods send to this node itself to their policies"), ("filter",)),
        Kind("KUBE-ROUTER-FORWARD", N_("leads forwarded packets to the policies of the Pods that they come from and go to"), ("filter",)),
        Kind("KUBE-ROUTER-OUTPUT", N_("leads what this node itself sends to Pods to their policies"), ("filter",)),
        Kind(
            "KUBE-ROUTER-SERVICES",
            N_("accepts packets to Services and refuses those to their addresses at other ports (IPVS)"),
            ("filter",),
        ),
        Kind(
            "KUBE-ROUTER-HAIRPIN",
            N_("gives what a Pod sends to itself through a Service another source, so that the reply comes back"),
            ("nat",),
        ),
        Kind("KUBE-POD-FW-" + _HASH, N_("applies all network policies of one Pod, and refuses what none of them allows"), ("filter",)),
        Kind(
            "KUBE-NWPLCY-DEFAULT",
            N_("allows what comes to or from Pods for which no policy says anything about that direction"),
            ("filter",),
        ),
        Kind(
            "KUBE-NWPLCY-COMMON",
            N_("holds what is the same for all Pods: known connections and some ICMP pass, invalid packets do not"),
            ("filter",),
        ),
        Kind("KUBE-NWPLCY-" + _HASH, N_("holds what one network policy allows"), ("filter",)),
    ),
    comments=(
        "allow outbound traffic from pods",
        "allow inbound traffic to pods",
        "allow outbound node port traffic on node interface with which node ip is associated",
    ),
)
