"""Two Services claim the same node port.

## What it does

Looks for a node port (`type: NodePort`) for which rules of two Services stand, where traffic goes to the endpoints of one of them that the
other one would serve too: all traffic, that from outside the cluster, or that from Pods or the node.

## Why it matters

The first rule takes every connection, the other Service gets none at its node port. If the first has `externalTrafficPolicy: Local` and no
endpoint on this node, connections from outside go to the other Service, and those from Pods and the node to the first. The API server gives
each node port to one Service only; so one of the two is a leftover, or the rules were changed.

## Example

```
-A KUBE-NODEPORTS -p tcp -m comment --comment "a/web" -m tcp --dport 30080 -j KUBE-EXT-AAAAAAAAAAAAAAAA
-A KUBE-NODEPORTS -p tcp -m comment --comment "b/web" -m tcp --dport 30080 -j KUBE-EXT-BBBBBBBBBBBBBBBB
```

## Use instead

Look with `kubectl get services -A` whose port it is, and restart kube-proxy, which writes the rules anew.

## Limits

Programs on the node that listen at the same port are not in a dump. Of two Services that each get a part of the traffic one is told.
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
    return claimed_twice(subject, node_ports=True)


CHECK = Check(
    "KP310",
    "node-port-claimed-twice",
    ERROR,
    _look,
    message("look with kubectl get services -A whose node port it is, and restart kube-proxy"),
    (KUBE_PROXY, WHOLE_TABLES),
)
