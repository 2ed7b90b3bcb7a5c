"""Traffic that kube-proxy has not marked gets the node's address.

## What it does

Looks for a `MASQUERADE` rule in `KUBE-POSTROUTING` that packets without a mark reach: neither it, nor a rule before it, nor the jump to the
chain asks for a mark, or a rule that comes too early has changed the mark before it is asked for.

## Why it matters

kube-proxy masquerades only what its other rules have marked. Without the question for the mark, the sender of every new connection that
leaves the node is replaced with the node's address: Pods cannot tell who calls them, network policies that go by address fail, and logs
name nodes instead of clients. Old versions of iptables that read the rules of a newer one may lose the match in just this way
(kubernetes/kubernetes#112477).

The rule with `--set-xmark 0x4000/0x0` takes the mark off what has it, and puts it on what has it not. It stands behind the question, so it
only ever takes it off. In front of the question it turns the answer over: all packets are masqueraded but those that should be, and
connections to node ports and from a Pod to itself time out.

## Example

```
-A POSTROUTING -j KUBE-POSTROUTING
-A KUBE-POSTROUTING -j MASQUERADE
```

## Use instead

```
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -j MASQUERADE
```

Restart kube-proxy, and see that all programs on the node use iptables of the same version.

## Limits

A `MASQUERADE` rule that asks for anything but a mark, such as an address, is not told, nor is a jump to the chain that asks for something
or comes from another chain than `POSTROUTING`. Rules that change the mark of only some packets, or in a way that is not known, end the
search. Whether the question for the mark is the right one is not looked at here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.demands import demands
from iptexplain.lint.common.masquerade import asks_for_mark
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.model.matching import CopyMark, Field, SetMark, Verdict
from iptexplain.model.values import Mark
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule


class _Masqueraded(NamedTuple):
    """The rule that masquerades a packet; does a rule ask for the mark; and the first one that changed that before it was asked for."""

    rule: Rule
    asked: bool
    early: Rule | None


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    leading = subject.jumps("nat").get(layout.POSTROUTING, ())
    jumps = [rule for rule in leading if rule.chain == "POSTROUTING" and not binding.tests(rule)]
    if nat is None or not jumps:
        return
    rules = nat.rules_of(layout.POSTROUTING)
    found = _masqueraded(rules, 0)
    if found is None:
        return
    related = [Related(jumps[0].line, message("the rule that leads there"))]
    what = message("KUBE-POSTROUTING masquerades every packet: no rule asks for the mark")
    if found.asked:
        mark = subject.proxy.masquerade_mark if subject.proxy is not None else None
        what = message("KUBE-POSTROUTING masquerades every packet, whether it has been marked or not")
        if mark is not None and _masqueraded(rules, mark.value) is None:
            what = message("KUBE-POSTROUTING masquerades packets without the mark, and leaves those alone that have it")
        if found.early is not None:
            related.insert(0, Related(found.early.line, message("this changes the mark before it is asked for")))
    yield Hit(found.rule.line, what, (layout.POSTROUTING,), related=tuple(related), word="MASQUERADE")


def _masqueraded(rules: Sequence[Rule], mark: int) -> _Masqueraded | None:
    """Whether the rules masquerade every packet that comes with a mark; None if they do not, or nobody can tell."""
    asked = False
    changed: Rule | None = None
    early: Rule | None = None
    for rule in rules:
        demanded, effect = demands(rule), binding.effect(rule)
        if demanded is None or not all(_is_mark(one) for one in demanded):
            if asks_for_mark(rule) or rule.shape.strange or isinstance(effect, (CopyMark, SetMark)):
                return None
            continue
        if demanded:
            asked, early = True, early or changed
        if not all(_has(mark, one) for one in demanded):
            continue
        if rule.target_name == "MASQUERADE":
            return _Masqueraded(rule, asked, early)
        if rule.shape.strange or not (isinstance(effect, SetMark) or effect is Verdict.CONTINUE):
            return None
        if isinstance(effect, SetMark) and effect.mark.put(mark) != mark:
            mark, changed = effect.mark.put(mark), changed or rule
    return None


def _is_mark(constraint: Constraint) -> bool:
    return constraint.field is Field.MARK and isinstance(constraint.wanted, Mark)


def _has(mark: int, constraint: Constraint) -> bool:
    """Does a packet with a mark meet the demand for one."""
    _, wanted, negated = constraint
    return isinstance(wanted, Mark) and wanted.holds(mark) is not negated


CHECK = Check(
    "KP403",
    "masquerades-everything",
    ERROR,
    _look,
    message("restart kube-proxy, and use iptables of one version on the node"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
