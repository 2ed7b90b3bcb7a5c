"""Chains of an old kube-proxy hold on to chains that the new one has to delete.

## What it does

Looks for `KUBE-XLB-…` chains that have rules though nothing leads to them, beside `KUBE-EXT-…` chains, which replaced them in
Kubernetes 1.24.

## Why it matters

kube-proxy 1.24 to 1.27 removes the old chains; 1.28 and later does not. So they stay where a node is taken from 1.23 or older straight
to 1.28 or newer without a restart. Their rules still lead to `KUBE-SVC-…` and `KUBE-SEP-…` chains. As soon as one of these endpoints
goes away, kube-proxy wants to delete its chain and the kernel refuses since it is in use. Then the whole update of nat fails, that one
and all later ones: new Services and endpoints do not work on this node any more (see kubernetes/kubernetes#110334 on how chains are
deleted).

## Example

```
:KUBE-EXT-2CMXP7HKUVJN7L6M - [0:0]
-A KUBE-XLB-2CMXP7HKUVJN7L6M -j KUBE-SEP-HZVZGM4N576VDS2S
```

## Use instead

Restart the node after such an upgrade. Without a restart: `iptables -t nat -F KUBE-XLB-…` and `iptables -t nat -X KUBE-XLB-…`, with
the full name, for each of these chains.

## Limits

Where the update has failed already, the dump may hold the rules of the old version alone; that is not seen. Chains that rules lead to, and
chains without rules, do no harm and are passed over. Old chains that nothing leads to, but hold on to nothing or stand without new ones
beside them, are told by KP320. The failing update was seen with iptables-nft; iptables-legacy was not tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.orphans import blocking, newer
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    nat, new = subject.table("nat"), newer(subject)
    if nat is None or new is None:
        return
    related = (Related(nat.rules.line(nat.places_of(new)[0]), message("a chain of the kube-proxy that runs now")),)
    for chain, rule in subject.once(blocking).items():
        what = message("chain {chain} of an old kube-proxy is not used, but holds on to {held}", chain=chain, held=rule.target_name)
        yield Hit(rule.line, what, (chain,), related=related, word=chain)


CHECK = Check(
    "KP608",
    "old-chain-blocks-updates",
    ERROR,
    _look,
    message("restart the node, or flush and delete the KUBE-XLB chains in nat: they make kube-proxy's updates fail"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
