"""kube-proxy does not know which traffic comes from Pods.

## What it does

Looks for Services with endpoints in nat, where no rule marks traffic to their cluster IPs that does not come from a Pod: no
`! -s 10.244.0.0/16 … -j KUBE-MARK-MASQ`.

## Why it matters

Whoever is no Pod, such as another machine with a route to the cluster IPs, or a process of the node with an address of another network,
may reach a Service so that the answer does not come back the same way, and is thrown away. With the rule kube-proxy masquerades such
traffic (kubernetes/kubernetes#36925, projectcalico/calico#1044). kube-proxy leaves it out if nobody told it the addresses of the Pods; and
for `externalTrafficPolicy: Local` Pods are then treated like clients outside.

## Example

```
-A KUBE-SERVICES -d 10.109.35.24/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-2CMXP7HKUVJN7L6M
-A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-HZVZGM4N576VDS2S
```

## Use instead

`clusterCIDR` in the configuration of kube-proxy (`--cluster-cidr`), or another `detectLocalMode`.

## Limits

It is right to leave it out where the network routes answers back by itself. Said once for a dump, and only where no Service has the rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.finding import INFO, Hit
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    nat, proxy = subject.table("nat"), subject.proxy
    if nat is None or proxy is None or proxy.local_detector is not None or proxy.masquerade_all is not False:
        return
    first = next((rule for rule in nat.rules_of(layout.SERVICES) if _is_of_service(rule.target_name)), None)
    marking = subject.jumps("nat").get(layout.MARK_MASQUERADE, ()) if first is not None else ()
    if first is None or any(rule.chain.startswith("KUBE-SVC-") and comment(rule) is None for rule in marking):
        return  # nobody knows what a rule without a comment is for
    what = message("kube-proxy does not know which addresses Pods have: traffic of others to cluster IPs is not masqueraded")
    yield Hit(first.line, what, (layout.SERVICES,), word=first.target_name)


def _is_of_service(target: str | None) -> bool:
    found = SERVICE_CHAIN.match(target or "")
    return found is not None and found[1] in layout.ENDPOINT_SET


CHECK = Check(
    "KP410",
    "pods-not-told-from-others",
    INFO,
    _look,
    message("tell kube-proxy the addresses of the Pods: clusterCIDR, or a detectLocalMode"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
