"""A part of a Service's connections gets past all its endpoints.

## What it does

Looks at the rules with which a Service chooses among its endpoints. All but the last match by chance; the last one must take what is left.
The check tells a chain whose last rule draws too. And it tells a chain for traffic from outside (`KUBE-EXT-…`) in which no rule leads on
to the Service's endpoints; with `externalTrafficPolicy: Local`, to those on this node.

## Why it matters

A connection that no rule takes goes on to the Service's own address, where nobody answers. So some connections hang, at random, and the
others work: the kind of fault that is hardest to find. Where a chain for traffic from outside leads nowhere, the Service works in the
cluster, and every connection to its node port or to the address of its load balancer hangs.

## Example

```
-A KUBE-SVC-2CMXP7HKUVJN7L6M -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-HZVZGM4N576VDS2S
-A KUBE-SVC-2CMXP7HKUVJN7L6M -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-E4DERYY2XOMCBE7I
```

One connection of four is lost.

## Use instead

A last rule without `-m statistic`. kube-proxy writes the chains like that, so something else has changed this one, or the last rule is
missing: restart kube-proxy (people asked about this in kubernetes/kubernetes#37932).

## Limits

Chains are left out in which anything but chance decides, or in which a rule behind the endpoints takes every packet. Of chains for traffic
from outside with `externalTrafficPolicy: Local` only those are told where a chain `KUBE-SVL-…` shows that the node has endpoints of the
Service; in large clusters, where kube-proxy leaves old chains behind for some time, only if other rules lead to that chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.choices import choices
from iptexplain.lint.common.external import leading_nowhere, missing_local
from iptexplain.lint.finding import ERROR, Hit
from iptexplain.model.values import CERTAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


_LEAST = 0.01
"""Percent: less is told as less than that."""


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    for choice in choices(subject) if nat is not None else ():
        ways = choice.plain
        if nat is None or not ways or choice.closed or any(way.threshold is None for way in ways):
            continue
        past = 100.0
        for way in ways:
            past *= 1 - (way.threshold or 0) / CERTAIN
        what = message("of the connections to {chain}, {percent} % reach no endpoint", chain=choice.chain, percent=_shown(past))
        yield Hit(nat.rules.line(ways[-1].place), what, (choice.chain,), word="--probability")
    for chain, last in leading_nowhere(subject, nat).items() if nat is not None else ():
        what = message("no rule in {chain} leads to endpoints: connections from outside to its Service reach none", chain=chain)
        yield Hit(last.line, what, (chain,))
    for chain, last in missing_local(subject, nat).items() if nat is not None else ():
        what = message("no rule in {chain} leads to the endpoints on this node: connections from outside reach none", chain=chain)
        yield Hit(last.line, what, (chain,))


def _shown(percent: float) -> str:
    return f"{percent:.3g}" if percent >= _LEAST else f"less than {_LEAST}"


CHECK = Check(
    "KP303",
    "connections-past-all-endpoints",
    ERROR,
    _look,
    message("restart kube-proxy so that it writes the chain anew, and find out what changed it"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
