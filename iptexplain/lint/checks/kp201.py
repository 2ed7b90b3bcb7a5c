"""A rule takes traffic to a Service before kube-proxy's rules see it.

## What it does

Looks in nat for a rule of another program, ahead of the jump to `KUBE-SERVICES` in `PREROUTING` or `OUTPUT`, that takes packets to an
address or a node port of a Service: it sends them elsewhere (`DNAT`, `REDIRECT`), or it ends their way through the table (`ACCEPT`).

## Why it matters

The first rule that takes a packet decides. Connections to this Service end at another program, or nowhere, while the Service and its Pods
are healthy. Mostly it is the `hostPort` of a Pod, or a port that Docker publishes, with the same number as a node port
(containernetworking/cni#577, kubernetes/kubernetes#66103), or a rule of an administrator that asks for a port, but for no address.

## Example

```
-A PREROUTING -p tcp -m tcp --dport 443 -j REDIRECT --to-ports 8443
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.96.7.7/32 -p tcp -m comment --comment "shop/web cluster IP" -m tcp --dport 443 -j KUBE-SVC-U4Q4LO3EUB4OVRDX
```

## Use instead

Give the rule the address that it is meant for, or another port to one of the two:

```
-A PREROUTING -d 192.0.2.10/32 -p tcp -m tcp --dport 443 -j REDIRECT --to-ports 8443
```

## Limits

An error is told where some packet of a Pod, of the node or from outside is certainly taken; a warning, where a rule that asks for this
address or port also asks for something that the dump does not tell (an interface, a set, who owns the process). Who comes from outside
is not looked at for cluster IPs, nor are addresses of load balancers taken for the node's own, as the one of K3s uses them. A rule that
sends packets to an endpoint, or to another address, of the same Service is meant so. Where another chain leads to `KUBE-SERVICES` first,
nothing is looked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.served import called
from iptexplain.lint.common.taken import place_of, taken
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import ERROR, WARNING, Hit, Related
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.common.taken import Taken
    from iptexplain.lint.subject import Subject
    from iptexplain.source import Message


_MOST = 5
"""So many further places are named."""


def _look(subject: Subject) -> Iterator[Hit]:
    by_rule: dict[int, list[Taken]] = {}
    for one in taken(subject):
        if one.port.has_endpoints:
            by_rule.setdefault(one.rule.index, []).append(one)
    for found in by_rule.values():
        first = next((one for one in found if one.sure), found[0])
        related = [
            Related(first.jump.line, message("only here kube-proxy's rules begin")),
            Related(first.route.line, message("the rule that leads to the Service's Pods")),
        ]
        others = [one for one in found if one.route.line != first.route.line][:_MOST]
        related += [Related(one.route.line, _also(one)) for one in others]
        severity = None if first.sure else WARNING
        yield Hit(first.rule.line, _what(first), (first.rule.chain, uncounted(first.rule)), severity, tuple(related))


def _also(one: Taken) -> Message:
    return message("the same goes for {place} ({service})", place=place_of(one.route), service=called(one.port))


def _what(one: Taken) -> Message:
    fields: dict[str, str | None] = {
        "chain": one.rule.chain,
        "protocol": one.port.protocol.lower(),
        "place": place_of(one.route),
        "service": called(one.port),
        "to": one.to,
    }
    if one.to is None:
        if not one.sure:
            template = N_(
                "chain {chain} may end the way of {protocol} packets to {place} ({service}) before KUBE-SERVICES: they reach no Pod then"
            )
            return message(template, **fields)
        return message(
            "chain {chain} ends the way of {protocol} packets to {place} ({service}) before KUBE-SERVICES: they reach no Pod", **fields
        )
    if not one.to:
        if not one.sure:
            return message("chain {chain} may take {protocol} packets to {place} ({service}) for a program of the node itself", **fields)
        return message("chain {chain} takes {protocol} packets to {place} ({service}): they go to a program of the node itself", **fields)
    if not one.sure:
        return message("chain {chain} may send {protocol} packets to {place} ({service}) to {to} instead of the Service's Pods", **fields)
    return message("chain {chain} sends {protocol} packets to {place} ({service}) to {to} instead of the Service's Pods", **fields)


CHECK = Check(
    "KP201",
    "service-traffic-taken",
    ERROR,
    _look,
    message("let the rule ask for the address that it is meant for, or give one of the two another port"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
    also=(WARNING,),
)
