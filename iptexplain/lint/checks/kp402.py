"""kube-proxy sets one mark and asks for another.

## What it does

Compares the mark that `KUBE-MARK-MASQ` sets with those that `KUBE-POSTROUTING` (nat) and `KUBE-FORWARD` (filter) ask for, and looks for a
chain that asks for others only.

## Why it matters

The mark is how kube-proxy's rules tell each other which packets to masquerade. If one sets the bit 0x4000 and the other asks for 0x8000,
nothing is masqueraded: connections to node ports and load balancers, and from a Pod to itself by way of its Service, time out. In
`KUBE-FORWARD` such packets are then not accepted, and a later rule may drop them. It happens where two kube-proxies with different
`--iptables-masquerade-bit` write into one node, or where only part of the rules was restored.

## Example

```
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x8000/0x8000 -j RETURN
```

## Use instead

Let one kube-proxy run on the node, and restart it: it writes all of these chains with the same bit.

## Limits

A chain that asks for several marks is sound if one of them fits. Chains in which a rule is not understood are not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, Check
from iptexplain.lint.common.masquerade import marks_asked
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.model.matching import SetMark
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    setting = nat.rules_of(layout.MARK_MASQUERADE) if nat is not None else ()
    effects = [binding.effect(rule) for rule in setting]
    if len(setting) != 1 or not isinstance(effects[0], SetMark) or binding.tests(setting[0]):
        return  # none, or not as kube-proxy writes it: nothing to compare with
    mark = effects[0].mark.put(0)
    for name, chain in (("nat", layout.POSTROUTING), ("filter", "KUBE-FORWARD")):
        table = subject.table(name)
        rules = table.rules_of(chain) if table is not None else ()
        asked = [(rule, wanted) for rule in rules for wanted in marks_asked(rule)]
        if not asked or any(wanted.holds(mark) for _, wanted in asked) or any(rule.shape.strange for rule in rules):
            continue
        rule, wanted = asked[0]
        text = (
            N_(
                "{chain} asks for the mark {wanted}, but KUBE-MARK-MASQ sets {mark}:"
                " nothing is masqueraded, and connections to node ports and load balancers time out"
            )
            if name == "nat"
            else N_(
                "{chain} asks for the mark {wanted}, but KUBE-MARK-MASQ sets {mark}:"
                " what is masqueraded is not accepted there, and a later rule may drop it"
            )
        )
        what = message(text, chain=chain, wanted=wanted, mark=effects[0].mark)
        related = Related(setting[0].line, message("the rule that sets the mark"))
        yield Hit(rule.line, what, (name, chain), related=(related,), word="--mark")


CHECK = Check(
    "KP402",
    "masquerade-marks-differ",
    ERROR,
    _look,
    message("let one kube-proxy run on the node, and restart it"),
    (KUBE_PROXY, COMPLETE),
)
