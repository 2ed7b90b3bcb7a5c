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
MARKS = frozenset({MARK_MASQUERADE, "MARK"})
"""Targets of rules that mark traffic for masquerade; up to 1.1 these rules mark by themselves."""
MARK_DROP = "KUBE-MARK-DROP"
POSTROUTING = "KUBE-POSTROUTING"

OF_SERVICE = ("KUBE-SVC-", "KUBE-SVL-", "KUBE-EXT-", "KUBE-FW-", "KUBE-XLB-")
"""How the chains of one Service port begin."""

ENDPOINT = "KUBE-SEP-"
"""How the chains of one endpoint of one Service port begin."""

ARROW = " -> "
"""What stands between the Service port and the endpoint in the comments of rules that lead to endpoints, from 1.24 on."""

FILTER_CHAINS = frozenset({SERVICES, EXTERNAL_SERVICES, NODE_PORTS, FIREWALL, "KUBE-FORWARD", "KUBE-FIREWALL"})
"""kube-proxy's (and kubelet's) chains that filter's built-in chains jump to."""

FILTER_HOOKS = {
    "INPUT": (FIREWALL, EXTERNAL_SERVICES),
    "FORWARD": (FIREWALL, SERVICES, EXTERNAL_SERVICES),
    "OUTPUT": (FIREWALL, SERVICES),
}
"""The chains that refuse or drop traffic to Services, for each built-in chain of filter, in order. See `FORWARDED_FROM`."""

FORWARDED_FROM = 19
"""The first minor version that looks at KUBE-EXTERNAL-SERVICES in FORWARD too (1.20, perhaps 1.19)."""

CLUSTER_IP = "cluster_ip"
EXTERNAL_IP = "external_ip"
LOAD_BALANCER = "load_balancer"
NODE_PORT = "node_port"
OUTSIDE = "outside"
"""An external IP or a load balancer's: the rule does not tell which."""

VIRTUAL = "virtual_service"
"""A place that only IPVS tells of: nobody says whether its address is a cluster IP, an external one or the node's."""

CHAIN = "chain"
"""A chain of the Service that no rule leads to, because that rule was left out: what enters it."""

HEALTH_CHECK = "health_check"


class Place(NamedTuple):
    """What a rule in a top chain says: the Service port of its comment, and what kind of place it is. None: not said."""

    service_port: str | None
    kind: str | None


class _Comment(NamedTuple):
    """A comment: what stands before and behind the name of the Service port, and what kind of place that says."""

    before: str
    behind: str
    kind: str

    def name(self, comment: str) -> str | None:
        """The name in a comment, None if it is another comment."""
        if comment.startswith(self.before) and comment.endswith(self.behind):
            return comment[len(self.before) : len(comment) - len(self.behind)]
        return None


_PORTALS = _Comment("portal for ", "", CLUSTER_IP), _Comment("", "", CLUSTER_IP)
_NODE_PORT_PORTALS = _Comment("portal for ", "", NODE_PORT), _Comment("", "", NODE_PORT)

_COMMENTS: dict[tuple[str, str], tuple[_Comment, ...]] = {
    ("nat", SERVICES): (
        _Comment("", " cluster IP", CLUSTER_IP),
        _Comment("", " external IP", EXTERNAL_IP),
        _Comment("", " loadbalancer IP", LOAD_BALANCER),
    ),
    ("nat", NODE_PORTS): (_Comment("", "", NODE_PORT),),
    ("filter", SERVICES): (_Comment("", " has no endpoints", CLUSTER_IP), _Comment("", " has no local endpoints", CLUSTER_IP)),
    ("filter", EXTERNAL_SERVICES): (_Comment("", " has no endpoints", OUTSIDE), _Comment("", " has no local endpoints", OUTSIDE)),
    ("filter", NODE_PORTS): (_Comment("", " health check node port", HEALTH_CHECK),),
    # the userspace mode (up to 1.25), and the first iptables mode (2015), which kept its chains
    ("nat", "KUBE-PORTALS-CONTAINER"): _PORTALS,
    ("nat", "KUBE-PORTALS-HOST"): _PORTALS,
    ("nat", "KUBE-NODEPORT-CONTAINER"): _NODE_PORT_PORTALS,
    ("nat", "KUBE-NODEPORT-HOST"): _NODE_PORT_PORTALS,
}
"""The comments in each top chain, and what they say."""

PORTALS = frozenset(chain for _, chain in _COMMENTS if chain.startswith(("KUBE-PORTALS-", "KUBE-NODEPORT-")))
"""The top chains of the userspace mode."""

_BY_CHAIN = {"SVC": CLUSTER_IP, "SVL": CLUSTER_IP, "EXT": OUTSIDE, "FW": LOAD_BALANCER, "XLB": OUTSIDE}
"""Without a comment: what the chain that a rule in KUBE-SERVICES jumps to says."""

TOP_CHAINS = tuple(_COMMENTS)
"""The chains (table, name) in which each rule belongs to one Service port."""

OPEN = frozenset({"FW"})
"""Kinds of Service chains that packets may leave at the end: those that source ranges do not let in, from 1.25 on."""

ENDPOINT_SET = {"SVC": "cluster", "SVL": "local", "XLB": "local"}
"""Which endpoints a chain spreads traffic over."""

_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_NAME = re.compile(rf"(?<!\S){_LABEL}/(?=[a-z]){_LABEL}(?::[a-z0-9-]*)?(?!\S)")
"""A namespace, a name (RFC 1035: it begins with a letter) and perhaps a port, as a word of its own."""


def place(table: str, chain: str, comment: str | None, target_kind: str | None) -> Place:
    """What a rule in a top chain says of itself. `target_kind` is the `SVC` of the chain it jumps to, None for another target."""
    said = _COMMENTS[table, chain]
    for known in said:
        name = None if comment is None else known.name(comment)
        if name is not None:
            return Place(name, known.kind)
    if table == "nat" and chain == SERVICES and target_kind is not None:
        return Place(None, _BY_CHAIN[target_kind])
    return Place(None, said[-1].kind if chain != SERVICES else CLUSTER_IP)


def named_in(comment: str) -> str | None:
    """The Service port that the comment of a rule in a Service's own chains names, in any version; None if it names none.

    Such comments are the name alone, or hold it as the only word with a slash: `ns/name:port -> 10.0.0.1:80`, `Balancing rule 0 for
    ns/name`, `masquerade LOCAL traffic for ns/name LB IP`.
    """
    found = _NAME.search(comment)
    return None if found is None else found.group()


def says_no_endpoints(comment: str | None, target: str | None) -> bool:
    """Is this a rule of filter that kube-proxy writes for a Service port without any endpoint. Without a comment its REJECT says so."""
    return target == "REJECT" if comment is None else comment.endswith(" has no endpoints")
