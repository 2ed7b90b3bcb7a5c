"""An endpoint is no address of the Pods' network.

## What it does

Where the rules tell the Pods' network (`! -s 10.244.0.0/16` in the rules for masquerade), this looks for Services with endpoints outside of
it. Addresses of the node itself are left out if they were given with `--ip-addr`.

## Why it matters

Mostly it is meant so: Pods with `hostNetwork: true` have the addresses of their nodes, and endpoints may be written by hand for a server
outside of the cluster. But NetworkPolicy does not protect such an endpoint, nobody keeps an address up to date that was written by hand,
and a firewall between the nodes may stand in the way. It is good to know when one Service answers and another does not.

## Example

```
-A KUBE-SVC-2CMXP7HKUVJN7L6M ! -s 10.244.0.0/16 -d 10.96.0.9/32 -p tcp -m tcp --dport 5432 -j KUBE-MARK-MASQ
-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 192.0.2.20:5432
```

## Use instead

Ask with `kubectl get endpointslices` where the address comes from, and whether it still is the right one.

## Limits

Which addresses the other nodes have is not in a dump. Where most endpoints lie outside of the network it is not that of all Pods (for
example that of one node), and nothing is said. `default/kubernetes`, which always has such endpoints, is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.served import about, called
from iptexplain.lint.finding import INFO, Hit
from iptexplain.owners.kube_proxy.names import API_SERVERS
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.analysis.service_port import Endpoint, ServicePort
    from iptexplain.lint.subject import Subject
    from iptexplain.model.address import Address


def _look(subject: Subject) -> Iterator[Hit]:
    pods = subject.proxy.local_detector.network if subject.proxy is not None and subject.proxy.local_detector is not None else None
    if pods is None:
        return
    found: list[tuple[ServicePort, Endpoint]] = []
    known: dict[str, bool | None] = {}
    for port in subject.ports:
        name = port.service_port
        if name is not None and (name.namespace, name.name) in API_SERVERS:
            continue
        strange = None
        for end in (end for ends in port.endpoint_sets.values() for end in ends):
            host = end.address.rpartition(":")[0]
            if host not in known:
                to = end.destination.first
                known[host] = None if to is None or to in _own(subject) else pods.holds(to)
            if known[host] is False and strange is None:
                strange = end
        found += [(port, strange)] if strange is not None else []
    places = [*known.values()]
    if places.count(False) > places.count(True):
        return
    for port, endpoint in found:
        what = message(
            "{service} ({protocol}) has the endpoint {endpoint}, which is outside the network of the Pods, {network}:"
            " NetworkPolicy may not protect it",
            service=called(port),
            protocol=port.protocol,
            endpoint=endpoint.address,
            network=str(pods),
        )
        yield Hit(endpoint.line, what, about(port))


def _own(subject: Subject) -> frozenset[Address]:
    """The addresses of the node, as far as they were given."""
    return subject.once(_addresses)


def _addresses(subject: Subject) -> frozenset[Address]:
    links = subject.beside.links or {}
    return frozenset(assigned.address for link in links.values() for assigned in link.addresses)


CHECK = Check(
    "KP319",
    "endpoint-outside-pod-network",
    INFO,
    _look,
    message("ask kubectl get endpointslices where the address comes from, and whether it still is the right one"),
    (KUBE_PROXY,),
)
