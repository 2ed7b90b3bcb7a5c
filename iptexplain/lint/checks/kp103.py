"""What kube-proxy marks for masquerade is not masqueraded.

## What it does

Looks for a jump from `POSTROUTING` to `KUBE-POSTROUTING` in nat, and for a `MASQUERADE` rule in that chain, where rules mark traffic by
way of `KUBE-MARK-MASQ`. Looks also for a `KUBE-MARK-MASQ` that marks no packet: without a rule that does, or with one in front of it that
ends the chain for every packet.

## Why it matters

kube-proxy gives some packets a mark, and `KUBE-POSTROUTING` then replaces the source address of those with the node's own (masquerade).
Without the mark, or without the jump or the rule that asks for it, this does not happen: the answer of the Pod goes straight to the
client, which does not know it. Connections to node ports, to load balancers and from a Pod to itself by way of its Service time out;
others work. The Kubernetes documentation on debugging Services tells of it as the missing hairpin traffic.

## Example

```
*nat
:POSTROUTING ACCEPT [0:0]
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MASQUERADE
```

## Use instead

Find out who removed the rule, often a firewall or a network plugin that writes the whole table anew. kube-proxy writes it again when it
restarts.

## Limits

A jump by way of other chains counts, whatever these demand of a packet. So does any rule in `KUBE-POSTROUTING`, or in a chain that it
leads to, that changes the source address; and one elsewhere that asks for a mark. In `KUBE-MARK-MASQ` a rule that marks counts, whatever it
demands. Nothing is said where the table does not have `KUBE-POSTROUTING`, and nothing of marks where it does not have `KUBE-MARK-MASQ`. A
table without any of the built-in chains is taken for the input of an iptables-restore, and not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import ends, may_end
from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.builtin import has_built_in
from iptexplain.lint.common.masquerade import asks_for_mark
from iptexplain.lint.common.wiring import not_led_to, reached
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.model.matching import CopyMark, Opaque, Queue, SetMark
from iptexplain.model.ruleset import ChainName
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.shape import Shape

_TRANSLATES = frozenset({"MASQUERADE", "SNAT"})


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    marking = subject.jumps("nat").get(layout.MARK_MASQUERADE)
    if nat is None or not has_built_in(nat) or not marking:
        return
    what = message("nothing leads from POSTROUTING to KUBE-POSTROUTING: what is marked for masquerade keeps its source address")
    not_led = list(not_led_to(subject, "POSTROUTING", layout.POSTROUTING, what))
    yield from not_led
    declared = nat.chains.get(ChainName(layout.POSTROUTING))
    if not not_led and declared is not None and not _masquerades(subject, nat):
        what = message("KUBE-POSTROUTING masquerades nothing: what is marked for masquerade keeps its source address")
        yield Hit(declared.line, what, (layout.POSTROUTING,), related=(_first(marking),))
    declared = nat.chains.get(ChainName(layout.MARK_MASQUERADE))
    rules = nat.rules_of(layout.MARK_MASQUERADE)
    last = next((rule for rule in rules if may_end(rule.shape) and ends(rule)), None)
    tried = rules if last is None else [rule for rule in rules if rule.index <= last.index]
    if declared is not None and not any(map(_may_mark, _called(subject, nat, tried))):
        what = message("KUBE-MARK-MASQ marks no packet: what kube-proxy wants masqueraded keeps its source address")
        yield Hit(declared.line if last is None else last.line, what, (layout.MARK_MASQUERADE,), related=(_first(marking),))


def _first(marking: Sequence[Rule]) -> Related:
    return Related(marking[0].line, message("the first rule that has traffic marked"))


def _called(subject: Subject, nat: Table, rules: Sequence[Rule]) -> Iterator[Rule]:
    """Some rules, and those of the chains that they lead to."""
    yield from rules
    starts = {rule.target_name or "" for rule in rules} & set(nat.by_chain)
    for chain in sorted({chain for start in starts for chain in reached(subject, "nat", start)}):
        yield from nat.rules_of(chain)


def _may_mark(rule: Rule) -> bool:
    """May a rule give a packet a mark."""
    return rule.shape.strange or isinstance(binding.effect(rule), (SetMark, CopyMark, Opaque, Queue))


def _masquerades(subject: Subject, nat: Table) -> bool:
    """Does KUBE-POSTROUTING, or a chain that it leads to, change source addresses, or may it; or another rule that asks for a mark."""
    if any(map(_may_translate, nat.rules.distinct_shapes(nat.places_of(layout.POSTROUTING)))):
        return True
    own, all_ = reached(subject, "nat", layout.POSTROUTING), reached(subject, "nat", "POSTROUTING")
    return any(rule.chain in own or (rule.chain in all_ and asks_for_mark(rule)) for rule in subject.rules("nat", _may_translate))


def _may_translate(shape: Shape) -> bool:
    return shape.strange or (shape.target is not None and shape.target.name in _TRANSLATES)


CHECK = Check(
    "KP103",
    "no-masquerade-of-marked-traffic",
    ERROR,
    _look,
    message("restart kube-proxy, and find out what changed its rules in POSTROUTING, KUBE-POSTROUTING or KUBE-MARK-MASQ of nat"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
