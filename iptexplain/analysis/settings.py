"""What a Service is set to, as far as the rules tell: source ranges, session affinity, traffic policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis import traffic
from iptexplain.analysis.service_port import CLUSTER, DROP, LOCAL
from iptexplain.extensions import binding
from iptexplain.model.address import Network
from iptexplain.model.matching import Field
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iptexplain.analysis.service_port import Route
    from iptexplain.model.address import Address
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.shape import ClauseShape
    from iptexplain.owners.kube_proxy.signs import Versions

_FIREWALL_ALWAYS = 23
"""Up to this minor version KUBE-FW exists for every load balancer, with or without source ranges."""
_PREFILTERED = (22, 23)
"""Minor versions whose kube-proxy takes endpoints out before it writes rules (`FilterEndpoints`)."""


class Settings:
    """Looks the settings up in the nat table of a dump; `versions` are those of the kube-proxy that wrote it."""

    def __init__(self, nat: Table | None, family: int, versions: Versions | None) -> None:
        """`family` is 4 or 6."""
        self._nat = nat
        self._family = family
        self._versions = versions
        self._firewalled: dict[str, set[Address | None]] | None = None
        shapes = nat.rules.distinct_shapes(range(len(nat.rules))) if nat is not None else ()
        self._any_recent = any(clause.name == "recent" for shape in shapes for clause in shape.clauses)
        self._recent: dict[str, list[tuple[int, ClauseShape]]] = {}

    def source_ranges(self, hash_: str) -> tuple[str, ...]:
        """The source ranges of the load balancer, as KUBE-FW has them. `-s <LB IP>/32` is no range: it lets the node itself in."""
        nat = self._nat
        chain = f"KUBE-FW-{hash_}"
        if nat is None or chain not in nat.by_chain:
            return ()
        rules = nat.rules_of(chain)
        addresses = self._balancers(chain) if rules else frozenset()
        found: dict[str, None] = {}
        open_to_all = for_node = False
        for rule in rules:
            target = SERVICE_CHAIN.match(rule.target_name or "")
            if not target:
                continue
            wanted = _source_of(rule)
            if wanted is None:
                open_to_all = True
            elif wanted.single in addresses:
                for_node = True
            else:
                found.setdefault(str(wanted))
        generation = self._versions
        always = generation is not None and generation.high is not None and generation.high <= _FIREWALL_ALWAYS
        if open_to_all and not found and (for_node or not always):
            found.setdefault(str(Network.whole(self._family)))
        return tuple(found)

    def _balancers(self, chain: str) -> frozenset[Address | None]:
        """The addresses of the load balancers whose traffic goes through a KUBE-FW chain."""
        if self._firewalled is None:
            self._firewalled = {}
            nat = self._nat
            for rule in nat.rules_of(layout.SERVICES) if nat is not None else ():
                name = rule.target_name
                if name is not None and name.startswith("KUBE-FW-"):
                    self._firewalled.setdefault(name, set()).add(_single_destination(rule))
        return frozenset(self._firewalled.get(chain, ()))

    def affinity(self, chains: Iterable[str]) -> int | None:
        """The seconds for which a client stays with its endpoint, None without session affinity."""
        if not self._any_recent:
            return None
        from iptexplain.extensions.matches.recent import Recent

        nat = self._nat
        for chain in chains if nat is not None else ():
            if nat is None or chain[5:8] not in layout.ENDPOINT_SET:
                continue
            places = nat.places_of(chain)
            if not places:
                continue
            form = nat.rules.form(places)
            recent = self._recent.get(form)
            if recent is None:
                shapes = enumerate(nat.rules.shapes_of(places))
                recent = self._recent[form] = [(n, clause) for n, shape in shapes for clause in shape.clauses if clause.name == "recent"]
            for number, clause in recent:
                match = binding.match_of(clause, nat.rules.values(places[number]))
                if isinstance(match, Recent) and match.rcheck is not None:
                    return match.seconds
        return None

    def internal_policy(self, routes: Sequence[Route]) -> str | None:
        """Cluster or Local, by what a pod meets at the cluster IP. 1.22 and 1.23 filter endpoints beforehand, so there it is not told."""
        versions = self._versions
        prefiltered = versions is None or (
            (versions.low or 0) <= _PREFILTERED[1] and (versions.high is None or versions.high >= _PREFILTERED[0])
        )
        for route in routes:
            if route.kind != layout.CLUSTER_IP:
                continue
            answer = route.sources[traffic.POD]
            if answer.endpoint_set == LOCAL or answer.action == DROP:
                return "Local"
            if answer.endpoint_set == CLUSTER:
                return None if prefiltered else "Cluster"
        return None


def external_policy(routes: Sequence[Route]) -> str | None:
    """Cluster or Local, by what a client outside meets at an outside address or a node port; None if there is no such place."""
    found = None
    for route in routes:
        if route.kind == layout.CLUSTER_IP:
            continue
        answer = route.sources.get(traffic.OUTSIDE_ALLOWED, route.sources[traffic.OUTSIDE])
        if answer.endpoint_set == LOCAL or answer.action == DROP:
            return "Local"
        if answer.endpoint_set == CLUSTER:
            found = "Cluster"
    return found


def _source_of(rule: Rule) -> Network | None:
    for match in binding.matches(rule):
        for field, wanted, _ in match.constraints():
            if field is Field.SOURCE and isinstance(wanted, Network):
                return wanted
    return None


def _single_destination(rule: Rule) -> Address | None:
    for match in binding.matches(rule):
        for field, wanted, negated in match.constraints():
            if field is Field.DESTINATION and isinstance(wanted, Network) and not negated:
                return wanted.single
    return None
