"""Packets to a Service are hidden from connection tracking.

## What it does

Looks in raw for rules that untrack packets (`NOTRACK`, `CT --notrack`) and that packets to the address and port of a Service match.

## Why it matters

The address of a Service is translated by connection tracking. A packet that it does not see keeps the Service's address, which no machine
has: connections to the Service time out (kubernetes/kubernetes#98758, projectcalico/calico#3795).

## Example

```
*raw
-A PREROUTING -d 10.96.0.0/12 -j NOTRACK
*nat
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y
```

## Use instead

Let the rule in raw name only addresses that are not those of Services, or let a rule `-d 10.96.0.0/12 -j ACCEPT` stand before it.

## Limits

Only rules that demand nothing but protocols, addresses and destination ports are looked at; with a demand on the source it is a warning,
and only where they name the destination too. NodeLocal DNSCache untracks packets to the address of the DNS Service on purpose, and answers
them itself: that is known by its comment, or by the rule for the answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.contradiction import contradiction
from iptexplain.lint.common.demands import demands
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.common.whose import service_of
from iptexplain.lint.finding import ERROR, WARNING, Hit, Related
from iptexplain.model.address import Network
from iptexplain.model.matching import Field, Jump, Track, Untrack, Verdict
from iptexplain.owners.kube_proxy.layout import SERVICES
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.shape import Shape

_OF_SERVICE = frozenset({Field.DESTINATION, Field.PROTOCOL, Field.DESTINATION_PORT})
"""What the rule of a Service says of a packet."""

_ANY_PROTOCOL = frozenset({"all", "0"})

_LETS_OFF = frozenset({"ACCEPT", "DROP", "CT"})
"""Targets in a chain behind which a packet may not come back, or not be untracked any more."""

_DNS_CACHE = "NodeLocal DNS Cache"


def _look(subject: Subject) -> Iterator[Hit]:
    raw, nat = subject.table("raw"), subject.table("nat")
    if raw is None or nat is None or next(subject.rules("raw", _may_untrack), None) is None:
        return
    services = [
        (rule, wanted) for rule in nat.rules_of(SERVICES) if SERVICE_CHAIN.match(rule.target_name or "") and (wanted := demands(rule))
    ]
    seen: set[int] = set()
    for start in ("PREROUTING", "OUTPUT"):
        for rule, path, before in _untracking(raw, start, (), (), frozenset()):
            if rule.line in seen or _is_dns_cache(raw, rule):
                continue
            more = {demand.field for demand in path} - _OF_SERVICE
            if more - {Field.SOURCE} or (more and not any(one.field is Field.DESTINATION and not one.negated for one in path)):
                continue
            met = [service for service, wanted in services if _meets(wanted, path) and not any(_spares(wanted, one) for one in before)]
            if met:
                seen.add(rule.line)
                yield _hit(subject, rule, met, WARNING if more else ERROR)


def _hit(subject: Subject, rule: Rule, met: Sequence[Rule], severity: str) -> Hit:
    names = list(dict.fromkeys(service_of(subject, service.target_name or "") for service in met))
    text = N_(
        "chain {chain} of raw hides packets to {service} from connection tracking: no rule can send them to an endpoint, and they time out"
    )
    if names[1:]:
        text = N_(
            "chain {chain} of raw hides packets to {count} Service ports, such as {service}, from connection tracking:"
            " no rule can send them to an endpoint, and they time out"
        )
    what = message(text, chain=rule.chain, service=names[0], count=len(names))
    related = Related(met[0].line, message("the first of the Services that are hit ({count} rules)", count=len(met)))
    return Hit(rule.line, what, ("raw", uncounted(rule)), severity, (related,), rule.target_name)


def _may_untrack(shape: Shape) -> bool:
    return shape.target is not None and shape.target.name in {"CT", "NOTRACK"}


def _untracking(
    raw: Table, chain: str, path: tuple[Constraint, ...], before: tuple[Sequence[Constraint] | None, ...], inside: frozenset[str]
) -> Iterator[tuple[Rule, tuple[Constraint, ...], tuple[Sequence[Constraint] | None, ...]]]:
    """Rules that untrack, what is demanded on the way to them, and the demands of the rules before them that let packets off."""
    for rule in raw.rules_of(chain):
        own, effect = demands(rule), binding.effect(rule)
        if isinstance(effect, Jump):
            if own is not None and effect.chain not in inside | {chain}:
                yield from _untracking(raw, effect.chain, (*path, *own), before, inside | {chain})
            if effect.goto or any(map(_lets_off, raw.rules_of(effect.chain))):
                before = (*before, own)
        elif isinstance(effect, Untrack):
            if own is not None:
                yield rule, (*path, *own), before
        elif isinstance(effect, Track) or effect in {Verdict.ACCEPT, Verdict.DROP, Verdict.RETURN}:
            before = (*before, own)


def _lets_off(rule: Rule) -> bool:
    return rule.target_name in _LETS_OFF or isinstance(binding.effect(rule), Jump)


def _meets(service: Sequence[Constraint], path: Sequence[Constraint]) -> bool:
    named = {one.wanted for one in (*service, *path) if one.field is Field.PROTOCOL and not one.negated and one.wanted not in _ANY_PROTOCOL}
    return len(named) <= 1 and contradiction((*service, *path)) is None


def _spares(service: Sequence[Constraint], before: Sequence[Constraint] | None) -> bool:
    return before is None or _meets(service, before)


def _is_dns_cache(raw: Table, rule: Rule) -> bool:
    """Is it a rule of NodeLocal DNSCache: it says so, or answers from the address are untracked too."""
    if (binding.comment(rule) or "").startswith(_DNS_CACHE):
        return True
    to = {one.wanted for one in demands(rule) or () if _is_one_address(one)}
    return any(
        isinstance(binding.effect(answer), Untrack) and any(one.field is Field.SOURCE and one.wanted in to for one in demands(answer) or ())
        for answer in (raw.rules_of("OUTPUT") if to else ())
    )


def _is_one_address(demand: Constraint) -> bool:
    return (
        demand.field is Field.DESTINATION and not demand.negated and isinstance(demand.wanted, Network) and demand.wanted.single is not None
    )


CHECK = Check(
    "KP510",
    "service-untracked",
    ERROR,
    _look,
    message("take the addresses of Services out of the rule in raw that untracks packets"),
    (KUBE_PROXY,),
    also=(WARNING,),
)
