"""Connections of the node's own processes do not meet kube-proxy's rules.

## What it does

Looks for a jump from `OUTPUT` to `KUBE-SERVICES` in nat, where `KUBE-SERVICES` has rules.

## Why it matters

Without the jump no process on the node itself reaches a Service: the kubelet, a container with `hostNetwork: true`, an API server that
calls a webhook, or you with `curl` on the node. Pods and clients elsewhere are not concerned, so the Service looks healthy from there
(kubernetes/kubernetes#61005, rancher/rke2#10469).

## Example

```
*nat
:OUTPUT ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y
```

## Use instead

Find out who removed the rule: a firewall that restarted (firewalld, ufw), or an `iptables-restore` without `--noflush`. kube-proxy
writes it again when it restarts.

## Limits

A jump by way of other chains counts, whatever these demand of a packet. A table without any of the built-in chains is taken for the input
of an iptables-restore, and not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.builtin import has_built_in
from iptexplain.lint.common.wiring import not_led_to
from iptexplain.lint.finding import ERROR
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.finding import Hit
    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    what = message("nothing leads from OUTPUT to KUBE-SERVICES: the node's own processes reach no Service")
    if has_built_in(subject.table("nat")):
        yield from not_led_to(subject, "OUTPUT", "KUBE-SERVICES", what)


CHECK = Check(
    "KP102",
    "no-services-for-the-node-itself",
    ERROR,
    _look,
    message("restart kube-proxy, and find out what removed its rule from nat OUTPUT"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
