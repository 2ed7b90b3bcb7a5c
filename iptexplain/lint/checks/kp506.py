"""Packets that connection tracking does not understand are forwarded.

## What it does

Looks for a rule in filter `KUBE-FORWARD` (or `FORWARD`) that drops packets in state `INVALID`, where `KUBE-FORWARD` has rules.

## Why it matters

A late copy of a packet may belong to no connection that Linux knows of. Then the address of the Service is not put back into it; the
Pod gets an answer from an address it never wrote to, and breaks off: "connection reset by peer", now and then, with big transfers
(kubernetes/kubernetes#74839).

## Example

```
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
```

## Use instead

The rule `-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP`, which kube-proxy writes since 2019, or
`sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1`.

## Limits

With `nf_conntrack_tcp_be_liberal=1` the rule is not needed, and kube-proxy 1.29 and later leaves it out (kubernetes/kubernetes#120412).
The dump does not show that setting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.finding import INFO, Hit
from iptexplain.model.matching import Field
from iptexplain.model.values import Words
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule

_FORWARD = "KUBE-FORWARD"


def _look(subject: Subject) -> Iterator[Hit]:
    filter_ = subject.table("filter")
    rules = filter_.rules_of(_FORWARD) if filter_ is not None else ()
    if filter_ is None or not rules or any(map(_drops_invalid, (*rules, *filter_.rules_of("FORWARD")))):
        return
    what = message("{chain} does not drop packets in state INVALID: connections may be reset", chain=_FORWARD)
    yield Hit(rules[0].line, what, (_FORWARD,), word=_FORWARD)


def _drops_invalid(rule: Rule) -> bool:
    if rule.target_name != "DROP":
        return False
    constraints = [constraint for test in binding.tests(rule) for constraint in test.constraints]
    return any(
        field is Field.STATE and not negated and isinstance(wanted, Words) and "INVALID" in wanted.names
        for field, wanted, negated in constraints
    )


CHECK = Check(
    "KP506",
    "invalid-packets-forwarded",
    INFO,
    _look,
    message("update kube-proxy, or make sure that net.netfilter.nf_conntrack_tcp_be_liberal is 1"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
