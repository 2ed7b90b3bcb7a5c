"""Somebody calls a Service that nobody answers.

## What it does

Looks at the counters of the rules that refuse packets to Services without endpoints, in filter `KUBE-SERVICES` and
`KUBE-EXTERNAL-SERVICES`.

## Why it matters

Each counted packet was an attempt to connect that was refused ("connection refused"). The caller may hold an old address or name, or the
Pods of the Service are gone or not ready.

## Example

```
[31:1860] -A KUBE-SERVICES -d 10.96.7.9/32 -p tcp -m comment --comment "shop/cart has no endpoints" -m tcp --dport 80 -j REJECT
```

## Use instead

`kubectl get endpointslices -l kubernetes.io/service-name=cart -n shop` shows whether Pods are ready. If the Service is not needed any more,
find who calls it, and delete it.

## Limits

Counters start when kube-proxy writes the rules, or somebody sets them to zero. Clients try several times, so this does not count callers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import COUNTERS, KUBE_PROXY, Check
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import INFO, Hit
from iptexplain.model.matching import Reject
from iptexplain.owners.kube_proxy.layout import EXTERNAL_SERVICES, SERVICES, place, says_no_endpoints
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule


def _look(subject: Subject) -> Iterator[Hit]:
    filter_ = subject.table("filter")
    for chain in (SERVICES, EXTERNAL_SERVICES) if filter_ is not None else ():
        for rule in filter_.rules_of(chain) if filter_ is not None else ():
            counters = rule.counters
            if counters is None or not counters.packets or not _refuses(rule):
                continue
            name = place("filter", chain, binding.comment(rule), None).service_port
            fields = {"count": counters.packets, "chain": chain, "name": name}
            what = (
                message("{count} packets to Services were refused by {chain}: there are no endpoints", **fields)
                if name is None
                else message("{count} packets to {name} were refused: it has no endpoints", **fields)
            )
            yield Hit(rule.line, what, (chain, uncounted(rule)), word=rule.target_name)


def _refuses(rule: Rule) -> bool:
    return isinstance(binding.effect(rule), Reject) and says_no_endpoints(binding.comment(rule), rule.target_name)


CHECK = Check(
    "KN908",
    "dead-service-called",
    INFO,
    _look,
    message("look why the Service has no endpoints, or find who still calls it"),
    (KUBE_PROXY, COUNTERS),
)
