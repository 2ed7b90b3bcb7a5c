"""The firewall drops the health checks of a load balancer.

## What it does

Follows a connection to the health check port of a Service (`externalTrafficPolicy: Local`) through `INPUT` of filter, and tells if it is
dropped whoever asks, so that it never comes to the rule in `KUBE-NODEPORTS` that accepts it.

## Why it matters

A load balancer asks each node at this port whether it has endpoints of the Service, and sends traffic only to nodes that answer. If
the firewall drops the question, the load balancer takes the node for broken: with all nodes like this one, the Service does not answer
from outside at all, while its Pods are well (kubernetes/kubernetes#97225).

## Example

```
*filter
:INPUT DROP [0:0]
-A KUBE-NODEPORTS -p tcp -m comment --comment "shop/web:http health check node port" -m tcp --dport 32100 -j ACCEPT
```

## Use instead

Restart kube-proxy, which leads from `INPUT` to `KUBE-NODEPORTS` again; if a rule before that refuses the traffic, let the firewall accept
the port, or the addresses of the load balancer.

## Limits

Told only where it is certain: a rule that may accept such a connection keeps it silent, be it for some senders only. kube-proxy before
1.20 writes no rules for health checks, so their ports are not known there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.walk import Walker
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.partial import all_refused, arriving, endings
from iptexplain.lint.common.served import about, called
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.model.ruleset import ChainName
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.analysis.service_port import ServicePort
    from iptexplain.lint.subject import Subject

_INPUT = "INPUT"
_MOST = 20
"""So many ports are looked at."""


def _look(subject: Subject) -> Iterator[Hit]:
    table = subject.table("filter")
    if table is None or ChainName(_INPUT) not in table.chains or not table.places_of("KUBE-NODEPORTS"):
        return
    asked = {port.health_check_node_port: port for port in reversed(subject.ports) if port.health_check_node_port is not None}
    walker = Walker(table)
    for number in sorted(asked)[:_MOST]:
        hit = _judge(walker, asked[number], number)
        if hit is not None:
            yield hit


def _judge(walker: Walker, port: ServicePort, number: int) -> Hit | None:
    ends = endings(walker, _INPUT, arriving("tcp", number))
    if not all_refused(ends):
        return None
    refusing = sorted(end.rules[0].line for end in ends if not end.by_policy)
    what = message(
        "INPUT drops health checks at port {port}: load balancers take this node for broken and send it nothing for {service}",
        port=number,
        service=called(port),
    )
    related = [Related(port.health_check_line, message("the rule that would accept them"))]
    related += [Related(line, message("this rule refuses")) for line in refusing[:1]]
    return Hit(walker.table.chains[ChainName(_INPUT)].line, what, ("filter", _INPUT, *about(port)), related=tuple(related))


CHECK = Check(
    "KP504",
    "health-checks-dropped",
    WARNING,
    _look,
    message("restart kube-proxy, and let the firewall accept the health check port before it refuses the rest"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
