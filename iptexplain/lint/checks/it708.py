"""The size of TCP segments is limited in one direction only.

## What it does

Looks for rules with the target `TCPMSS` that demand an interface or an address for one direction (`-o ppp0`), where no rule with this
target can match a packet of the other direction (`-i ppp0`).

## Why it matters

The first packet of a TCP connection tells one side how long the segments may be that it sends, and the answer to it tells the other.
A rule for what leaves by `ppp0` limits what comes back from there, and not what is sent there. Over a tunnel, or a line with a small MTU,
downloads work then, while uploads hang as soon as they send full segments and nobody hears the "fragmentation needed" of the router.

## Example

```
*mangle
-A FORWARD -o tailscale0 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
```

## Use instead

A rule for each direction (`-A FORWARD -i tailscale0 …` too), or one without an interface:
`-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu` (tailscale/tailscale#20077).

## Limits

This is information: hosts that hear the router's "fragmentation needed" do not need the second rule. Rules in the kernel's own chains only:
if one stands in another chain, or asks something that cannot be compared (a set, a chance), nothing is said of its table. Something outside
of iptables (nftables, the tunnel itself) may limit the other direction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, WHOLE_TABLES, Check
from iptexplain.lint.common.contradiction import contradiction
from iptexplain.lint.common.demands import demands
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import INFO, Hit
from iptexplain.model.matching import Field
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule

_BACK = {
    Field.IN: Field.OUT,
    Field.OUT: Field.IN,
    Field.SOURCE: Field.DESTINATION,
    Field.DESTINATION: Field.SOURCE,
    Field.SOURCE_PORT: Field.DESTINATION_PORT,
    Field.DESTINATION_PORT: Field.SOURCE_PORT,
}
"""What a field of a packet is in the answer to it."""

_SIDES = {Field.IN, Field.OUT, Field.SOURCE, Field.DESTINATION}
"""Fields that choose a direction by themselves; a port may be the same on both sides."""

_NOT_COMPARED = {Field.SET, Field.STATE, Field.CONNECTION, Field.SOURCE_TYPE, Field.DESTINATION_TYPE, Field.MARK, Field.CONNECTION_MARK}
"""Fields that may choose a direction in ways that are not known here."""


def _look(subject: Subject) -> Iterator[Hit]:
    rules = [
        rule
        for table in subject.dump.tables
        for rule in subject.rules(table.name, lambda shape: shape.target is not None and shape.target.name == "TCPMSS")
    ]
    asked = [found for found in map(demands, rules) if found is not None]
    if len(asked) < len(rules) or any(rule.chain not in BUILT_IN for rule in rules):
        return
    if any(demand.field in _NOT_COMPARED for own in asked for demand in own):
        return
    for rule, own in zip(rules, asked, strict=True):
        back = _answers(own)
        if back and all(contradiction([*back, *other]) for other in asked):
            yield _hit(rule, own)


def _answers(asked: Sequence[Constraint]) -> list[Constraint]:
    """What is demanded of packets in the other direction, empty if the rule chooses none.

    What has to come from one side must not go to the same side: such packets would be of both directions.
    """
    sides = [demand for demand in asked if demand.field in _SIDES and not demand.negated]
    turned = [demand._replace(field=_BACK[demand.field]) for demand in asked if demand.field in _BACK]
    return [*turned, *[demand._replace(negated=True) for demand in sides]] if sides else []


def _hit(rule: Rule, asked: Sequence[Constraint]) -> Hit:
    side = next(demand for demand in asked if demand.field in _SIDES and not demand.negated)
    outwards = side.field in {Field.OUT, Field.DESTINATION}
    what = (
        message(
            "TCP segments from {where} are limited in size, those sent there are not:"
            " if these are too long for the line, large transfers that way hang",
            where=side.wanted,
        )
        if outwards
        else message(
            "TCP segments to {where} are limited in size, those from there are not:"
            " if these are too long for the line, large transfers that way hang",
            where=side.wanted,
        )
    )
    return Hit(rule.line, what, (rule.chain, uncounted(rule)), word="TCPMSS")


CHECK = Check(
    "IT708",
    "segment-size-limited-one-way",
    INFO,
    _look,
    message("add the same rule for the other direction, or leave out the interface"),
    (COMPLETE, WHOLE_TABLES),
)
