"""A rule was tried many times and never matched.

## What it does

Looks at the counters (`iptables-save -c`) of the built-in chains and of chains that no known program writes: for rules that have counted
nothing, although 100,000 packets or more went past them to later rules of the chain, or to its policy.

## Why it matters

Such a rule costs time for each packet and does nothing. Often it is left over, or it asks for something that does not occur: an address
that has changed, an interface that is called otherwise, a port on the wrong side.

## Example

```
[0:0] -A INPUT -s 10.1.2.3/32 -p tcp -m tcp --dport 9100 -j ACCEPT
[8214553:1204118322] -A INPUT -i eth0 -j ACCEPT
```

## Use instead

Compare what the rule asks with what packets look like (`tcpdump`), and correct it or take it out.

## Limits

This is information: a rule that is meant for rare or forbidden packets may well never match. A rule that was put in later than those behind
it has been tried less often than it seems. Packets that earlier rules took do not count as tried.

Chains of kube-proxy, Docker, Calico and other known programs are passed over, and so are rules that lead to them. There is one finding
for a chain, at the first such rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COUNTERS, Check
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import INFO, Hit, Related
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.model.shape import per_shape
from iptexplain.owners.makers import maker
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import ChainName, Rule, Table
    from iptexplain.model.shape import Shape

_MANY = 100_000
"""So many packets have to go past a rule."""

_SHOWN = 5
"""So many more rules of a chain are named."""


def _look(subject: Subject) -> Iterator[Hit]:
    for table in subject.dump.tables:
        for chain in table.by_chain:
            if maker(chain) is None:
                yield from _in_chain(table, chain)


def _in_chain(table: Table, chain: ChainName) -> Iterator[Hit]:
    idle = [rule for rule in _passed_by(table, chain) if _stands_for_itself(rule)]
    if not idle:
        return
    first, *more = idle
    related = tuple([Related(rule.line, message("this one never matched either")) for rule in more[:_SHOWN]])
    text = N_("this rule of {table} {chain} never matched, though {least} packets or more went past it: so far it does nothing")
    if more:
        text = N_(
            "{count} rules of {table} {chain} never matched, though {least} packets or more went past each of them: so far they do nothing"
        )
    what = message(text, count=len(idle), table=table.name, chain=chain, least=_MANY)
    yield Hit(first.line, what, (table.name, chain, *sorted(map(uncounted, idle))), related=related)


def _passed_by(table: Table, chain: ChainName) -> Sequence[Rule]:
    """The rules that have counted nothing while many packets came to what is behind them.

    A packet that a later rule counts went past all before it, whatever these do, so the most that one of them has counted is the least that
    went past. The policy counts those too that an earlier rule has sent back to it.
    """
    places = table.places_of(chain)
    shapes = table.rules.shapes_of(places)
    slots = [shape.counters for shape in shapes]
    if None in slots:
        return []
    packets = [int(own[slot or 0][1:].partition(":")[0]) for own, slot in zip(table.rules.values_of(places), slots, strict=True)]
    declared = table.chains.get(chain)
    past = declared.counters.packets if declared is not None and declared.counters is not None and chain in BUILT_IN else 0
    past -= sum([counted for counted, shape in zip(packets, shapes, strict=True) if _sends_back(shape)])
    found = []
    for at in range(len(packets) - 1, -1, -1):
        if not packets[at] and past >= _MANY:
            found.append(table.rules[places[at]])
        past = max(past, packets[at])
    return found[::-1]


@per_shape
def _sends_back(shape: Shape) -> bool:
    """May the policy decide about what such a rule matches, without the rules behind it."""
    return shape.target is not None and (shape.target.name == "RETURN" or shape.target.kind == "goto")


def _stands_for_itself(rule: Rule) -> bool:
    """Is it no rule that leads to the chain of a known program."""
    target = rule.target_name
    return target is None or maker(target) is None


CHECK = Check(
    "IT709",
    "rule-never-matched",
    INFO,
    _look,
    message("compare what the rule asks with the packets that should match, and correct it or take it out"),
    (COUNTERS,),
)
