"""What one Pod sends to another is dropped.

## What it does

Follows the first packet of a connection from one address of the Pods to another through `FORWARD` of filter, and tells if it is dropped
whatever its protocol, its ports and its interfaces are: by the policy of the chain, or by a rule. Which addresses the Pods have is taken
from kube-proxy's own rules. It is information where no endpoint of a Service has such an address: then there may be no Pods yet.

## Why it matters

What Pods send passes `FORWARD` of their node. Where its policy is `DROP`, as Docker sets it, some rule must accept the Pods' traffic;
usually the Pods' network writes one. Without it, or where a rule refuses their traffic, Pods reach neither each other nor a Service whose
endpoint is another Pod (kubernetes/kubernetes#39823, kubernetes/kubernetes#40182).

## Example

```
*filter
:FORWARD DROP [0:0]
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
```

## Use instead

Find out why the Pods' network has not written its rules (its own Pod on this node tells), or accept the Pods' traffic:
`iptables -A FORWARD -s 10.244.0.0/16 -j ACCEPT` and the same with `-d`, with the addresses of your Pods. A firewall of your own needs such
rules too. Where a rule refuses the Pods' traffic, remove it, or let it ask for less.

## Limits

Told only where it is certain: a rule that may accept such a packet, or that is not understood, keeps it silent, and so does a kube-proxy
whose rules do not name the addresses of the Pods. Not told are rules of programs that enforce network policies, which may refuse with
reason, nor what KP204 tells: a rule before `KUBE-FORWARD` that refuses traffic to Pods whoever sends it. That Pods do not use Docker's
bridge is known by Docker's own masquerade rule. Networks whose packets do not pass iptables at all (eBPF) are not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.walk import Walker
from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.partial import all_refused, endings
from iptexplain.lint.common.pods import between_pods, endpoints_in, pod_network
from iptexplain.lint.common.refusing import refusing_first
from iptexplain.lint.finding import ERROR, INFO, Hit, Related
from iptexplain.model.matching import Field
from iptexplain.model.ruleset import ChainName
from iptexplain.model.shape import per_shape
from iptexplain.owners.makers import maker
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.common.partial import Ending, Partial
    from iptexplain.lint.subject import Subject
    from iptexplain.model.address import Network
    from iptexplain.model.ruleset import Rule
    from iptexplain.model.shape import Shape

_FORWARD = "FORWARD"

_KNOWN = frozenset({Field.SOURCE, Field.DESTINATION, Field.STATE, Field.IN, Field.OUT})
"""What a rule may ask for that refuses all that Pods send to each other."""

_ENDS = frozenset({Field.SOURCE, Field.DESTINATION})

_POLICY_MAKERS = frozenset({"Antrea", "Azure NPM", "Calico", "Cilium", "Weave Net"})
_OF_ROUTER = ("KUBE-ROUTER-", "KUBE-NWPLCY-", "KUBE-POD-FW-")
"""Who enforces network policies, and how kube-router's chains begin."""


def _look(subject: Subject) -> Iterator[Hit]:
    table = subject.table("filter")
    forward = table.chains.get(ChainName(_FORWARD)) if table is not None else None
    if table is None or forward is None or (forward.policy != "DROP" and next(subject.rules("filter", _may_refuse), None) is None):
        return
    pods = pod_network(subject)
    if pods is None:
        return
    packet = between_pods(subject, pods)
    if forward.policy != "DROP" and not any(
        _is_wide(rule, pods) and _refuses(rule, packet) for rule in subject.rules("filter", _may_refuse)
    ):
        return
    ends = endings(Walker(table), _FORWARD, packet)
    if not all_refused(ends):
        return
    dropping = {end.rules[0].index: end.rules[0] for end in ends if not end.by_policy}
    if any(_is_of_policies(rule.chain) for rule in dropping.values()) or _is_told(subject, ends):
        return
    what = message("FORWARD drops what a Pod sends to another Pod: no rule accepts new connections within {pods}", pods=str(pods))
    related = tuple([Related(rule.line, message("this rule refuses")) for _, rule in sorted(dropping.items())[:3]])
    severity = ERROR if endpoints_in(subject, pods, 1) else INFO
    yield Hit(forward.line, what, ("filter", _FORWARD, str(pods)), severity, related, word=None if related else "DROP")


def _may_refuse(shape: Shape) -> bool:
    """Does a shape refuse, and ask for nothing but what may be known of all that Pods send to each other."""
    if shape.target is None or shape.target.name not in {"DROP", "REJECT"}:
        return False
    limits = binding.limits(shape)
    return limits is not None and all(limit.field in _KNOWN for limit in limits)


def _is_wide(rule: Rule, pods: Network) -> bool:
    """Does a rule ask for no single address, as nearly all rules of long lists do; told by the text alone."""
    if pods.single is not None:
        return True
    values = rule.values
    return not any(values[slot].endswith("/128" if ":" in values[slot] else "/32") for slot in _slots_of_ends(rule.shape))


@per_shape
def _slots_of_ends(shape: Shape) -> tuple[int, ...]:
    """Where rules of a shape have the addresses that they ask for."""
    limits = binding.limits(shape) or ()
    return tuple([limit.slot for limit in limits if limit.slot is not None and limit.field in _ENDS and not limit.negated])


def _refuses(rule: Rule, packet: Partial) -> bool:
    """Does a rule refuse the packet if it comes there."""
    asked = (one for test in binding.tests(rule) for one in test.constraints)
    return all(packet.test(field, wanted) is not negated for field, wanted, negated in asked)


def _is_of_policies(chain: str) -> bool:
    """Is it a chain of a program that enforces network policies."""
    return maker(chain) in _POLICY_MAKERS or chain.startswith(_OF_ROUTER)


def _is_told(subject: Subject, ends: Sequence[Ending]) -> bool:
    """Is it one rule that refuses all, of which KP204 tells that it comes before KUBE-FORWARD."""
    first = refusing_first(subject)
    return first is not None and all(not end.by_policy and end.rules[0].index == first.index for end in ends)


CHECK = Check(
    "KP501",
    "pod-to-pod-dropped",
    ERROR,
    _look,
    message("restart the Pods' network on this node, or accept the addresses of the Pods in FORWARD; remove a rule that refuses them"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
    also=(INFO,),
)
