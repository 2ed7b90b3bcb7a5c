"""What kube-proxy marks for masquerade is not masqueraded.

## What it does

Looks for a jump from `POSTROUTING` to `KUBE-POSTROUTING` in nat, and for a `MASQUERADE` rule in that chain, where rules mark traffic by
way of `KUBE-MARK-MASQ`.

## Why it matters

kube-proxy gives some packets a mark, and `KUBE-POSTROUTING` then replaces the source address of those with the node's own (masquerade).
Without the jump or the rule the mark has no effect: the answer of the Pod goes straight to the client, which does not know it. Connections
to node ports, to load balancers and from a Pod to itself by way of its Service time out; others work. The Kubernetes documentation on
debugging Services tells of it as the missing hairpin traffic.

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
leads to, that changes the source address; and one elsewhere that asks for a mark. Nothing is said where the table does not have
`KUBE-POSTROUTING`. A table without any of the built-in chains is taken for the input of an iptables-restore, and not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.builtin import has_built_in
from iptexplain.lint.common.masquerade import asks_for_mark
from iptexplain.lint.common.wiring import not_led_to, reached
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.model.ruleset import ChainName
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Table
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
        related = Related(marking[0].line, message("the first rule that has traffic marked"))
        yield Hit(declared.line, what, (layout.POSTROUTING,), related=(related,))


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
    message("restart kube-proxy, and find out what removed its rule from POSTROUTING or KUBE-POSTROUTING of nat"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
