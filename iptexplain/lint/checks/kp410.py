"""Traffic to Services that does not come from Pods is not masqueraded.

## What it does

Looks for Services with endpoints in nat, where no rule marks traffic to their cluster IPs that does not come from a Pod: no
`! -s 10.244.0.0/16 … -j KUBE-MARK-MASQ`. Where no Service has the rule, that is told once for the dump: as an info if kube-proxy does not
know which traffic comes from Pods, as a warning if other rules of its show that it does. A Service without it is a warning where others
have it; and so is a Service whose own rule asks for another address or port than the Service has. So is a node port, an external IP or a
load balancer that leads clients from outside to any endpoint, on this node or another one, without masquerade.

## Why it matters

Whoever is no Pod, such as another machine with a route to the cluster IPs, or a process of the node with an address of another network,
may reach a Service so that the answer does not come back the same way, and is thrown away. With the rule kube-proxy masquerades such
traffic (kubernetes/kubernetes#36925, projectcalico/calico#1044). kube-proxy leaves it out if nobody told it the addresses of the Pods; and
for `externalTrafficPolicy: Local` Pods are then treated like clients outside. But it writes the rule for all Services or for none: where a
single one has none, or one that does not fit, something else has changed the rules. At node ports and external addresses it always
masquerades what may go to another node, since the answer has to come back through this one: without that, clients wait in vain.

## Example

```
-A KUBE-SERVICES -d 10.109.35.24/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-2CMXP7HKUVJN7L6M
-A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-HZVZGM4N576VDS2S
```

## Use instead

`clusterCIDR` in the configuration of kube-proxy (`--cluster-cidr`), or another `detectLocalMode`. If it is a single Service, restart
kube-proxy, which writes the rule anew, and find out what changed it.

## Limits

It is right to leave it out where the network routes answers back by itself. A single Service is judged by what traffic from outside the
cluster meets: where another rule masquerades it all the same, or another Service takes it, nothing is said. A rule that stands where no
packet comes is told by KP206.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis import traffic
from iptexplain.analysis.service_port import DNAT
from iptexplain.extensions import binding
from iptexplain.extensions.binding import comment
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.late import late_marks
from iptexplain.lint.common.served import about, called
from iptexplain.lint.finding import INFO, WARNING, Hit, Related
from iptexplain.model.address import Network
from iptexplain.model.matching import Field
from iptexplain.model.values import Ports
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.analysis.service_port import Answer, Route, ServicePort
    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.owners.kube_proxy.proxy import LocalDetector


_OF_CLUSTER_IP = " cluster IP"
"""How the comment of a rule about a cluster IP ends."""

_CLIENTS = frozenset({traffic.OUTSIDE, traffic.OUTSIDE_ALLOWED})

_PLACES = {
    layout.EXTERNAL_IP: message("an external IP"),
    layout.LOAD_BALANCER: message("the load balancer"),
    layout.NODE_PORT: message("the node port"),
}


def _look(subject: Subject) -> Iterator[Hit]:
    nat, proxy = subject.table("nat"), subject.proxy
    if nat is None or proxy is None:
        return
    yield from _outside(subject)
    if proxy.local_detector is None and proxy.masquerade_all is False:
        yield from _none(subject, nat)
    elif proxy.local_detector is not None or proxy.masquerade_all:
        yield from _some(subject)


def _outside(subject: Subject) -> Iterator[Hit]:
    """A hit for each Service that leads clients from outside to endpoints of all nodes without masquerade, where that works at all."""
    answers = [(port, route, answer) for port in subject.ports for route in port.routes for answer in route.sources.values()]
    if not any(answer.masquerade for _, _, answer in answers):
        return
    bare = [(port, route) for port, route, answer in answers if route.kind != layout.CLUSTER_IP and _is_bare(answer)]
    late = _late(subject) if bare else frozenset()
    told: set[tuple[str, ...]] = set()
    for port, route in bare:
        clients = [answer for who, answer in route.sources.items() if who in _CLIENTS and _is_bare(answer)]
        if not clients or about(port) in told or not late.isdisjoint(port.chains):
            continue
        told.add(about(port))
        what = message(
            "traffic from outside to {place} of {service} ({protocol}) is not masqueraded: answers of endpoints on other nodes do not come "
            "back through this one",
            place=_PLACES[route.kind],
            service=called(port),
            protocol=port.protocol,
        )
        yield Hit(route.line, what, (*about(port), route.kind), WARNING)


def _is_bare(answer: Answer) -> bool:
    """Does traffic go to any endpoint of a Service with the address that it has."""
    return answer.action == DNAT and answer.endpoint_set == "cluster" and answer.taken_by is None and answer.masquerade is False


def _none(subject: Subject, nat: Table) -> Iterator[Hit]:
    """One hit where no Service has the rule."""
    first = next((rule for rule in nat.rules_of(layout.SERVICES) if _is_of_service(rule.target_name)), None)
    marking = subject.jumps("nat").get(layout.MARK_MASQUERADE, ()) if first is not None else ()
    if first is None or any(rule.chain.startswith("KUBE-SVC-") and comment(rule) is None for rule in marking):
        return  # nobody knows what a rule without a comment is for
    what = message("kube-proxy does not know which addresses Pods have: traffic of others to cluster IPs is not masqueraded")
    yield Hit(first.line, what, (layout.SERVICES,), word=first.target_name)


def _some(subject: Subject) -> Iterator[Hit]:
    """A hit for each Service that has no rule where others have one, or one that does not fit; one hit where no Service has it."""
    served = [(port, route) for port in subject.ports for route in port.routes if _is_served(route)]
    bare = [(port, route) for port, route in served if not route.sources[traffic.OUTSIDE].masquerade]
    if not bare:
        return
    late = _late(subject)
    rules = _rules(subject)
    detector = subject.proxy.local_detector if subject.proxy is not None else None
    if detector is not None and len(bare) == len(served) and not rules and not _is_any_in_services(subject):
        yield _lost(detector, bare[0][1])
        return
    for port, route in bare:
        own = [rule for chain in port.chains for rule in rules.get(chain, ())]
        if not late.isdisjoint(port.chains) or any(_fits(rule, port, route) for rule in own):
            continue
        if own:
            what = message(
                "the rule in {chain} that marks packets for masquerade does not fit {service}: it asks for another address or port, "
                "so traffic to the cluster IP from outside the cluster is not masqueraded",
                chain=own[0].chain,
                service=called(port),
            )
            related = (Related(route.line, message("the address and port of the Service")),)
            yield Hit(own[0].line, what, (*about(port), str(route.address)), WARNING, related)
        elif len(bare) < len(served):
            what = message(
                "{service} ({protocol}) lacks a rule that other Services have: traffic to its cluster IP from outside the cluster is not "
                "masqueraded",
                service=called(port),
                protocol=port.protocol,
            )
            yield Hit(route.line, what, (*about(port), str(route.address)), WARNING)


def _lost(detector: LocalDetector, route: Route) -> Hit:
    """The hit for a dump in which no Service has the rule, though kube-proxy tells Pods from others."""
    what = message(
        "no Service has the rule that masquerades traffic to cluster IPs from outside the cluster, though kube-proxy knows Pods by {pods}",
        pods=detector.value,
    )
    return Hit(route.line, what, (layout.SERVICES, "lost"), WARNING)


def _is_any_in_services(subject: Subject) -> bool:
    """Does KUBE-SERVICES have such a rule, as up to 1.21."""
    marking = subject.jumps("nat").get(layout.MARK_MASQUERADE, ())
    return any(rule.chain == layout.SERVICES and (comment(rule) or _OF_CLUSTER_IP).endswith(_OF_CLUSTER_IP) for rule in marking)


def _late(subject: Subject) -> frozenset[str | None]:
    """The chains of which KP206 tells that a rule marks too late."""
    return frozenset([chain for one in late_marks(subject) for chain in (one.rule.chain, one.before.target_name)])


def _is_served(route: Route) -> bool:
    """Does what comes from outside to a cluster IP go to endpoints of its Service, and is it known whether it is masqueraded."""
    answer = route.sources.get(traffic.OUTSIDE) if route.kind == layout.CLUSTER_IP else None
    return answer is not None and answer.action == DNAT and answer.taken_by is None and answer.masquerade is not None


def _rules(subject: Subject) -> dict[str, list[Rule]]:
    """The rules that mark traffic to cluster IPs in the chains of Services, by chain."""
    found: dict[str, list[Rule]] = {}
    for rule in subject.jumps("nat").get(layout.MARK_MASQUERADE, ()):
        if _is_of_service(rule.chain) and (comment(rule) or _OF_CLUSTER_IP).endswith(_OF_CLUSTER_IP):
            found.setdefault(rule.chain, []).append(rule)
    return found


def _fits(rule: Rule, port: ServicePort, route: Route) -> bool:
    """Does a rule ask for the place of a Service, as far as it is known what it asks for."""
    for test in binding.tests(rule):
        for field, wanted, negated in test.constraints:
            holds = None
            if field is Field.DESTINATION and isinstance(wanted, Network) and route.address is not None:
                holds = wanted.holds(route.address)
            elif field is Field.DESTINATION_PORT and isinstance(wanted, Ports):
                holds = wanted.holds(route.port)
            elif field is Field.PROTOCOL:
                holds = wanted == port.protocol.lower()
            if holds is negated:
                return False
    return True


def _is_of_service(target: str | None) -> bool:
    found = SERVICE_CHAIN.match(target or "")
    return found is not None and found[1] in layout.ENDPOINT_SET


CHECK = Check(
    "KP410",
    "pods-not-told-from-others",
    INFO,
    _look,
    message("tell kube-proxy the addresses of the Pods: clusterCIDR, or a detectLocalMode; if it is a single Service, restart kube-proxy"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
    also=(WARNING,),
)
