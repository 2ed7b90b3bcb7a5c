"""A rule refuses traffic to Pods before kube-proxy can let it through.

## What it does

Looks in filter for a rule that drops or rejects new connections to Pods in `FORWARD`, before they come to `KUBE-FORWARD`. It follows
packets with kube-proxy's mark to the first endpoints of the dump.

## Why it matters

`KUBE-FORWARD` accepts what kube-proxy has sent to an endpoint and marked for masquerade, such as traffic to a node port. A rule before it
that refuses all of that takes Services off this node: node ports and load balancers time out, while the Pods look healthy. Firewalls that
end `FORWARD` with a REJECT for everything do so (k3s-io/k3s#7203, projectcalico/calico#1073).

## Example

```
-A FORWARD -j REJECT --reject-with icmp-host-prohibited
-A FORWARD -j KUBE-FORWARD
```

## Use instead

Turn the firewall off on nodes, or let it accept the Pods' network; then restart kube-proxy, which puts its jump in front again.

## Limits

Only where the rules tell the Pods' network (kube-proxy's `--cluster-cidr`), and only if all of the endpoints looked at meet the same rule:
one that refuses single Pods or ports may be wanted. Rules that ask for the sender, an interface, a set or anything else that is not known
end the search; one that refuses what Pods send to Pods is told by KP501.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.refusing import KUBE_FORWARD, refusing_first
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    rule = refusing_first(subject)
    if rule is not None:
        what = message("chain {chain} refuses traffic to endpoints before KUBE-FORWARD can accept it", chain=rule.chain)
        related = Related(subject.jumps("filter")[KUBE_FORWARD][0].line, message("the rule that leads to KUBE-FORWARD"))
        yield Hit(rule.line, what, (rule.chain, uncounted(rule)), related=(related,))


CHECK = Check(
    "KP204",
    "refused-before-kube-forward",
    ERROR,
    _look,
    message("let the firewall accept the Pods' network, and restart kube-proxy"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
