"""Places that two Services claim: traffic to them follows the rule that comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.service_port import DNAT
from iptexplain.lint.common.served import called
from iptexplain.lint.finding import Hit, Related
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.analysis.service_port import Route, ServicePort
    from iptexplain.lint.subject import Subject

_ADDRESSED = frozenset({layout.CLUSTER_IP, layout.EXTERNAL_IP, layout.LOAD_BALANCER})


def claimed_twice(subject: Subject, *, node_ports: bool) -> Iterator[Hit]:
    """A hit for each place of a Service port all of whose traffic another Service takes; only node ports, or only other places."""
    for port in subject.ports:
        for route in port.routes:
            wanted = route.kind == layout.NODE_PORT if node_ports else route.kind in _ADDRESSED
            taker = _taker(route) if wanted else None
            if taker is None or taker == called(port):  # one name for two chains: nothing tells two Services
                continue
            where = f"{port.protocol.lower()} {_place(route)}"
            what = message("{service} and {other} both claim {place}, and {other} gets it", service=called(port), other=taker, place=where)
            yield Hit(route.line, what, (called(port), port.protocol, _place(route)), related=_first(subject, port, route))


def _taker(route: Route) -> str | None:
    """The other Service that takes everything that is served at a place, None if there is none."""
    served = [answer for answer in route.sources.values() if answer.action == DNAT]
    takers = [answer.taken_by for answer in served]
    return takers[0] if takers and all(taker is not None for taker in takers) else None


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


def _place(route: Route) -> str:
    if route.address is None:
        return str(route.port)
    shown = f"[{route.address}]" if ":" in str(route.address) else str(route.address)
    return f"{shown}:{route.port}"
