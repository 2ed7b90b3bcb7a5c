"""ufw drops the traffic of Pods.

## What it does

Looks for a `FORWARD` chain of filter with policy `DROP` and chains of ufw, on a node with endpoints of Services, where no rule accepts
the first packet of a connection that is passed on.

## Why it matters

Traffic of Pods passes `FORWARD`: it comes from another interface than it leaves by. ufw drops there what nothing accepts. Some Pod
networks add rules that accept their Pods' traffic, others do not (see projectcalico/calico#4927 on ufw beside a Pod network). Without
them Pods reach neither Services nor each other nor the internet.

## Example

```
:FORWARD DROP [0:0]
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -j ufw-before-forward
```

## Use instead

`ufw route allow` for the addresses of the Pods, `DEFAULT_FORWARD_POLICY="ACCEPT"` in `/etc/default/ufw`, or no ufw on nodes of a cluster.

## Limits

Any rule that may accept such packets keeps it silent, even one for another program, and so does a rule that is not understood.
kube-proxy's own rules for replies and for marked packets do not count. Firewalld is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.binding import effect, tests
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.endpoints import endpoint_chains
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.model.matching import Field, Opaque, Queue, Verdict
from iptexplain.model.ruleset import ChainName
from iptexplain.model.values import Words
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule

_LATER = frozenset({"RELATED", "ESTABLISHED", "INVALID"})
"""States that the first packet of a connection to a Pod does not have."""

_NOT_OF_SERVICES = frozenset({"icmp", "ipv6-icmp"})


def _look(subject: Subject) -> Iterator[Hit]:
    if subject.proxy is None or subject.proxy.masquerade_all:  # then all traffic to Services has the mark that KUBE-FORWARD accepts
        return
    table = subject.table("filter")
    forward = table.chains.get(ChainName("FORWARD")) if table is not None else None
    if table is None or forward is None or forward.policy != "DROP" or next(endpoint_chains(subject), None) is None:
        return
    chains = reached(subject, "filter", "FORWARD")
    of_ufw = [places[0] for chain in chains if chain.startswith("ufw") and (places := table.places_of(chain))]
    if not of_ufw or any(_may_accept(rule) for chain in chains for rule in table.rules_of(chain)):
        return
    what = message("ufw is there, policy DROP, and no rule in FORWARD accepts new connections of Pods")
    related = (Related(table.rules.line(min(of_ufw)), message("a rule of ufw")),)
    yield Hit(forward.line, what, ("filter", "FORWARD"), related=related, word="DROP")


def _may_accept(rule: Rule) -> bool:
    """May a rule accept the first packet of a connection, or is it not known what it does."""
    made = effect(rule)
    if isinstance(made, (Opaque, Queue)):
        return True
    if made is not Verdict.ACCEPT:
        return False
    constraints = [constraint for test in tests(rule) for constraint in test.constraints]
    return not any(_keeps_out(one) or (rule.chain == "KUBE-FORWARD" and one.field is Field.MARK) for one in constraints)


def _keeps_out(constraint: Constraint) -> bool:
    """Does a rule demand what the first packet of a connection to a Service does not have."""
    field, wanted, negated = constraint
    if negated:
        return False
    if field is Field.STATE:
        return isinstance(wanted, Words) and {*wanted.names} <= _LATER
    return field is Field.PROTOCOL and wanted in _NOT_OF_SERVICES


CHECK = Check(
    "KP502",
    "ufw-drops-pod-traffic",
    WARNING,
    _look,
    message("allow the traffic of Pods with ufw route allow, or let ufw accept what is forwarded"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
