"""The addresses of Services lie among those of Pods.

## What it does

Looks for cluster IPs in the range of Pods that kube-proxy was told (`--cluster-cidr`, as its rules show it). It is an error where a Pod
has an address in the same /24 (IPv6: /64), else information.

## Why it matters

A Pod may be given the address of a Service. Packets to that Pod then go to the Service, from everywhere in the cluster, and the network
of the Pods may catch packets that are meant for Services (kubernetes/kops#16340, k3s-io/k3s#4627, projectcalico/calico#2720).

## Example

```
-A KUBE-SERVICES -d 10.244.1.10/32 -p tcp -m tcp --dport 53 -j KUBE-SVC-ERIFXISQEP7F7OF4
-A KUBE-SVC-ERIFXISQEP7F7OF4 ! -s 10.244.0.0/16 -d 10.244.1.10/32 -p tcp -m tcp --dport 53 -j KUBE-MARK-MASQ
-A KUBE-SEP-6E7XQMQ4RAYOWTTM -p tcp -m tcp -j DNAT --to-destination 10.244.1.3:53
```

## Use instead

Ranges that do not meet: `--service-cluster-ip-range` of the API server, and `--cluster-cidr` of the controller manager and of kube-proxy.
A range cannot be changed in a running cluster without new Services or new Pods.

## Limits

The range in the rules may be wider than what Pods are given: some clusters (GKE with routes) take the Services' range from the end of it
on purpose. That is why it is information alone where no Pod is seen near. Nothing is known of the range where kube-proxy goes by
interfaces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.demands import demands
from iptexplain.lint.common.endpoints import endpoint_chains
from iptexplain.lint.finding import ERROR, INFO, Hit
from iptexplain.model.address import Endpoint, Network
from iptexplain.model.matching import Field
from iptexplain.owners.kube_proxy.layout import CLUSTER_IP, SERVICES, place
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.address import Address
    from iptexplain.model.ruleset import Rule

_NEAR = {4: 8, 6: 64}
"""The bits of an address, from its end, in which those of one node differ."""


def _look(subject: Subject) -> Iterator[Hit]:
    detector = subject.proxy.local_detector if subject.proxy is not None else None
    pods = detector.network if detector is not None else None
    inside = dict(_cluster_ips(subject, pods)) if pods is not None else {}
    if pods is None or not inside:
        return
    of_pods = {_block(address) for address in _endpoints(subject) if pods.holds(address)}
    near = [address for address in inside if _block(address) in of_pods]
    first = (near or list(inside))[0]
    fields = {"address": first, "network": pods, "count": len(inside)}
    what = (
        message("cluster IP {address} stands among addresses of Pods ({count} cluster IPs lie in {network})", **fields)
        if near
        else message("cluster IP {address} lies in the range of Pods {network} ({count} do)", **fields)
    )
    yield Hit(
        inside[first].line,
        what,
        (str(pods), "near" if near else "far", *sorted(map(str, near or inside))),
        ERROR if near else INFO,
        word=str(first),
    )


def _cluster_ips(subject: Subject, pods: Network) -> Iterator[tuple[Address, Rule]]:
    """The cluster IPs in a range, and a rule of each."""
    nat = subject.table("nat")
    for rule in nat.rules_of(SERVICES) if nat is not None else ():
        target = SERVICE_CHAIN.match(rule.target_name or "")
        if target is None or place("nat", SERVICES, binding.comment(rule), target[1]).kind != CLUSTER_IP:
            continue
        for field, wanted, negated in demands(rule) or ():
            address = wanted.single if field is Field.DESTINATION and isinstance(wanted, Network) and not negated else None
            if address is not None and pods.holds(address):
                yield address, rule


def _endpoints(subject: Subject) -> Iterator[Address]:
    nat = subject.table("nat")
    for chain in endpoint_chains(subject) if nat is not None else ():
        slot = chain.destination
        if nat is None or slot is None:
            continue
        try:
            to = Endpoint.parse(nat.rules.values(chain.places[chain.dnat[0]])[slot])
        except ValueError:
            continue
        if to.first is not None:
            yield to.first


def _block(address: Address) -> tuple[int, int]:
    return address.family, address.value >> _NEAR[address.family]


CHECK = Check(
    "KN901",
    "cluster-ip-among-pods",
    ERROR,
    _look,
    message("give Services and Pods ranges of addresses that do not meet"),
    (KUBE_PROXY,),
    also=(INFO,),
)
