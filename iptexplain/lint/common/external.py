"""The chains that take traffic to a Service from outside the cluster: `KUBE-EXT-…` from 1.24 on, for load balancers also `KUBE-FW-…`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.common.choices import choices
from iptexplain.lint.common.demands import demands
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN, SERVICE_CHAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table

_EXTERNAL = "KUBE-EXT-"
_FIREWALL = "KUBE-FW-"
_LOCAL = "KUBE-SVL-"


def of_policy_cluster(subject: Subject) -> frozenset[str]:
    """The chains of Services with `externalTrafficPolicy: Cluster`, as a rule shows it that marks every packet for masquerade."""
    return subject.once(_of_policy_cluster)


def _of_policy_cluster(subject: Subject) -> frozenset[str]:
    marking = subject.jumps("nat").get(layout.MARK_MASQUERADE, ())
    return frozenset([rule.chain for rule in marking if rule.chain.startswith((_EXTERNAL, _FIREWALL)) and binding.limits(rule.shape) == ()])


def leading_nowhere(subject: Subject, nat: Table) -> dict[str, Rule]:
    """Chains `KUBE-EXT-…` of policy Cluster that traffic comes to, and none of whose rules can lead on to endpoints; by their last rule."""
    return {
        chain: rules[-1]
        for chain, rules in _used(subject, nat)
        if chain in of_policy_cluster(subject) and not any(map(_may_lead_on, rules))
    }


def missing_local(subject: Subject, nat: Table) -> dict[str, Rule]:
    """Chains `KUBE-EXT-…` of policy Local that traffic comes to, and that do not lead to the endpoints of this node; by their last rule.

    Where kube-proxy leaves chains behind for some time, only what other rules lead to is known to be endpoints of this node.
    """
    kept = subject.proxy is None or subject.proxy.large_cluster is not False
    jumps = subject.jumps("nat")
    local = {choice.chain for choice in choices(subject) if choice.chain.startswith(_LOCAL) and (choice.chain in jumps or not kept)}
    found = {}
    for chain, rules in _used(subject, nat) if local else ():
        own = _LOCAL + chain.removeprefix(_EXTERNAL)
        all_on = any(rule.shape.strange or (_may_lead_on(rule) and demands(rule) == ()) for rule in rules)
        if own in local and chain not in of_policy_cluster(subject) and not all_on and not any(rule.target_name == own for rule in rules):
            found[chain] = rules[-1]
    return found


def _used(subject: Subject, nat: Table) -> Iterator[tuple[str, list[Rule]]]:
    """The chains `KUBE-EXT-…` that have rules and that rules lead to, with their rules."""
    for chain in subject.jumps("nat"):
        if chain.startswith(_EXTERNAL) and SERVICE_CHAIN.match(chain) and nat.places_of(chain):
            yield chain, [*nat.rules_of(chain)]


def _may_lead_on(rule: Rule) -> bool:
    """May a rule send packets on: to the chain of a Service or an endpoint, or in a way that the dump has lost."""
    target = rule.target_name or ""
    return bool(SERVICE_CHAIN.match(target) or ENDPOINT_CHAIN.match(target)) or target == "DNAT" or rule.shape.strange
