"""Flannel: the network between the Pods of the nodes.

Source: flannel-io/flannel, pkg/trafficmngr/iptables/iptables.go (`masqRules`, `forwardRules`); the chains since v0.20.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "Flannel",
    message("the network between the Pods of all nodes"),
    "flannel-io/flannel, pkg/trafficmngr/iptables/iptables.go",
    (
        Kind("FLANNEL-POSTRTG", N_("gives packets that leave the Pods' network the node's address"), ("nat",), since="0.20"),
        Kind("FLANNEL-FWD", N_("lets packets from and to the Pods' network through"), ("filter",), since="0.20"),
    ),
    comments=("flanneld masq", "flanneld forward"),
)
