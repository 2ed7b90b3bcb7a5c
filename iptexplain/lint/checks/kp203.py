"""A rule accepts traffic to a Service without endpoints before kube-proxy refuses it.

## What it does

Looks in filter for a rule that accepts, in `FORWARD`, new connections to the address of a Service that has no endpoints, before they come
to the rule of `KUBE-SERVICES` that rejects them.

## Why it matters

Where a Service has no endpoints, kube-proxy answers at once: connection refused. If another rule accepts the packet first, it leaves the
node for an address that nobody has, and the client waits for its timeout (projectcalico/calico#1055, projectcalico/calico#3901).

## Example

```
-A FORWARD -s 10.244.0.0/16 -j ACCEPT
-A FORWARD -m conntrack --ctstate NEW -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.96.5.5/32 -p tcp -m comment --comment "shop/web has no endpoints" -m tcp --dport 80 -j REJECT
```

## Use instead

```
-A FORWARD -m conntrack --ctstate NEW -j KUBE-SERVICES
-A FORWARD -s 10.244.0.0/16 -j ACCEPT
```

Restart kube-proxy, which puts its rules in front again.

## Limits

Only the first refusing rules of `KUBE-SERVICES` are looked at, and one Service is named where a rule accepts the traffic of several. The
packets come from Pods, where the rules tell the Pods' network. Rules that ask for an interface, a mark, a set or anything else that is not
known end the search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.course import accepted_before, asked_by
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.common.whose import service_at
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.model.address import Endpoint
from iptexplain.model.matching import Field
from iptexplain.model.values import Mark
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    proxy = subject.proxy
    known: dict[Field, object] = {}
    if proxy is not None and proxy.local_detector is not None:
        known[Field.SOURCE] = proxy.local_detector.network
    if proxy is not None and proxy.masquerade_mark is not None:  # nat marks only what it sends to an endpoint
        known[Field.MARK] = Mark(0, proxy.masquerade_mark.mask)
    for rule, refusing in accepted_before(subject, layout.SERVICES, known):
        packet = asked_by(refusing) or {}
        address, port = packet.get(Field.DESTINATION), packet.get(Field.DESTINATION_PORT)
        what = message(
            "chain {chain} accepts connections to {service}, which has no endpoints, before kube-proxy refuses them:"
            " clients wait for a timeout",
            chain=rule.chain,
            service=service_at(refusing) or Endpoint(address, address, port, port),
        )
        related = Related(refusing.line, message("the rule that would refuse it"))
        yield Hit(rule.line, what, (rule.chain, uncounted(rule)), related=(related,))


CHECK = Check(
    "KP203",
    "accepted-before-refused",
    WARNING,
    _look,
    message("put the rule behind the jump to KUBE-SERVICES, or restart kube-proxy, which puts its jump in front again"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
