"""Traffic that kube-proxy has marked passes network policies by.

## What it does

Looks in filter's `FORWARD` for the chain of a program that enforces network policies (Azure NPM, Calico, kube-router, Weave Net) behind
the jump to `KUBE-FORWARD`.

## Why it matters

`KUBE-FORWARD` accepts everything that kube-proxy has marked for masquerade: traffic to node ports and load balancers, above all. What is
accepted there never comes to the policies behind it, so a policy that forbids such traffic has no effect. The order of the two depends
on which program started last (Azure/azure-container-networking#1086, weaveworks/weave#3285).

## Example

```
-A FORWARD -j KUBE-FORWARD
-A FORWARD -j WEAVE-NPC
```

## Use instead

```
-A FORWARD -j WEAVE-NPC
-A FORWARD -j KUBE-FORWARD
```

Restart the program that enforces the policies, or set it to put its rule first.

## Limits

Silent unless the program is one of those named above, its chain has rules, and `KUBE-FORWARD` accepts by the mark alone. Whether there is
a policy that such traffic would break is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.demands import demands
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.model.matching import Field, Verdict
from iptexplain.model.values import Mark
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table

_FORWARD = "KUBE-FORWARD"
_POLICIES = {"AZURE-NPM": "Azure NPM", "cali-FORWARD": "Calico", "KUBE-ROUTER-FORWARD": "kube-router", "WEAVE-NPC": "Weave Net"}
"""The chains in which network policies begin, and the programs that enforce them."""


def _look(subject: Subject) -> Iterator[Hit]:
    filter_, jumps = subject.table("filter"), subject.jumps("filter")
    policies = [chain for chain in _POLICIES if chain in jumps and filter_ is not None and filter_.places_of(chain)]
    if filter_ is None or not policies or (subject.table("nat") is not None and layout.MARK_MASQUERADE not in subject.jumps("nat")):
        return
    accepting = _accepting(subject, filter_)
    first = next((rule for rule in jumps.get(_FORWARD, ()) if rule.chain == "FORWARD" and demands(rule) == ()), None)
    if accepting is None or first is None:
        return
    before = [rule for rule in filter_.rules_of("FORWARD") if rule.index < first.index and rule.target_name is not None]
    for chain in policies:
        behind = [rule for rule in jumps[chain] if rule.chain == "FORWARD" and rule.index > first.index]
        if behind and not _led_to(subject, before, chain):
            what = message("{program} comes behind KUBE-FORWARD: no policy is asked about marked traffic", program=_POLICIES[chain])
            related = Related(accepting.line, message("accepts all marked traffic"))
            yield Hit(behind[0].line, what, (chain,), related=(related, Related(first.line, message("leads there"))))


def _accepting(subject: Subject, filter_: Table) -> Rule | None:
    """The rule of KUBE-FORWARD that accepts whatever has the mark. Where nat does not tell the mark, this rule does."""
    mark = subject.proxy.masquerade_mark if subject.proxy is not None else None
    for rule in filter_.rules_of(_FORWARD):
        asked = demands(rule)
        if binding.effect(rule) is Verdict.ACCEPT and asked and not rule.shape.strange and len(asked) == 1:
            field, wanted, negated = asked[0]
            if field is Field.MARK and not negated and (mark is None or wanted == Mark(mark.mask, mark.mask)):
                return rule
    return None


def _led_to(subject: Subject, rules: Sequence[Rule], chain: str) -> bool:
    return any(chain in reached(subject, "filter", rule.target_name or "") for rule in rules)


CHECK = Check(
    "KP208",
    "policies-behind-kube-forward",
    WARNING,
    _look,
    message("restart the program that enforces the network policies, or set it to put its rule before KUBE-FORWARD"),
    (KUBE_PROXY,),
)
