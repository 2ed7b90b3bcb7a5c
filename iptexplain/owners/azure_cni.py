"""Azure CNI: gives Pods on Azure Kubernetes Service addresses and routes, with a helper on each node (Azure CNS).

Source: Azure/azure-container-networking, iptables/iptables.go (the names), network/ovssnat (`AllowInboundFromHostToNC`,
`AllowInboundFromNCToHost`), cni/network (`CNSIPAMInvoker`: chain `SWIFT`), cns/restserver (`programSNATRules`: `SWIFT-POSTROUTING`).
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

_TO_AZURE = N_("gives what Pods ask Azure's DNS and metadata servers (168.63.129.16, 169.254.169.254) another source")

OWNER = Owner(
    "Azure CNI",
    message("gives Pods on Azure Kubernetes Service their addresses and routes"),
    "Azure/azure-container-networking, iptables/iptables.go, network/ovssnat and cns/restserver",
    (
        Kind("AZURECNIINPUT", N_("accepts what containers send to this node itself, where that is asked for"), ("filter",)),
        Kind("AZURECNIOUTPUT", N_("accepts what this node itself sends to containers, where that is asked for"), ("filter",)),
        Kind("SWIFT-POSTROUTING", _TO_AZURE, ("nat",)),
        Kind("SWIFT", _TO_AZURE, ("nat",), generic=True),
    ),
    evidence=("SWIFT-POSTROUTING", "AZURECNI*", "AZURE-NPM*"),
)
