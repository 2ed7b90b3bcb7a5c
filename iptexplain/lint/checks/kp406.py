"""A firewall chain of Kubernetes drops everything.

## What it does

Looks for rules without any condition that drop or reject, in the chains of kube-proxy and the kubelet that the built-in chains of filter
lead to: `KUBE-FIREWALL`, `KUBE-PROXY-FIREWALL`, `KUBE-FORWARD` and their like.

## Why it matters

Each DROP of Kubernetes is for few packets: those that have a mark, those that pretend to come from the node itself. If the condition is
lost, the node drops everything that enters or leaves it. That happens when two versions of iptables work on the same rules: the one reads
back a rule of the other, does not understand its condition, and writes it again without (kubernetes/kubernetes#112477,
cloudnativelabs/kube-router#1370).

## Example

```
-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -j DROP
```

## Use instead

One version of iptables on the node and in the containers that write rules. Delete the rule; the kubelet and kube-proxy write theirs again
when they restart. If only this dump lost the condition, save the rules with the iptables that wrote them.

## Limits

Chains that no rule leads to are passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import may_end
from iptexplain.extensions import binding
from iptexplain.lint.check import Check
from iptexplain.lint.finding import ERROR, Hit
from iptexplain.model.matching import Reject, Verdict
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    table = subject.table("filter")
    for chain in sorted(layout.FILTER_CHAINS) if table is not None else ():
        shapes = table.rules.distinct_shapes(table.places_of(chain)) if table is not None else ()
        if table is None or not any(map(may_end, shapes)) or not subject.jumps("filter").get(chain):
            continue
        for rule in table.rules_of(chain):
            effect = binding.effect(rule)
            if may_end(rule.shape) and (isinstance(effect, Reject) or effect is Verdict.DROP):
                what = message("chain {chain} drops every packet: the rule has no condition", chain=chain)
                yield Hit(rule.line, what, (chain,), word=rule.target_name)
                break


CHECK = Check(
    "KP406",
    "firewall-drops-everything",
    ERROR,
    _look,
    message("delete the rule, use one version of iptables on the node, and restart the kubelet or kube-proxy"),
)
