"""Packets were marked for masquerade, but none was masqueraded.

## What it does

Compares two counters in nat: what `KUBE-MARK-MASQ` has marked, and what the `MASQUERADE` rule of `KUBE-POSTROUTING` has met. It speaks
where the first is 100 or more, and the second 0.

## Why it matters

kube-proxy marks the connections to Services whose answers have to come back through this node, and gives them the node's address on their
way out. Where no marked packet gets there, these connections were dropped on their way through filter, or another rule of `POSTROUTING`
took them first. To clients it looks like a time-out.

## Example

```
[2040:122400] -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
[0:0] -A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
```

## Use instead

Look for rules of filter `FORWARD` that drop (`iptables-save -c -t filter`, and see which `DROP` counts), and for rules of nat `POSTROUTING`
in front of `KUBE-POSTROUTING` that accept or translate.

## Limits

Connections from outside to Pods of this node's own network (`hostNetwork`) never come to `POSTROUTING`, though they are marked. On a node
that gets no others this is no fault. kube-proxy writes both chains together, so their counters have the same age; somebody may have set one
of them to zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, COUNTERS, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.finding import INFO, Hit, Related
from iptexplain.model.matching import SetMark, Translate
from iptexplain.owners.kube_proxy.layout import MARK_MASQUERADE, POSTROUTING
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule

_MANY = 100
"""So many packets have to be marked: a few attempts of somebody who tries a Service are nothing to speak of."""


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    if nat is None:
        return
    marking = _only(nat.rules_of(MARK_MASQUERADE), SetMark)
    masking = _only(nat.rules_of(POSTROUTING), Translate)
    if marking is None or masking is None or marking.counters is None or masking.counters is None:
        return
    if marking.counters.packets >= _MANY and not masking.counters.packets:
        what = message(
            "{chain} has masqueraded none of the {count} connections that were marked for it: they are dropped or taken on their way",
            chain=POSTROUTING,
            count=marking.counters.packets,
        )
        related = Related(marking.line, message("the rule that marked them"))
        yield Hit(masking.line, what, (POSTROUTING,), related=(related,), word="MASQUERADE")


def _only(rules: Sequence[Rule], effect: type[SetMark | Translate]) -> Rule | None:
    """The rule with such an effect, None if there is not just one."""
    found = [rule for rule in rules if isinstance(binding.effect(rule), effect)]
    return found[0] if len(found) == 1 else None


CHECK = Check(
    "KN910",
    "nothing-masqueraded",
    INFO,
    _look,
    message("look which rule of filter FORWARD drops these connections, or which of nat POSTROUTING takes them before KUBE-POSTROUTING"),
    (KUBE_PROXY, COUNTERS, COMPLETE, WHOLE_TABLES),
)
