"""What was looked for with --find, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.render import words
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.analysis.find import Hit, Wanted
    from iptexplain.analysis.service_port import DumpServices, Endpoint, ServicePort
    from iptexplain.render.documents import Json
    from iptexplain.source import Message

_KINDS = {
    "cluster_ip": N_("{place} is the ClusterIP of {service} (line {line})"),
    "external_ip": N_("{place} is an external IP of {service} (line {line})"),
    "load_balancer": N_("{place} is the address of the load balancer of {service} (line {line})"),
    "node_port": N_("{place} is the node port of {service} (line {line})"),
    "virtual_service": N_("{place} is a virtual service of IPVS: {service}"),
    "chain": N_("chain {place} belongs to {service} (line {line})"),
}


def sentence(hit: Hit) -> Message:
    """What one hit is, in a sentence."""
    port = hit.port
    if port is None:
        return _nobodys(hit)
    service = words.name_of(port)
    if hit.endpoint is not None:
        return _endpoint(port, hit.endpoint, service)
    if hit.route is not None:
        return message(_KINDS[hit.route.kind], place=words.place(hit.route, port.protocol), service=service, line=hit.line)
    if hit.rule is not None:
        return message("line {line} is a rule of {service}, in chain {chain} of table {table}: {rule}", service=service, **_where(hit))
    if hit.chain is not None:
        return message("chain {chain} of table {table} belongs to {service} (line {line})", service=service, **_where(hit))
    return message("node port {port}/TCP answers health checks of {service}", port=port.health_check_node_port, service=service)


def _where(hit: Hit) -> dict[str, object]:
    return {"line": hit.line, "chain": hit.chain, "table": hit.table, "rule": hit.rule}


def _nobodys(hit: Hit) -> Message:
    """A chain or a rule that belongs to no Service."""
    if hit.rule is not None and hit.owner is not None:
        return message(
            "line {line} is a rule of no Service, in chain {chain} ({owner}) of table {table}: {rule}", owner=hit.owner, **_where(hit)
        )
    if hit.rule is not None:
        return message("line {line} is a rule of no Service, in chain {chain} of table {table}: {rule}", **_where(hit))
    if hit.owner is not None:
        return message("chain {chain} ({owner}) of table {table} belongs to no Service (line {line})", owner=hit.owner, **_where(hit))
    return message("chain {chain} of table {table} belongs to no Service (line {line})", **_where(hit))


def _endpoint(port: ServicePort, end: Endpoint, service: str) -> Message:
    fields = {"address": end.address, "service": service, "chain": end.chain, "line": end.line}
    if not end.chain:
        return message("{address} is a Pod of {service}", **fields)
    local = any(one.address == end.address for one in port.endpoint_sets["local"])
    if not end.line:
        return message("{address} is a Pod of {service}, and gets {share}: chain {chain}", share=words.share_of(end), **fields)
    if end.share is None:
        return message("{address} is a Pod of {service}: chain {chain}, line {line}", **fields)
    every = port.endpoint_sets["cluster"]
    own = next((one for one in every if one.address == end.address), None)
    if own is None:
        return message(
            "{address} is a Pod of {service} on this node, and gets {share} of what stays here: chain {chain}, line {line}",
            share=words.share_of(end),
            **fields,
        )
    if local:
        return message(
            "{address} is a Pod of {service} on this node, and gets {share} of all: chain {chain}, line {line}",
            share=words.share_of(own),
            **fields,
        )
    return message("{address} is a Pod of {service}, and gets {share}: chain {chain}, line {line}", share=words.share_of(own), **fields)


def nothing(wanted: Wanted, dumps: Sequence[DumpServices]) -> Message:
    """That nothing was found, and what may explain it."""
    pods = (found.proxy.local_detector.network for found in dumps if found.proxy and found.proxy.local_detector)
    inside = next((net for net in pods if net is not None and wanted.network is not None and net.covers(wanted.network)), None)
    if inside is not None:
        return message(
            "{what} is in none of these Services; it is in the Pods' network {network}, so it may be a Pod without a Service",
            what=wanted.text,
            network=inside,
        )
    return message("{what} is in none of these Services, chains and rules", what=wanted.text)


def as_json(file: str, hit: Hit) -> Json:
    """One hit for scripts."""
    port = hit.port
    name = port.service_port.text if port is not None and port.service_port is not None else None
    what = "endpoint" if hit.endpoint else hit.route.kind if hit.route else "rule" if hit.rule else "chain" if hit.chain else "health_check"
    address = hit.endpoint.address if hit.endpoint else None
    if hit.route is not None and hit.route.address is not None:
        address = str(hit.route.address)
    return {
        "file": file,
        "dump": hit.dump.dump.number,
        "what": what,
        "service_port_name": name,
        "protocol": port.protocol if port else None,
        "hash": port.hash if port else None,
        "address": address,
        "port": _port(hit),
        "table": hit.table,
        "chain": hit.endpoint.chain if hit.endpoint else hit.chain,
        "line": hit.line or None,
        "rule": hit.rule,
        "owner": hit.owner,
    }


def _port(hit: Hit) -> int | None:
    """The port of a route, or of health checks."""
    if hit.route is not None:
        return None if hit.route.chain is not None else hit.route.port
    plain = hit.endpoint is None and hit.rule is None and hit.chain is None
    return hit.port.health_check_node_port if plain and hit.port is not None else None
