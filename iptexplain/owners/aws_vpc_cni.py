"""AWS VPC CNI: gives Pods addresses of the cloud's own network (Amazon EKS).

Source: aws/amazon-vpc-cni-k8s, pkg/networkutils/network.go (`buildIptablesSNATRules`, `buildIptablesConnmarkRules`,
`setupRuleToBlockNodeLocalAccess`). Newer versions have each chain once, with 0 behind its name; older ones one for each network.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "AWS VPC CNI",
    message("gives Pods on Amazon EKS addresses of the cloud's own network (VPC)"),
    "aws/amazon-vpc-cni-k8s, pkg/networkutils/network.go",
    (
        Kind(
            "AWS-SNAT-CHAIN-*",
            N_(
                "gives what leaves this node to addresses outside of the VPC the node's own address as its source, "
                "unless settings except them, or leads on to the chain that does"
            ),
            ("nat",),
        ),
        Kind(
            "AWS-CONNMARK-CHAIN-*",
            N_(
                "marks connections that Pods open to addresses outside of the VPC, so that they leave through the node's first interface, "
                "or leads on to the chain that does"
            ),
            ("nat",),
        ),
    ),
    comments=(
        "AWS, SNAT",
        "AWS, primary ENI",
        "AWS, CONNMARK",
        "Block Node Local Pod access via IPv4",
        "Block Node Local Pod access via IPv6",
    ),
)
