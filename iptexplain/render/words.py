"""The words and sentences of the Service views, as templates; `say` fills one in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.model.share import percent
from iptexplain.named import NamedTuple
from iptexplain.render.language import told
from iptexplain.render.safe import plain
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Callable

    from iptexplain.analysis.service_port import Answer, Endpoint, Route, ServicePort
    from iptexplain.owners.kube_proxy.proxy import Proxy
    from iptexplain.source import Message

KINDS = {
    "cluster_ip": message("ClusterIP"),
    "external_ip": message("ExternalIP"),
    "load_balancer": message("LoadBalancer"),
    "node_port": message("NodePort"),
    "virtual_service": message("IPVS"),
    "chain": message("Chain"),
}
SOURCES = {
    "pod": message("Pods"),
    "node": message("node"),
    "outside": message("outside"),
    "outside_allowed": message("allowed"),
}
ANYBODY = message("anybody")
OTHERS = message("others")


def say(what: Message) -> str:
    """A sentence in the language that is used, with everything harmless that came from a dump."""
    return plain(told(what))


def english(what: Message) -> str:
    """The same in English, for what programs read."""
    return plain(what.english())


def family(name: str | None) -> str:
    """IPv4, IPv6, or that it is not known."""
    return {"ipv4": "IPv4", "ipv6": "IPv6"}.get(name or "", say(message("address family unknown")))


def name_of(port: ServicePort) -> str:
    """How people call a Service port; its hash where the dump tells no name, else where it listens."""
    if port.service_port is not None:
        return plain(port.service_port.text.removesuffix(":"))
    if not port.hash and port.routes:
        return say(message("(name unknown, {place})", place=place(port.routes[0], port.protocol)))
    return say(message("(name unknown, hash {hash})", hash=port.hash) if port.hash else message("(name unknown)"))


def place(route: Route, protocol: str, said: Callable[[Message], str] = say) -> str:
    """Where a route listens: `10.96.0.10:53/UDP`; the chain that is entered where that is all that is known.

    `said` is `english` where programs read it.
    """
    if route.chain is not None:
        return plain(route.chain)
    if route.address is None:
        return said(message("node IP:{port}/{protocol}", port=route.port, protocol=protocol))
    return f"{route.place}/{protocol}"


def share_of(endpoint: Endpoint) -> str:
    """The share of an endpoint as people read it, `?` where the dump does not tell it."""
    return "?" if endpoint.share is None else percent(float(endpoint.share))


class Said(NamedTuple):
    """A sentence and its tone: `plain`, `care` (what people trip over) or `bad` (where traffic ends)."""

    message: Message
    tone: str = "plain"


_TO = {
    (None, False): (N_("to 1 Pod"), N_("to {count} Pods")),
    (None, True): (N_("to 1 Pod, masqueraded"), N_("to {count} Pods, masqueraded")),
    ("local", False): (N_("to 1 Pod of this node"), N_("to {count} Pods of this node")),
    ("local", True): (N_("to 1 Pod of this node, masqueraded"), N_("to {count} Pods of this node, masqueraded")),
}
"""Where DNAT sends traffic, by endpoint set (None: all) and masquerade, for one Pod and for more."""


def outcome(port: ServicePort, route: Route, answer: Answer) -> list[Said]:
    """What a source meets at a route, in a few words; further sentences stand on lines of their own."""
    match answer.action:
        case "dnat":
            return _served(port, answer)
        case "reject":
            said = [Said(message("REFUSED") if port.has_endpoints else message("REFUSED: no endpoints"), "bad")]
            return [*said, *_counted(route)]
        case "drop":
            return [Said(_dropped(port, route, answer), "bad"), *(_counted(route) if not port.has_endpoints else ())]
        case "none" if route.chain is not None:
            return [Said(message("no rule here takes it"), "care")]
        case "none":
            return [Said(message("left alone, but masqueraded"), "care") if answer.masquerade else Said(message("left alone"))]
        case _:
            return _unknown(answer)


def _served(port: ServicePort, answer: Answer) -> list[Said]:
    """Where DNAT sends traffic, and what gets past."""
    if answer.taken_by is not None:
        return [Said(message("TAKEN by {service}", service=answer.taken_by), "bad")]
    if answer.endpoint_set is None:
        return [Said(message("to where other rules say"), "care")]
    count = len([end for end in port.endpoint_sets[answer.endpoint_set] if not end.lone])
    one, many = _TO["local" if answer.endpoint_set == "local" else None, bool(answer.masquerade)]
    said = [Said(message(one if count == 1 else many, count=count), "care" if answer.masquerade else "plain")]
    if answer.falls_through is not None:
        said.append(Said(message("{share} gets past all of them", share=percent(float(answer.falls_through))), "bad"))
    return said


_MOST_REASONS = 3
_PARTLY = (N_("to the Pods below; the other {share}:"), N_("to the Pods below, masqueraded; the other {share}:"))
"""What is known where a part is unknown, without masquerade and with it."""


def _unknown(answer: Answer) -> list[Said]:
    """What an answer depends on: the first few reasons."""
    reasons = answer.depends_on if len(answer.depends_on) <= _MOST_REASONS else answer.depends_on[: _MOST_REASONS - 1]
    said = [Said(message("UNKNOWN: {what}", what=what), "bad") for what in reasons]
    if answer.unknown_share is not None:
        share = percent(float(answer.unknown_share))
        known = _PARTLY[bool(answer.masquerade)]
        said.insert(0, Said(message(known, share=share), "care"))
    more = len(answer.depends_on) - len(reasons)
    return [*said, Said(message("and {count} more things", count=more), "bad")] if more else said


def _counted(route: Route) -> list[Said]:
    """How often the rule that refuses was met, where there are counters."""
    if not route.packets:
        return []
    return [Said(message("1 attempt") if route.packets == 1 else message("{count} attempts", count=route.packets), "bad")]


def _dropped(port: ServicePort, route: Route, answer: Answer) -> Message:
    """That traffic is dropped, and why where the rules tell."""
    if answer.without_effect:
        return message("marked to be dropped, but nothing does it")
    if "outside_allowed" in route.sources and not _local_only(port):
        return message("DROPPED: not in ranges")
    return message("DROPPED: no local Pod") if port.has_endpoints else message("DROPPED")


def _local_only(port: ServicePort) -> bool:
    """Is there nothing but node-local endpoints to serve, and none of them."""
    return port.external_traffic_policy == "Local" and not port.endpoint_sets.get("local")


MISSING_TABLES = {
    "nat": message("table nat is not in this dump: Services with endpoints cannot be seen"),
    "filter": message("table filter is not in this dump: whether kube-proxy refuses or drops traffic cannot be seen"),
}


def proxy_line(proxy: Proxy) -> list[Message]:
    """What is known of the kube-proxy."""
    low, high = proxy.versions.low, proxy.versions.high
    found = [message("kube-proxy, {mode} mode", mode=proxy.mode)]
    if proxy.versions.mixed:
        found.append(message("rules of several Kubernetes versions mixed"))
    elif low is not None and low == high:
        found.append(message("Kubernetes 1.{low}", low=low))
    elif low is not None and high is not None:
        found.append(message("Kubernetes 1.{low} to 1.{high}", low=low, high=high))
    elif low is not None:
        found.append(message("Kubernetes 1.{low} or later", low=low))
    elif high is not None:
        found.append(message("Kubernetes 1.{high} or earlier", high=high))
    detector = proxy.local_detector
    if detector is not None:
        text = {
            "cluster-cidr": message("Pods are {value}", value=detector.value),
            "bridge-interface": message("Pods arrive on {value}", value=detector.value),
            "interface-prefix": message("Pods arrive on {value}*", value=detector.value),
        }[detector.kind]
        found.append(text)
    if proxy.masquerade_all:
        found.append(message("masquerades all traffic to cluster IPs"))
    if proxy.large_cluster:
        found.append(message("large cluster, endpoint comments left out"))
    return found
