"""Istio: a service mesh. Its proxy takes over the connections of Pods, as a sidecar (Envoy) or for a whole node (ztunnel, ambient mode).

Source: istio/istio, tools/istio-iptables/pkg/capture/run.go (sidecar) and cni/pkg/iptables/iptables.go (ambient mode: `AppendInpodRules` in
a Pod, `AppendHostRules` on the node). The chains `ztunnel-…` are those of the first ambient mode, on the node.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "Istio",
    message("a service mesh, whose proxy takes over the connections of Pods"),
    "istio/istio, tools/istio-iptables/pkg/capture/run.go and cni/pkg/iptables/iptables.go",
    (
        Kind("ISTIO_INBOUND", N_("decides which connections to the Pod are redirected to the Istio proxy"), ("nat",)),
        Kind(
            "ISTIO_INBOUND",
            N_("decides which connections to the Pod are handed to the Istio proxy, their addresses unchanged (TPROXY)"),
            ("mangle",),
        ),
        Kind("ISTIO_INBOUND", N_("keeps DNS answers to the Istio proxy apart from others in connection tracking"), ("raw",)),
        Kind("ISTIO_IN_REDIRECT", N_("redirects connections to the Istio proxy's port for traffic to the Pod"), ("nat",)),
        Kind("ISTIO_OUTPUT", N_("decides which connections from the Pod are redirected to the Istio proxy"), ("nat",)),
        Kind("ISTIO_OUTPUT", N_("gives answers to the Istio proxy (ztunnel) the mark of their connection"), ("mangle",)),
        Kind("ISTIO_OUTPUT", N_("keeps DNS queries of the Istio proxy (ztunnel) apart from others in connection tracking"), ("raw",)),
        Kind("ISTIO_OUTPUT_DNS", N_("redirects DNS queries of the Pod to the DNS proxy of Istio"), ("nat",)),
        Kind("ISTIO_OUTPUT_DNS", N_("keeps DNS queries of the application and of the Istio proxy apart in connection tracking"), ("raw",)),
        Kind("ISTIO_REDIRECT", N_("redirects connections to the Istio proxy's port for traffic from the Pod"), ("nat",)),
        Kind("ISTIO_DIVERT", N_("marks packets of connections that exist already, so that the Istio proxy gets them"), ("mangle",)),
        Kind("ISTIO_TPROXY", N_("hands new connections to the Istio proxy, their addresses unchanged (TPROXY)"), ("mangle",)),
        Kind(
            "ISTIO_DROP",
            N_("drops packets that connection tracking finds invalid, which could make the Pod reset connections"),
            ("mangle",),
        ),
        Kind("ISTIO_PRERT", N_("redirects connections to the Pod to the Istio proxy (ztunnel), except the node's health checks"), ("nat",)),
        Kind("ISTIO_PRERT", N_("remembers by a mark which connections the Istio proxy (ztunnel) has opened itself"), ("mangle",)),
        Kind("ISTIO_PRERT", N_("keeps DNS answers to the Istio proxy (ztunnel) apart from others in connection tracking"), ("raw",)),
        Kind(
            "ISTIO_POSTRT",
            N_("gives health checks from this node a source address by which Pods in the mesh tell them from other traffic"),
            ("nat",),
        ),
        Kind("ztunnel-PREROUTING", N_("marks packets that are to go to Istio's proxy on the node (ztunnel) or come from it"), ("mangle",)),
        Kind("ztunnel-FORWARD", N_("keeps the marks of Istio's proxy on the node (ztunnel) for the whole connection"), ("mangle",)),
        Kind("ztunnel-INPUT", N_("keeps the marks of Istio's proxy on the node (ztunnel) for the whole connection"), ("mangle",)),
        Kind("ztunnel-OUTPUT", N_("marks the node's own packets, which are not to go to Istio's proxy (ztunnel)"), ("mangle",)),
        Kind(
            "ztunnel-POSTROUTING", N_("is the place for rules of Istio's proxy on the node (ztunnel) for packets that leave"), ("mangle",)
        ),
        Kind("ztunnel-PREROUTING", N_("spares packets to Istio's proxy on the node (ztunnel) the rules of Services that follow"), ("nat",)),
        Kind("ztunnel-POSTROUTING", N_("spares packets to Istio's proxy on the node (ztunnel) a change of their source"), ("nat",)),
    ),
)
