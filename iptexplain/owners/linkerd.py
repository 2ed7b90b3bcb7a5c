"""Linkerd: a service mesh. Its proxy, in the Pod itself, takes over the Pod's connections.

Source: linkerd/linkerd2-proxy-init, pkg/iptables/iptables.go (`addIncomingTrafficRules`, `addOutgoingTrafficRules`); nat only.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "Linkerd",
    message("a service mesh, whose proxy takes over the connections of Pods"),
    "linkerd/linkerd2-proxy-init, pkg/iptables/iptables.go",
    (
        Kind("PROXY_INIT_REDIRECT", N_("redirects connections to the Pod to the Linkerd proxy, except those to ports left out"), ("nat",)),
        Kind("PROXY_INIT_OUTPUT", N_("redirects connections from the Pod to the Linkerd proxy, except the proxy's own"), ("nat",)),
    ),
)
