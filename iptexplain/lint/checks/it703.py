"""Rules that no packet comes to, because a rule before them ends the chain for every packet.

## What it does

Looks for rules behind a rule that tests nothing and ends the chain: `ACCEPT`, `DROP`, `REJECT`, `RETURN`, `DNAT`, `SNAT`, `MASQUERADE`,
`REDIRECT`, `NFQUEUE`, or a goto (`-g`).

## Why it matters

The rules of a chain are tried in their order. Behind a rule that takes every packet, nothing is tried any more: whoever wrote the rules
behind it believes that they do something. Most often they were added at the end (`iptables -A`) where they belonged before (`-I`), as in
Docker's `DOCKER-USER`, which ended with `-j RETURN`.

Programs write the same rules whether they are needed or not: OpenStack Neutron ends a chain with what the user has allowed, and has more
behind it. So it is only a remark where all dead rules stand in the chain of a program or lead to one, or are Calico's own. Chains for the
rules of users (`DOCKER-USER`, `ufw-user-…`) are no such chains; nor are those of kube-proxy and kubelet, but where KP503 tells that the
rule before refuses everything.

## Example

```
-A DOCKER-USER -j RETURN
-A DOCKER-USER -s 203.0.113.7/32 -j DROP
```

## Use instead

Put the rule before the one that ends the chain: `iptables -I DOCKER-USER -s 203.0.113.7/32 -j DROP`.

## Limits

A rule that tests something never counts as one that takes every packet, even if its test always holds. Rules that only repeat the one that
ends the chain are passed over: they change nothing, and were not meant to. A chain is told once, at the first of its dead rules that no
program has written, else at the first; of the others up to four lines are named. Which program has written a rule is known by the names of
chains and by Calico's comments alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import ends, may_end
from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.unasked import is_calicos, unasked
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import INFO, WARNING, Hit, Related
from iptexplain.owners.makers import KUBE, writer
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule
    from iptexplain.source import Message

_NAMED = 4
"""Of the dead rules behind the first one so many lines are named."""

_SENTENCES = {
    (False, 0): N_("no packet comes to this rule: -j {target} before it ends chain {chain} for all"),
    (False, 1): N_("no packet comes to this rule and 1 more (line {lines}): -j {target} before it ends chain {chain} for all"),
    (False, 2): N_("no packet comes to this rule and {count} more (lines {lines}): -j {target} before it ends chain {chain} for all"),
    (True, 0): N_("no packet comes to this rule: -g {target} before it leaves chain {chain} for good"),
    (True, 1): N_("no packet comes to this rule and 1 more (line {lines}): -g {target} before it leaves chain {chain} for good"),
    (True, 2): N_("no packet comes to this rule and {count} more (lines {lines}): -g {target} before it leaves chain {chain} for good"),
}
"""What is said, by whether the rule before goes to a chain, and how many more rules are dead (2: two or more)."""


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
                meant = [other for other in dead if not _is_of_program(other)]
                if table.name == "filter":
                    meant = [other for other in meant if not _is_told(subject, rule, other)]
                first = (meant or dead)[0]
                what = _sentence(rule, [other for other in dead if other.index != first.index])
                related = (Related(rule.line, message("ends the chain for every packet")),)
                yield Hit(first.line, what, (table.name, rule.chain, *map(uncounted, dead)), WARNING if meant else INFO, related)


def _is_of_program(rule: Rule) -> bool:
    """Has a program written a rule, one that writes its rules for all cases."""
    programs = {writer(rule.chain), writer(rule.target_name or "")}
    return bool(programs - {None} - KUBE) or is_calicos(rule)


def _is_told(subject: Subject, end: Rule, rule: Rule) -> bool:
    """Does a rule lead to a chain of kube-proxy, and KP503 tells that the rule before it refuses what comes to such chains."""
    leads = writer(rule.target_name or "") is not None and subject.has(KUBE_PROXY)
    return leads and any(found.refusing.index == end.index for found in unasked(subject))


def _sentence(rule: Rule, more: Sequence[Rule]) -> Message:
    """What is said of one rule behind one that ends the chain; `more` are the others."""
    lines = [str(other.line) for other in more[:_NAMED]]
    goes = rule.shape.target is not None and rule.shape.target.kind == "goto"
    return message(
        _SENTENCES[goes, min(len(more), 2)],
        target=rule.target_name,
        chain=rule.chain,
        count=len(more),
        lines=", ".join([*lines, "…"] if len(more) > _NAMED else lines),
    )


CHECK = Check(
    "IT703",
    "rules-never-reached",
    WARNING,
    _look,
    message("put the rules before the one that ends the chain, or take them out"),
    also=(INFO,),
)
