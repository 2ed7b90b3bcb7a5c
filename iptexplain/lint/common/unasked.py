"""Rules of filter that ask the network of the Pods, behind a rule of the same built-in chain that refuses every packet."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import ends, may_end
from iptexplain.extensions import binding
from iptexplain.lint.common.accepting import accepts
from iptexplain.lint.common.wiring import reached
from iptexplain.model.matching import Reject, Verdict
from iptexplain.model.values import Interface
from iptexplain.named import NamedTuple
from iptexplain.owners.makers import KUBE, maker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table

_NETWORKS = frozenset(
    {
        *KUBE,
        "Calico",
        "Cilium",
        "Flannel",
        "Weave Net",
        "Azure NPM",
        "Antrea",
        "CNI plugins",
    }
)
"""Makers whose chains carry the traffic of Pods."""

_BY_CALICO = "cali:"
"""How comments of Calico's rules begin."""

_DOCKER = ("docker", "br-")
"""How interfaces of Docker's own networks begin."""


class Unasked(NamedTuple):
    """A rule of a built-in chain that refuses every packet, and the rules that are never tried for that.

    `lets_in`: rules before it accept more than single ports.
    """

    chain: str
    refusing: Rule
    dead: tuple[Rule, ...]
    lets_in: bool


def unasked(subject: Subject) -> tuple[Unasked, ...]:
    """What is found in INPUT and in FORWARD, worked out once for all checks that ask."""
    return subject.once(_worked_out)


def _worked_out(subject: Subject) -> tuple[Unasked, ...]:
    filter_ = subject.table("filter")
    return tuple(_in_table(subject, filter_)) if filter_ is not None else ()


def _in_table(subject: Subject, filter_: Table) -> Iterator[Unasked]:
    for start in ("INPUT", "FORWARD"):
        rules = filter_.rules_of(start)
        end = next((at for at, rule in enumerate(rules) if may_end(rule.shape) and ends(rule)), None)
        if end is None or not _refuses(rules[end]):
            continue
        before = frozenset[str]().union(*(reached(subject, "filter", rule.target_name or "") for rule in rules[:end]))
        dead = [rule for rule in rules[end + 1 :] if rule.target_name not in before and _accepts(subject, filter_, rule)]
        if dead:
            earlier = chain.from_iterable([rules[:end], *(filter_.rules_of(name) for name in before if maker(name) not in KUBE)])
            yield Unasked(start, rules[end], tuple(dead), any(map(_lets_in, earlier)))


def is_calicos(rule: Rule) -> bool:
    """Does a rule in a built-in chain say that Calico has written it."""
    return (binding.comment(rule) or "").startswith(_BY_CALICO)


def _refuses(rule: Rule) -> bool:
    return isinstance(binding.effect(rule), Reject) or binding.effect(rule) is Verdict.DROP


def _accepts(subject: Subject, filter_: Table, rule: Rule) -> bool:
    """Is a rule one of a network of Pods that accepts something, or does it lead to a chain of one that does."""
    if rule.target_name == "ACCEPT":
        return is_calicos(rule)
    target = rule.target_name or ""
    if maker(target) not in _NETWORKS:
        return False
    return any(inner.target_name == "ACCEPT" for chain in reached(subject, "filter", target) for inner in filter_.rules_of(chain))


def _lets_in(rule: Rule) -> bool:
    """Does a rule accept more than single ports, or what belongs to Docker alone."""
    interfaces = [one.wanted for test in binding.tests(rule) for one in test.constraints if isinstance(one.wanted, Interface)]
    return accepts(rule) == (True, True) and not any(one.name.startswith(_DOCKER) for one in interfaces)
