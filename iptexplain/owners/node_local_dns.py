"""NodeLocal DNSCache: a cache for names on each node. It has no chains of its own.

Source: kubernetes/dns, cmd/node-cache/app/cache_app.go (rules in PREROUTING and OUTPUT of raw, INPUT and OUTPUT of filter).
"""

from __future__ import annotations

from iptexplain.owners.owner import Owner
from iptexplain.source import message

OWNER = Owner(
    "NodeLocal DNSCache",
    message("a cache on each node for the names that its Pods look up"),
    "kubernetes/dns, cmd/node-cache/app/cache_app.go",
    (),
    comments=("NodeLocal DNS Cache: *",),
)
