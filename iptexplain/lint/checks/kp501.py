"""What one Pod sends to another is dropped.

## What it does

Follows the first packet of a connection from one address of the Pods to another through `FORWARD` of filter, and tells if it is dropped
whatever its protocol, its ports and its interfaces are. Which addresses the Pods have is taken from kube-proxy's own rules. It is
information where no endpoint of a Service has such an address: then there may be no Pods yet.

## Why it matters

What Pods send passes `FORWARD` of their node. Where its policy is `DROP`, as Docker sets it, some rule must accept the Pods' traffic;
usually the Pods' network writes one. Without it Pods reach neither each other nor a Service whose endpoint is another Pod
(kubernetes/kubernetes#39823, kubernetes/kubernetes#40182).

## Example

```
*filter
:FORWARD DROP [0:0]
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
```

## Use instead

Find out why the Pods' network has not written its rules (its own Pod on this node tells), or accept the Pods' traffic:
`iptables -A FORWARD -s 10.244.0.0/16 -j ACCEPT` and the same with `-d`, with the addresses of your Pods. A firewall of your own needs such
rules too.

## Limits

Told only where it is certain: a rule that may accept such a packet, or that is not understood, keeps it silent, and so does a kube-proxy
whose rules do not name the addresses of the Pods. That Pods do not use Docker's bridge is known by Docker's own masquerade rule. Networks
whose packets do not pass iptables at all (eBPF) are not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.walk import Walker
from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.partial import all_refused, endings
from iptexplain.lint.common.pods import between_pods, endpoints_in, pod_network
from iptexplain.lint.finding import ERROR, INFO, Hit, Related
from iptexplain.model.ruleset import ChainName
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.shape import Shape

_FORWARD = "FORWARD"


def _look(subject: Subject) -> Iterator[Hit]:
    table = subject.table("filter")
    forward = table.chains.get(ChainName(_FORWARD)) if table is not None else None
    if table is None or forward is None or (forward.policy != "DROP" and next(subject.rules("filter", _may_refuse), None) is None):
        return
    pods = pod_network(subject)
    if pods is None:
        return
    ends = endings(Walker(table), _FORWARD, between_pods(subject, pods))
    if not all_refused(ends):
        return
    dropping = {end.rules[0].index: end.rules[0] for end in ends if not end.by_policy}
    what = message("FORWARD drops what a Pod sends to another Pod: no rule accepts new connections within {pods}", pods=str(pods))
    related = tuple([Related(rule.line, message("this rule refuses")) for _, rule in sorted(dropping.items())[:3]])
    severity = ERROR if endpoints_in(subject, pods, 1) else INFO
    yield Hit(forward.line, what, ("filter", _FORWARD, str(pods)), severity, related, word=None if related else "DROP")


def _may_refuse(shape: Shape) -> bool:
    """Does a shape refuse, and ask for nothing."""
    refuses = shape.target is not None and shape.target.name in {"DROP", "REJECT"}
    return refuses and binding.limits(shape) == ()


CHECK = Check(
    "KP501",
    "pod-to-pod-dropped",
    ERROR,
    _look,
    message("restart the Pods' network on this node, or accept the addresses of the Pods in FORWARD"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
