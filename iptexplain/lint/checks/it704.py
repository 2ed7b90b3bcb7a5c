"""Chains that call each other in a circle.

## What it does

Looks for chains from which jumps (`-j`) or gotos (`-g`) lead back to themselves, directly or through other chains.

## Why it matters

A packet would go round for ever, so the kernel refuses such rules: no node can have them loaded. A dump that shows them was edited,
put together from several, or damaged; it cannot be restored, and what it says of the chains in the circle is worth nothing.

## Example

```
-A FORWARD -j WEB
-A WEB -p tcp -j LIMITS
-A LIMITS -j WEB
```

## Use instead

Leave the circle by `-j RETURN`, or by the end of the chain: both go back to the chain that called. Save the rules of the node again.

## Limits

What the rules in the circle demand of a packet is not looked at: the kernel does not look at it either. Where no built-in chain leads into
the circle, iptables-legacy loads it, and no packet meets it; that is a warning. Each circle is told once, but of several that share chains
perhaps not all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import Check
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import ERROR, WARNING, Hit, Related
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule


def _look(subject: Subject) -> Iterator[Hit]:
    for table in subject.dump.tables:
        calls: dict[str, dict[str, Rule]] = {}
        for chain, rules in subject.jumps(table.name).items():
            for rule in rules:
                calls.setdefault(rule.chain, {}).setdefault(chain, rule)
        circles = list(_circles(calls))
        met = frozenset[str]().union(*(reached(subject, table.name, start) for start in BUILT_IN)) if circles else ()
        for circle in circles:
            rules = [calls[chain][after] for chain, after in zip(circle, circle[1:] + circle[:1], strict=True)]
            last = rules[-1]
            what = message("chains call each other in a circle: {circle}", circle=" → ".join([*circle, circle[0]]))
            related = tuple([Related(rule.line, message("leads on to {chain}", chain=rule.target_name)) for rule in rules[:-1]])
            severity = ERROR if circle[0] in met else WARNING
            yield Hit(last.line, what, (table.name, *circle), severity, related, last.target_name)


def _circles(calls: Mapping[str, Mapping[str, Rule]]) -> Iterator[list[str]]:
    """One circle for each chain where one closes, in a walk through all chains; each begins with the name that sorts first."""
    done: set[str] = set()
    closed: set[str] = set()
    for start in sorted(calls):
        if start in done:
            continue
        path, at = [start], {start: 0}
        waiting = [iter(calls[start])]
        while waiting:
            chain = next(waiting[-1], None)
            if chain is None:
                waiting.pop()
                left = path.pop()
                del at[left]
                done.add(left)
            elif chain in at:
                if chain not in closed:
                    closed.add(chain)
                    circle = path[at[chain] :]
                    first = circle.index(min(circle))
                    yield circle[first:] + circle[:first]
            elif chain not in done and chain in calls:
                at[chain] = len(path)
                path.append(chain)
                waiting.append(iter(calls[chain]))


CHECK = Check(
    "IT704",
    "chains-in-a-circle",
    ERROR,
    _look,
    message("save the rules of the node again; if they were written by hand, take one of the jumps out"),
    also=(WARNING,),
)
