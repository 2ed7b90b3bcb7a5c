"""Weave Net: the network between the Pods of the nodes, with network policies (weave-npc) and encryption.

Source: weaveworks/weave, net/bridge.go (`configureIPTables`), npc/constants.go and prog/weave-npc/main.go, net/ipsec/ipsec.go (with
docs/fastdp-crypto.md).
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "Weave Net",
    message("the network between the Pods of all nodes, which also enforces network policies"),
    "weaveworks/weave, net/bridge.go, npc/constants.go and net/ipsec/ipsec.go",
    (
        Kind("WEAVE", N_("gives packets that leave or enter the Pods' network an address of this node as their source"), ("nat",)),
        Kind("WEAVE-EXPOSE", N_("accepts packets to the Pods' network where it is opened to the outside (weave expose)"), ("filter",)),
        Kind("WEAVE-NPC", N_("decides by network policies which packets may come to Pods"), ("filter",)),
        Kind("WEAVE-NPC-DEFAULT", N_("lets packets come to Pods for which no policy says anything about ingress"), ("filter",)),
        Kind("WEAVE-NPC-INGRESS", N_("holds what network policies allow to come to Pods"), ("filter",)),
        Kind("WEAVE-NPC-EGRESS", N_("decides by network policies which packets Pods may send"), ("filter",)),
        Kind("WEAVE-NPC-EGRESS-DEFAULT", N_("lets packets leave Pods for which no policy says anything about egress"), ("filter",)),
        Kind("WEAVE-NPC-EGRESS-CUSTOM", N_("holds what network policies allow Pods to send"), ("filter",)),
        Kind("WEAVE-NPC-EGRESS-ACCEPT", N_("marks packets that a Pod may send"), ("filter",)),
        Kind("WEAVE-IPSEC-IN", N_("finds encrypted packets of other nodes and leads them on to be marked"), ("mangle",)),
        Kind("WEAVE-IPSEC-IN", N_("drops packets of other nodes that should have come encrypted and have not"), ("filter",)),
        Kind("WEAVE-IPSEC-IN-MARK", N_("marks packets that have come encrypted"), ("mangle",)),
        Kind("WEAVE-IPSEC-OUT", N_("finds packets to other nodes that have to be encrypted and leads them on to be marked"), ("mangle",)),
        Kind("WEAVE-IPSEC-OUT-MARK", N_("marks packets that have to be encrypted"), ("mangle",)),
        Kind("WEAVE-CANARY", N_("holds no rules: Weave looks whether it is still there, to notice when somebody has flushed the table")),
    ),
)
