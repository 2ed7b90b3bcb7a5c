"""An endpoint stands twice in one chain of a Service.

## What it does

Looks for two rules of one Service chain that lead to the same endpoint: to the same `KUBE-SEP` chain, or to two chains that send packets to
the same address and port.

## Why it matters

kube-proxy writes each endpoint once. Where it stands twice it gets twice its share, and rules of another state of the Service are mixed in.

## Example

```
-A KUBE-SVC-2CMXP7HKUVJN7L6M -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-HZVZGM4N576VDS2S
-A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-HZVZGM4N576VDS2S
```

## Use instead

Restart kube-proxy. If the endpoint stands twice again, two programs write the rules of this node.

## Limits

Rules for clients that are bound to an endpoint (session affinity) name it once more, and are not counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.choices import choices, destinations
from iptexplain.lint.common.whose import service_of
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    if nat is None:
        return
    ends = subject.once(destinations)
    for choice in choices(subject):
        seen: dict[str, int] = {}
        for way in choice.plain:
            endpoint = ends.get(way.to, way.to)
            before = seen.setdefault(endpoint, way.place)
            if before != way.place:
                what = message(
                    "{service} has the endpoint {endpoint} twice in {chain}: it gets the connections of two endpoints",
                    service=service_of(subject, choice.chain),
                    endpoint=endpoint,
                    chain=choice.chain,
                )
                first = Related(nat.rules.line(before), message("the rule that leads there first"))
                yield Hit(nat.rules.line(way.place), what, (choice.chain, endpoint), related=(first,), word=way.to)


CHECK = Check(
    "KP305",
    "endpoint-twice",
    WARNING,
    _look,
    message("restart kube-proxy; if the endpoint stands twice again, look for a second program that writes these rules"),
    (KUBE_PROXY,),
)
