"""Where kube-proxy's rules stand and what their comments say: data, for every version.

A rule in one of kube-proxy's top chains is a place where a Service port listens, or where it is refused. Its comment names the Service port
and says which; what the rule does is found by the walk.
"""

from __future__ import annotations

import re

from iptexplain.named import NamedTuple

SERVICES = "KUBE-SERVICES"
NODE_PORTS = "KUBE-NODEPORTS"
EXTERNAL_SERVICES = "KUBE-EXTERNAL-SERVICES"
FIREWALL = "KUBE-PROXY-FIREWALL"
MARK_MASQUERADE = "KUBE-MARK-MASQ"
MARK_DROP = "KUBE-MARK-DROP"
POSTROUTING = "KUBE-POSTROUTING"

OF_SERVICE = ("KUBE-SVC-", "KUBE-SVL-", "KUBE-EXT-", "KUBE-FW-", "KUBE-XLB-")
"""How the chains of one Service port begin."""

FILTER_CHAINS = frozenset({SERVICES, EXTERNAL_SERVICES, NODE_PORTS, FIREWALL, "KUBE-FORWARD", "KUBE-FIREWALL"})
"""kube-proxy's (and kubelet's) chains that filter's built-in chains jump to."""

CLUSTER_IP = "cluster_ip"
EXTERNAL_IP = "external_ip"
LOAD_BALANCER = "load_balancer"
NODE_PORT = "node_port"
OUTSIDE = "outside"
"""An external IP or a load balancer's: the rule does not tell which."""

HEALTH_CHECK = "health_check"


class Place(NamedTuple):
    """What a rule in a top chain says: the Service port of its comment, and what kind of place it is. None: not said."""

    service_port: str | None
    kind: str | None


_COMMENTS: dict[tuple[str, str], tuple[tuple[str, str | None], ...]] = {
    ("nat", SERVICES): ((" cluster IP", CLUSTER_IP), (" external IP", EXTERNAL_IP), (" loadbalancer IP", LOAD_BALANCER)),
    ("nat", NODE_PORTS): (("", NODE_PORT),),
    ("filter", SERVICES): ((" has no endpoints", CLUSTER_IP), (" has no local endpoints", CLUSTER_IP)),
    ("filter", EXTERNAL_SERVICES): ((" has no endpoints", OUTSIDE), (" has no local endpoints", OUTSIDE)),
    ("filter", NODE_PORTS): ((" health check node port", HEALTH_CHECK),),
}
"""How the comments end in each top chain, and what that says."""

_BY_CHAIN = {"SVC": CLUSTER_IP, "SVL": CLUSTER_IP, "EXT": OUTSIDE, "FW": LOAD_BALANCER, "XLB": OUTSIDE}
"""Without a comment: what the chain that a rule in KUBE-SERVICES jumps to says."""

TOP_CHAINS = tuple(_COMMENTS)
"""The chains (table, name) in which each rule belongs to one Service port."""

ENDPOINT_SET = {"SVC": "cluster", "SVL": "local", "XLB": "local"}
"""Which endpoints a chain spreads traffic over."""

_NO_ENDPOINTS = re.compile(r".* has no endpoints\Z", re.DOTALL)


def place(table: str, chain: str, comment: str | None, target_kind: str | None) -> Place:
    """What a rule in a top chain says of itself. `target_kind` is the `SVC` of the chain it jumps to, None for another target."""
    for ending, kind in _COMMENTS[table, chain]:
        if comment is not None and comment.endswith(ending):
            return Place(comment.removesuffix(ending), kind)
    if table == "nat" and chain == SERVICES and target_kind is not None:
        return Place(None, _BY_CHAIN[target_kind])
    return Place(None, {NODE_PORTS: NODE_PORT if table == "nat" else HEALTH_CHECK, EXTERNAL_SERVICES: OUTSIDE, SERVICES: CLUSTER_IP}[chain])


def says_no_endpoints(comment: str | None) -> bool:
    """Is this the comment of a rule that kube-proxy writes for a Service port without any endpoint."""
    return comment is not None and _NO_ENDPOINTS.match(comment) is not None
