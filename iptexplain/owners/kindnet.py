"""kindnet: the simple network of clusters made by kind (and of minikube with several nodes).

Source: kubernetes-sigs/kind, images/kindnetd/cmd/kindnetd/masq.go (`masqChainName`, `SyncRules`).
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "kindnet",
    message("the simple network between the nodes of test clusters made by kind"),
    "kubernetes-sigs/kind, images/kindnetd/cmd/kindnetd/masq.go",
    (Kind("KIND-MASQ-AGENT", N_("gives what Pods send out of the cluster an address of this node as its source"), ("nat",)),),
)
