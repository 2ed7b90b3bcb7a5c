"""CRI-O: runs the containers of Pods for kubelet, and makes their host ports work if it is set to.

Source: cri-o/cri-o, internal/hostport/hostport_iptables.go (`ensureKubeHostportChains`, `Add`). What it shares with the kubelet of old,
`KUBE-HOSTPORTS` and `KUBE-HP-…`, stands with that.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "CRI-O",
    message("runs the containers of Pods"),
    "cri-o/cri-o, internal/hostport/hostport_iptables.go",
    (
        Kind(
            "CRIO-HOSTPORTS-MASQ",
            N_("leads packets to host ports on to the chain of the Pod, where what it sends to itself gets another source"),
            ("nat",),
        ),
        Kind("CRIO-MASQ-" + "?" * 16, N_("gives what a Pod sends to itself through its host port another source"), ("nat",)),
    ),
)
