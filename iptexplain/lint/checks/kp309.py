"""Two Services claim the same address and port.

## What it does

Looks for an address, protocol and port at which rules of two Services stand, where traffic goes to the endpoints of one of them that the
other one would serve too: all traffic, that from outside the cluster, or that from Pods or the node.

## Why it matters

The rules are read from top to bottom: the first takes every connection, the other Service gets none at this address. If the first does not
serve everybody (it has source ranges, or `externalTrafficPolicy: Local`), the rest goes to the other Service. Which of the two is first may
change when kube-proxy restarts. The usual reason is one `externalIPs` or load balancer address in two Services
(kubernetes/kubernetes#69599, kubernetes/kubernetes#63994), or a Service that was deleted and made anew while kube-proxy missed it
(kubernetes/kubernetes#22456).

## Example

```
-A KUBE-SERVICES -d 192.0.2.10/32 -p tcp -m comment --comment "a/web external IP" -m tcp --dport 80 -j KUBE-EXT-AAAAAAAAAAAAAAAA
-A KUBE-SERVICES -d 192.0.2.10/32 -p tcp -m comment --comment "b/web external IP" -m tcp --dport 80 -j KUBE-EXT-BBBBBBBBBBBBBBBB
```

## Use instead

Give one of the Services another address or another port. If one of them does not exist any more, restart kube-proxy.

## Limits

Of two Services that each get a part of the traffic one is told, with one kind of traffic that the other gets. Of the source ranges of a
load balancer the first is looked at. Node ports are told by KP310.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.claims import claimed_twice
from iptexplain.lint.finding import ERROR
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.finding import Hit
    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    return claimed_twice(subject, node_ports=False)


CHECK = Check(
    "KP309",
    "address-claimed-twice",
    ERROR,
    _look,
    message("give one of the Services another address or port; if one does not exist any more, restart kube-proxy"),
    (KUBE_PROXY, WHOLE_TABLES),
)
