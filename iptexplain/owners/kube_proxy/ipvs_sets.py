"""The sets of kube-proxy's ipvs mode: what is in each of them.

Source: pkg/proxy/ipvs/ipset.go and proxier.go, `ipsetInfo`. The sets of IPv6 are called KUBE-6-….
"""

from __future__ import annotations

from iptexplain.source import Message, message

_HOLDS = {
    "KUBE-CLUSTER-IP": message("cluster IPs with their ports"),
    "KUBE-LOOP-BACK": message("Pods of this node (hairpin)"),
    "KUBE-EXTERNAL-IP": message("external IPs with their ports"),
    "KUBE-EXTERNAL-IP-LOCAL": message("external IPs, policy Local"),
    "KUBE-LOAD-BALANCER": message("load balancers with their ports"),
    "KUBE-LOAD-BALANCER-LOCAL": message("load balancers, policy Local"),
    "KUBE-LOAD-BALANCER-FW": message("load balancers with source ranges"),
    "KUBE-LOAD-BALANCER-SOURCE-CIDR": message("the source ranges"),
    "KUBE-LOAD-BALANCER-SOURCE-IP": message("the node itself as an allowed source"),
    "KUBE-NODE-PORT-TCP": message("node ports, TCP"),
    "KUBE-NODE-PORT-UDP": message("node ports, UDP"),
    "KUBE-NODE-PORT-SCTP-HASH": message("node ports, SCTP"),
    "KUBE-NODE-PORT-LOCAL-TCP": message("node ports, policy Local, TCP"),
    "KUBE-NODE-PORT-LOCAL-UDP": message("node ports, policy Local, UDP"),
    "KUBE-NODE-PORT-LOCAL-SCTP-HASH": message("node ports, policy Local, SCTP"),
    "KUBE-HEALTH-CHECK-NODE-PORT": message("node ports of health checks"),
    "KUBE-IPVS-IPS": message("all addresses of Services"),
}

_LONGEST = 31
"""The longest name of a set; kube-proxy cuts what is longer (ipset.go `NewIPSet`)."""


def name_for(name: str, family: int) -> str:
    """What the set of this name is called for a family (4 or 6)."""
    return name if family == 4 else f"KUBE-6-{name.removeprefix('KUBE-')}"[:_LONGEST]  # noqa: PLR2004 - IPv4


CLUSTER_IPS = frozenset(name_for("KUBE-CLUSTER-IP", family) for family in (4, 6))
"""The sets of cluster IPs."""


def holds(name: str) -> Message | None:
    """What is in a set of this name; None if it is none of kube-proxy's."""
    return next((said for known, said in _HOLDS.items() if name in {known, name_for(known, 6)}), None)
