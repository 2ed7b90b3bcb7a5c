"""kubelet: runs the Pods of a node.

Source: kubernetes/kubernetes, pkg/kubelet/kubelet_network_linux.go (`initNetworkUtil` and what it calls), and for kubenet
pkg/kubelet/dockershim/network/kubenet/kubenet_linux.go (`ensureMasqRule`), which went with the dockershim in 1.24.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "kubelet",
    message("the part of Kubernetes on each node that runs its Pods"),
    "kubernetes/kubernetes, pkg/kubelet/kubelet_network_linux.go",
    (
        Kind(
            "KUBE-KUBELET-CANARY",
            N_("holds no rules: kubelet looks whether it is still there, and writes all its rules anew if somebody flushed them"),
        ),
        Kind(
            "KUBE-IPTABLES-HINT",
            N_("holds no rules: it only shows other programs whether this node uses iptables-legacy or iptables-nft"),
            ("mangle",),
        ),
        Kind("KUBE-MARK-DROP", N_("marks packets that KUBE-FIREWALL drops later"), ("nat",)),
        Kind(
            "KUBE-FIREWALL",
            N_(
                "drops packets from elsewhere to the node's own 127.0.0.0/8, and in older versions those that KUBE-MARK-DROP has marked; "
                "from Kubernetes 1.27 on kube-proxy writes it too"
            ),
            ("filter",),
        ),
    ),
    comments=("kubenet: SNAT for outbound traffic from cluster",),
)
