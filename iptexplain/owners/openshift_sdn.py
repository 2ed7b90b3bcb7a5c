"""OpenShift SDN: the network between the Pods of the nodes in OpenShift 3 and 4 (before OVN-Kubernetes).

Source: openshift/origin and openshift/sdn, pkg/network/node/iptables.go (`getNodeIPTablesChains`, `ensureEgressIPRules`).
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "OpenShift SDN",
    message("the network between the Pods of all nodes in OpenShift"),
    "openshift/sdn, pkg/network/node/iptables.go",
    (
        Kind(
            "OPENSHIFT-FIREWALL-ALLOW",
            N_("accepts packets of the tunnel between nodes, and what Pods send to this node itself"),
            ("filter",),
        ),
        Kind("OPENSHIFT-FIREWALL-FORWARD", N_("accepts forwarded packets from and to the Pods' network"), ("filter",)),
        Kind(
            "OPENSHIFT-ADMIN-OUTPUT-RULES",
            N_("is for rules that administrators write themselves, about what Pods send out of the cluster"),
            ("filter",),
        ),
        Kind(
            "OPENSHIFT-MASQUERADE",
            N_("gives what Pods send an egress IP as its source, or leads it on to get an address of this node"),
            ("nat",),
        ),
        Kind("OPENSHIFT-MASQUERADE-2", N_("gives what Pods send out of the cluster an address of this node as its source"), ("nat",)),
    ),
)
