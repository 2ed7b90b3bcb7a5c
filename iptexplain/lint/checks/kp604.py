"""Rules of kube-proxy's ipvs mode stand beside those of its iptables mode.

## What it does

Looks for chains that only the ipvs mode fills (`KUBE-NODE-PORT`, `KUBE-LOAD-BALANCER`, `KUBE-IPVS-FILTER`, …) where chains of Services
(`KUBE-SVC-…`) have rules too.

## Why it matters

One node has one kube-proxy in one mode. The rules of the other mode were left behind when the mode was changed: kube-proxy does not
remove them while it runs (kubernetes/kubernetes#102314, gardener/gardener#4599). Nobody keeps them up to date any more: they may catch
traffic before the rules that are right, and send it to Pods that are gone.

## Example

```
-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ
-A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-HZVZGM4N576VDS2S
```

## Use instead

Restart the node after the mode was changed. `kube-proxy --cleanup` while kube-proxy is stopped may do too, but some versions leave
`KUBE-NODE-PORT` in filter there (kubernetes/kubernetes#109286).

## Limits

The dump does not tell which of the two modes runs now. A dump of the ipvs mode alone is fine, and so are chains without rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import Check
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject

_OF_IPVS = (
    "KUBE-NODE-PORT",
    "KUBE-LOAD-BALANCER",
    "KUBE-LOAD-BALANCER-FW",
    "KUBE-IPVS-FILTER",
    "KUBE-IPVS-OUT-FILTER",
    "KUBE-SOURCE-RANGES-FIREWALL",
)


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    service = next((chain for chain in (nat.by_chain if nat is not None else ()) if SERVICE_CHAIN.match(chain)), None)
    if nat is None or service is None:
        return
    for table in subject.dump.tables:
        for chain in _OF_IPVS:
            places = table.places_of(chain)
            if places:
                what = message("chain {chain} of kube-proxy's ipvs mode stands beside the chains of its iptables mode", chain=chain)
                related = (Related(nat.rules.line(nat.places_of(service)[0]), message("a chain of the iptables mode")),)
                yield Hit(table.rules.line(places[0]), what, (table.name, chain), related=related, word=chain)
                return


CHECK = Check(
    "KP604",
    "ipvs-rules-left-behind",
    WARNING,
    _look,
    message("restart the node to get rid of the rules of the mode that is not in use any more"),
)
