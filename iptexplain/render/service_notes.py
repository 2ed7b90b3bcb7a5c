"""What else there is to say of a Service port, in sentences below its block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.counters import NotJudged, Reason
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.analysis.counters import Observed
    from iptexplain.analysis.service_port import ServicePort
    from iptexplain.source import Message


def notes(port: ServicePort) -> Iterator[Message]:
    """Source ranges, affinity, policies, health check, a doubtful name, what was counted."""
    if port.source_ranges:
        yield message("allowed are sources in {ranges}", ranges=", ".join(port.source_ranges))
    if port.session_affinity_timeout is not None:
        yield message("a client stays with its Pod for {seconds} s (session affinity)", seconds=port.session_affinity_timeout)
    policies = [
        f"{name}={value}"
        for name, value in (
            ("internalTrafficPolicy", port.internal_traffic_policy),
            ("externalTrafficPolicy", port.external_traffic_policy),
        )
        if value == "Local"
    ]
    if policies:
        yield message("{policies}", policies=", ".join(policies))
    if port.health_check_node_port is not None:
        yield message("health check on node port {port}", port=port.health_check_node_port)
    if port.service_port is not None and port.chains and not port.name_verified:
        yield message("the name does not fit the chains: {chains}", chains=", ".join(port.chains))
    every = [end for ends in port.endpoint_sets.values() for end in ends]
    if any(end.lone for end in every):
        yield message("?: no rule here says with what chance the Pod is chosen")
    if any(end.share is None and end.chain and not end.lone for end in every):
        yield message("?: with what chance the Pod is chosen depends on what a dump does not tell")
    if any("-" in end.address for end in every):
        yield message("of a range of addresses the kernel chooses one")
    for name, observed in port.observed.items():
        yield from _counted(observed, local=name == "local" and len(port.observed) > 1)


_FITS = (
    N_("{count} connections counted: spread as expected"),
    N_("{count} connections to Pods of this node counted: spread as expected"),
)
_DIFFERS = (
    N_("{count} connections counted: NOT spread as expected (by accident that happens less than once in 100,000 times)"),
    N_("{count} connections to Pods of this node counted: NOT spread as expected (by accident less than once in 100,000 times)"),
)
_NOT_JUDGED = {
    Reason.AFFINITY: (
        N_("{count} connections counted; with session affinity they say nothing of the chances"),
        N_("{count} connections to Pods of this node counted; with session affinity they say nothing of the chances"),
    ),
    Reason.FEW: (
        N_("{count} connections counted: too few to compare with the chances"),
        N_("{count} connections to Pods of this node counted: too few to compare with the chances"),
    ),
    Reason.UNKNOWN: (
        N_("{count} connections counted; the chances are not known"),
        N_("{count} connections to Pods of this node counted; the chances are not known"),
    ),
}
"""What to say of counters: for all endpoints, and for those of this node where both are counted."""


def _counted(observed: Observed, *, local: bool) -> Iterator[Message]:
    """Whether what was counted fits the shares. Nothing where there is nothing to compare."""
    verdict = observed.verdict
    if not observed.total or (isinstance(verdict, NotJudged) and verdict.reason is Reason.ONE):
        return
    forms = _NOT_JUDGED[verdict.reason] if isinstance(verdict, NotJudged) else _FITS if verdict.fits else _DIFFERS
    yield message(forms[local], count=observed.total)
