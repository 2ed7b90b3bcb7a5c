"""Submariner: connects the networks of several clusters.

Source: submariner-io/submariner, pkg/routeagent_driver/constants/constants.go, pkg/globalnet/constants/constants.go (names),
pkg/routeagent_driver/handlers and pkg/globalnet/controllers.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "Submariner",
    message("connects the networks of several clusters"),
    "submariner-io/submariner, pkg/routeagent_driver/constants and pkg/globalnet/constants",
    (
        Kind("SUBMARINER-POSTROUTING", N_("decides which source packets to other clusters have"), ("nat",)),
        Kind(
            "SUBMARINER-POSTROUTING", N_("makes the segments of TCP connections to other clusters small enough for the tunnel"), ("mangle",)
        ),
        Kind("SUBMARINER-INPUT", N_("is for packets of the tunnel (VXLAN) that come to this node"), ("filter",)),
        Kind("SUBMARINER-FORWARD", N_("is for forwarded packets from and to other clusters"), ("filter",)),
        Kind(
            "SUBMARINER-GN-INGRESS",
            N_("leads what comes from other clusters to global IPs to the Service or Pod behind them (Globalnet)"),
            ("nat",),
        ),
        Kind("SUBMARINER-GN-EGRESS", N_("gives packets to other clusters a global IP as their source (Globalnet)"), ("nat",)),
        Kind("SUBMARINER-GN-MARK", N_("marks packets to other clusters (Globalnet)"), ("nat",)),
        Kind("SM-GN-EGRESS-PODS", N_("gives what some Pods send to other clusters their global IP as its source (Globalnet)"), ("nat",)),
        Kind(
            "SM-GN-EGRESS-HDLS-PODS",
            N_("gives what Pods of headless Services send to other clusters their global IP as its source (Globalnet)"),
            ("nat",),
        ),
        Kind(
            "SM-GN-EGRESS-NS",
            N_("gives what Pods of some namespaces send to other clusters their global IP as its source (Globalnet)"),
            ("nat",),
        ),
        Kind(
            "SM-GN-EGRESS-CLUSTER",
            N_("gives everything else that is sent to other clusters the cluster's global IP as its source (Globalnet)"),
            ("nat",),
        ),
    ),
)
