"""Chains of nat that no rule leads to, as kube-proxy leaves them behind when a Service or endpoint goes, or after an update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.common.builtin import has_built_in

if TYPE_CHECKING:
    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import ChainName, Rule

_OLD = "KUBE-XLB-"
"""How the chains of Services are called that kube-proxy wrote up to Kubernetes 1.23."""

_NEW = "KUBE-EXT-"
"""How those are called that replaced them."""


def orphans(subject: Subject) -> list[ChainName]:
    """The chains of nat that have rules though no rule leads to them; none without built-in chains."""
    nat = subject.table("nat")
    if nat is None or not has_built_in(nat):
        return []
    jumps = subject.jumps("nat")
    return [chain for chain in nat.by_chain if chain not in jumps]


def newer(subject: Subject) -> ChainName | None:
    """The first chain of a kube-proxy that writes no old ones any more, None if there is none."""
    nat = subject.table("nat")
    return None if nat is None else next((chain for chain in nat.by_chain if chain.startswith(_NEW)), None)


def blocking(subject: Subject) -> dict[ChainName, Rule]:
    """The old chains that hold on to chains that a newer kube-proxy has to delete, with the first rule that does."""
    nat = subject.table("nat")
    old = nat is not None and any(chain.startswith(_OLD) for chain in nat.by_chain)
    if nat is None or not old or newer(subject) is None:
        return {}
    found = {}
    for chain in subject.once(orphans):
        if chain.startswith(_OLD):
            held = next((rule for rule in nat.rules_of(chain) if (rule.target_name or "").startswith("KUBE-S")), None)
            if held is not None:
                found[chain] = held
    return found
