"""kubelet: runs the Pods of a node.

Source: kubernetes/kubernetes, pkg/kubelet/kubelet_network_linux.go (`syncNetworkUtil`, from 1.25 on `syncIPTablesRules`), and for kubenet
pkg/kubelet/dockershim/network/kubenet/kubenet_linux.go (`ensureMasqRule`) and ../hostport/, which went with the dockershim in 1.24.
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
        Kind(
            "KUBE-MARK-DROP",
            N_(
                "marks packets; KUBE-FIREWALL drops them later if they come to this node itself or are sent by it, "
                "not if they are forwarded"
            ),
            ("nat",),
            until="1.26",
        ),
        Kind(
            "KUBE-FIREWALL",
            N_(
                "drops packets from elsewhere to the node's own 127.0.0.0/8, and in older versions those that KUBE-MARK-DROP has marked; "
                "from Kubernetes 1.27 on kube-proxy writes it too"
            ),
            ("filter",),
        ),
        Kind(
            "KUBE-HOSTPORTS",
            N_(
                "compares the destination port with the host ports of all Pods and leads on to the one that has it "
                "(kubelet up to Kubernetes 1.23, CRI-O)"
            ),
            ("nat",),
        ),
        Kind("KUBE-HP-" + "?" * 16, N_("sends packets to one host port on to its Pod (kubelet up to Kubernetes 1.23, CRI-O)"), ("nat",)),
    ),
    comments=("kubenet: SNAT for outbound traffic from cluster",),
)
