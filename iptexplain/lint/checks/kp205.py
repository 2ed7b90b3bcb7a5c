"""A rule accepts traffic that a Service's source ranges keep out.

## What it does

Looks in filter for a rule that accepts, in `FORWARD`, new connections to a load balancer's address from anywhere, before they come to the
rule of `KUBE-PROXY-FIREWALL` that drops them.

## Why it matters

`loadBalancerSourceRanges` of a Service says who may use it. kube-proxy sends what is allowed on to Pods, and drops what is left in
`KUBE-PROXY-FIREWALL`. A rule that accepts such traffic first lets it pass the node, to whatever else answers at the address
(kubernetes/kubernetes#109826).

## Example

```
-A FORWARD -d 203.0.113.0/24 -j ACCEPT
-A FORWARD -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
-A KUBE-PROXY-FIREWALL -d 203.0.113.9/32 -p tcp -m tcp --dport 80 -j DROP
```

## Use instead

```
-A FORWARD -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
-A FORWARD -d 203.0.113.0/24 -j ACCEPT
```

Restart kube-proxy, which puts its rules in front again.

## Limits

Only `FORWARD` and the first rules of `KUBE-PROXY-FIREWALL` are looked at; kube-proxy up to 1.24 has no such chain. A rule that accepts
only some senders is not told. Rules that ask for an interface, a mark, a set or anything else that is not known end the search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.course import accepted_before
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    for rule, refusing in accepted_before(subject, layout.FIREWALL, {}):
        what = message("chain {chain} accepts traffic that KUBE-PROXY-FIREWALL would drop", chain=rule.chain)
        related = Related(refusing.line, message("the rule that would drop it"))
        yield Hit(rule.line, what, (rule.chain, uncounted(rule)), related=(related,))


CHECK = Check(
    "KP205",
    "source-ranges-bypassed",
    WARNING,
    _look,
    message("put the rule behind the jump to KUBE-PROXY-FIREWALL, or restart kube-proxy"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
