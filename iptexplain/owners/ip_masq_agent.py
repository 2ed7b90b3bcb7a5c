"""ip-masq-agent: says for which destinations Pods keep their own addresses (GKE, AKS and others).

Source: kubernetes-sigs/ip-masq-agent, cmd/ip-masq-agent/ip-masq-agent.go (`syncMasqRules`; the name is its option --masq-chain, on GKE
IP-MASQ).
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

_PURPOSE = N_("gives what Pods send out of the cluster an address of this node as its source, except to networks that the settings name")

OWNER = Owner(
    "ip-masq-agent",
    message("decides to which destinations Pods show their own addresses, and to which the node's"),
    "kubernetes-sigs/ip-masq-agent, cmd/ip-masq-agent/ip-masq-agent.go",
    (Kind("IP-MASQ-AGENT", _PURPOSE, ("nat",)), Kind("IP-MASQ", _PURPOSE, ("nat",))),
)
