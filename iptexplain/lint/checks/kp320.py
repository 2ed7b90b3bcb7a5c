"""Chains of Services or endpoints that nothing leads to.

## What it does

Counts the chains of Services and endpoints (`KUBE-SVC-…`, `KUBE-SVL-…`, `KUBE-EXT-…`, `KUBE-FW-…`, `KUBE-SEP-…`, and `KUBE-XLB-…` of
Kubernetes up to 1.23) that no rule leads to.

## Why it matters

No packet meets their rules. Mostly that is harmless: in large clusters kube-proxy, since Kubernetes 1.25, deletes the chains of what is
gone only now and then (kubernetes/kubernetes#110334). If it stays so for longer than an hour, kube-proxy may have trouble deleting
them, or the rules that led to them were removed by something else.

## Example

```
:KUBE-SEP-HZVZGM4N576VDS2S - [0:0]
-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 10.244.1.5:80
```

## Use instead

Nothing, at first. Save the rules again an hour later; if the same chains are still there, look into the log of kube-proxy.

## Limits

A chain that only such a chain leads to is not counted. Nor are chains that block the updates of kube-proxy: KP608 tells these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.orphans import blocking, orphans
from iptexplain.lint.finding import INFO, Hit
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN, SERVICE_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    nat, told = subject.table("nat"), subject.once(blocking)
    lonely = [chain for chain in subject.once(orphans) if chain not in told]
    chains = [chain for chain in lonely if ENDPOINT_CHAIN.match(chain) or SERVICE_CHAIN.match(chain)]
    if nat is not None and chains:
        first = min(chains, key=lambda chain: nat.places_of(chain)[0])
        what = message("nothing leads to {chain} (such chains: {count})", chain=first, count=len(chains))
        yield Hit(nat.rules.line(nat.places_of(first)[0]), what, ("nat", *sorted(chains)), word=first)


CHECK = Check(
    "KP320",
    "chain-not-used",
    INFO,
    _look,
    message("save the rules again later: if the same chains are still there, look into the log of kube-proxy"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
