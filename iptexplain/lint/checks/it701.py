"""A rule that no packet comes to, because the rules before it end the way of all that it is for.

## What it does

Works out which packets each rule takes (addresses, ports, protocols, interfaces, marks, states), and takes from them all packets whose way
rules before it have ended: one rule, or several together, in the same chain or before the rules that lead to the chain. If none is left,
the rule is dead. It is a warning where the rule wants something else than those before it. It is an info where it only repeats them, where
its chain is never sent what it is for, and in chains of programs (Calico, Docker, …) and rules that lead there: these write the same rules
whether they are needed or not.

## Why it matters

Whoever wrote the rule believes that it does something: that an address is blocked, or a port open. The first rule that takes a packet
decides, so the other one may as well not be there. No counter tells that apart from a rule that is merely waiting.

## Example

```
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j DROP
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp -m multiport --dports 22,2222 -m conntrack --ctstate NEW -j ACCEPT
-A INPUT -s 192.0.2.7/32 -p tcp -m tcp --dport 2222 -m conntrack --ctstate NEW -j DROP
```

The last rule never sees a packet.

## Use instead

Put the special rule before the general one, or take it out.

## Limits

Rules that draw, count or ask for something that is not known never count as rules that end the way of a packet. Members of sets are not
looked into: two rules have the same set or not. Up to 500 rules before one are looked at, in chains that a rule leads to up to 64, of a
table up to 20,000. Of dead chains the rules that lead there are told, and of a chain with more than five dead rules the first. Chains of
kube-proxy and kubelet are left to the checks that know what these write (KP…). What IT703, IT706, IT712 and KP603 tell is not told again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import ends, may_end
from iptexplain.extensions import binding
from iptexplain.lint.check import Check
from iptexplain.lint.common.coverage import coverages, tell_if_not_all
from iptexplain.lint.common.repeated import repeated
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import INFO, WARNING, Hit, Related
from iptexplain.model.matching import Reject, Translate, Verdict
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.owners.makers import writer
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.common.coverage import Cover, Coverage
    from iptexplain.lint.subject import Subject
    from iptexplain.model.matching import Effect
    from iptexplain.model.ruleset import Rule


_MANY = 5
"""More dead rules of one chain than these are told together."""


def _look(subject: Subject) -> Iterator[Hit]:
    for table in subject.dump.tables:
        coverage, repeats = subject.once(coverages)[table.name], subject.once(repeated)[table.name]
        for chain in table.by_chain:
            if chain.startswith("KUBE-") or _is_dead(chain, coverage):
                continue
            again = {place for same in repeats.get(chain, ()) for place in same[1:]}  # KP603 tells of these
            rules = [rule for rule in table.rules_of(chain) if rule.index not in again]
            dead = [(rule, cover) for rule in rules if (cover := coverage.cover(rule)) is not None and not _is_told(rule, cover)]
            for severity in (WARNING, INFO):
                alike = [(rule, cover) for rule, cover in dead if _severity(rule, cover) == severity]
                if len(alike) > _MANY:
                    yield _many(table.name, [rule for rule, _ in alike], alike[0][1], severity)
                else:
                    yield from [_one(table.name, rule, cover, severity) for rule, cover in alike]
    tell_if_not_all(subject.once(coverages).values())


def _is_dead(chain: str, coverage: Coverage) -> bool:
    """Is every rule dead that leads to a chain: then that is told where these stand."""
    callers = coverage.jumps.get(chain, ())
    return chain not in BUILT_IN and bool(callers) and all(coverage.cover(caller) is not None for caller in callers)


def _is_told(rule: Rule, cover: Cover) -> bool:
    """Does another check tell it: IT703 (behind a rule for every packet), IT712 (another destination)."""
    for ending in cover.endings:
        other = ending.rule
        if other.chain != rule.chain:
            continue
        if may_end(other.shape) and ends(other):
            return True
        if isinstance(ending.effect, Translate) and binding.tests(other) == binding.tests(rule):
            return True
    return False


def _severity(rule: Rule, cover: Cover) -> str:
    """An info where a rule only repeats what is done anyway, or where a program has written it that writes its rules for all cases."""
    to = rule.target_name or ""
    written = any(writer(chain) is not None for chain in (rule.chain, to))
    return INFO if written or not cover.endings or _repeats(rule, cover) else WARNING


def _repeats(rule: Rule, cover: Cover) -> bool:
    """Do the rules that are needed to cover a rule do what it does: without it nothing changes, whatever stands before these."""
    return rule.shape.target is None or all(_is_alike(ending.effect, binding.effect(rule)) for ending in cover.endings)


def _is_alike(one: Effect, other: Effect) -> bool:
    """Do two effects come to the same: also where one tells the sender that the packet is dropped."""
    return one == other or all(effect is Verdict.DROP or isinstance(effect, Reject) for effect in (one, other))


def _one(table: str, rule: Rule, cover: Cover, severity: str) -> Hit:
    rules = {ending.rule.index: ending.rule for ending in cover.endings}
    what = N_("no packet comes to this rule: {count} rules before it have taken all that it is for")
    if len(rules) == 1:
        what = N_("no packet comes to this rule: one before it has taken all that it is for")
    if not rules:
        what = N_("no packet comes to this rule: none that it is for is sent to its chain")
    elif _repeats(rule, cover):
        what = N_("this rule adds nothing: the same has been done before with all packets that it is for")
    return Hit(rule.line, message(what, count=len(rules)), (table, uncounted(rule)), severity, _related(cover))


def _many(table: str, rules: Sequence[Rule], cover: Cover, severity: str) -> Hit:
    """So many dead rules in one chain are told at the first of them."""
    what = message(
        "no packet comes to this rule and {count} more of chain {chain} (lines {lines}): rules before have taken all that they are for",
        count=len(rules) - 1,
        chain=rules[0].chain,
        lines=", ".join(str(rule.line) for rule in rules[1:_MANY]) + ", …",
    )
    return Hit(rules[0].line, what, (table, rules[0].chain, *map(uncounted, rules)), severity, _related(cover))


def _related(cover: Cover) -> tuple[Related, ...]:
    rules = {ending.rule.index: ending.rule for ending in cover.endings}
    takes = message("takes all of its packets") if len(rules) == 1 else message("takes some of its packets")
    related = [Related(rule.line, takes) for rule in rules.values()]
    return (*related, *(Related(rule.line, message("leads to the chain of the rule")) for rule in cover.callers))


CHECK = Check(
    "IT701",
    "rule-shadowed",
    WARNING,
    _look,
    message("put the rule before those that take its packets, or take it out"),
    also=(INFO,),
)
