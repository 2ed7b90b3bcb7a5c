"""The jump to the node ports is not the last rule of KUBE-SERVICES, or is missing.

## What it does

Looks in nat for a rule of `KUBE-SERVICES` that leads to a Service but stands behind the jump to `KUBE-NODEPORTS`. Where `KUBE-NODEPORTS`
has rules but nothing in `KUBE-SERVICES` leads there, that is told as information.

## Why it matters

kube-proxy writes the jump last, and says so in its comment. A packet to an address of the node takes whatever comes first: if node ports
come first, an external IP or a load balancer that has the node's own address answers with another Service on the same port. An order that
kube-proxy never writes also shows that somebody edits its chain.

Without any jump no node port answers on this node. That may be wanted: newer versions of kube-proxy write no jump where
`--nodeport-addresses` names no address of the node.

## Example

```
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y
```

## Use instead

Leave `KUBE-SERVICES` to kube-proxy, and put own rules into own chains. kube-proxy writes the chain anew when it restarts.

## Limits

Rules of others behind the jump, which lead to no Service, are not told. Whether the addresses really meet is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import ERROR, INFO, Hit, Related
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    places = nat.places_of(layout.SERVICES) if nat is not None else ()
    if nat is None or not places:
        return
    jumps = [rule for rule in subject.jumps("nat").get(layout.NODE_PORTS, ()) if rule.chain == layout.SERVICES]
    if jumps:
        first = jumps[0]
        behind = next((r for r in nat.rules_of(layout.SERVICES)[places.index(first.index) + 1 :] if _to_service(r.target_name)), None)
        if behind is not None:
            what = message("the jump to KUBE-NODEPORTS is not the last rule of KUBE-SERVICES: Services stand behind it")
            related = Related(behind.line, message("the first of them leads to {chain}", chain=behind.target_name))
            yield Hit(first.line, what, (layout.SERVICES, "order"), related=(related,))
    elif nat.places_of(layout.NODE_PORTS) and layout.NODE_PORTS not in reached(subject, "nat", layout.SERVICES):
        what = message("nothing leads from KUBE-SERVICES to KUBE-NODEPORTS: no node port answers here")
        related = Related(nat.rules.line(nat.places_of(layout.NODE_PORTS)[0]), message("the rules that are not reached"))
        yield Hit(nat.rules.line(places[-1]), what, (layout.SERVICES, "missing"), INFO, related=(related,))


def _to_service(target: str | None) -> bool:
    return target is not None and target.startswith(layout.OF_SERVICE)


CHECK = Check(
    "KP110",
    "node-ports-not-last",
    ERROR,
    _look,
    message("find out what edits KUBE-SERVICES, and restart kube-proxy; without a jump, look at --nodeport-addresses"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
    also=(INFO,),
)
