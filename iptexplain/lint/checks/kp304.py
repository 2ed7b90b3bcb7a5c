"""The endpoints of a Service do not get equal shares.

## What it does

Compares the chances with which a Service chooses among its endpoints with those that give each the same share: 1/3, then 1/2 of the rest,
then all of it. And it tells a chain in which the rule that takes all connections which are left stands before rules to other endpoints.

## Why it matters

kube-proxy gives every endpoint the same share. Where the chances say otherwise, a rule is missing or was changed: one Pod gets too much
traffic, another too little. An endpoint behind the rule that takes all the rest gets none.

## Example

```
-A KUBE-SVC-2CMXP7HKUVJN7L6M -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-HZVZGM4N576VDS2S
-A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-E4DERYY2XOMCBE7I
```

With two endpoints the first chance has to be 1/2; a rule for a third endpoint is missing.

## Use instead

Restart kube-proxy, which writes the chain anew, and find out who changed it.

## Limits

Up to Kubernetes 1.16 kube-proxy wrote chances with five digits, which is coarse for hundreds of endpoints (kubernetes/kubernetes#83599):
deviations up to one in a hundred thousand are not told. Nor are chains in which an endpoint stands twice, or in which every rule draws:
other checks tell these. Nor is the order of rules looked at behind one whose endpoint's chain has no DNAT rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.choices import choices, destinations
from iptexplain.lint.common.whose import service_of
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.model.values import CERTAIN
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.common.choices import Way
    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Table


_ROUNDED = 1e-5
"""By so much a chance of five digits may be off."""

_SHOWN = 3
"""So many rules that get no connection are shown."""


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    for choice in choices(subject) if nat is not None else ():
        ways = choice.plain
        thresholds = [way.threshold for way in ways]
        if nat is None or None not in thresholds or len({way.to for way in ways}) < len(ways):
            continue
        last = thresholds.index(None)
        if last < len(ways) - 1:
            if any(rule.target_name == "DNAT" for rule in nat.rules_of(ways[last].to)):
                yield _first_takes_all(subject, nat, choice.chain, ways[last:])
            continue
        for number, k in enumerate(thresholds[:-1]):
            left = len(ways) - number
            if k is not None and abs(k / CERTAIN - 1 / left) > _ROUNDED:
                text = (
                    N_(
                        "{endpoint} gets more connections to {service} than its share:"
                        " {chain} chooses it with the chance {chance} where 1/{left} would be fair"
                    )
                    if k / CERTAIN > 1 / left
                    else N_(
                        "{endpoint} gets fewer connections to {service} than its share:"
                        " {chain} chooses it with the chance {chance} where 1/{left} would be fair"
                    )
                )
                what = message(
                    text,
                    endpoint=subject.once(destinations).get(ways[number].to, ways[number].to),
                    service=service_of(subject, choice.chain),
                    chain=choice.chain,
                    chance=f"{k / CERTAIN:.5f}",
                    left=left,
                )
                yield Hit(nat.rules.line(ways[number].place), what, (choice.chain,), word="--probability")
                break


def _first_takes_all(subject: Subject, nat: Table, chain: str, ways: Sequence[Way]) -> Hit:
    first, *others = ways
    ends = subject.once(destinations)
    endpoint, service = ends.get(first.to, first.to), service_of(subject, chain)
    what = message(
        "{chain} gives {endpoint} all connections to {service} that are left, before other rules get any: {others} gets none",
        chain=chain,
        endpoint=endpoint,
        service=service,
        others=ends.get(others[0].to, others[0].to),
    )
    if others[1:]:
        what = message(
            "{chain} gives {endpoint} all connections to {service} that are left, before other rules get any: {count} endpoints get none",
            chain=chain,
            endpoint=endpoint,
            service=service,
            count=len(others),
        )
    related = tuple([Related(nat.rules.line(way.place), message("no connection comes here")) for way in others[:_SHOWN]])
    return Hit(nat.rules.line(first.place), what, (chain, first.to), related=related, word=first.to)


CHECK = Check(
    "KP304",
    "unequal-shares",
    WARNING,
    _look,
    message("restart kube-proxy so that it writes the chain anew, and find out what changed it"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
