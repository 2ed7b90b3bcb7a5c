"""An endpoint is an address that no Pod can have.

## What it does

Looks for endpoints (`KUBE-SEP-…`) whose address is the cluster IP of a Service, an address of the node itself (127.0.0.0/8, ::1) or a
link-local one (169.254.0.0/16, fe80::/10).

## Why it matters

A packet is sent to an endpoint once. If that is the cluster IP of another Service, no rule sends it on from there: no machine has such an
address, and the connection times out. The other addresses mean something else on each node. The Kubernetes API refuses those, but not
the cluster IP of a Service.

## Example

```
-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 10.96.0.10:80
-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m comment --comment "kube-system/dns cluster IP" -m tcp --dport 53 -j KUBE-SVC-2CMXP7HKUVJN7L6M
```

## Use instead

The addresses of the Pods in the Endpoints or EndpointSlice that was made by hand; or a Service of type ExternalName that names the other
Service.

## Limits

A cluster IP is known by the comment of its rule in `KUBE-SERVICES`; that of a Service without endpoints is not seen.
Addresses in 169.254.0.0/16 are an information only: some clusters were changed so that they use them (kubernetes/kubernetes#102314).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment
from iptexplain.lint.check import Check
from iptexplain.lint.common.endpoints import endpoint_chains
from iptexplain.lint.finding import INFO, WARNING, Hit, Related
from iptexplain.model.address import Address, Network
from iptexplain.model.shape import per_shape
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Table
    from iptexplain.model.shape import Shape

_NOT_ELSEWHERE = tuple(Network.parse(text) for text in ("127.0.0.0/8", "169.254.0.0/16", "::1/128", "fe80::/10"))


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    if nat is None:
        return
    found: dict[str, list[int]] = {}
    for chain in endpoint_chains(subject):
        slot = chain.destination
        if slot is not None:
            place = chain.places[chain.dnat[0]]
            host = nat.rules.values(place)[slot].rpartition(":")[0].strip("[]")
            found.setdefault(host, []).append(place)
    strange = {host for host in found if host.startswith(("127.", "169.254.", "::1", "fe8", "fe9", "fea", "feb")) and _is_strange(host)}
    of_services = _cluster_ips(nat, found)
    for host, places in found.items():
        for place in places if host in strange or host in of_services else ():
            rule = nat.rules[place]
            if host in of_services:
                name, line = of_services[host]
                what = message("the endpoint {address} is the cluster IP of {service}: nothing answers there", address=host, service=name)
                yield Hit(rule.line, what, (rule.chain, host), related=(Related(line, message("the rule for the cluster IP")),), word=host)
            else:
                what = message("the endpoint {address} is a loopback or link-local address, which no Pod has", address=host)
                yield Hit(rule.line, what, (rule.chain, host), INFO if host.startswith("169.254.") else WARNING, word=host)


def _is_strange(host: str) -> bool:
    try:
        address = Address.parse(host)
    except ValueError:
        return False
    return any(network.family == address.family and network.holds(address) for network in _NOT_ELSEWHERE)


def _cluster_ips(nat: Table, hosts: dict[str, list[int]]) -> dict[str, tuple[str, int]]:
    """Those of some addresses that are cluster IPs, with the Service and the line of the rule that say so."""
    found: dict[str, tuple[str, int]] = {}
    places = nat.places_of(layout.SERVICES)
    for place, shape, values in zip(places, nat.rules.shapes_of(places), nat.rules.values_of(places), strict=True):
        slot = _destination(shape)
        host = "" if slot is None else values[slot].partition("/")[0]
        if host in hosts:
            rule = nat.rules[place]
            said = comment(rule) or ""
            if said.endswith(" cluster IP") and values[slot or 0].endswith((host, "/32", "/128")):
                found.setdefault(host, (said.removesuffix(" cluster IP"), rule.line))
    return found


@per_shape
def _destination(shape: Shape) -> int | None:
    """The slot of the address that packets go to, None if any will do."""
    options = [option for clause in shape.clauses if clause.kind == "base" for option in clause.options]
    return next((option.values[0] for option in options if option.name == "-d" and not option.negated and option.values), None)


CHECK = Check(
    "KP322",
    "endpoint-is-no-pod",
    WARNING,
    _look,
    message("put the addresses of Pods into the endpoints of the Service: the cluster IP of another Service does not work there"),
    also=(INFO,),
)
