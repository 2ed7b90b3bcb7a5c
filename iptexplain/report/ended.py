"""Traffic to Services that is refused or dropped, and why, as far as the rules say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.service_port import DROP, REJECT
from iptexplain.report.facts import NO_ENDPOINTS, NO_LOCAL_ENDPOINTS, SOURCE_RANGES, UNTOLD, Ended, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.analysis.service_port import Answer, Route, ServicePort


def ended(ports: Sequence[ServicePort]) -> tuple[Ended, ...]:
    """One value for each Service port, way to end and reason, in the order of the ports."""
    return tuple([one for port in ports for one in _of_port(port)])


def _of_port(port: ServicePort) -> Iterator[Ended]:
    found: dict[tuple[str, str, bool], list[Place]] = {}
    for route in port.routes:
        here: dict[tuple[str, str, bool], list[str]] = {}
        for source, answer in route.sources.items():
            if answer.action in {REJECT, DROP}:
                here.setdefault((answer.action, _why(port, route, answer), answer.without_effect), []).append(source)
        for key, sources in here.items():
            found.setdefault(key, []).append(Place(route, tuple(sources)))
    for (action, why, without_effect), places in found.items():
        counted = [place.route.packets for place in places if place.route.packets is not None] if why == NO_ENDPOINTS else []
        yield Ended(port, action, why, without_effect, tuple(places), sum(counted) if counted else None)


def _why(port: ServicePort, route: Route, answer: Answer) -> str:
    """Why traffic ends there. A load balancer's route has a source of its own, `outside_allowed`, if it has source ranges."""
    if not port.has_endpoints:
        return NO_ENDPOINTS
    without_local = not port.endpoint_sets.get("local") and "Local" in {port.external_traffic_policy, port.internal_traffic_policy}
    if "outside_allowed" in route.sources and route.sources["outside_allowed"] != answer:
        return SOURCE_RANGES
    return NO_LOCAL_ENDPOINTS if without_local else UNTOLD
