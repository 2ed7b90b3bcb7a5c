"""Traffic that kube-proxy wants dropped is not dropped.

## What it does

Looks for rules in nat that lead to `KUBE-MARK-DROP`, where no rule of filter drops what has its mark (usually 0x8000); and for a
`KUBE-MARK-DROP` that marks nothing.

## Why it matters

Up to Kubernetes 1.24 kube-proxy cannot drop traffic by itself: it marks what `loadBalancerSourceRanges` does not let in, or what has no
local endpoint, and the kubelet's rule in `KUBE-FIREWALL` drops it. Without that rule a load balancer that should let in a few networks is
open to all that reach this node (kubernetes/kubernetes#92275, #80462, #73658, #96468).

## Example

```
*nat
-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000
-A KUBE-FW-HSEOYLXVDUUSAVT5 -j KUBE-MARK-DROP
*filter
:KUBE-FIREWALL - [0:0]
```

## Use instead

Kubernetes 1.25 or later, where kube-proxy drops by itself (kubernetes/kubernetes#119374 removed the kubelet's part). Before, restart the
kubelet, which writes its rule again, and find out what removed it.

## Limits

An info where the dump has no `KUBE-FIREWALL` at all: the kubelet's rules are not in it, perhaps in the other backend (legacy or nft). Any
DROP or REJECT that asks for the mark counts, wherever it stands in filter. A jump to a chain that does not exist is KP301's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, WHOLE_TABLES, Check
from iptexplain.lint.finding import INFO, WARNING, Hit, Related
from iptexplain.model.matching import Field, Reject, SetMark, Verdict
from iptexplain.model.ruleset import ChainName
from iptexplain.model.values import Mark
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.shape import Shape

_FIREWALL = "KUBE-FIREWALL"


def _look(subject: Subject) -> Iterator[Hit]:
    nat, filter_ = subject.table("nat"), subject.table("filter")
    if nat is None or filter_ is None or layout.MARK_DROP not in nat.chains:
        return
    rules = nat.rules_of(layout.MARK_DROP)
    bits = _bits(rules)
    if bits is None or (bits and _is_dropped(subject, bits)):
        return
    used = subject.jumps("nat").get(layout.MARK_DROP)
    if not used:
        return
    what = message("KUBE-MARK-DROP marks nothing: what kube-proxy wants dropped passes")
    if bits:
        what = message("no rule of filter drops what KUBE-MARK-DROP marks with {bits}: it passes", bits=hex(bits))
    related = (Related(used[0].line, message("the first rule that wants traffic dropped")),)
    yield Hit(_line(nat), what, (layout.MARK_DROP,), WARNING if filter_.has_chain(_FIREWALL) else INFO, related)


def _line(nat: Table) -> int:
    rules = nat.rules_of(layout.MARK_DROP)
    return rules[0].line if rules else nat.chains[ChainName(layout.MARK_DROP)].line


def _bits(rules: Sequence[Rule]) -> int | None:
    """The bits that the chain sets, 0 if it is empty, None if it does something else."""
    if not rules:
        return 0
    found = [effect.mark.put(0) for effect in map(binding.effect, rules) if isinstance(effect, SetMark)]
    return found[0] if len(found) == 1 and found[0] else None


def _is_dropped(subject: Subject, bits: int) -> bool:
    """Does a rule of filter drop what has the bits, or may it."""
    for rule in subject.rules("filter", _looks_for_mark):
        effect = binding.effect(rule)
        if (effect is Verdict.DROP or isinstance(effect, Reject)) and _asks_for(rule, bits):
            return True
    return False


def _looks_for_mark(shape: Shape) -> bool:
    return any(clause.name == "mark" for clause in shape.clauses)


def _asks_for(rule: Rule, bits: int) -> bool:
    """Does a packet with the bits match what the rule asks of the mark; True too if that is lost."""
    asked = [one for test in binding.tests(rule) for one in test.constraints if one.field is Field.MARK]
    return all(not isinstance(one.wanted, Mark) or (one.wanted.holds(bits) is not one.negated) for one in asked)


CHECK = Check(
    "KP407",
    "marked-for-drop-but-not-dropped",
    WARNING,
    _look,
    message("restart the kubelet, which writes the rule that drops, and find out what removed it"),
    (COMPLETE, WHOLE_TABLES),
    also=(INFO,),
)
