"""Rules that no packet comes to, because a rule before them ends the chain for every packet.

## What it does

Looks for rules behind a rule that tests nothing and ends the chain: `ACCEPT`, `DROP`, `REJECT`, `RETURN`, `DNAT`, `SNAT`, `MASQUERADE`,
`REDIRECT`, `NFQUEUE`, or a goto (`-g`).

## Why it matters

The rules of a chain are tried in their order. Behind a rule that takes every packet, nothing is tried any more: whoever wrote the rules
behind it believes that they do something. Most often they were added at the end (`iptables -A`) where they belonged before (`-I`), as in
Docker's `DOCKER-USER`, which ended with `-j RETURN`.

## Example

```
-A DOCKER-USER -j RETURN
-A DOCKER-USER -s 203.0.113.7/32 -j DROP
```

## Use instead

Put the rule before the one that ends the chain: `iptables -I DOCKER-USER -s 203.0.113.7/32 -j DROP`.

## Limits

A rule that tests something never counts as one that takes every packet, even if its test always holds. Rules that only repeat the one that
ends the chain are passed over: they change nothing, and were not meant to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import Check
from iptexplain.lint.common.ending import ends, may_end
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    for table in subject.dump.tables:
        ended: set[str] = set()
        for rule in subject.rules(table.name, may_end):
            places = table.places_of(rule.chain)
            if rule.chain in ended or rule.index == places[-1] or not ends(rule):
                continue
            ended.add(rule.chain)
            behind = [table.rules[place] for place in places if place > rule.index]
            dead = [other for other in behind if not may_end(other.shape) or other.target_name != rule.target_name]
            if dead:
                what = message(
                    "no packet comes to this rule: -j {target} before it ends chain {chain} for all",
                    target=rule.target_name,
                    chain=rule.chain,
                )
                if rule.shape.target is not None and rule.shape.target.kind == "goto":
                    what = message(
                        "no packet comes to this rule: -g {target} before it leaves chain {chain} for good",
                        target=rule.target_name,
                        chain=rule.chain,
                    )
                related = (Related(rule.line, message("ends the chain for every packet")),)
                yield Hit(dead[0].line, what, (table.name, rule.chain), related=related)


CHECK = Check(
    "IT703",
    "rules-never-reached",
    WARNING,
    _look,
    message("put the rules before the one that ends the chain, or take them out"),
)
