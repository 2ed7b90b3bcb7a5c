"""Two Services claim the same node port.

## What it does

Looks for a node port (`type: NodePort`) for which rules of two Services stand, where all traffic goes to the endpoints of one of them.

## Why it matters

The first rule takes every connection, the other Service gets none at its node port. The API server gives each node port to one Service
only; so one of the two is a leftover, or the rules were changed.

## Example

```
-A KUBE-NODEPORTS -p tcp -m comment --comment "a/web" -m tcp --dport 30080 -j KUBE-EXT-AAAAAAAAAAAAAAAA
-A KUBE-NODEPORTS -p tcp -m comment --comment "b/web" -m tcp --dport 30080 -j KUBE-EXT-BBBBBBBBBBBBBBBB
```

## Use instead

Look with `kubectl get services -A` whose port it is, and restart kube-proxy, which writes the rules anew.

## Limits

Programs on the node that listen at the same port are not in a dump.
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
