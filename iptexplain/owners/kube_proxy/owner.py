"""kube-proxy: makes the addresses of Services work, on every node.

Source: kubernetes/kubernetes, pkg/proxy/iptables/proxier.go (`syncProxyRules`), pkg/proxy/ipvs/proxier.go (the constants at its top), and
up to 1.25 pkg/proxy/userspace/proxier.go; the manual is "Virtual IPs and Service Proxies" of the Kubernetes documentation.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

_HASH = "?" * 16
"""A hash of a Service port or of one of its endpoints (`owners.kube_proxy.names`)."""

_BARRED = N_(
    "lets senders through to load balancers' IPs that may use them, and marks what others send there, "
    "for KUBE-FIREWALL of table filter (IPVS mode)"
)

OWNER = Owner(
    "kube-proxy",
    message("the part of Kubernetes on each node that makes the addresses of Services work"),
    "kubernetes/kubernetes, pkg/proxy/iptables/proxier.go and pkg/proxy/ipvs/proxier.go",
    (
        Kind(
            "KUBE-SERVICES",
            N_("compares each new connection with the places where Services listen"),
            ("nat",),
        ),
        Kind(
            "KUBE-SERVICES",
            N_("refuses or drops connections to Services (mostly to their cluster IPs) that have no endpoint for them"),
            ("filter",),
        ),
        Kind(
            "KUBE-NODEPORTS",
            N_("compares the destination port with the node ports of all Services and leads on to the Service that has it"),
            ("nat",),
        ),
        Kind("KUBE-NODEPORTS", N_("accepts the health checks of load balancers (healthCheckNodePort)"), ("filter",), since="1.21"),
        Kind(
            "KUBE-EXTERNAL-SERVICES",
            N_("refuses or drops connections by external IP, load balancer or node port to Services that have no endpoint for them"),
            ("filter",),
        ),
        Kind("KUBE-SVC-" + _HASH, N_("spreads connections over the endpoints"), ("nat",)),
        Kind(
            "KUBE-SVL-" + _HASH,
            N_("spreads connections over the endpoints on this node alone (traffic policy Local)"),
            ("nat",),
            since="1.24",
        ),
        Kind(
            "KUBE-EXT-" + _HASH,
            N_("takes what comes to one Service port by external IP, load balancer or node port, and leads on to its endpoints"),
            ("nat",),
            since="1.24",
        ),
        Kind(
            "KUBE-XLB-" + _HASH,
            N_("spreads what comes from outside to one Service port over endpoints on this node alone (policy Local)"),
            ("nat",),
            until="1.23",
        ),
        Kind(
            "KUBE-FW-" + _HASH,
            N_(
                "is for a load balancer's IP of one Service port: it leads on what may go there (loadBalancerSourceRanges); "
                "up to Kubernetes 1.24 it also marks the rest to be dropped, since then KUBE-PROXY-FIREWALL drops that"
            ),
            ("nat",),
        ),
        Kind(
            "KUBE-SEP-" + _HASH,
            N_("sends connections to one endpoint"),
            ("nat",),
        ),
        Kind(
            "KUBE-MARK-MASQ",
            N_(
                "marks packets that shall get an address of this node as their source in KUBE-POSTROUTING "
                "(kubelet up to Kubernetes 1.26 writes it too)"
            ),
            ("nat",),
        ),
        Kind(
            "KUBE-POSTROUTING",
            N_("gives packets marked for masquerade (and few others) a source address of this node (kubelet up to 1.26 too)"),
            ("nat",),
        ),
        Kind(
            "KUBE-FORWARD",
            N_("accepts forwarded packets that are marked or of a known connection; most versions first drop invalid ones"),
            ("filter",),
        ),
        Kind(
            "KUBE-PROXY-FIREWALL",
            N_("keeps senders away from load balancers' IPs that may not use them (loadBalancerSourceRanges)"),
            ("filter",),
            since="1.25",
        ),
        Kind(
            "KUBE-PROXY-CANARY",
            N_("holds no rules: kube-proxy looks whether it is still there, and writes all its rules anew if somebody flushed them"),
            since="1.17",
        ),
        Kind(
            "KUBE-LOAD-BALANCER",
            N_("marks connections to load balancers' IPs that shall get an address of this node as their source (IPVS mode)"),
            ("nat",),
        ),
        Kind(
            "KUBE-NODE-PORT",
            N_("marks connections to node ports that shall get an address of this node as their source (IPVS mode)"),
            ("nat",),
        ),
        Kind("KUBE-NODE-PORT", N_("accepts the health checks of load balancers (healthCheckNodePort; IPVS mode)"), ("filter",)),
        Kind(
            "KUBE-IPVS-FILTER",
            N_("refuses new connections to addresses of Services at ports where no Service listens (IPVS mode)"),
            ("filter",),
            since="1.26",
        ),
        Kind(
            "KUBE-IPVS-OUT-FILTER",
            N_("drops what this node itself sends to load balancers' IPs whose loadBalancerSourceRanges do not name it (IPVS mode)"),
            ("filter",),
        ),
        Kind(
            "KUBE-SOURCE-RANGES-FIREWALL",
            N_("lets senders through to load balancers' IPs that may use them, and drops what others send there (IPVS mode)"),
            ("filter",),
            since="1.25",
        ),
        *(Kind(chain, _BARRED, ("nat",), until=until) for chain, until in (("KUBE-FIREWALL", "1.24"), ("KUBE-FIRE-WALL", "1.10"))),
        Kind(
            "KUBE-PORTALS-CONTAINER",
            N_("leads what comes in to Services to kube-proxy or to endpoints (userspace mode, or the first version)"),
            ("nat",),
        ),
        Kind(
            "KUBE-PORTALS-HOST",
            N_("leads what this node itself sends to Services to kube-proxy or to endpoints (userspace mode, or the first version)"),
            ("nat",),
        ),
        Kind(
            "KUBE-NODEPORT-CONTAINER",
            N_("leads what comes in to node ports to kube-proxy or to endpoints (userspace mode, or the first version)"),
            ("nat",),
        ),
        Kind(
            "KUBE-NODEPORT-HOST",
            N_("leads what this node itself sends to node ports to kube-proxy or to endpoints (userspace mode, or the first version)"),
            ("nat",),
        ),
    ),
    comments=("kubernetes service traffic requiring SNAT",),
)
