"""`services -f json`: the document that scripts rely on (schemas/services.json)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from iptexplain.analysis.counters import NotJudged
from iptexplain.analysis.service_port import DNAT
from iptexplain.model.address import Endpoint as Destination
from iptexplain.render import documents
from iptexplain.render.services_found import as_json
from iptexplain.render.words import MISSING_TABLES
from iptexplain.source import without_collector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iptexplain.analysis.counters import Observed
    from iptexplain.analysis.find import Hit
    from iptexplain.analysis.service_port import Answer, DumpServices, Endpoint, Route, ServicePort
    from iptexplain.model.ruleset import Ruleset
    from iptexplain.model.share import Share
    from iptexplain.owners.kube_proxy.proxy import Proxy
    from iptexplain.render.documents import Json

    Results = Sequence[tuple[Ruleset, Sequence[DumpServices]]]


def document(results: Results, hits: Sequence[Hit] | None = None, *, by_name: bool = True) -> str:
    """The JSON text for the Services of some inputs; `hits` are what was looked for, `by_name` False keeps the order of the ports."""
    with without_collector():
        return _document(results, hits, by_name=by_name)


def _document(results: Results, hits: Sequence[Hit] | None, *, by_name: bool) -> str:
    rulesets = [ruleset for ruleset, _ in results]
    ports = [
        (port.sort_key, number, ruleset.source.name, port)
        for ruleset, dumps in results
        for number, dump in enumerate(dumps)
        for port in dump.ports
    ]
    known: dict[int, str] = {}
    if by_name:
        ports.sort(key=lambda entry: (entry[0][:5], entry[2], entry[1], entry[0]))
    files = {id(dump.dump): ruleset.source.name for ruleset, dumps in results for dump in dumps}
    return (
        documents.spliced(
            {
                **documents.head("services"),
                "inputs": documents.inputs(rulesets),
                "warnings": [
                    *documents.warnings(problem for ruleset in rulesets for problem in ruleset.problems),
                    *(
                        {"file": ruleset.source.name, "line": dump.dump.first_line, "message": MISSING_TABLES[table].english()}
                        for ruleset, dumps in results
                        for dump in dumps
                        for table in dump.missing_tables
                    ),
                ],
                "proxy": [
                    _proxy(ruleset.source.name, dump, dump.proxy) for ruleset, dumps in results for dump in dumps if dump.proxy is not None
                ],
            },
            {
                **({} if hits is None else {"found": documents.write([as_json(files[id(hit.dump.dump)], hit) for hit in hits])[:-1]}),
                "service_ports": f"[{','.join([_port(file, port, known) for _, _, file, port in ports])}]",
            },
        )
        + "\n"
    )


def _proxy(file: str, found: DumpServices, proxy: Proxy) -> Json:
    detector = proxy.local_detector
    mark = proxy.masquerade_mark
    return {
        "file": file,
        "dump": found.dump.number,
        "family": found.dump.family,
        "mode": proxy.mode,
        "kubernetes": {"min": _version(proxy.versions.low), "max": _version(proxy.versions.high), "mixed": proxy.versions.mixed},
        "masquerade_mark": None if mark is None else f"{mark.value:#x}",
        "masquerade_all": proxy.masquerade_all,
        "local_detector": {"kind": detector.kind if detector else None, "value": detector.value if detector else None},
        "large_cluster": proxy.large_cluster,
        "random_fully": proxy.random_fully,
        "unlisted_chains": list(found.unlisted),
    }


def _version(minor: int | None) -> str | None:
    return None if minor is None else f"1.{minor}"


def _port(file: str, port: ServicePort, known: dict[int, str]) -> str:
    """A Service port as JSON text: endpoints are nearly all of a big document, so they are written without a dict for each.

    `known` has the JSON text of answers, which many places share, by their identity.
    """
    name = port.service_port
    routes = {kind: port.routes_of(kind) for kind in ("cluster_ip", "external_ip", "load_balancer", "node_port")}
    for kind in ("virtual_service", "chain"):
        if found := port.routes_of(kind):
            routes[kind] = found
    cluster = next(iter(routes["cluster_ip"]), None)
    before = {
        "file": file,
        "dump": port.dump,
        "family": port.family,
        "namespace": name.namespace if name else "",
        "name": name.name if name else "",
        "port_name": name.port_name if name else "",
        "service_port_name": name.text if name else "",
        "protocol": port.protocol,
        "name_source": port.name_source,
        "name_verified": port.name_verified,
        "hash": port.hash,
        "chains": list(port.chains),
        "cluster_ip": str(cluster.address) if cluster else None,
        "port": cluster.port if cluster else _port_number(port),
        "node_port": port.node_port,
        "external_ips": _addresses(routes["external_ip"]),
        "load_balancer_ips": _addresses(routes["load_balancer"]),
        "source_ranges": list(port.source_ranges),
        "health_check_node_port": port.health_check_node_port,
        "session_affinity": port.session_affinity,
        "session_affinity_timeout_seconds": port.session_affinity_timeout,
        "internal_traffic_policy": port.internal_traffic_policy,
        "external_traffic_policy": port.external_traffic_policy,
        "has_endpoints": port.has_endpoints,
    }
    if port.observed:
        before["observed"] = {name: _observed(found) for name, found in port.observed.items()}
    sets = ",".join([f"{documents.string(name)}:[{','.join(map(_endpoint, found))}]" for name, found in port.endpoint_sets.items()])
    ways = ",".join([f"{documents.string(kind)}:[{','.join([_route(r, known) for r in found])}]" for kind, found in routes.items()])
    return documents.spliced(before, {"endpoint_sets": f"{{{sets}}}", "routes": f"{{{ways}}}"})


def _port_number(port: ServicePort) -> int | None:
    """The Service's port where no cluster IP shows it: that of an outside address."""
    return next((route.port for route in port.routes if route.kind != "node_port" and route.chain is None), None)


def _addresses(routes: Iterable[Route]) -> list[str]:
    return list(dict.fromkeys(str(route.address) for route in routes))


def _observed(found: Observed) -> Json:
    """What was counted, in the order of the endpoints, and whether it fits."""
    verdict = found.verdict
    if isinstance(verdict, NotJudged):
        judged: Json = {"fits": None, "reason": verdict.reason.value}
    else:
        judged = {"fits": verdict.fits, "chi_square": verdict.statistic, "degrees_of_freedom": verdict.freedom, "p_value": verdict.p_value}
    return {"packets": list(found.packets), "total": found.total, "verdict": judged}


def _endpoint(endpoint: Endpoint) -> str:
    address, share, threshold, chain, line, recovered, _ = endpoint
    string = documents.string
    ip, port = Destination.first_of(address)
    return (
        f'{{"address":{string(address)},"ip":{"null" if ip is None else string(ip)},"port":{"null" if port is None else port},'
        f'{_share(share, threshold)},"chain":{string(chain)},"line":{line}{_RECOVERED if recovered else ""}}}'
    )


_RECOVERED = ',"recovered":true'


@lru_cache(maxsize=4096)
def _share(share: Share | None, threshold: int | None) -> str:
    """What the JSON text of an endpoint says of its share; Services with as many endpoints have the same ones."""
    chance, exact = (None, None) if share is None else (float(share), share.fraction())
    return documents.write({"probability": chance, "fraction": exact, "threshold": threshold})[1:-2]


def _route(route: Route, known: dict[int, str]) -> str:
    met = known.get(id(route.sources))
    if met is None:
        met = known[id(route.sources)] = documents.write({source: _answer(answer) for source, answer in route.sources.items()})[:-1]
    to = "null" if route.address is None else documents.string(str(route.address))
    more = "" if route.packets is None else f',"packets":{route.packets}'
    if route.chain is not None:
        more += f',"chain":{documents.string(route.chain)}'
    return f'{{"dst":{to},"dport":{route.port},"line":{route.line},"from":{met}{more}}}'


def _answer(answer: Answer) -> Json:
    masquerade = answer.masquerade if answer.action == DNAT else bool(answer.masquerade)
    found: Json = {"action": answer.action, "endpoint_set": answer.endpoint_set, "masquerade": masquerade}
    if answer.without_effect:
        found["effect"] = "none"
    if answer.falls_through is not None:
        found["falls_through"] = float(answer.falls_through)
    if answer.taken_by is not None:
        found["taken_by"] = answer.taken_by
    if answer.unknown_share is not None:
        found["unknown_probability"] = float(answer.unknown_share)
    if answer.depends_on:
        found["depends_on"] = [message.english() for message in answer.depends_on]
    return found
