"""Two rules send the same packets to different destinations: the second never does.

## What it does

Looks in the chains of nat for two `DNAT` rules with the same demands and different destinations.

## Why it matters

The first rule that matches ends the table. So the second one never sees a packet: whoever added it waits for connections that go to the
old destination.

## Example

```
-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 192.168.1.10:80
-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 192.168.1.20:80
```

## Use instead

Take away the one that is not wanted. To spread connections over both, give the first one `-m statistic --mode random --probability 0.5`.

## Limits

Rules whose demands are the same in other words, or a part of those of the rule before, are not found. Rules that ask for a chance or count
something are left out, and so are the chains of kube-proxy's endpoints, which KP302 looks at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import Check
from iptexplain.lint.common.demands import demands
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.model.matching import Translate
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule
    from iptexplain.model.shape import Shape


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    for alike in nat.alike if nat is not None else ():
        if nat is None or sum(map(_translates, nat.rules.shapes_of(alike.places))) <= 1:
            continue
        for chain in alike.chains:
            if not ENDPOINT_CHAIN.match(chain):
                yield from _dead([rule for rule in nat.rules_of(chain) if _translates(rule.shape)])


def _translates(shape: Shape) -> bool:
    return shape.target is not None and shape.target.name == "DNAT"


def _dead(rules: Sequence[Rule]) -> Iterator[Hit]:
    first: dict[frozenset[Constraint], tuple[Rule, Translate]] = {}
    for rule in rules:
        demanded, effect = demands(rule), binding.effect(rule)
        if demanded is None or not isinstance(effect, Translate):
            continue
        before, earlier = first.setdefault(frozenset(demanded), (rule, effect))
        if before is not rule and earlier.to != effect.to:
            what = message(
                "this rule of {chain} never sends anything to {to}: a rule before it sends the same packets to {other}",
                chain=rule.chain,
                to=effect.to,
                other=earlier.to,
            )
            related = Related(before.line, message("the rule before it"))
            yield Hit(rule.line, what, (rule.chain, str(effect.to), str(earlier.to)), related=(related,), word="--to-destination")


CHECK = Check(
    "IT712",
    "second-destination-for-same-packets",
    WARNING,
    _look,
    message("take away the rule whose destination is not wanted, or let the first one take only a part of the connections (-m statistic)"),
)
