"""Everything that leaves the node gets the node's address.

## What it does

Looks for a `MASQUERADE` rule in `KUBE-POSTROUTING` that every packet reaches: neither it, nor a rule before it, nor the jump to the chain
asks for a mark.

## Why it matters

kube-proxy masquerades only what its other rules have marked. Without the question for the mark, the sender of every new connection that
leaves the node is replaced with the node's address: Pods cannot tell who calls them, network policies that go by address fail, and logs
name nodes instead of clients. Old versions of iptables that read the rules of a newer one may lose the match in just this way
(kubernetes/kubernetes#112477).

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

A `MASQUERADE` rule that asks for anything, such as an address, is not told, nor is a jump to the chain that asks for
something or comes from another chain than `POSTROUTING`. Whether the question for the mark is the right one is not
looked at here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.masquerade import asks_for_mark
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


_ENDS = frozenset({"ACCEPT", "RETURN", "DROP", "MASQUERADE", "SNAT"})
"""Targets past which no packet comes."""


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    leading = subject.jumps("nat").get(layout.POSTROUTING, ())
    jumps = [rule for rule in leading if rule.chain == "POSTROUTING" and not binding.tests(rule)]
    if nat is None or not jumps:
        return
    for rule in nat.rules_of(layout.POSTROUTING):
        all_packets = not binding.tests(rule)
        if rule.target_name == "MASQUERADE" and all_packets:
            what = message("KUBE-POSTROUTING masquerades every packet: no rule asks for the mark")
            related = Related(jumps[0].line, message("the rule that leads there"))
            yield Hit(rule.line, what, (layout.POSTROUTING,), related=(related,), word="MASQUERADE")
        if asks_for_mark(rule) or rule.shape.strange or (all_packets and rule.target_name in _ENDS):
            return


CHECK = Check(
    "KP403",
    "masquerades-everything",
    ERROR,
    _look,
    message("restart kube-proxy, and use iptables of one version on the node"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
