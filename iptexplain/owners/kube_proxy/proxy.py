"""Facts about the kube-proxy that wrote a dump: mode, versions, masquerade mark, how it tells pods from others.

Each fact rests on rules that are there; what no rule shows is None. The versions come from `SIGNS`, each with what it proves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.extensions.binding import comment
from iptexplain.extensions.matches.set import SetMatch
from iptexplain.model.address import Network
from iptexplain.model.matching import Field, SetMark, Translate
from iptexplain.model.values import Interface, Mark
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import ipvs_sets, layout
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN, SERVICE_CHAIN
from iptexplain.owners.kube_proxy.signs import Versions, versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iptexplain.extensions.common.ipset import Entry
    from iptexplain.model.ruleset import Dump, Rule, Table

_ENDPOINT_COMMENTS = 18
"""The first minor version that writes comments on endpoint rules."""

LARGE_CLUSTER_ENDPOINTS = 1000
"""Above this number of endpoints kube-proxy leaves out the comments of endpoint rules (proxier.go `largeClusterEndpointsThreshold`)."""


class LocalDetector(NamedTuple):
    """How kube-proxy tells that a packet comes from a pod of this node or cluster.

    `kind` is `cluster-cidr`, `bridge-interface` or `interface-prefix`; `value` the CIDR, the interface, or the prefix without `+`.
    """

    kind: str
    value: str

    @property
    def network(self) -> Network | None:
        """The pods' addresses, None if interfaces tell."""
        return Network.parse(self.value) if self.kind == "cluster-cidr" else None

    @property
    def interface(self) -> Interface | None:
        """The pods' interfaces, None if addresses tell."""
        return None if self.kind == "cluster-cidr" else Interface(self.value, self.kind == "interface-prefix")


class Proxy(NamedTuple):
    """What the rules of one dump say of the kube-proxy that wrote them. `mode` is `iptables`, `ipvs`, `userspace` or None."""

    mode: str | None
    versions: Versions
    masquerade_mark: Mark | None
    masquerade_all: bool | None
    local_detector: LocalDetector | None
    large_cluster: bool | None
    random_fully: bool | None


def proxy(dump: Dump) -> Proxy | None:
    """The kube-proxy of a dump, None if nothing in it is kube-proxy's."""
    nat, filter_ = dump.table("nat"), dump.table("filter")
    mode = _mode(nat, filter_)
    if mode is None:
        return None
    dates = versions(dump)
    of_services = [chain for chain in nat.by_chain if chain.startswith(layout.OF_SERVICE)] if nat is not None else []
    return Proxy(
        mode,
        dates,
        masquerade_mark(nat),
        _masquerade_all(nat, of_services),
        _local_detector(nat, of_services),
        _large_cluster(nat, dates),
        _random_fully(nat),
    )


def _mode(nat: Table | None, filter_: Table | None) -> str | None:
    """The mode, by chains that only one mode has."""
    tables = [table for table in (nat, filter_) if table is not None]

    def has(*names: str) -> bool:
        return any(table.has_chain(name) for table in tables for name in names)

    if has(*layout.PORTALS):
        # the first iptables mode (2015) kept the top chains of the userspace mode
        rules = (rule for chain in layout.PORTALS for rule in (nat.rules_of(chain) if nat is not None else ()))
        return "iptables" if any((rule.target_name or "").startswith(layout.OF_SERVICE) for rule in rules) else "userspace"
    if nat is not None and _mentions_ipvs_set(nat):
        return "ipvs"
    if has(layout.SERVICES, layout.NODE_PORTS, layout.EXTERNAL_SERVICES, "KUBE-PROXY-CANARY"):
        return "iptables"
    own = (name for table in tables for name in (*table.chains, *table.by_chain) if name.startswith("KUBE-"))
    return "iptables" if any(SERVICE_CHAIN.match(name) or ENDPOINT_CHAIN.match(name) for name in own) else None


def _mentions_ipvs_set(nat: Table) -> bool:
    """Does KUBE-SERVICES look an address up in the ipset of cluster IPs, as only the ipvs mode does."""
    if not any(clause.name == "set" for shape in nat.rules.distinct_shapes(nat.places_of(layout.SERVICES)) for clause in shape.clauses):
        return False
    return any(_cluster_ips(rule) is not None for rule in nat.rules_of(layout.SERVICES))


def _cluster_ips(rule: Rule) -> Entry | None:
    """How a rule looks up the ipset of cluster IPs (ipvs mode); None if it does not."""
    for match in binding.matches(rule):
        if isinstance(match, SetMatch) and match.members.value.name in ipvs_sets.CLUSTER_IPS:
            return match.members.value
    return None


def masquerade_mark(nat: Table | None) -> Mark | None:
    """The bits that KUBE-POSTROUTING masquerades, else those that KUBE-MARK-MASQ sets; None if neither is there."""
    if nat is None:
        return None
    own = filter(masquerades_by_mark, nat.rules_of("POSTROUTING")) if is_of_2015(nat) else nat.rules_of(layout.POSTROUTING)
    for rule in own:
        for match in binding.matches(rule):
            for field, wanted, _ in match.constraints():
                if field is Field.MARK and isinstance(wanted, Mark):
                    return wanted
    for rule in nat.rules_of(layout.MARK_MASQUERADE):
        effect = binding.effect(rule)
        if isinstance(effect, SetMark):
            return effect.mark
    return None


def is_of_2015(nat: Table) -> bool:
    """Has the nat table none of the chains that mark and masquerade: up to 1.1 rules in other chains did."""
    return not (nat.has_chain(layout.POSTROUTING) or nat.has_chain(layout.MARK_MASQUERADE))


def masquerades(rule: Rule) -> bool:
    """Is it a rule of KUBE-POSTROUTING, or the one that leads there."""
    return layout.POSTROUTING in {rule.target_name, rule.chain}


def masquerades_by_mark(rule: Rule) -> bool:
    """Is it a rule that masquerades what has a mark: up to 1.1 kube-proxy's stands in POSTROUTING itself."""
    return rule.target_name == "MASQUERADE" and any(clause.name == "mark" for clause in rule.shape.clauses)


def _random_fully(nat: Table | None) -> bool | None:
    found = []
    for rule in nat.rules_of(layout.POSTROUTING) if nat is not None else ():
        effect = binding.effect(rule)
        if isinstance(effect, Translate) and effect.kind == "MASQUERADE":
            found.append("--random-fully" in rule.text)
    return any(found) if found else None


def _masquerade_rules(nat: Table, of_services: Iterable[str]) -> Iterator[Rule]:
    """The rules that mark traffic to cluster IPs for masquerade: in KUBE-SERVICES up to 1.21, in KUBE-SVC and KUBE-SVL from 1.22 on."""
    for chain in (layout.SERVICES, *of_services):
        if chain == layout.SERVICES or chain.startswith(("KUBE-SVC-", "KUBE-SVL-")):
            for rule in nat.rules_of(chain):
                if rule.target_name not in layout.MARKS:
                    continue
                if _cluster_ips(rule) is not None:
                    yield rule
                    continue
                said = comment(rule)
                # without a comment only a rule that asks for the source is certain: others are about outside addresses or node ports too
                if said.endswith(" cluster IP") if said is not None else _detector_in(rule) is not None:
                    yield rule


def _masquerade_all(nat: Table | None, of_services: Sequence[str]) -> bool | None:
    """Is traffic to cluster IPs masqueraded whoever sends it; None if there is no cluster IP with endpoints to see it at."""
    if nat is None:
        return None
    for rule in _masquerade_rules(nat, of_services):
        looked_up = _cluster_ips(rule)
        # in ipvs mode `src,dst` asks for the node's own addresses: that is neither everybody nor a detector
        return _detector_in(rule) is None and (looked_up is None or looked_up.parts[0] == "dst")
    return False if of_services else None


def _local_detector(nat: Table | None, of_services: Sequence[str]) -> LocalDetector | None:
    """From the masquerade rules, else from the rules for pods in KUBE-EXT and KUBE-XLB."""
    if nat is None:
        return None
    first = next(_masquerade_rules(nat, of_services), None)
    found = None if first is None else _detector_in(first)
    if found is not None:
        return found
    for chain in of_services:
        if chain.startswith(("KUBE-EXT-", "KUBE-XLB-")):
            for rule in nat.rules_of(chain):
                target = SERVICE_CHAIN.match(rule.target_name or "")
                found = _detector_in(rule) if target and target[1] == "SVC" else None
                if found is not None:
                    return found
    return None


def _detector_in(rule: Rule) -> LocalDetector | None:
    for match in binding.matches(rule):
        for field, wanted, _ in match.constraints():
            if field is Field.SOURCE and isinstance(wanted, Network):
                return LocalDetector("cluster-cidr", str(wanted))
            if field is Field.IN and isinstance(wanted, Interface):
                return LocalDetector("interface-prefix" if wanted.prefix else "bridge-interface", wanted.name)
    return None


def _large_cluster(nat: Table | None, dates: Versions) -> bool | None:
    """Are there more endpoints than kube-proxy writes comments for; None if the rules do not tell.

    From 1.18 on the missing comments of endpoint rules say so; before, endpoint rules never had any, and only counting helps, which is
    possible as long as every endpoint has a chain.
    """
    if nat is None:
        return None
    endpoints = [alike for alike in nat.alike if any(chain.startswith("KUBE-SEP-") for chain in alike.chains)]
    if any(_has_comment(nat, alike.places) for alike in endpoints):
        return False
    if sum(chain.startswith("KUBE-SEP-") for alike in endpoints for chain in alike.chains) > LARGE_CLUSTER_ENDPOINTS:
        return True
    if dates.high is not None and dates.high <= _ENDPOINT_COMMENTS:
        return False  # up to 1.18 every endpoint has a chain, so there are no others
    if dates.low is None or dates.low < _ENDPOINT_COMMENTS:
        return None  # it may be a version that never writes such comments
    others = any(_has_comment(nat, nat.places_of(chain)) for chain in (layout.SERVICES, layout.NODE_PORTS))
    return bool(endpoints) if others or not endpoints else None


def _has_comment(nat: Table, places: Sequence[int]) -> bool:
    return any(clause.name == "comment" for shape in nat.rules.distinct_shapes(places) for clause in shape.clauses)
