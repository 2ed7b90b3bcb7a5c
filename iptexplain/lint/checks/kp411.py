"""What one Pod sends to another gets the address of the node.

## What it does

Follows connections from Pods to endpoints of Services, which are Pods too, through `POSTROUTING` of nat, and tells if a rule other than
kube-proxy's masquerades them, whatever their ports and interfaces are.

## Why it matters

The Pod that is called sees the address of a node, not that of the Pod that calls it: NetworkPolicies refuse such connections or let in too
many, logs and rate limits are wrong, and some Pod networks lose the answers (flannel-io/flannel#1702, projectcalico/calico#499). Traffic
to the internet needs the rule, traffic between Pods must be left out.

## Example

```
-A POSTROUTING -s 10.244.0.0/16 -j MASQUERADE
```

## Use instead

Leave the Pods' addresses out, as in `-s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE`, or put a rule with `-j RETURN` before it. With
Docker's own rule set `"ip-masq": false` in its configuration; with the bridge plugin `"ipMasq": false`.

## Limits

Told only where it is certain, so a rule that asks for an interface or an ipset keeps it silent; but `! -o docker0` beside the network of
that bridge is understood. Traffic that kube-proxy has marked is masqueraded on purpose and not looked at. Needs a kube-proxy whose rules
name the addresses of the Pods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.walk import Walker
from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.course import MOST
from iptexplain.lint.common.partial import endings
from iptexplain.lint.common.pods import between_pods, endpoints_in, pod_network
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.model.address import Network
from iptexplain.model.matching import Constraint, Field
from iptexplain.model.values import Interface
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.common.partial import Partial
    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule
    from iptexplain.model.shape import Shape

_START = "POSTROUTING"
_BRIDGES = ("docker", "br-", "cni", "cbr")
"""How bridges begin to which the Pods of one node are connected; what goes to Pods elsewhere does not leave by them."""

_FEW = 10
"""So many networks of senders, and so many endpoints for each, are looked at."""


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    if nat is None or all(rule.chain == layout.POSTROUTING for rule in subject.rules("nat", _may_masquerade)):
        return
    pods = pod_network(subject)
    if pods is None:
        return
    rules = [rule for chain in sorted(reached(subject, "nat", _START) - {layout.POSTROUTING}) for rule in nat.rules_of(chain)]
    endpoints = endpoints_in(subject, pods, MOST) if rules else []
    said: set[int] = set()
    walker = Walker(nat)
    for source in _sources(rules, pods):
        for endpoint in [one for one in endpoints if source == pods or not source.meets(one)][:_FEW]:
            rule = _masquerading(walker, between_pods(subject, source, endpoint), rules)
            if rule is None or rule.index in said:
                continue
            said.add(rule.index)
            what = message(
                "chain {chain} masquerades what Pods in {source} send to Pod {pod}: that Pod sees the node's address, not the sender's",
                chain=rule.chain,
                source=str(source),
                pod=str(endpoint.single),
            )
            yield Hit(rule.line, what, ("nat", uncounted(rule)), word=rule.target_name)


def _may_masquerade(shape: Shape) -> bool:
    return shape.target is not None and shape.target.name in {"MASQUERADE", "SNAT"}


def _sources(rules: Sequence[Rule], pods: Network) -> list[Network]:
    """The Pods' network, and the networks in it that rules name as senders."""
    found = {pods: None}
    for rule in rules:
        found.update({network: None for network in _named(rule) if pods.covers(network)})
    return list(found)[:_FEW]


def _named(rule: Rule) -> list[Network]:
    """The networks that a rule names as senders."""
    asked = [one for test in binding.tests(rule) for one in test.constraints if one.field is Field.SOURCE and not one.negated]
    return [one.wanted for one in asked if isinstance(one.wanted, Network)]


def _masquerading(walker: Walker, packet: Partial, rules: Sequence[Rule]) -> Rule | None:
    """The rule that masquerades what is sent from a network to an endpoint, None if that is not certain."""
    away = [Constraint(Field.OUT, Interface("lo", prefix=False), negated=True)]
    source, endpoint = (one.wanted for one in packet.known[:2])
    if isinstance(source, Network) and isinstance(endpoint, Network) and not source.meets(endpoint):
        away += [one for rule in rules if source in _named(rule) for one in _bridges(rule)]
    ends = endings(walker, _START, packet._replace(known=(*packet.known, *away)))
    if not ends or not all(end.masquerades and end.rules[0].chain != layout.POSTROUTING for end in ends):
        return None
    return min((end.rules[0] for end in ends), key=lambda rule: (_unknown(rule), -rule.index))


def _unknown(rule: Rule) -> int:
    """How much a rule asks that nothing tells of a packet from Pod to Pod: the one that asks least is the culprit."""
    return sum(one.field not in {Field.SOURCE, Field.DESTINATION} for test in binding.tests(rule) for one in test.constraints)


def _bridges(rule: Rule) -> list[Constraint]:
    """The bridges that a rule leaves out: beside a network of senders it is the bridge of that network."""
    asked = [one for test in binding.tests(rule) for one in test.constraints if one.field is Field.OUT and one.negated]
    return [one for one in asked if isinstance(one.wanted, Interface) and one.wanted.name.startswith(_BRIDGES)]


CHECK = Check(
    "KP411",
    "pod-to-pod-masqueraded",
    WARNING,
    _look,
    message("leave the Pods' addresses out of the rule that masquerades, or put a RETURN for them before it"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
