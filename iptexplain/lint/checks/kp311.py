"""A Service is refused for having no endpoints, and has endpoints.

## What it does

Looks for a place (address, protocol and port) of a Service for which filter has the rule "has no endpoints", and nat has rules that lead to
endpoints of the same Service.

## Why it matters

kube-proxy writes one or the other, never both. So the dump holds rules of two moments, or of two programs: one half is stale. Clients are
sent to endpoints that are gone, or connections are refused which could be served (projectcalico/calico#2024).

## Example

```
*filter
:KUBE-SERVICES - [0:0]
-A KUBE-SERVICES -d 10.109.35.24/32 -p tcp -m comment --comment "default/nginx has no endpoints" -m tcp --dport 80 -j REJECT
COMMIT
*nat
-A KUBE-SERVICES -d 10.109.35.24/32 -p tcp -m comment --comment "default/nginx cluster IP" -m tcp --dport 80 -j KUBE-SVC-2CMXP7HKUVJN7L6M
-A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-HZVZGM4N576VDS2S
-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 192.168.104.1:80
COMMIT
```

## Use instead

Look at the endpoints with `kubectl get endpointslices`, and restart kube-proxy, which writes both tables anew.

## Limits

A dump that was taken in the very moment of a change may show this once: take a second one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment, matches
from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.model.address import Network
from iptexplain.model.matching import Field
from iptexplain.model.values import Ports
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN, SERVICE_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table


class _Place(NamedTuple):
    """Where a Service listens; `address` None: at the node's own."""

    address: Network | None
    protocol: str
    port: int


def _look(subject: Subject) -> Iterator[Hit]:
    table, nat = subject.table("filter"), subject.table("nat")
    refused = dict(_refused(table)) if table is not None else {}
    for chain in (layout.SERVICES, layout.NODE_PORTS) if nat is not None and refused else ():
        for rule in nat.rules_of(chain) if nat is not None else ():
            target = rule.target_name or ""
            place = _place(rule) if SERVICE_CHAIN.match(target) else None
            refusing = refused.get(place) if place is not None else None
            if nat is None or place is None or refusing is None or not _same(refusing, rule) or not _reaches_endpoint(nat, target):
                continue
            what = message("{service} is refused as one without endpoints, and nat sends it to endpoints", service=_name(refusing))
            about = _name(refusing), place.protocol, str(place.address or ""), str(place.port)
            yield Hit(refusing.line, what, about, related=(Related(rule.line, message("the rule that leads to endpoints")),))
            del refused[place]


def _refused(table: Table) -> Iterator[tuple[_Place, Rule]]:
    """The places that filter refuses since nobody answers there."""
    for chain in (layout.SERVICES, layout.EXTERNAL_SERVICES):
        for rule in table.rules_of(chain):
            if rule.target_name == "REJECT" and (comment(rule) or "").endswith(_NONE) and (place := _place(rule)) is not None:
                yield place, rule


_NONE = " has no endpoints"


def _name(refusing: Rule) -> str:
    return (comment(refusing) or "").removesuffix(_NONE).removesuffix(":")


def _same(refusing: Rule, leading: Rule) -> bool:
    """Does the rule of nat say nothing else of whose it is."""
    said = comment(leading)
    return said is None or said.split(" ", 1)[0].removesuffix(":") == _name(refusing)


def _place(rule: Rule) -> _Place | None:
    address = protocol = port = None
    for match in matches(rule):
        for field, wanted, negated in match.constraints():
            if negated:
                continue
            if field is Field.DESTINATION and isinstance(wanted, Network):
                address = wanted
            elif field is Field.PROTOCOL and isinstance(wanted, str):
                protocol = wanted
            elif field is Field.DESTINATION_PORT and isinstance(wanted, Ports) and wanted.first == wanted.last:
                port = wanted.first
    return None if protocol is None or port is None else _Place(address, protocol, port)


def _reaches_endpoint(nat: Table, chain: str) -> bool:
    """Do rules lead from a chain to that of an endpoint which has rules."""
    waiting, seen = [chain], {chain}
    while waiting:
        for rule in nat.rules_of(waiting.pop()):
            target = rule.target_name or ""
            if ENDPOINT_CHAIN.match(target) and nat.places_of(target):
                return True
            if SERVICE_CHAIN.match(target) and target not in seen:
                seen.add(target)
                waiting.append(target)
    return False


CHECK = Check(
    "KP311",
    "refused-with-endpoints",
    ERROR,
    _look,
    message("restart kube-proxy so that it writes both tables anew, and look for a second program that writes these rules"),
    (KUBE_PROXY,),
)
