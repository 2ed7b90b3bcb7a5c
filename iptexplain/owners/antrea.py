"""Antrea: a network for Pods with network policies, in Open vSwitch.

Source: antrea-io/antrea, pkg/agent/route/route_linux.go (`syncIPTables`, `restoreIptablesData`) and
pkg/agent/controller/networkpolicy/node_reconciler_linux.go (policies for nodes).
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "Antrea",
    message("a network for Pods that also enforces network policies, mostly without iptables"),
    "antrea-io/antrea, pkg/agent/route/route_linux.go",
    (
        Kind("ANTREA-FORWARD", N_("accepts forwarded packets from and to the Pods of this node"), ("filter",)),
        Kind("ANTREA-PREROUTING", N_("keeps packets of the tunnel between nodes away from connection tracking"), ("raw",)),
        Kind(
            "ANTREA-PREROUTING",
            N_(
                "leads what comes in to node ports to Antrea's own proxy for Services, if that serves all of them; "
                "on Amazon EKS it also marks what Pods send out"
            ),
            ("nat",),
        ),
        Kind("ANTREA-OUTPUT", N_("keeps packets of the tunnel between nodes away from connection tracking"), ("raw",)),
        Kind("ANTREA-OUTPUT", N_("marks what this node itself sends to Pods, so that policies do not stop its health checks"), ("mangle",)),
        Kind("ANTREA-OUTPUT", N_("leads what this node itself sends to node ports to Antrea's own proxy for Services"), ("nat",)),
        Kind("ANTREA-OUTPUT", N_("applies policies for nodes to what this node itself sends"), ("filter",)),
        Kind("ANTREA-INPUT", N_("applies policies for nodes to what comes to this node itself"), ("filter",)),
        Kind("ANTREA-MANGLE", N_("brings back the mark of a connection onto its packets (on Amazon EKS)"), ("mangle",)),
        Kind(
            "ANTREA-POSTROUTING",
            N_("gives what Pods send out of the cluster an address of this node, or an egress IP, as its source"),
            ("nat",),
        ),
        Kind("ANTREA-POL-PRE-INGRESS-RULES", N_("accepts what may come to this node whatever policies for nodes say"), ("filter",)),
        Kind("ANTREA-POL-PRE-EGRESS-RULES", N_("accepts what this node may send whatever policies for nodes say"), ("filter",)),
        Kind("ANTREA-POL-INGRESS-RULES", N_("holds the ingress rules of all policies for nodes"), ("filter",)),
        Kind("ANTREA-POL-EGRESS-RULES", N_("holds the egress rules of all policies for nodes"), ("filter",)),
        Kind("ANTREA-POL-*", N_("holds the ports that rule {name} of a policy for nodes is about, and what happens to them"), ("filter",)),
    ),
)
