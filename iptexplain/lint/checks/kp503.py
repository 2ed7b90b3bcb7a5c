"""A firewall refuses everything before the network of the Pods is asked.

## What it does

Looks in filter `INPUT` and `FORWARD` for a rule that refuses (or drops) every packet, and behind which the only rules stand that ask
kube-proxy or the Pods' network, and accept packets. It is information where rules before it accept much already.

## Why it matters

Rules are tried from the top. Behind a rule that refuses everything none is tried, so connections to Pods and Services that go through this
node end with "no route to host" (projectcalico/calico#1073). The rule is what some distributions install from the start.

## Example

```
-A FORWARD -j REJECT --reject-with icmp-host-prohibited
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
```

## Use instead

Take the rule away (`iptables -D FORWARD -j REJECT --reject-with icmp-host-prohibited`) and keep it away: turn off the service that
restores it (`iptables`, `firewalld`), or let it accept the networks of the Pods first.

## Limits

Only chains whose names tell who made them are known, and Calico's own rules. A chain that refuses everything, and that the built-in
chain jumps to, is not found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.unasked import unasked
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import ERROR, INFO, Hit, Related
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    for start, refusing, dead, lets_in in unasked(subject):
        what = message("{chain} refuses every packet before {rule} is tried", chain=start, rule=uncounted(dead[0]))
        related = tuple([Related(rule.line, message("this rule is never tried")) for rule in dead])
        severity = INFO if lets_in else ERROR
        yield Hit(refusing.line, what, (start, uncounted(refusing)), severity, related, refusing.target_name)


CHECK = Check(
    "KP503",
    "all-refused-before-pods",
    ERROR,
    _look,
    message("take away the rule that refuses everything, or let the rules of the Pods' network stand before it"),
    (KUBE_PROXY,),
    also=(INFO,),
)
