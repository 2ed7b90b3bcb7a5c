"""A cluster IP is an address of the node itself.

## What it does

Looks for interfaces of the node that have the cluster IP of a Service as an address, beside kube-proxy's rules in iptables mode.

## Why it matters

In this mode no interface has a cluster IP: rules change the destination of packets before the node looks where to send them. Where an
interface has it all the same, often `kube-ipvs0`, which kube-proxy's IPVS mode left behind, what no rule changes ends at the node itself:
a port of the address that the Service does not have reaches a program of the node, say its SSH server. Connections from the node to the
Service begin with the cluster IP as their source. When the Service is gone and its address is given to another one, or the rules come
late, packets end here.

## Example

```
5: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default
    inet 10.96.0.1/32 scope global kube-ipvs0
```

and in the rules

```
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -j KUBE-SVC-NPX46M4PTMTKRN6Y
```

## Use instead

What an IPVS mode left behind goes by `ip link delete kube-ipvs0` and `ipvsadm --clear`, or a restart of the node. If another interface
has the address, its network and the range of the Services overlap: one of the two needs another range.

## Limits

Addresses of load balancers and external IPs are passed over: klipper (ServiceLB of K3s), kube-vip and keepalived put them on interfaces
of nodes on purpose. So are the addresses of the node-local DNS cache: those on `nodelocaldns`, and those that rules of raw take out of
connection tracking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import ADDRESSES, KUBE_PROXY, Check
from iptexplain.lint.common.served import called
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.model.address import Network
from iptexplain.model.matching import Field, Untrack
from iptexplain.owners.kube_proxy.layout import CLUSTER_IP
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.analysis.service_port import Route, ServicePort
    from iptexplain.lint.subject import Subject
    from iptexplain.model.address import Address

_OF_CACHE = "nodelocaldns"
"""The interface of the node-local DNS cache."""


def _look(subject: Subject) -> Iterator[Hit]:
    own = {
        assigned.address: link.name
        for link in (subject.beside.links or {}).values()
        for assigned in link.addresses
        if link.name != _OF_CACHE
    }
    found: dict[str, dict[Address, tuple[ServicePort, Route]]] = {}
    for port in subject.ports if own else ():
        for route in port.routes_of(CLUSTER_IP) if port.service_port is not None else ():
            link = own.get(route.address) if route.address is not None else None
            if link is not None and route.address is not None:
                found.setdefault(link, {}).setdefault(route.address, (port, route))
    untracked = _untracked(subject) if found else frozenset[Network]()
    for link, addresses in found.items():
        left = {address: place for address, place in addresses.items() if not any(network.holds(address) for network in untracked)}
        if left:
            address, (port, route) = next(iter(left.items()))
            what = message(
                "{link} has {address}, the cluster IP of {service}:"
                " what comes to its other ports reaches the node itself (addresses like this: {count})",
                link=link,
                address=address,
                service=called(port),
                count=len(left),
            )
            yield Hit(route.line, what, (link,), word=str(address))


def _untracked(subject: Subject) -> frozenset[Network]:
    """What rules of raw take out of connection tracking by its destination."""
    networks = set()
    for rule in subject.rules("raw", lambda shape: shape.target is not None and shape.target.name in {"CT", "NOTRACK"}):
        if isinstance(binding.effect(rule), Untrack):
            asked = (constraint for test in binding.tests(rule) for constraint in test.constraints)
            networks |= {
                wanted for field, wanted, negated in asked if field is Field.DESTINATION and isinstance(wanted, Network) and not negated
            }
    return frozenset(networks)


CHECK = Check(
    "KN902",
    "cluster-ip-on-interface",
    WARNING,
    _look,
    message("take the address from the interface: ip link delete kube-ipvs0, or another range for the interface's network"),
    (KUBE_PROXY, ADDRESSES),
)
