"""kube-OVN and OVN-Kubernetes: two networks for Pods on top of OVN (Open vSwitch).

Source: kubeovn/kube-ovn, pkg/util/const.go (names) and pkg/daemon/gateway_linux.go (`setIptables`); ovn-org/ovn-kubernetes,
go-controller/pkg/node/gateway_iptables.go and go-controller/pkg/node/management-port_linux.go (names OVN-KUBE-…).
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "OVN (kube-OVN, OVN-Kubernetes)",
    message("a network for Pods on top of Open vSwitch"),
    "kubeovn/kube-ovn, pkg/daemon/gateway_linux.go; ovn-org/ovn-kubernetes, go-controller/pkg/node/gateway_iptables.go",
    (
        Kind("OVN-KUBE-NODEPORT", N_("leads what comes to node ports to the cluster IP of the Service (OVN-Kubernetes)"), ("nat",)),
        Kind(
            "OVN-KUBE-EXTERNALIP",
            N_("leads what comes to external IPs and load balancers' IPs to the cluster IP of the Service (OVN-Kubernetes)"),
            ("nat",),
        ),
        Kind("OVN-KUBE-ETP", N_("is for Services with externalTrafficPolicy: Local (OVN-Kubernetes)"), ("nat",)),
        Kind(
            "OVN-KUBE-ITP",
            N_("is for Services with internalTrafficPolicy: Local, as this node itself uses them (OVN-Kubernetes)"),
            ("nat", "mangle"),
        ),
        Kind(
            "OVN-KUBE-EGRESS-SVC",
            N_("gives what Pods of some Services send out the Service's address as its source (OVN-Kubernetes)"),
            ("nat",),
        ),
        Kind(
            "OVN-KUBE-SNAT-MGMTPORT",
            N_("gives what goes to Pods through the management port that port's address as its source (OVN-Kubernetes)"),
            ("nat",),
        ),
        Kind("OVN-PREROUTING", N_("marks packets to Services, for OVN-POSTROUTING (kube-OVN)"), ("nat",)),
        Kind(
            "OVN-POSTROUTING",
            N_("decides which packets of Pods and to Services get an address of this node as their source (kube-OVN)"),
            ("nat",),
        ),
        Kind("OVN-MASQUERADE", N_("gives packets an address of this node as their source (kube-OVN)"), ("nat",)),
        Kind("OVN-NAT-POLICY", N_("finds the subnets that have rules of their own for what their Pods send out (kube-OVN)"), ("nat",)),
        Kind("OVN-NAT-PSUBNET-*", N_("holds one subnet's own rules for what its Pods send out (kube-OVN)"), ("nat",)),
        Kind("OVN-PREROUTING", N_("changes packets that come in, where kube-OVN needs that"), ("mangle",)),
        Kind("OVN-POSTROUTING", N_("changes packets that leave, where kube-OVN needs that"), ("mangle",)),
        Kind("OVN-OUTPUT", N_("changes packets that this node itself sends, where kube-OVN needs that"), ("mangle",)),
    ),
    comments=("from OVN to localhost",),
)
