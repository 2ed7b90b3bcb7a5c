"""One endpoint of a Service gets nothing, though the others get a lot.

## What it does

Compares the counters of the rules that spread connections over the endpoints of one Service: one has counted nothing, and each of the
others 1000 connections or more.

## Why it matters

By chance this does not happen. The rule for that endpoint is never tried or never matches, so one Pod idles while the others carry its
share.

## Example

```
[5120:307200] -A KUBE-SVC-2CMXP7HKUVJN7L6M -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-HZVZGM4N576VDS2S
[0:0] -A KUBE-SVC-2CMXP7HKUVJN7L6M -m statistic --mode random --probability 0.00000000000 -j KUBE-SEP-E4DERYY2XOMCBE7I
[5006:300360] -A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-QZQ6SCLOCLOPP2FJ
```

## Use instead

Let kube-proxy write the rules again: restart it. If the rule is still passed over, compare its probability with 1/n of the endpoints that
are left, and find out who changes the rules.

## Limits

kube-proxy writes all rules of a Service together, so their counters have the same age; a tool that puts in single rules breaks that.
Services with session affinity are left out: a client stays with its Pod there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COUNTERS, KUBE_PROXY, Check
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN, SERVICE_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule
    from iptexplain.model.shape import Shape

_MANY = 1000
_NOTHING = "[0:"
"""How counters begin that have counted no packet."""


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    for alike in nat.alike if nat is not None else ():
        chains = [chain for chain in alike.chains if SERVICE_CHAIN.match(chain)]
        shapes = nat.rules.shapes_of(alike.places) if nat is not None and chains else ()
        if nat is None or not _may_spread(shapes):
            continue
        slots = [shape.counters for shape in shapes]
        for chain in chains:
            values = nat.rules.values_of(nat.by_chain[chain])
            if any(slot is not None and own[slot].startswith(_NOTHING) for own, slot in zip(values, slots, strict=True)):
                yield from _idle([rule for rule in nat.rules_of(chain) if ENDPOINT_CHAIN.match(rule.target_name or "")])


def _may_spread(shapes: Sequence[Shape]) -> bool:
    names = {clause.name for shape in shapes for clause in shape.clauses}
    return "statistic" in names and "recent" not in names and any(shape.counters is not None for shape in shapes)


def _idle(rules: Sequence[Rule]) -> Iterator[Hit]:
    """The rule that counted nothing, if it is one alone and the others counted much."""
    counted = [rule.counters.packets if rule.counters is not None else 0 for rule in rules]
    if len(counted) <= 1 or counted.count(0) != 1 or sorted(counted)[1] < _MANY:
        return
    rule = rules[counted.index(0)]
    what = message(
        "{chain} got no connection, each of its {count} siblings {least} or more", chain=rule.target_name, count=len(rules) - 1, least=_MANY
    )
    yield Hit(rule.line, what, (rule.chain, rule.target_name or ""), word=rule.target_name)


CHECK = Check(
    "KN907",
    "endpoint-without-connections",
    WARNING,
    _look,
    message("restart kube-proxy, so that it writes the rules of the Service again"),
    (KUBE_PROXY, COUNTERS),
)
