"""A rule takes kube-proxy's mark away before the traffic is masqueraded.

## What it does

Follows the traffic that kube-proxy has marked for masquerade (usually mark 0x4000) from the rules that mark it to `KUBE-POSTROUTING`:
through `FORWARD` and `OUTPUT` of filter and security, `FORWARD` and `POSTROUTING` of mangle, and what stands before `KUBE-POSTROUTING` in
nat. Looks there for rules that write the whole mark of the packet instead of their own bits, and so clear kube-proxy's bit.

## Why it matters

`KUBE-POSTROUTING` gives traffic the address of this node only if it still has the mark. Without it the Pod sees the client's own address
and answers past this node; the client does not know the answer and throws it away. A nodePort, a load balancer, or a Pod that asks itself
through its Service then does not work, for just those connections that meet the rule. Azure NPM had this bug
(Azure/azure-container-networking#1313), and so had kube-router (cloudnativelabs/kube-router#992).

## Example

```
-A AZURE-NPM-INGRESS-PORT -p tcp -m tcp --dport 80 -j MARK --set-xmark 0x2000/0xffffffff
```

## Use instead

A mask with only the bits that the program owns: `--set-xmark 0x2000/0x2000`. Programs that have the bug need an update.

## Limits

Only an info, no error, where the rule clears nothing but kube-proxy's bit, which is done on purpose (cilium/cilium#2112); and where only
tests of the mark keep kube-proxy's traffic from the rule. Rules that only other traffic can meet (a port that no endpoint has, a state
other than NEW) are passed over; whether traffic is in an ipset, or uses an interface, is not known. So are rules in nat behind which every
packet gets another source by `MASQUERADE` or `SNAT`, or its mark back before `KUBE-POSTROUTING`: `KUBE-POSTROUTING` itself clears the mark
like that, and so does kube-OVN. CONNMARK is not looked at. A chain is told once, at the first of its gravest rules; up to four others are
named beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.bare import Bare
from iptexplain.lint.common.marked import MarkedTraffic
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import ERROR, INFO, Hit, Related
from iptexplain.model.matching import SetMark
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.shape import Shape
    from iptexplain.source import Message

_ON_THE_WAY = {
    "mangle": ("FORWARD", "POSTROUTING"),
    "filter": ("FORWARD", "OUTPUT"),
    "security": ("FORWARD", "OUTPUT"),
    "nat": ("POSTROUTING",),
}
"""The built-in chains, by table, that a packet meets behind the rules that mark it, which are in PREROUTING or OUTPUT of nat."""

_NAMED = 4
"""So many other rules of a chain that do the same are named."""


def _look(subject: Subject) -> Iterator[Hit]:
    nat, mark = subject.table("nat"), subject.proxy.masquerade_mark if subject.proxy is not None else None
    if nat is None or mark is None or not mark.value:
        return
    traffic = MarkedTraffic(subject, nat, mark.value)
    for name, starts in _ON_THE_WAY.items():
        table, clearing = subject.table(name), list(_clearing(subject, name, mark.value))
        if table is not None and clearing:
            yield from _cleared(subject, traffic, table, starts, clearing)


def _clearing(subject: Subject, table: str, bits: int) -> Iterator[Rule]:
    """The rules of a table that take the bits from a packet that has them, except those of kube-proxy that do it in the end."""
    for rule in subject.rules(table, _marks):
        effect = binding.effect(rule)
        if isinstance(effect, SetMark) and effect.mark.put(bits) & bits != bits and rule.chain != layout.POSTROUTING:
            yield rule


def _marks(shape: Shape) -> bool:
    return shape.target is not None and shape.target.name == "MARK"


def _cleared(subject: Subject, traffic: MarkedTraffic, table: Table, starts: tuple[str, ...], clearing: list[Rule]) -> Iterator[Hit]:
    """At most one hit for each chain: of the rules that clear the bits, the first of the gravest; the others of these are related."""
    certain = frozenset().union(*(traffic.met(table, start) for start in starts))
    possible = frozenset().union(*(traffic.met(table, start, whatever_mark=True) for start in starts))
    tested = tuple([Related(rule.line, message("looks for the mark")) for rule in traffic.masquerade[:1]])
    found: dict[str, dict[str, list[Rule]]] = {}
    bare = Bare(subject, table, possible, traffic.bits) if table.name == "nat" else None
    for rule in clearing:
        if rule.index in possible and (bare is None or bare.leaves_bare(rule)):
            severity, _ = _judge(rule, traffic.bits, meets=rule.index in certain)
            found.setdefault(rule.chain, {}).setdefault(severity, []).append(rule)
    for chain, by_severity in found.items():
        first, *more = by_severity.get(ERROR) or by_severity[INFO]
        severity, what = _judge(first, traffic.bits, meets=first.index in certain)
        yield Hit(
            first.line, what, (table.name, chain, *map(uncounted, (first, *more))), severity, (*tested, *_others(more)), word="--set-xmark"
        )


def _others(rules: Sequence[Rule]) -> list[Related]:
    """Where the rules stand that do the same; the last that is named says how many there are."""
    named = [Related(rule.line, message("clears the mark too")) for rule in rules[:_NAMED]]
    if len(rules) > _NAMED:
        named[-1] = Related(named[-1].line, message("clears the mark too ({count} rules in all)", count=len(rules) + 1))
    return named


def _judge(rule: Rule, bits: int, *, meets: bool) -> tuple[str, Message]:
    effect = binding.effect(rule)
    said = {"chain": rule.chain, "bits": hex(bits)}
    if isinstance(effect, SetMark) and (effect.mark.value | effect.mark.mask) == bits:
        return INFO, message("chain {chain} clears kube-proxy's mark {bits} and no other: what meets this rule is not masqueraded", **said)
    if not meets:
        return INFO, message("chain {chain} clears kube-proxy's mark {bits}; only tests of the mark keep its traffic away", **said)
    return ERROR, message(
        "chain {chain} clears kube-proxy's mark {bits} before KUBE-POSTROUTING: what meets this rule is not masqueraded", **said
    )


CHECK = Check(
    "KP409",
    "masquerade-mark-cleared",
    ERROR,
    _look,
    message("update the program that owns the chain, or give its MARK rules a mask with only its own bits"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
    also=(INFO,),
)
