"""Calico: a network for Pods with network policies; its agent on each node, Felix, writes the rules.

Source: projectcalico/calico, felix/rules/rule_defs.go (all names), static.go, endpoints.go, dispatch.go, policy.go, nat.go. The
names of policies may stand as hashes in those of chains, so no purpose says which policy it is; names of interfaces are short enough.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

_BY_INTERFACE = (
    Kind("cali-tw-*", N_("applies the policies of one Pod to what comes to it; it is the Pod behind interface {name}"), ("filter",)),
    Kind("cali-fw-*", N_("applies the policies of one Pod to what it sends; it is the Pod behind interface {name}"), ("filter",)),
    Kind("cali-sm-*", N_("marks packets as coming from interface {name}, for kube-proxy in IPVS mode"), ("filter",)),
    Kind("cali-thfw-any-interface-at-all", N_("applies policies of the node to packets that it forwards out, through any interface")),
    Kind(
        "cali-fhfw-any-interface-at-all", N_("applies policies of the node to packets that come in to be forwarded, through any interface")
    ),
    Kind("cali-th-any-interface-at-all", N_("applies policies of the node to what leaves it, through any interface")),
    Kind("cali-fh-any-interface-at-all", N_("applies policies of the node to what comes in, through any interface")),
    Kind("cali-thfw-*", N_("applies policies of the node to packets that it forwards out through interface {name} (host endpoint)")),
    Kind(
        "cali-fhfw-*", N_("applies policies of the node to packets that come in through interface {name} to be forwarded (host endpoint)")
    ),
    Kind("cali-th-*", N_("applies policies of the node to what leaves it through interface {name} (host endpoint)")),
    Kind("cali-fh-*", N_("applies policies of the node to what comes in through interface {name} (host endpoint)")),
)

_DISPATCH = (
    Kind(
        "cali-from-wl-dispatch", N_("finds the Pod that has sent a packet, by its interface, and leads to the policies for what it sends")
    ),
    Kind("cali-from-wl-dispatch-*", N_("is one part of cali-from-wl-dispatch, for interfaces whose names begin alike")),
    Kind(
        "cali-to-wl-dispatch", N_("finds the Pod that a packet goes to, by its interface, and leads to the policies for what comes to it")
    ),
    Kind("cali-to-wl-dispatch-*", N_("is one part of cali-to-wl-dispatch, for interfaces whose names begin alike")),
    Kind("cali-from-host-endpoint", N_("leads to the policies of the node for the interface that a packet has come in through")),
    Kind("cali-from-host-endpoint-*", N_("is one part of cali-from-host-endpoint, for interfaces whose names begin alike")),
    Kind("cali-to-host-endpoint", N_("leads to the policies of the node for the interface that a packet leaves through")),
    Kind("cali-to-host-endpoint-*", N_("is one part of cali-to-host-endpoint, for interfaces whose names begin alike")),
    Kind(
        "cali-from-hep-forward", N_("leads forwarded packets to the policies of the node for the interface that they have come in through")
    ),
    Kind("cali-from-hep-forward-*", N_("is one part of cali-from-hep-forward, for interfaces whose names begin alike")),
    Kind("cali-to-hep-forward", N_("leads forwarded packets to the policies of the node for the interface that they leave through")),
    Kind("cali-to-hep-forward-*", N_("is one part of cali-to-hep-forward, for interfaces whose names begin alike")),
    Kind("cali-set-endpoint-mark", N_("marks packets with the interface that they have come from, for kube-proxy in IPVS mode")),
    Kind("cali-set-endpoint-mark-*", N_("is one part of cali-set-endpoint-mark, for interfaces whose names begin alike")),
    Kind("cali-from-endpoint-mark", N_("leads to policies by the mark that cali-set-endpoint-mark has set, for kube-proxy in IPVS mode")),
    Kind(
        "cali-forward-check", N_("finds packets in INPUT that kube-proxy in IPVS mode is going to forward, so that policies apply to them")
    ),
    Kind("cali-forward-endpoint-mark", N_("applies policies to packets that kube-proxy in IPVS mode forwards, which pass OUTPUT instead")),
)

OWNER = Owner(
    "Calico",
    message("a network for Pods that also enforces network policies"),
    "projectcalico/calico, felix/rules/rule_defs.go and static.go",
    (
        Kind("cali-INPUT", N_("applies policies to packets to this node itself, from Pods and from elsewhere"), ("filter",)),
        Kind(
            "cali-FORWARD",
            N_("leads forwarded packets through the policies of the Pods and interfaces that they come from and go to"),
            ("filter",),
        ),
        Kind("cali-OUTPUT", N_("applies policies to what this node itself sends"), ("filter",)),
        Kind("cali-OUTPUT", N_("changes the destination of what this node itself sends to floating IPs"), ("nat",)),
        Kind("cali-OUTPUT", N_("applies policies without connection tracking (doNotTrack) to what this node itself sends"), ("raw",)),
        Kind("cali-PREROUTING", N_("changes the destination of what comes in to floating IPs"), ("nat",)),
        Kind(
            "cali-PREROUTING",
            N_("looks at what comes in before connections are tracked: it drops faked senders and applies policies with doNotTrack"),
            ("raw",),
        ),
        Kind("cali-PREROUTING", N_("applies policies with preDNAT to what comes in, before its destination is changed"), ("mangle",)),
        Kind(
            "cali-POSTROUTING",
            N_(
                "changes the source of what leaves this node: for floating IPs, for Pods that leave the network, "
                "and for the node's own packets into tunnels"
            ),
            ("nat",),
        ),
        Kind("cali-POSTROUTING", N_("applies policies of the node to what it sends and whose destination was changed before"), ("mangle",)),
        Kind(
            "cali-nat-outgoing",
            N_("gives what Pods of IP pools with natOutgoing send to addresses outside of all pools an address of this node as its source"),
            ("nat",),
        ),
        Kind(
            "cali-fip-dnat",
            N_("changes the destination of packets to floating IPs to the address of the Pod or machine behind them"),
            ("nat",),
        ),
        Kind(
            "cali-fip-snat",
            N_("gives packets that a Pod or machine sends to itself through its floating IP that IP as their source"),
            ("nat",),
        ),
        Kind("cali-wl-to-host", N_("decides about packets that Pods send to this node itself"), ("filter",)),
        Kind("cali-failsafe-in", N_("lets through what comes in to ports that no policy may close (failsafe ports)")),
        Kind("cali-failsafe-out", N_("lets through what leaves to ports that no policy may close (failsafe ports)")),
        Kind(
            "cali-cidr-block",
            N_("drops or refuses packets to addresses of Services that no Service has taken, as they would go in circles"),
        ),
        Kind("cali-untracked-flows", N_("decides which forwarded packets are tracked at all, next to Calico's eBPF programs"), ("raw",)),
        Kind(
            "cali-untracked-policy",
            N_("lets packets through untracked that Calico's XDP programs have allowed"),
            ("raw",),
        ),
        Kind("cali-qos-policy", N_("sets the DSCP of what Pods send out"), ("mangle",)),
        Kind("cali-rpf-skip", N_("lets Pods through that may use other source addresses than their own"), ("raw",)),
        Kind(
            "cali-wireguard-incoming-mark",
            N_("marks what comes in through other interfaces than WireGuard's and the Pods', so that the check of its source passes"),
            ("raw",),
        ),
        *_DISPATCH,
        *_BY_INTERFACE,
        Kind("cali-pri-kns.*", N_("holds what the profile of namespace {name} allows for what comes to its Pods")),
        Kind("cali-pro-kns.*", N_("holds what the profile of namespace {name} allows for what its Pods send")),
        Kind("cali-pri-*", N_("holds what one profile allows for what comes to Pods")),
        Kind("cali-pro-*", N_("holds what one profile allows for what Pods send")),
        Kind("cali-pi-*", N_("holds the ingress rules of one policy")),
        Kind("cali-po-*", N_("holds the egress rules of one policy")),
        Kind("cali-gi-*", N_("leads through the ingress rules of a group of policies that several Pods have in common")),
        Kind("cali-go-*", N_("leads through the egress rules of a group of policies that several Pods have in common")),
        Kind("felix-*", N_("is from a Calico before Felix 2.1; newer ones name their chains cali-… and remove it")),
        *(
            Kind(f"cali{kind}-*", N_("is from a release candidate of Felix 2.1; newer ones name their chains otherwise and remove it"))
            for kind in ("fw", "tw", "fh", "th", "pi", "po")
        ),
    ),
    comments=("cali:*",),
)
