"""Cilium: a network for Pods in eBPF programs, which needs few rules of iptables.

Source: cilium/cilium, pkg/datapath/iptables/iptables.go (`ciliumChains`, `installRules`, `addCiliumAcceptEncryptionRules`). While the agent
renews its rules, it renames the old chains to OLD_CILIUM_….
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "Cilium",
    message("a network for Pods that also enforces network policies, mostly without iptables"),
    "cilium/cilium, pkg/datapath/iptables/iptables.go",
    (
        Kind("CILIUM_INPUT", N_("accepts what goes to Cilium's own proxies on this node"), ("filter",)),
        Kind("CILIUM_OUTPUT", N_("accepts what Cilium's own proxies send, and marks the rest of what this node itself sends"), ("filter",)),
        Kind(
            "CILIUM_OUTPUT_raw",
            N_(
                "keeps what this node sends away from connection tracking where that is not needed, as with replies of Cilium's own proxies"
            ),
            ("raw",),
        ),
        Kind(
            "CILIUM_PRE_raw",
            N_("keeps what comes in away from connection tracking where that is not needed, as with packets to Cilium's own proxies"),
            ("raw",),
        ),
        Kind(
            "CILIUM_POST_nat",
            N_("gives packets an address of this node as their source, those above all that leave the Pods' network"),
            ("nat",),
        ),
        Kind(
            "CILIUM_OUTPUT_nat",
            N_("spares encrypted packets that this node itself sends the NAT rules that follow (IPsec, WireGuard); otherwise it is empty"),
            ("nat",),
        ),
        Kind(
            "CILIUM_PRE_nat",
            N_("spares encrypted packets that come in the NAT rules that follow (IPsec, WireGuard); otherwise it is empty"),
            ("nat",),
        ),
        Kind("CILIUM_POST_mangle", N_("is where Cilium may change packets that leave; often it is empty"), ("mangle",)),
        Kind(
            "CILIUM_PRE_mangle",
            N_("leads packets to Cilium's own proxies (for policies that look into HTTP or DNS, for example)"),
            ("mangle",),
        ),
        Kind("CILIUM_FORWARD", N_("accepts forwarded packets from and to Cilium's interfaces"), ("filter",)),
        Kind(
            "CILIUM_TRANSIENT_FORWARD",
            N_("accepts forwarded packets from and to Cilium's interfaces while the agent renews its rules"),
            ("filter",),
        ),
        Kind(
            "OLD_CILIUM_*", N_("is chain CILIUM_{name} as it was before the agent renewed its rules; it goes when the new ones are there")
        ),
    ),
)
