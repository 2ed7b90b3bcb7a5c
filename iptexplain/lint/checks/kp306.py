"""One endpoint belongs to Services of different namespaces.

## What it does

Looks for an address and port that Services of different namespaces have among their endpoints. It is a warning where exactly two namespaces
share it, it lies in the Pods' network, and each of the two Services has other endpoints that the other one has not.

## Why it matters

A Service chooses Pods of its own namespace. When a Pod is gone its address is given to another Pod, and where the endpoints of the first
Service are not updated, a part of its connections ends at a stranger (kubernetes/kubernetes#109414). Besides errors this may hand over
passwords.

## Example

```
-A KUBE-SVC-AAAAAAAAAAAAAAAA -m comment --comment "shop/web:http -> 10.244.1.7:8080" -j KUBE-SEP-AAAAAAAAAAAAAAAA
-A KUBE-SVC-BBBBBBBBBBBBBBBB -m comment --comment "bank/api:http -> 10.244.1.7:8080" -j KUBE-SEP-BBBBBBBBBBBBBBBB
```

## Use instead

Ask with `kubectl get pods -A -o wide` whose address it is, and with `kubectl get endpointslices -A` who names it. Delete the slice that is
stale, or the address that somebody wrote into it.

## Limits

Endpoints may be written by hand or by a program, as those of Knative's activator are; where that explains it, or the Pods' network is not
known, it is information. `default/kubernetes` is left out, and so are Services whose names the rules do not tell.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.served import called
from iptexplain.lint.finding import INFO, WARNING, Hit, Related
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy.names import API_SERVERS
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.analysis.service_port import Endpoint, ServicePort
    from iptexplain.lint.subject import Subject
    from iptexplain.model.address import Network


_NAMED = 5
"""So many Services are named."""


class _Owner(NamedTuple):
    """A Service port that has an endpoint."""

    port: ServicePort
    endpoint: Endpoint

    @property
    def namespace(self) -> str:
        """Its namespace."""
        name = self.port.service_port
        return "" if name is None else name.namespace

    @property
    def addresses(self) -> frozenset[str]:
        """All its endpoints."""
        return frozenset(end.address for ends in self.port.endpoint_sets.values() for end in ends)


def _look(subject: Subject) -> Iterator[Hit]:
    pods = subject.proxy.local_detector.network if subject.proxy is not None and subject.proxy.local_detector is not None else None
    for (protocol, address), owners in _shared(subject).items():
        names = sorted({called(one.port) for one in owners})
        related = tuple(
            Related(one.endpoint.line, message("the endpoint of {service}", service=called(one.port))) for one in owners[1:_NAMED]
        )
        about = protocol, address
        if _is_strange(owners, pods):
            what = message(
                "{endpoint} is an endpoint of {one} and of {other}, of another namespace: one of the two may send traffic to a stranger",
                endpoint=address,
                one=names[0],
                other=names[1],
            )
            yield Hit(owners[0].endpoint.line, what, about, related=related)
        else:
            shown = ", ".join(names[:_NAMED])
            text = N_("{services} all send connections to {endpoint}, though they belong to several namespaces")
            if len(names) > _NAMED:
                text = N_("{services} and others all send connections to {endpoint}, though they belong to several namespaces")
            yield Hit(owners[0].endpoint.line, message(text, endpoint=address, services=shown), about, INFO, related)


def _shared(subject: Subject) -> dict[tuple[str, str], list[_Owner]]:
    """The endpoints that Services of several namespaces have."""
    named = [(port, port.service_port) for port in subject.ports if port.service_port is not None]
    ports = [(port, name.namespace) for port, name in named if (name.namespace, name.name) not in API_SERVERS]
    first: dict[str, str] = {}
    shared = {
        end.address
        for port, namespace in ports
        for ends in port.endpoint_sets.values()
        for end in ends
        if first.setdefault(end.address, namespace) != namespace
    }
    found: dict[tuple[str, str], list[_Owner]] = {}
    for port, _ in ports if shared else ():
        own = {end.address: end for ends in port.endpoint_sets.values() for end in ends if end.address in shared}
        for address, endpoint in own.items():
            found.setdefault((port.protocol, address), []).append(_Owner(port, endpoint))
    several = {where: owners for where, owners in found.items() if len({one.namespace for one in owners}) > 1}
    return {where: sorted(owners, key=lambda one: one.endpoint.line) for where, owners in several.items()}  # whatever they are called


def _is_strange(owners: list[_Owner], pods: Network | None) -> bool:
    """Is it more than a Service that was given the endpoints of another."""
    to = owners[0].endpoint.destination.first
    if pods is None or to is None or not pods.holds(to) or len({one.namespace for one in owners}) > 2:  # noqa: PLR2004 - a pair
        return False
    return not any(one.addresses <= other.addresses or other.addresses <= one.addresses for one, other in combinations(owners, 2))


CHECK = Check(
    "KP306",
    "endpoint-of-two-namespaces",
    WARNING,
    _look,
    message("ask kubectl get pods -A -o wide whose address it is, and take it out of the endpoints of the other Service"),
    (KUBE_PROXY,),
    also=(INFO,),
)
