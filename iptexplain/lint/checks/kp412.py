"""A mark is set where nothing looks at it any more.

## What it does

Looks in nat for rules in `PREROUTING` or `OUTPUT` that mark packets, where the only rules that look for this mark are in raw or mangle at
the same place, which packets pass before nat.

## Why it matters

A packet that arrives goes through `PREROUTING` of raw, then of mangle, then of nat. A mark that nat sets is not there yet when the rule in
mangle looks for it: what that rule was to do never happens. And nat only sees the first packet of a connection, so later packets do not get
the mark at all.

## Example

```
*mangle
-A PREROUTING -m mark --mark 0x10/0x10 -j DROP
*nat
-A PREROUTING -p tcp -m tcp --dport 8080 -j MARK --set-xmark 0x10/0x10
```

## Use instead

Set the mark in mangle or raw, before the rule that looks for it; or look for it behind nat, in `FORWARD` or `INPUT` of filter.

## Limits

Marks may also be looked at by routing (`ip rule … fwmark`) or traffic control (`tc`), which are not in a dump. Silent where any rule behind
looks at one of the bits, or copies marks to connections, and in chains of kube-proxy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.masquerade import marks_asked
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.model.matching import CopyMark, SetMark
from iptexplain.model.ruleset import BUILT_IN_OF
from iptexplain.owners.makers import KUBE, maker
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule
    from iptexplain.model.shape import Shape
    from iptexplain.model.values import Mark

_BEFORE = ("raw", "mangle")
_STARTS = frozenset({"PREROUTING", "OUTPUT"})


def _look(subject: Subject) -> Iterator[Hit]:
    setting = [(rule, mark) for rule in subject.rules("nat", _sets) for mark in _set_by(rule)]
    if not setting or _copies(subject):
        return
    places = _places(subject)
    looking = [(table.name, rule) for table in subject.dump.tables for rule in subject.rules(table.name, _tests)]
    looking = [(table, rule) for table, rule in looking if (table, rule.chain) in places]
    for rule, mark in setting:
        at = places.get(("nat", rule.chain), set())
        users = [(table, user) for table, user in looking if _may_look(user, mark)]
        behind = any(table not in _BEFORE or places[table, user.chain] != at for table, user in users)
        exact = [(table, user) for table, user in users if any(_looks_for(asked, mark) for asked in marks_asked(user))]
        if len(at) == 1 and at <= _STARTS and exact and not behind:
            table, user = exact[0]
            what = message(
                "chain {chain} of nat sets mark {mark} too late:"
                " only {table} looks for it, which packets pass before nat, so nothing comes of it",
                chain=rule.chain,
                mark=str(mark),
                table=table,
            )
            yield Hit(rule.line, what, ("nat", uncounted(rule)), related=(Related(user.line, message("looks for the mark")),), word="MARK")


def _sets(shape: Shape) -> bool:
    return shape.target is not None and shape.target.name == "MARK"


def _set_by(rule: Rule) -> Iterator[Mark]:
    """The mark that a rule of another program than kube-proxy sets, if it sets a bit."""
    effect = binding.effect(rule)
    if isinstance(effect, SetMark) and effect.mark.value & effect.mark.mask and maker(rule.chain) not in KUBE:
        yield effect.mark


def _tests(shape: Shape) -> bool:
    return any(clause.name == "mark" for clause in shape.clauses)


def _copies(subject: Subject) -> bool:
    """Does some rule copy marks to connections or back, so that later packets have them."""
    copying = (rule for table in subject.dump.tables for rule in subject.rules(table.name, _is_connmark))
    return any(isinstance(binding.effect(rule), CopyMark) for rule in copying)


def _is_connmark(shape: Shape) -> bool:
    return shape.target is not None and shape.target.name == "CONNMARK"


def _places(subject: Subject) -> Mapping[tuple[str, str], set[str]]:
    """For each chain of each table the built-in chains from which packets may come to it."""
    found: dict[tuple[str, str], set[str]] = {}
    for table in subject.dump.tables:
        for start in BUILT_IN_OF.get(table.name, ()):
            for chain in reached(subject, table.name, start):
                found.setdefault((table.name, chain), set()).add(start)
    return found


def _may_look(rule: Rule, mark: Mark) -> bool:
    """May the answer of a rule that tests the mark depend on the bits that are set."""
    asked = list(marks_asked(rule))
    return not asked or any(one.mask & mark.value & mark.mask for one in asked)


def _looks_for(asked: Mark, mark: Mark) -> bool:
    """Is it this mark that is looked for."""
    return bool(asked.value & mark.value) and not (asked.value ^ mark.value) & asked.mask & mark.mask


CHECK = Check(
    "KP412",
    "mark-set-too-late",
    WARNING,
    _look,
    message("set the mark in mangle or raw, before the rule that looks for it"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
