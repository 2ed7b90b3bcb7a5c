"""Places that two Services claim: traffic to them follows the rule that comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis import traffic
from iptexplain.analysis.service_port import DNAT
from iptexplain.lint.common.served import called
from iptexplain.lint.finding import Hit, Related
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.analysis.service_port import Route, ServicePort
    from iptexplain.lint.subject import Subject
    from iptexplain.source import Message

_ADDRESSED = frozenset({layout.CLUSTER_IP, layout.EXTERNAL_IP, layout.LOAD_BALANCER})


_OUTSIDE = frozenset({traffic.OUTSIDE, traffic.OUTSIDE_ALLOWED})


class _Claim(NamedTuple):
    """A place of a Service port at which another Service takes traffic from some kinds of source; `whole`: from all that are served."""

    port: ServicePort
    route: Route
    taker: str
    sources: frozenset[str]
    whole: bool


def claimed_twice(subject: Subject, *, node_ports: bool) -> Iterator[Hit]:
    """A hit for each place of a Service port traffic to which another Service takes; only node ports, or only other places.

    Two Services that each have a part of the traffic to a place give one hit.
    """
    claims = [claim for port in subject.ports for route in port.routes if (claim := _claim(port, route, node_ports=node_ports)) is not None]
    claims.sort(key=lambda claim: (not claim.whole, not claim.sources & _OUTSIDE))
    told: set[tuple[str, str, frozenset[str]]] = set()
    for claim in claims:
        port, route = claim.port, claim.route
        pair = port.protocol, route.place, frozenset({called(port), claim.taker})
        if claim.whole or pair not in told:
            told.add(pair)
            yield Hit(route.line, _sentence(claim), (called(port), port.protocol, route.place), related=_first(subject, port, route))


def _claim(port: ServicePort, route: Route, *, node_ports: bool) -> _Claim | None:
    """What another Service takes at a place; None if it is not one other Service that takes something."""
    if not (route.kind == layout.NODE_PORT if node_ports else route.kind in _ADDRESSED):
        return None
    served = {kind: answer.taken_by for kind, answer in route.sources.items() if answer.action == DNAT}
    taker = next((taker for taker in served.values() if taker not in {None, called(port)}), None)  # two chains of one name: one Service
    if taker is None:
        return None
    kinds = frozenset([kind for kind, by in served.items() if by == taker])
    return _Claim(port, route, taker, kinds, whole=len(kinds) == len(served))


def _sentence(claim: _Claim) -> Message:
    told = {
        "service": called(claim.port),
        "other": claim.taker,
        "place": f"{claim.port.protocol.lower()} {claim.route.place}",
    }
    if claim.whole:
        return message("{service} and {other} both claim {place}, and {other} gets it", **told)
    outside = _OUTSIDE & claim.route.sources.keys()
    if claim.sources & outside:
        if outside <= claim.sources:
            return message("{service} and {other} both claim {place}, and {other} gets what comes from outside the cluster", **told)
        return message("{service} and {other} both claim {place}, and {other} gets a part of what comes from outside the cluster", **told)
    return message("{service} and {other} both claim {place}, and {other} gets a part of what comes from Pods or the node", **told)


def _first(subject: Subject, port: ServicePort, route: Route) -> tuple[Related, ...]:
    """The rule of another Service port for the same place."""
    same = (
        other.line
        for one in subject.ports
        if one is not port and one.protocol == port.protocol
        for other in one.routes
        if (other.address, other.port) == (route.address, route.port)
    )
    line = next(same, None)
    return () if line is None else (Related(line, message("the rule of the other Service")),)
