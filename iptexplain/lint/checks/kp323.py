"""The rules do not say which Service they belong to.

## What it does

Looks for a dump in which kube-proxy has left out the comments of the rules for endpoints, as it does with more than 1000 endpoints, and for
Service ports that no comment names at all.

## Why it matters

Nothing is broken. But searching the dump for the name of a Service finds only the rules of `KUBE-SERVICES` and `KUBE-NODEPORTS` then, not
those of its endpoints (kubernetes/kubernetes#65755). What still holds them together is the hash at the end of the chains' names.

## Example

```
-A KUBE-SERVICES -d 10.96.0.9/32 -p tcp -m comment --comment "shop/db cluster IP" -m tcp --dport 5432 -j KUBE-SVC-2CMXP7HKUVJN7L6M
-A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-HZVZGM4N576VDS2S
-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 10.244.1.7:5432
```

## Use instead

`iptexplain services` shows each Service with its endpoints, because it follows the chains; for that it needs no comments. A Service
whose name no rule tells is shown there by its chain. Its name comes from the list of the cluster's Services, if it is given:
`kubectl get svc -A -o json > svc.json`, then `iptexplain services node.save --names svc.json`.

## Limits

Up to 1.17 kube-proxy wrote no comments on these rules at all; there only Services without a name are told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.served import called
from iptexplain.lint.finding import INFO, Hit
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject

_COMMENTED = 18
"""The first minor version that writes comments on rules for endpoints."""


def _look(subject: Subject) -> Iterator[Hit]:
    proxy, nat = subject.proxy, subject.table("nat")
    if proxy is not None and nat is not None and proxy.large_cluster and not proxy.versions.before(_COMMENTED):
        first = next((places for chain, places in nat.by_chain.items() if chain.startswith(layout.ENDPOINT)), None)
        what = message(
            "kube-proxy has left out the comments of rules for endpoints, as it does with more than 1000 of them:"
            " searching the dump for the name of a Service does not find the rules of its endpoints"
        )
        yield Hit(nat.line if first is None else nat.rules.line(first[0]), what, ("large cluster",))
    nameless = [port for port in subject.ports if port.service_port is None]
    if nameless:
        line = next((route.line for port in nameless for route in port.routes), 0)
        text = (
            N_(
                "no comment says whose {count} chains are, such as {chain}:"
                " searching the dump for the names of their Services finds nothing"
            )
            if nameless[1:]
            else N_("no comment says whose chain {chain} is: searching the dump for the name of its Service finds nothing")
        )
        yield Hit(line, message(text, count=len(nameless), chain=called(nameless[0])), ("nameless",))


CHECK = Check(
    "KP323",
    "rules-without-names",
    INFO,
    _look,
    message(
        "iptexplain services shows each Service with its endpoints, without comments too; --names gives it the names that no rule tells"
    ),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
