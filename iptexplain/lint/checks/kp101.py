"""Traffic that arrives at the node does not meet kube-proxy's rules.

## What it does

Looks for a jump from `PREROUTING` to `KUBE-SERVICES` in nat, where `KUBE-SERVICES` has rules.

## Why it matters

Without the jump no packet that comes in, from a Pod or from outside, reaches a Service: its ClusterIP, its nodePort and its load
balancer do not answer. Connections of the node's own processes still work, which makes it look like a problem of the network.

## Example

```
*nat
:PREROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y
```

## Use instead

Find out who removed the rule: a firewall that restarted (firewalld, ufw), or an `iptables-restore` without `--noflush`. kube-proxy
writes it again when it restarts.

## Limits

A jump by way of other chains counts, whatever these demand of a packet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.wiring import not_led_to
from iptexplain.lint.finding import ERROR
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.finding import Hit
    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    what = message("nothing leads from PREROUTING to KUBE-SERVICES: what arrives at the node reaches no Service")
    return not_led_to(subject, "PREROUTING", "KUBE-SERVICES", what)


CHECK = Check(
    "KP101",
    "no-services-for-arriving-traffic",
    ERROR,
    _look,
    message("restart kube-proxy, and find out what removed its rule from nat PREROUTING"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
