"""kube-proxy's rules are there, but nothing leads to them.

## What it does

Looks for a nat table in which chains of kube-proxy have rules, while no built-in chain leads to any chain whose name begins with `KUBE-`.

## Why it matters

No packet meets these rules, so no Service works by them. Mostly they are what is left of a cluster: `kubeadm reset` does not remove rules
(kubernetes/kubeadm#689), and something has flushed the built-in chains since. On a node that is in use it is an error, and other checks
say so.

## Example

```
*nat
:PREROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y
```

## Use instead

On a node that left its cluster: restart it, or flush and delete the chains. On a node of a cluster: restart kube-proxy.

## Limits

A dump does not tell whether the node is still in a cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.builtin import has_built_in
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import INFO, Hit
from iptexplain.model.ruleset import BUILT_IN_OF
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    if nat is None or not has_built_in(nat):
        return
    own = [chain for chain in nat.by_chain if chain.startswith("KUBE-")]
    if not own or any(chain.startswith("KUBE-") for start in BUILT_IN_OF["nat"] for chain in reached(subject, "nat", start)):
        return
    what = message("nothing leads from a built-in chain of nat to kube-proxy's chains (chains with rules: {count})", count=len(own))
    yield Hit(nat.rules.line(nat.places_of(own[0])[0]), what, ("nat",), word=own[0])


CHECK = Check(
    "KP609",
    "rules-left-by-reset",
    INFO,
    _look,
    message("if the node left its cluster, restart it to get rid of the rules; else restart kube-proxy"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
