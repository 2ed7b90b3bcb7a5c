"""A firewall refuses everything before the network of the Pods is asked.

## What it does

Looks in filter `INPUT` and `FORWARD` for a rule that refuses (or drops) every packet, and behind which the only rules stand that ask
kube-proxy or the Pods' network, and accept packets. It is information where rules before it accept much already.

## Why it matters

Rules are tried from the top. Behind a rule that refuses everything none is tried, so connections to Pods and Services that go through this
node end with "no route to host" (projectcalico/calico#1073). The rule is what some distributions install from the start.

## Example

```
-A FORWARD -j REJECT --reject-with icmp-host-prohibited
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
```

## Use instead

Take the rule away (`iptables -D FORWARD -j REJECT --reject-with icmp-host-prohibited`) and keep it away: turn off the service that
restores it (`iptables`, `firewalld`), or let it accept the networks of the Pods first.

## Limits

Only chains whose names tell who made them are known, and Calico's own rules. A chain that refuses everything, and that the built-in
chain jumps to, is not found.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.accepting import accepts
from iptexplain.lint.common.ending import ends, may_end
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import ERROR, INFO, Hit, Related
from iptexplain.model.matching import Reject, Verdict
from iptexplain.model.values import Interface
from iptexplain.owners.makers import maker
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table

_KUBE = "kube-proxy and kubelet"
_NETWORKS = frozenset(
    {
        _KUBE,
        "Calico",
        "Cilium",
        "Flannel",
        "Weave Net",
        "Azure NPM",
        "Antrea",
        "CNI plugins",
    }
)
"""Makers whose chains carry the traffic of Pods."""

_BY_CALICO = "cali:"
"""How comments of Calico's rules begin."""

_DOCKER = ("docker", "br-")
"""How interfaces of Docker's own networks begin."""


def _look(subject: Subject) -> Iterator[Hit]:
    filter_ = subject.table("filter")
    for start in ("INPUT", "FORWARD") if filter_ is not None else ():
        rules = filter_.rules_of(start) if filter_ is not None else ()
        end = next((at for at, rule in enumerate(rules) if may_end(rule.shape) and ends(rule)), None)
        if filter_ is None or end is None or not _refuses(rules[end]):
            continue
        before = frozenset[str]().union(*(reached(subject, "filter", rule.target_name or "") for rule in rules[:end]))
        dead = [rule for rule in rules[end + 1 :] if rule.target_name not in before and _accepts(subject, filter_, rule)]
        if dead:
            earlier = chain.from_iterable([rules[:end], *(filter_.rules_of(name) for name in before if maker(name) != _KUBE)])
            what = message("{chain} refuses every packet before {rule} is tried", chain=start, rule=uncounted(dead[0]))
            related = tuple([Related(rule.line, message("this rule is never tried")) for rule in dead])
            severity = INFO if any(map(_lets_in, earlier)) else ERROR
            yield Hit(rules[end].line, what, (start, uncounted(rules[end])), severity, related, rules[end].target_name)


def _refuses(rule: Rule) -> bool:
    return isinstance(binding.effect(rule), Reject) or binding.effect(rule) is Verdict.DROP


def _accepts(subject: Subject, filter_: Table, rule: Rule) -> bool:
    """Is a rule one of a network of Pods that accepts something, or does it lead to a chain of one that does."""
    if rule.target_name == "ACCEPT":
        return (binding.comment(rule) or "").startswith(_BY_CALICO)
    target = rule.target_name or ""
    if maker(target) not in _NETWORKS:
        return False
    return any(inner.target_name == "ACCEPT" for chain in reached(subject, "filter", target) for inner in filter_.rules_of(chain))


def _lets_in(rule: Rule) -> bool:
    """Does a rule accept more than single ports, or what belongs to Docker alone."""
    interfaces = [one.wanted for test in binding.tests(rule) for one in test.constraints if isinstance(one.wanted, Interface)]
    return accepts(rule) == (True, True) and not any(one.name.startswith(_DOCKER) for one in interfaces)


CHECK = Check(
    "KP503",
    "all-refused-before-pods",
    ERROR,
    _look,
    message("take away the rule that refuses everything, or let the rules of the Pods' network stand before it"),
    (KUBE_PROXY,),
    also=(INFO,),
)
