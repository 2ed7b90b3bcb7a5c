"""The endpoints of a Service do not get equal shares.

## What it does

Compares the chances with which a Service chooses among its endpoints with those that give each the same share: 1/3, then 1/2 of the rest,
then all of it.

## Why it matters

kube-proxy gives every endpoint the same share. Where the chances say otherwise, a rule is missing or was changed: one Pod gets too much
traffic, another too little.

## Example

```
-A KUBE-SVC-2CMXP7HKUVJN7L6M -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-HZVZGM4N576VDS2S
-A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-E4DERYY2XOMCBE7I
```

With two endpoints the first chance has to be 1/2; a rule for a third endpoint is missing.

## Use instead

Restart kube-proxy, which writes the chain anew, and find out who changed it.

## Limits

Up to Kubernetes 1.16 kube-proxy wrote chances with five digits, which is coarse for hundreds of endpoints
(kubernetes/kubernetes#83599): deviations up to one in a hundred thousand are not told. Nor are chains in which an endpoint stands twice,
or whose last rule draws too: other checks tell these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.choices import choices
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.model.values import CERTAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


_ROUNDED = 1e-5
"""By so much a chance of five digits may be off."""


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    for choice in choices(subject) if nat is not None else ():
        ways = choice.plain
        thresholds = [way.threshold for way in ways]
        if nat is None or not ways or thresholds[-1] is not None or len({way.to for way in ways}) < len(ways):
            continue
        for number, k in enumerate(thresholds[:-1]):
            left = len(ways) - number
            if k is not None and abs(k / CERTAIN - 1 / left) > _ROUNDED:
                what = message(
                    "{chain} does not share equally: {endpoint} is chosen with the chance {chance} where 1/{left} would be fair",
                    chain=choice.chain,
                    endpoint=ways[number].to,
                    chance=f"{k / CERTAIN:.5f}",
                    left=left,
                )
                yield Hit(nat.rules.line(ways[number].place), what, (choice.chain,), word="--probability")
                break


CHECK = Check(
    "KP304",
    "unequal-shares",
    WARNING,
    _look,
    message("restart kube-proxy so that it writes the chain anew, and find out what changed it"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
