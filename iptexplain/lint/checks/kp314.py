"""A Service with `externalTrafficPolicy: Local` has no endpoint on this node.

## What it does

Lists the Services whose traffic from outside the cluster is dropped at this node, because it may only go to endpoints on the same node and
there is none.

## Why it matters

With `externalTrafficPolicy: Local` that is right: load balancers ask the health check port and send nothing here. But who uses the address
of just this node (a DNS name, an own load balancer, a test with curl) gets no answer at all
(kubernetes/kubernetes#92761, kubernetes/kubernetes#65387, kubernetes/kubernetes#66354, kubernetes/kubernetes#75262).

## Example

```
-A KUBE-EXTERNAL-SERVICES -d 198.51.100.22/32 -p tcp -m comment --comment "default/web has no local endpoints" -m tcp --dport 80 -j DROP
```

## Use instead

Use the address of a node on which a Pod of the Service runs, run one on each node (DaemonSet), or set `externalTrafficPolicy: Cluster`.

## Limits

Traffic from Pods and from the node itself may be served all the same; `iptexplain services` shows what each kind of source meets. Where a
rule shows that the Service has `externalTrafficPolicy: Cluster`, or a chain that the node has an endpoint, nothing is said: that traffic is
dropped has another reason (KP303).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis import traffic
from iptexplain.analysis.service_port import DROP, LOCAL
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.external import missing_local, of_policy_cluster
from iptexplain.lint.common.served import about, called
from iptexplain.lint.finding import INFO, Hit
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.analysis.service_port import Route
    from iptexplain.lint.subject import Subject


_OUTSIDE = frozenset({layout.EXTERNAL_IP, layout.LOAD_BALANCER, layout.NODE_PORT})


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    others = of_policy_cluster(subject).union(missing_local(subject, nat) if nat is not None else ())
    for port in subject.ports:
        if not others.isdisjoint(port.chains):
            continue
        dropped = [route for route in port.routes if route.kind in _OUTSIDE and _is_dropped(route)]
        if port.has_endpoints and port.external_traffic_policy == "Local" and not port.endpoint_sets[LOCAL] and dropped:
            what = message(
                "{service} ({protocol}) has no endpoint on this node and externalTrafficPolicy Local: what comes from outside is dropped",
                service=called(port),
                protocol=port.protocol,
            )
            yield Hit(dropped[0].line, what, about(port))


def _is_dropped(route: Route) -> bool:
    """Is everything dropped that comes from where the Service lets traffic come from."""
    answer = route.sources.get(traffic.OUTSIDE_ALLOWED) or route.sources.get(traffic.OUTSIDE)
    return answer is not None and answer.action == DROP


CHECK = Check(
    "KP314",
    "no-local-endpoints",
    INFO,
    _look,
    message("use a node on which a Pod of the Service runs, or externalTrafficPolicy: Cluster"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
