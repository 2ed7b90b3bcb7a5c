"""What kube-proxy marks for masquerade is not masqueraded.

## What it does

Looks for a jump from `POSTROUTING` to `KUBE-POSTROUTING` in nat, where rules mark traffic by way of `KUBE-MARK-MASQ`.

## Why it matters

kube-proxy gives some packets a mark, and `KUBE-POSTROUTING` then replaces the source address of those with the node's own (masquerade).
Without the jump the mark has no effect: the answer of the Pod goes straight to the client, which does not know it. Connections to node
ports, to load balancers and from a Pod to itself by way of its Service time out; others work. The Kubernetes documentation on debugging
Services tells of it as the missing hairpin traffic.

## Example

```
*nat
:POSTROUTING ACCEPT [0:0]
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MASQUERADE
```

## Use instead

Find out who removed the rule from `POSTROUTING`, often a firewall or a network plugin that writes the whole table anew. kube-proxy writes
it again when it restarts.

## Limits

A jump by way of other chains counts, whatever these demand of a packet. Where `KUBE-POSTROUTING` itself has no rules nothing is said. A
table without any of the built-in chains is taken for the input of an iptables-restore, and not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.builtin import has_built_in
from iptexplain.lint.common.wiring import not_led_to
from iptexplain.lint.finding import ERROR
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.finding import Hit
    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    if has_built_in(subject.table("nat")) and layout.MARK_MASQUERADE in subject.jumps("nat"):
        what = message("nothing leads from POSTROUTING to KUBE-POSTROUTING: what is marked for masquerade keeps its source address")
        yield from not_led_to(subject, "POSTROUTING", layout.POSTROUTING, what)


CHECK = Check(
    "KP103",
    "no-masquerade-of-marked-traffic",
    ERROR,
    _look,
    message("restart kube-proxy, and find out what removed its rule from nat POSTROUTING"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
