"""Where each of kube-proxy's own rules comes from: the function of its source that writes it, since when, and why.

Source: kubernetes/kubernetes, pkg/proxy/iptables/proxier.go of 1.16 to 1.31 (`syncProxyRules`, which also sets the jumps of
`iptablesJumpChains`; `writeServiceToEndpointRules`) and of 1.1; for the mode ipvs pkg/proxy/ipvs/proxier.go (`writeIptablesRules`,
`acceptIPVSTraffic`, `createAndLinkKubeChain`; all are called by its `syncProxyRules`, which up to 1.10 wrote all of it itself, and few
have a version here); for kubelet's rules pkg/kubelet/kubelet_network_linux.go (`syncNetworkUtil`, `syncIPTablesRules`). 1.19 was not
read, so what changed between 1.18 and 1.20 has no version here, except where a change came to 1.18 too.

Where a function got another name, or another one took over, and the rule does not tell which it was, all are named, with the minor versions
that have them: `syncNetworkUtil (<1.25), syncIPTablesRules (>=1.25)`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment, comment_slot
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN, SERVICE_CHAIN
from iptexplain.owners.owner import looks
from iptexplain.source import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iptexplain.model.ruleset import Rule
    from iptexplain.owners.kube_proxy.signs import Versions


class Origin(NamedTuple):
    """What writes a rule: a function of kube-proxy's (or kubelet's) source, or several, as the head of this module says.

    `since` and `until` are minor versions of Kubernetes, `1.22`: the first and the last that writes such a rule by this function; "" where
    that is not known or there is no such end. `why` is the template of a sentence without its subject's name: why the rule is there.
    """

    function: str
    since: str
    until: str
    why: str


class _Row(NamedTuple):
    """A kind of rules: where they stand, how they look, and where they come from.

    `chain` of a Service port or an endpoint stands without its hash: `KUBE-SVC-`; so does `target`, "" for no target. `comment` is a
    pattern (`owners.owner.Kind`), "" for no comment, None for any or none. `holds`: texts that stand in the rule. `low`: only if the
    rules are known to be of this minor version or a later one; `high`: or an older one.
    """

    table: str
    chain: str
    target: str
    comment: str | None
    origin: Origin
    holds: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None

    def fits(self, rule: Rule, target: str, said: str | None, versions: Versions | None) -> bool:
        """Is it a rule of this kind. `target` is without a hash."""
        if target != self.target or not (self.comment is None or _says(self.comment, said)):
            return False
        if self.low is not None and not (versions is not None and versions.since(self.low)):
            return False
        if self.high is not None and not (versions is not None and versions.before(self.high + 1)):
            return False
        return not self.holds or all(part in _asked(rule) for part in self.holds)


def _asked(rule: Rule) -> str:
    """A rule without its comment, which may say anything."""
    slot = comment_slot(rule.shape)
    return rule.text if slot is None else rule.text.replace(rule.values[slot], "", 1)


def _says(pattern: str, said: str | None) -> bool:
    return not said if not pattern else said is not None and looks(pattern).fullmatch(said) is not None


def origin(table: str, rule: Rule, versions: Versions | None, mode: str | None = None) -> Origin | None:
    """Where a rule comes from; None for one that is not known to be kube-proxy's or kubelet's.

    `versions`: those of the dump's kube-proxy, None if they are not known. `mode`: its mode, None if that is not known; what is written in
    other modes than `iptables` and `ipvs` is not known here.
    """
    rows = _rows(mode).get((table, _place(rule.chain)))
    if rows is None:
        return None
    target, said = _place(rule.target_name or ""), comment(rule)
    return next((row.origin for row in rows if row.fits(rule, target, said, versions)), None)


def _place(chain: str) -> str:
    """A chain's name without the hash of a Service port or an endpoint."""
    found = SERVICE_CHAIN.match(chain) or ENDPOINT_CHAIN.match(chain)
    return chain if found is None else chain[: chain.rindex("-") + 1]


@cache
def _rows(mode: str | None) -> Mapping[tuple[str, str], Sequence[_Row]]:
    """The rows of each chain that may be those of a mode, in order. What both modes write alike is iptables' where nothing tells."""
    found: dict[tuple[str, str], list[_Row]] = {}
    for row in (*(ROWS if mode in {None, "iptables"} else ()), *(IPVS_ROWS if mode in {None, "ipvs"} else ())):
        found.setdefault((row.table, row.chain), []).append(row)
    return found


_SYNC = "syncProxyRules"
_TO_ENDPOINTS = "writeServiceToEndpointRules"
_EITHER = f"{_SYNC} (<1.23), {_TO_ENDPOINTS} (>=1.23)"
_KUBELET = "syncNetworkUtil (<1.25), syncIPTablesRules (>=1.25)"
_DROPS = "syncNetworkUtil (<1.25), syncIPTablesRulesDeprecated (>=1.25)"
"""What kubelet writes up to 1.26: in 1.27 the feature gate IPTablesOwnershipCleanup is on, which ends it; 1.28 has no more of it."""
_BOTH = f"{_KUBELET}, {_SYNC} (>=1.27)"
"""What kubelet writes, and kube-proxy from 1.27 on too, in the same words."""
_ALSO_KUBELET = f"{_SYNC}, {_DROPS}"
"""What kube-proxy writes, and kubelet up to 1.26 too, in the same words."""
_TO_FIREWALL = Origin(
    _KUBELET,
    "",
    "",
    N_("packets that KUBE-MARK-DROP has marked, and those from elsewhere to 127.0.0.0/8, have to meet the rules that drop them"),
)

_SPREADS_STICKY = N_("the Service asks for session affinity, so a client that this endpoint has served before comes to it again")
_SPREADS = N_("each endpoint of the Service port gets the same share: this one is taken with a probability that makes the shares equal")
_SPREADS_LAST = N_("the last endpoint of the Service port takes what the rules before it have left over, or it is the only one")
_NO_ENDPOINTS = N_("the Service port has no endpoint that may be used, so that clients are told at once instead of waiting")
_NO_LOCAL = N_("the traffic policy is Local and no endpoint of the Service port is on this node, so that others must not be used")
_MASQUERADED = N_("the replies have to come back through this node, so that the packet gets one of its addresses as source")
_MASQUERADED_AT_ONCE = N_(
    "the replies have to come back through this node, so that the packet gets one of its addresses as source "
    "(as a single rule up to 1.16.12, 1.17.8 and 1.18.5; kubelet up to 1.26 writes it too)"
)
_MASQUERADED_LAST = N_(
    "the replies have to come back through this node, so that the packet gets one of its addresses as source "
    "(behind two other rules since 1.16.13, 1.17.9 and 1.18.6; kubelet up to 1.26 writes it too)"
)
_UNMARKED = N_("a packet without the mark keeps its source (a rule since 1.16.13, 1.17.9 and 1.18.6; kubelet up to 1.26 writes it too)")
_MARK_OFF = N_(
    "the mark is taken off, so that a packet that passes here twice, as in a tunnel, is not changed twice "
    "(since 1.16.13, 1.17.9 and 1.18.6; kubelet up to 1.26 writes it too)"
)
_MARK_FOR_SOURCE = N_(
    "the source may be changed only just before a packet leaves, so that it is marked for that (kubelet up to 1.26 writes this rule too)"
)
_NEW_SOURCE = N_("packets that were marked for it get their new source just before they leave (kubelet up to 1.26 writes this rule too)")
_MARK_TO_DROP = N_("table nat cannot drop: it marks, and KUBE-FIREWALL drops in INPUT and OUTPUT (forwarded packets pass)")
_DROP_MARKED = N_("table nat cannot drop: it marks, and this rule drops what is marked in INPUT and OUTPUT (forwarded packets pass)")
_MAY_NOT_USE = N_(
    "whoever comes this far may not use the load balancer: the packet is marked, "
    "to be dropped in INPUT and OUTPUT (if forwarded, it passes)"
)
_MAY_USE = N_("the Service's loadBalancerSourceRanges let this sender use the load balancer")
_MAY_USE_ALONE = N_(
    "the Service's loadBalancerSourceRanges let this sender use the load balancer; or, if it is the load balancer's own IP, "
    "it is this node: what it sends to that IP may have it as source"
)
_NO_LOCAL_MARKED = N_(
    "the traffic policy is Local and no endpoint of the Service port is on this node: the packet is marked, "
    "to be dropped in INPUT and OUTPUT (if forwarded, it passes)"
)
_OF_2015 = N_("the first version marked packets in each place where their source had to be changed")
_SOURCE_OF_CLUSTER_IP = N_(
    "a client that is no Pod of the cluster (or of this node: --detect-local-mode) used a cluster IP, or --masquerade-all is set: "
    "the replies have to come back through this node"
)
_TO_ALL = N_("a Pod reaches all endpoints also by an address for the outside, even if the traffic policy is Local")
_NODE_MASQUERADED = N_("what the node itself sends may go to endpoints on other nodes, whose replies have to come back through this one")
_NODE_TO_ALL = N_("the node itself reaches all endpoints, even if the traffic policy is Local")


_TO_ENDPOINTS_OF: dict[str, tuple[tuple[str | None, str, str, str, int | None, int | None], ...]] = {
    "KUBE-SVC-": (
        ("* -> *", _TO_ENDPOINTS, "1.24", "", None, None),
        ("*", _TO_ENDPOINTS, "1.23", "1.23", 23, None),
        (None, _TO_ENDPOINTS, "1.23", "", 23, None),
        (None, _SYNC, "", "1.22", None, 22),
        ("*", _EITHER, "", "1.23", None, None),
        (None, _EITHER, "", "", None, None),
    ),
    "KUBE-SVL-": ((None, _TO_ENDPOINTS, "1.24", "", None, None),),
    "KUBE-XLB-": (
        ("Balancing rule * for *", _SYNC, "", "1.22", None, None),
        (None, _TO_ENDPOINTS, "1.23", "1.23", 23, None),
        (None, _SYNC, "", "1.22", None, 22),
        (None, _EITHER, "", "1.23", None, None),
    ),
}
"""The comments of rules that lead to endpoints, by the chain of a Service port: what writes them, since and until when, and from which
version to which one the rules have to be known to be.

`ns/name -> 10.0.0.1:80` from 1.24 on, `ns/name` from 1.18 to 1.23, none before and in large clusters; of KUBE-XLB- `Balancing rule 0 for
ns/name` up to 1.22.
"""


def _endpoints(chain: str) -> tuple[_Row, ...]:
    """The rules that lead from a chain of a Service port to its endpoints."""
    return tuple(
        _Row("nat", chain, "KUBE-SEP-", said, Origin(function, since, until, why), holds, low, high)
        for why, holds in ((_SPREADS_STICKY, ("-m recent --rcheck",)), (_SPREADS, ("-m statistic ",)), (_SPREADS_LAST, ()))
        for said, function, since, until, low, high in _TO_ENDPOINTS_OF[chain]
    )


def _jumps() -> tuple[_Row, ...]:
    """The jumps from built-in chains (`iptablesJumpChains`)."""
    services = Origin(_SYNC, "", "", N_("a packet to an address of a Service has to meet the rules about Services"))
    refused = (
        ("INPUT", Origin(_SYNC, "", "", N_("connections that come to this node for Services without endpoints are refused"))),
        ("FORWARD", Origin(_SYNC, "", "", N_("connections that are forwarded to Services without endpoints are refused"))),
        ("OUTPUT", Origin(_SYNC, "", "", N_("connections that this node itself opens to Services without endpoints are refused"))),
    )
    firewall = Origin(_SYNC, "1.25", "", N_("senders that loadBalancerSourceRanges do not name are kept out, wherever they pass"))
    return (
        *(_Row("nat", hook, "KUBE-SERVICES", "kubernetes service portals", services) for hook in ("PREROUTING", "OUTPUT")),
        _Row(
            "nat",
            "POSTROUTING",
            "KUBE-POSTROUTING",
            "kubernetes postrouting rules",
            Origin(_ALSO_KUBELET, "", "", _NEW_SOURCE),
        ),
        *(_Row("filter", hook, "KUBE-SERVICES", "kubernetes service portals", found) for hook, found in refused),
        *(
            _Row("filter", hook, "KUBE-EXTERNAL-SERVICES", "kubernetes externally-visible service portals", found)
            for hook, found in refused[:2]
        ),
        *(
            _Row("filter", hook, "KUBE-PROXY-FIREWALL", "kubernetes load balancer firewall", firewall)
            for hook in ("INPUT", "FORWARD", "OUTPUT")
        ),
        _Row(
            "filter",
            "INPUT",
            "KUBE-NODEPORTS",
            "kubernetes health check service ports",
            Origin(_SYNC, "1.21", "", N_("load balancers have to reach the health checks of Services with externalTrafficPolicy: Local")),
        ),
        _Row(
            "filter",
            "FORWARD",
            "KUBE-FORWARD",
            "kubernetes forwarding rules",
            Origin(_SYNC, "", "", N_("traffic of Services shall pass also where FORWARD drops everything else")),
        ),
        *(
            row
            for hook in ("INPUT", "OUTPUT")
            for row in (
                _Row("filter", hook, "KUBE-FIREWALL", "", _TO_FIREWALL, high=26),
                _Row(
                    "filter",
                    hook,
                    "KUBE-FIREWALL",
                    "",
                    Origin(_BOTH, "", "", N_("packets to 127.0.0.0/8 from elsewhere have to meet the rule that drops them")),
                    low=27,
                ),
                _Row("filter", hook, "KUBE-FIREWALL", "", _TO_FIREWALL._replace(function=_BOTH)),
            )
        ),
    )


_SNAT = "kubernetes service traffic requiring SNAT"
"""The comment of the rules that masquerade."""
_LOCALNET = N_(
    "node ports on localhost need a kernel setting (route_localnet) by which others could reach what listens on 127.0.0.1 only; "
    "kubelet writes this rule, and kube-proxy from 1.27 on too"
)

ROWS: tuple[_Row, ...] = (
    *_jumps(),
    # ---- filter
    *(
        row
        for chain in ("KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES")
        for row in (
            _Row("filter", chain, "REJECT", "* has no endpoints", Origin(_SYNC, "", "", _NO_ENDPOINTS)),
            _Row("filter", chain, "DROP", "* has no local endpoints", Origin(_SYNC, "1.25", "", _NO_LOCAL)),
        )
    ),
    _Row(
        "filter",
        "KUBE-NODEPORTS",
        "ACCEPT",
        "* health check node port",
        Origin(_SYNC, "1.21", "", N_("a load balancer asks this port whether endpoints of the Service are on this node")),
    ),
    _Row(
        "filter",
        "KUBE-PROXY-FIREWALL",
        "DROP",
        "* traffic not accepted by KUBE-FW-*",
        Origin(
            _SYNC, "1.25", "", N_("the sender is in none of the Service's loadBalancerSourceRanges, so nothing has changed the destination")
        ),
    ),
    _Row(
        "filter",
        "KUBE-FORWARD",
        "DROP",
        "",
        Origin(_SYNC, "1.31", "", N_("such a packet would pass without NAT and break its connection; here it is counted too")),
        ("--ctstate INVALID", "ct_state_invalid_dropped_pkts"),
    ),
    _Row(
        "filter",
        "KUBE-FORWARD",
        "DROP",
        "",
        Origin(_SYNC, "", "", N_("such a packet would pass without NAT and break its connection")),
        ("--ctstate INVALID",),
    ),
    _Row(
        "filter",
        "KUBE-FORWARD",
        "ACCEPT",
        "kubernetes forwarding rules",
        Origin(_SYNC, "", "", N_("what kube-proxy has marked is for a Service and shall pass")),
        ("--mark ",),
    ),
    _Row(
        "filter",
        "KUBE-FORWARD",
        "ACCEPT",
        "kubernetes forwarding conntrack rule",
        Origin(_SYNC, "1.23", "", N_("the other packets of a connection that was let through shall pass, and the replies")),
    ),
    *(
        _Row(
            "filter",
            "KUBE-FORWARD",
            "ACCEPT",
            f"kubernetes forwarding conntrack pod {end} rule",
            Origin(_SYNC, "", "1.22", N_("the other packets of a connection that was let through shall pass, and the replies")),
        )
        for end in ("source", "destination")
    ),
    _Row("filter", "KUBE-FIREWALL", "DROP", "block incoming localnet connections", Origin(_KUBELET, "", "", _LOCALNET), high=26),
    _Row("filter", "KUBE-FIREWALL", "DROP", "block incoming localnet connections", Origin(_BOTH, "", "", _LOCALNET)),
    _Row(
        "filter",
        "KUBE-FIREWALL",
        "DROP",
        "kubernetes firewall for dropping marked packets",
        Origin(_DROPS, "", "1.26", _DROP_MARKED),
        ("--mark ",),
    ),
    # ---- nat: where Services are found
    _Row(
        "nat",
        "KUBE-SERVICES",
        "KUBE-NODEPORTS",
        "kubernetes service nodeports; NOTE: this must be the last rule in this chain",
        Origin(_SYNC, "1.26", "", N_("what is left goes to an address of this node: it may be for a node port, but not on localhost")),
        ("! -d ",),
    ),
    _Row(
        "nat",
        "KUBE-SERVICES",
        "KUBE-NODEPORTS",
        "kubernetes service nodeports; NOTE: this must be the last rule in this chain",
        Origin(_SYNC, "", "", N_("node ports are served only on addresses that --nodeport-addresses names; this is one of them")),
        ("-d ",),
    ),
    _Row(
        "nat",
        "KUBE-SERVICES",
        "KUBE-NODEPORTS",
        "kubernetes service nodeports; NOTE: this must be the last rule in this chain",
        Origin(_SYNC, "", "", N_("what is left goes to an address of this node: it may be for a node port")),
        ("--dst-type LOCAL",),
    ),
    _Row("nat", "KUBE-SERVICES", "KUBE-MARK-MASQ", "* cluster IP", Origin(_SYNC, "", "1.21", _SOURCE_OF_CLUSTER_IP)),
    _Row("nat", "KUBE-SERVICES", "KUBE-MARK-MASQ", "* external IP", Origin(_SYNC, "", "1.21", _MASQUERADED)),
    *(
        _Row("nat", "KUBE-SERVICES", "MARK", f"* {kind} IP", Origin(_SYNC, "", "1.1", _OF_2015), ("--set-xmark 0x4d415351",))
        for kind in ("cluster", "external", "loadbalancer")
    ),
    _Row(
        "nat",
        "KUBE-SERVICES",
        "KUBE-SVC-",
        "* cluster IP",
        Origin(_SYNC, "", "", N_("the packet goes to the Service's cluster IP and port")),
    ),
    _Row(
        "nat",
        "KUBE-SERVICES",
        "KUBE-SVL-",
        "* cluster IP",
        Origin(_SYNC, "1.24", "", N_("the packet goes to the cluster IP of a Service with internalTrafficPolicy: Local")),
    ),
    _Row(
        "nat",
        "KUBE-SERVICES",
        "KUBE-EXT-",
        "* external IP",
        Origin(_SYNC, "1.24", "", N_("the packet goes to an external IP of the Service (externalIPs)")),
    ),
    _Row(
        "nat",
        "KUBE-SERVICES",
        "KUBE-SVC-",
        "* external IP",
        Origin(
            _SYNC, "", "1.20", N_("the packet goes to an external IP of the Service and comes from outside of this node and of bridges")
        ),
        ("! --physdev-is-in", "! --src-type LOCAL"),
    ),
    _Row(
        "nat",
        "KUBE-SERVICES",
        "KUBE-SVC-",
        "* external IP",
        Origin(_SYNC, "", "1.20", N_("the packet goes to an external IP of the Service that is one of this node's own addresses")),
        ("--dst-type LOCAL",),
    ),
    _Row(
        "nat",
        "KUBE-SERVICES",
        "KUBE-SVC-",
        "* external IP",
        Origin(_SYNC, "1.21", "1.23", N_("the packet goes to an external IP of the Service (externalIPs)")),
    ),
    _Row(
        "nat",
        "KUBE-SERVICES",
        "KUBE-XLB-",
        "* external IP",
        Origin(_SYNC, "", "1.23", N_("the packet goes to an external IP of a Service with externalTrafficPolicy: Local")),
    ),
    _Row(
        "nat",
        "KUBE-SERVICES",
        "KUBE-EXT-",
        "* loadbalancer IP",
        Origin(
            _SYNC,
            "1.24",
            "",
            N_(
                "the packet goes to the IP of the Service's load balancer; "
                "this node takes it at once, without sending it to the load balancer"
            ),
        ),
    ),
    _Row(
        "nat",
        "KUBE-SERVICES",
        "KUBE-FW-",
        "* loadbalancer IP",
        Origin(_SYNC, "1.24", "", N_("the packet goes to the IP of the Service's load balancer, which not everybody may use")),
        low=24,
    ),
    _Row(
        "nat",
        "KUBE-SERVICES",
        "KUBE-FW-",
        "* loadbalancer IP",
        Origin(_SYNC, "", "", N_("the packet goes to the IP of the Service's load balancer, and it is seen next who may use that")),
    ),
    _Row(
        "nat",
        "KUBE-NODEPORTS",
        "KUBE-EXT-",
        "*",
        Origin(_SYNC, "1.31", "", N_("it counts who still uses the node port on localhost; else it is like the next rule")),
        ("localhost_nps_accepted_pkts",),
    ),
    _Row("nat", "KUBE-NODEPORTS", "KUBE-EXT-", "*", Origin(_SYNC, "1.24", "", N_("the packet goes to the node port of the Service port"))),
    *(
        _Row(
            "nat",
            "KUBE-NODEPORTS",
            "KUBE-MARK-MASQ",
            "*",
            Origin(_SYNC, "", "1.23", N_("what comes from localhost must get another source before it goes to an endpoint")),
            (source,),
        )
        for source in ("-s 127.0.0.0/8", "-s ::1/128")
    ),
    _Row("nat", "KUBE-NODEPORTS", "KUBE-MARK-MASQ", "*", Origin(_SYNC, "", "1.21", _MASQUERADED)),
    _Row("nat", "KUBE-NODEPORTS", "MARK", "*", Origin(_SYNC, "", "1.1", _OF_2015), ("--set-xmark 0x4d415351",)),
    _Row("nat", "KUBE-NODEPORTS", "KUBE-SVC-", "*", Origin(_SYNC, "", "1.23", N_("the packet goes to the node port of the Service port"))),
    _Row(
        "nat",
        "KUBE-NODEPORTS",
        "KUBE-XLB-",
        "*",
        Origin(_SYNC, "", "1.23", N_("the packet goes to the node port of a Service with externalTrafficPolicy: Local")),
    ),
    # ---- nat: from outside
    _Row("nat", "KUBE-EXT-", "KUBE-SVC-", "pod traffic for * external destinations", Origin(_SYNC, "1.24", "", _TO_ALL)),
    _Row(
        "nat",
        "KUBE-EXT-",
        "KUBE-MARK-MASQ",
        "masquerade LOCAL traffic for * external destinations",
        Origin(_SYNC, "1.24", "", _NODE_MASQUERADED),
        ("--src-type LOCAL",),
    ),
    _Row(
        "nat",
        "KUBE-EXT-",
        "KUBE-SVC-",
        "route LOCAL traffic for * external destinations",
        Origin(_SYNC, "1.24", "", _NODE_TO_ALL),
        ("--src-type LOCAL",),
    ),
    _Row(
        "nat",
        "KUBE-EXT-",
        "KUBE-MARK-MASQ",
        "masquerade traffic for * external destinations",
        Origin(
            _SYNC, "1.24", "", N_("the endpoint may be on another node, and its reply has to come back through this one (policy Cluster)")
        ),
    ),
    _Row(
        "nat",
        "KUBE-EXT-",
        "KUBE-SVC-",
        "",
        Origin(_SYNC, "1.24", "", N_("with externalTrafficPolicy: Cluster what comes from outside goes to all endpoints")),
    ),
    _Row(
        "nat",
        "KUBE-EXT-",
        "KUBE-SVL-",
        "",
        Origin(_SYNC, "1.24", "", N_("with externalTrafficPolicy: Local what comes from outside goes to endpoints on this node alone")),
    ),
    *(
        _Row("nat", "KUBE-FW-", "KUBE-EXT-", "* loadbalancer IP", Origin(_SYNC, "1.24", "", why), holds)
        for why, holds in (*((_MAY_USE_ALONE, ("-s ", one)) for one in ("/32 ", "/128 ")), (_MAY_USE, ()))
    ),
    _Row(
        "nat",
        "KUBE-FW-",
        "",
        "other traffic to * will be dropped by KUBE-PROXY-FIREWALL",
        Origin(_SYNC, "1.27", "", N_("it does nothing but say to readers where senders are dropped that no range names")),
    ),
    _Row(
        "nat",
        "KUBE-FW-",
        "KUBE-MARK-DROP",
        "* loadbalancer IP",
        Origin(_SYNC, "", "1.24", _MAY_NOT_USE),
    ),
    _Row("nat", "KUBE-FW-", "KUBE-MARK-MASQ", "* loadbalancer IP", Origin(_SYNC, "", "1.23", _MASQUERADED)),
    *(
        _Row("nat", "KUBE-FW-", target, "* loadbalancer IP", Origin(_SYNC, "", "1.23", why), holds)
        for target in ("KUBE-SVC-", "KUBE-XLB-")
        for why, holds in (
            *((_MAY_USE_ALONE, ("-s ", one)) for one in ("/32 ", "/128 ")),
            (N_("this sender may use the load balancer: everybody may, or the Service's loadBalancerSourceRanges say so"), ()),
        )
    ),
    _Row(
        "nat",
        "KUBE-XLB-",
        "KUBE-SVC-",
        "Redirect pods trying to reach external loadbalancer VIP to clusterIP",
        Origin(_SYNC, "", "1.23", _TO_ALL),
    ),
    _Row("nat", "KUBE-XLB-", "KUBE-MARK-MASQ", "masquerade LOCAL traffic for * LB IP", Origin(_SYNC, "", "1.23", _NODE_MASQUERADED)),
    _Row("nat", "KUBE-XLB-", "KUBE-SVC-", "route LOCAL traffic for * LB IP to service chain", Origin(_SYNC, "", "1.23", _NODE_TO_ALL)),
    _Row("nat", "KUBE-XLB-", "KUBE-MARK-DROP", "* has no local endpoints", Origin(_SYNC, "", "1.23", _NO_LOCAL_MARKED)),
    *_endpoints("KUBE-XLB-"),
    # ---- nat: endpoints
    _Row("nat", "KUBE-SVC-", "KUBE-MARK-MASQ", "* cluster IP", Origin(_SYNC, "1.22", "", _SOURCE_OF_CLUSTER_IP)),
    _Row("nat", "KUBE-SVL-", "KUBE-MARK-MASQ", "* cluster IP", Origin(_SYNC, "1.24", "", _SOURCE_OF_CLUSTER_IP)),
    _Row("nat", "KUBE-SVC-", "KUBE-MARK-MASQ", "* external IP", Origin(_SYNC, "1.22", "1.23", _MASQUERADED)),
    _Row("nat", "KUBE-SVC-", "KUBE-MARK-MASQ", "*", Origin(_SYNC, "1.22", "1.23", _MASQUERADED), ("--dport ",)),
    *_endpoints("KUBE-SVC-"),
    *_endpoints("KUBE-SVL-"),
    _Row("nat", "KUBE-SVL-", "KUBE-MARK-DROP", "* has no local endpoints", Origin(_SYNC, "1.24", "1.24", _NO_LOCAL_MARKED)),
    _Row(
        "nat",
        "KUBE-SEP-",
        "KUBE-MARK-MASQ",
        None,
        Origin(
            _SYNC,
            "",
            "",
            N_("the endpoint reaches itself through the Service: with its own address as source it would answer itself directly"),
        ),
        ("-s ",),
    ),
    _Row("nat", "KUBE-SEP-", "MARK", None, Origin(_SYNC, "", "1.1", _OF_2015), ("--set-xmark 0x4d415351",)),
    _Row(
        "nat",
        "KUBE-SEP-",
        "DNAT",
        None,
        Origin(
            _SYNC, "", "", N_("the packet goes to the endpoint, which is noted for the client, as the Service asks for session affinity")
        ),
        ("-m recent --set",),
    ),
    _Row("nat", "KUBE-SEP-", "DNAT", None, Origin(_SYNC, "", "", N_("the packet goes to the endpoint from here on"))),
    # ---- nat: marks
    _Row("nat", "KUBE-MARK-MASQ", "MARK", "", Origin(_ALSO_KUBELET, "", "", _MARK_FOR_SOURCE)),
    _Row("nat", "KUBE-MARK-DROP", "MARK", "", Origin(_DROPS, "", "1.26", _MARK_TO_DROP)),
    # kubernetes/kubernetes#92035 made three rules of one, in 1.19 and in patch versions of 1.16 to 1.18
    _Row("nat", "KUBE-POSTROUTING", "RETURN", "", Origin(_ALSO_KUBELET, "1.16", "", _UNMARKED), ("! --mark ",)),
    _Row("nat", "KUBE-POSTROUTING", "MARK", "", Origin(_ALSO_KUBELET, "1.16", "", _MARK_OFF)),
    _Row(
        "nat", "KUBE-POSTROUTING", "MASQUERADE", _SNAT, Origin(f"{_SYNC}, syncNetworkUtil", "", "1.18", _MASQUERADED_AT_ONCE), ("--mark ",)
    ),
    _Row("nat", "KUBE-POSTROUTING", "MASQUERADE", _SNAT, Origin(_ALSO_KUBELET, "1.16", "", _MASQUERADED_LAST)),
    _Row(
        "nat",
        "POSTROUTING",
        "MASQUERADE",
        _SNAT,
        Origin(_SYNC, "", "1.1", _MASQUERADED),
        ("--mark ",),
    ),
)
"""All kinds, the special ones of a chain before the general ones."""

_WRITE = "writeIptablesRules"
_ACCEPT = "acceptIPVSTraffic"
_LINKE = "createAndLinkeKubeChain"
"""Its name up to 1.20, `Linke` as it stands there (kubernetes/kubernetes#96830)."""
_LINK = f"{_LINKE} (<1.21), createAndLinkKubeChain (>=1.21)"
_MOVED = f"{_LINKE}, {_WRITE}"
"""What the former writes up to about 1.18 and the latter in newer versions; in which it moved is not known."""


def _ipvs(chain: str, target: str, why: str, holds: tuple[str, ...], table: str = "nat") -> _Row:
    """A kind of rules in one of the mode's own chains: the ipset that it asks tells it from others."""
    return _Row(table, chain, target, None, Origin(_WRITE, "", "", why), holds)


def _link(table: str, hook: str, target: str, said: str, why: str) -> _Row:
    return _Row(table, hook, target, said, Origin(_LINK, "", "", why))


_TO_SERVICE = N_("the packet is for a Service: from here on IPVS chooses an endpoint, and no rule of table nat after it counts")
_IS_SERVED = N_("a Service listens at this address and port, so the packet may go on to IPVS")
_KEEPS_SOURCE = N_("with externalTrafficPolicy: Local the packet keeps its source")
_MAY_BE_BARRED = N_("not everybody may use this load balancer (loadBalancerSourceRanges)")
_OF_BARRED = "--match-set KUBE-LOAD-BALANCER-FW "

_UNMARKED_IPVS = N_("a packet without the mark keeps its source (kubelet up to 1.26 writes this rule too)")
_MARK_OFF_IPVS = N_(
    "the mark is taken off, so that a packet that passes here twice, as in a tunnel, is not changed twice "
    "(kubelet up to 1.26 writes this rule too)"
)
_MASQUERADED_IPVS = N_(
    "the replies have to come back through this node, so that the packet gets one of its addresses as source "
    "(kubelet up to 1.26 writes this rule too)"
)

IPVS_ROWS: tuple[_Row, ...] = (
    *(
        _link(
            "nat",
            hook,
            "KUBE-SERVICES",
            "kubernetes service portals",
            N_("a packet to an address of a Service has to meet the rules about Services"),
        )
        for hook in ("PREROUTING", "OUTPUT")
    ),
    _link(
        "nat",
        "POSTROUTING",
        "KUBE-POSTROUTING",
        "kubernetes postrouting rules",
        _NEW_SOURCE,
    ),
    _link(
        "filter",
        "FORWARD",
        "KUBE-FORWARD",
        "kubernetes forwarding rules",
        N_("traffic of Services shall pass also where FORWARD drops everything else"),
    ),
    _link(
        "filter",
        "INPUT",
        "KUBE-NODE-PORT",
        "kubernetes health check rules",
        N_("load balancers have to reach the health checks of Services with externalTrafficPolicy: Local"),
    ),
    *(
        _link(
            "filter",
            hook,
            "KUBE-PROXY-FIREWALL",
            "kube-proxy firewall rules",
            why,
        )
        for hook, why in (
            ("INPUT", N_("senders that loadBalancerSourceRanges do not name are kept out, if their packets come to this node")),
            ("FORWARD", N_("senders that loadBalancerSourceRanges do not name are kept out, if their packets are forwarded")),
        )
    ),
    _link(
        "filter",
        "INPUT",
        "KUBE-IPVS-FILTER",
        "kubernetes ipvs access filter",
        N_("the addresses of Services are addresses of this node (kube-ipvs0), but its own programs shall not be reached by them"),
    ),
    _link(
        "filter",
        "OUTPUT",
        "KUBE-IPVS-OUT-FILTER",
        "kubernetes ipvs access filter",
        N_("this node itself shall not use load balancers' IPs whose loadBalancerSourceRanges do not name it"),
    ),
    *(_Row("filter", hook, "KUBE-FIREWALL", "", _TO_FIREWALL) for hook in ("INPUT", "OUTPUT")),
    _Row(
        "filter",
        "KUBE-FIREWALL",
        "DROP",
        "block incoming localnet connections",
        Origin(
            _KUBELET, "", "", N_("what listens on 127.0.0.1 only shall not be reached from elsewhere, whatever kernel settings are there")
        ),
    ),
    *(row for row in ROWS if row.chain == "KUBE-MARK-DROP" or row.comment == "kubernetes firewall for dropping marked packets"),
    _Row("nat", "KUBE-SERVICES", "RETURN", "", Origin(_WRITE, "", "", N_("what comes from localhost is no matter for IPVS")), ("-s ",)),
    _ipvs("KUBE-SERVICES", "KUBE-LOAD-BALANCER", N_("the packet goes to the IP of a load balancer"), ("--match-set KUBE-LOAD-BALANCER ",)),
    _ipvs("KUBE-SERVICES", "KUBE-MARK-MASQ", _SOURCE_OF_CLUSTER_IP, ("--match-set KUBE-CLUSTER-IP dst,dst",)),
    _ipvs(
        "KUBE-SERVICES",
        "KUBE-MARK-MASQ",
        N_("this node itself uses a cluster IP and has taken that as its own source, as it has the address (kube-ipvs0): that cannot stay"),
        ("--match-set KUBE-CLUSTER-IP src,dst",),
    ),
    _ipvs("KUBE-SERVICES", "KUBE-MARK-MASQ", _MASQUERADED, ("--match-set KUBE-EXTERNAL-IP ",)),
    *(
        _ipvs("KUBE-SERVICES", "ACCEPT", why, (f"--match-set {ipset} ", *holds))
        for ipset in ("KUBE-EXTERNAL-IP", "KUBE-EXTERNAL-IP-LOCAL")
        for why, holds in (
            (
                N_("the packet goes to an external IP and comes from outside of this node and of bridges"),
                ("! --physdev-is-in", "! --src-type LOCAL"),
            ),
            (N_("the packet goes to an external IP that is one of this node's own addresses"), ("--dst-type LOCAL",)),
        )
    ),
    _Row(
        "nat",
        "KUBE-SERVICES",
        "KUBE-NODE-PORT",
        "",
        Origin(_WRITE, "", "", N_("what goes to an address of this node may be for a node port")),
        ("--dst-type LOCAL",),
    ),
    *(
        _Row("nat", "KUBE-SERVICES", "ACCEPT", "", Origin(_ACCEPT, "", "", _TO_SERVICE), (f"--match-set {ipset} ",))
        for ipset in ("KUBE-CLUSTER-IP", "KUBE-LOAD-BALANCER")
    ),
    _ipvs("KUBE-LOAD-BALANCER", "RETURN", _KEEPS_SOURCE, ("--match-set KUBE-LOAD-BALANCER-LOCAL ",)),
    _Row("nat", "KUBE-LOAD-BALANCER", "KUBE-MARK-MASQ", "", Origin(_WRITE, "", "", _MASQUERADED)),
    _Row("nat", "KUBE-LOAD-BALANCER", "KUBE-FIREWALL", None, Origin(_WRITE, "", "1.24", _MAY_BE_BARRED), (_OF_BARRED,)),
    *(
        _Row("nat", "KUBE-FIREWALL", "RETURN", None, Origin(_WRITE, "", "1.24", _MAY_USE), (f"--match-set {ipset} ",))
        for ipset in ("KUBE-LOAD-BALANCER-SOURCE-CIDR", "KUBE-LOAD-BALANCER-SOURCE-IP")
    ),
    _Row("nat", "KUBE-FIREWALL", "KUBE-MARK-DROP", "", Origin(_WRITE, "", "1.24", _MAY_NOT_USE)),
    *(_ipvs("KUBE-NODE-PORT", "RETURN", _KEEPS_SOURCE, (f"--match-set KUBE-NODE-PORT-LOCAL-{kind}",)) for kind in ("TCP", "UDP", "SCTP")),
    *(_ipvs("KUBE-NODE-PORT", "KUBE-MARK-MASQ", _MASQUERADED, (f"--match-set KUBE-NODE-PORT-{kind}",)) for kind in ("TCP", "UDP", "SCTP")),
    _ipvs(
        "KUBE-POSTROUTING",
        "MASQUERADE",
        N_("an endpoint reaches itself through the Service: with its own address as source it would answer itself directly"),
        ("--match-set KUBE-LOOP-BACK ",),
    ),
    # the version of this mode's three rules is not known, only that of iptables'; kubelet writes the same ones up to 1.26
    _Row("nat", "KUBE-POSTROUTING", "RETURN", "", Origin(f"{_MOVED}, {_DROPS}", "", "", _UNMARKED_IPVS), ("! --mark ",)),
    _Row("nat", "KUBE-POSTROUTING", "MARK", "", Origin(f"{_MOVED}, {_DROPS}", "", "", _MARK_OFF_IPVS)),
    _Row("nat", "KUBE-POSTROUTING", "MASQUERADE", _SNAT, Origin(f"{_LINKE}, {_DROPS}", "", "", _MASQUERADED_IPVS), ("--mark ",)),
    _Row("nat", "KUBE-POSTROUTING", "MASQUERADE", _SNAT, Origin(f"{_MOVED}, {_DROPS}", "", "", _MASQUERADED_IPVS)),
    _Row("nat", "KUBE-MARK-MASQ", "MARK", "", Origin(f"{_MOVED}, {_DROPS}", "", "", _MARK_FOR_SOURCE)),
    _Row(
        "filter",
        "KUBE-FORWARD",
        "ACCEPT",
        "kubernetes forwarding rules",
        Origin(_WRITE, "", "", N_("what kube-proxy has marked is for a Service and shall pass")),
        ("--mark ",),
    ),
    *(
        _Row(
            "filter",
            "KUBE-FORWARD",
            "ACCEPT",
            said,
            Origin(_WRITE, "", "", N_("the other packets of a connection that was let through shall pass, and the replies")),
        )
        for said in (
            "kubernetes forwarding conntrack rule",
            "kubernetes forwarding conntrack pod source rule",
            "kubernetes forwarding conntrack pod destination rule",
        )
    ),
    _ipvs(
        "KUBE-NODE-PORT",
        "ACCEPT",
        N_("a load balancer asks this port whether endpoints of the Service are on this node"),
        ("--match-set KUBE-HEALTH-CHECK-NODE-PORT ",),
        "filter",
    ),
    *(
        _ipvs("KUBE-IPVS-FILTER", "RETURN", _IS_SERVED, (f"--match-set {ipset} ",), "filter")
        for ipset in ("KUBE-LOAD-BALANCER", "KUBE-CLUSTER-IP", "KUBE-EXTERNAL-IP", "KUBE-EXTERNAL-IP-LOCAL", "KUBE-HEALTH-CHECK-NODE-PORT")
    ),
    _ipvs(
        "KUBE-IPVS-FILTER",
        "REJECT",
        N_("no Service listens at this port, and the node's own programs shall not be reached by addresses of Services"),
        ("--match-set KUBE-IPVS-IPS ",),
        "filter",
    ),
    _Row(
        "filter",
        "KUBE-IPVS-OUT-FILTER",
        "DROP",
        "",
        Origin(_WRITE, "", "", N_("this node itself shall not use load balancers' IPs whose loadBalancerSourceRanges do not name it")),
        ("-m ipvs ",),
    ),
    _ipvs(
        "KUBE-PROXY-FIREWALL",
        "KUBE-SOURCE-RANGES-FIREWALL",
        _MAY_BE_BARRED,
        (_OF_BARRED,),
        "filter",
    ),
    *(
        _ipvs(
            "KUBE-SOURCE-RANGES-FIREWALL",
            "RETURN",
            _MAY_USE,
            (f"--match-set {ipset} ",),
            "filter",
        )
        for ipset in ("KUBE-LOAD-BALANCER-SOURCE-CIDR", "KUBE-LOAD-BALANCER-SOURCE-IP")
    ),
    _Row(
        "filter",
        "KUBE-SOURCE-RANGES-FIREWALL",
        "DROP",
        "",
        Origin(_WRITE, "", "", N_("whoever comes this far may not use the load balancer")),
    ),
)
"""All kinds of the mode ipvs. Those that ask an ipset have no row without it, so nothing else is taken for them."""
