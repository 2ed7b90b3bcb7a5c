"""Azure NPM: enforces network policies on Azure Kubernetes Service.

Source: Azure/azure-container-networking, npm/util/const.go (all names) and npm/pkg/dataplane/policies/chain-management_linux.go; the chains
of version 1 are those that const.go calls so.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "Azure NPM",
    message("enforces network policies on Azure Kubernetes Service"),
    "Azure/azure-container-networking, npm/util/const.go",
    (
        Kind("AZURE-NPM", N_("leads forwarded packets through all network policies"), ("filter",)),
        Kind("AZURE-NPM-ACCEPT", N_("accepts what network policies allow"), ("filter",)),
        Kind(
            "AZURE-NPM-INGRESS",
            N_("leads packets to the ingress rules of network policies, and in version 2 drops what these have marked for that"),
            ("filter",),
        ),
        Kind(
            "AZURE-NPM-EGRESS",
            N_("leads packets to the egress rules of network policies, and in version 2 drops what these have marked for that"),
            ("filter",),
        ),
        Kind("AZURE-NPM-INGRESS-ALLOW-MARK", N_("marks what an ingress rule allows and leads on to the egress rules"), ("filter",)),
        Kind("AZURE-NPM-INGRESS-PORT", N_("compares packets with the ports of ingress rules (version 1)"), ("filter",)),
        Kind("AZURE-NPM-INGRESS-FROM", N_("compares packets with the senders of ingress rules (version 1)"), ("filter",)),
        Kind(
            "AZURE-NPM-INGRESS-FROM-NS", N_("compares packets with the namespaces of senders in ingress rules (before 1.0.27)"), ("filter",)
        ),
        Kind("AZURE-NPM-INGRESS-FROM-POD", N_("compares packets with the Pods of senders in ingress rules (before 1.0.27)"), ("filter",)),
        Kind("AZURE-NPM-INGRESS-DROPS", N_("drops packets to Pods that no ingress rule allows (version 1)"), ("filter",)),
        Kind(
            "AZURE-NPM-INRGESS-DROPS",
            N_("drops packets to Pods that no ingress rule allows (version 1, before 1.2.7)"),
            ("filter",),
        ),
        Kind("AZURE-NPM-EGRESS-PORT", N_("compares packets with the ports of egress rules (version 1)"), ("filter",)),
        Kind("AZURE-NPM-EGRESS-TO", N_("compares packets with the receivers of egress rules (version 1)"), ("filter",)),
        Kind(
            "AZURE-NPM-EGRESS-TO-NS", N_("compares packets with the namespaces of receivers in egress rules (before 1.0.27)"), ("filter",)
        ),
        Kind("AZURE-NPM-EGRESS-TO-POD", N_("compares packets with the Pods of receivers in egress rules (before 1.0.27)"), ("filter",)),
        Kind("AZURE-NPM-EGRESS-DROPS", N_("drops packets of Pods that no egress rule allows (version 1)"), ("filter",)),
        Kind(
            "AZURE-NPM-TARGET-SETS",
            N_("compares packets with the Pods that network policies select (version 1, before 1.2.6)"),
            ("filter",),
        ),
        Kind("AZURE-NPM-KUBE-SYSTEM", N_("treats packets of the Pods of namespace kube-system apart (version 1)"), ("filter",)),
        Kind("AZURE-NPM-INGRESS-*", N_("holds the ingress rules of one network policy (version 2)"), ("filter",)),
        Kind("AZURE-NPM-EGRESS-*", N_("holds the egress rules of one network policy (version 2)"), ("filter",)),
    ),
)
