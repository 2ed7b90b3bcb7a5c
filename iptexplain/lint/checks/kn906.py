"""The endpoints of a Service do not get the shares that its rules give them.

## What it does

Compares what the rules of a Service have counted (`iptables-save -c`) with the chances that these rules give each endpoint. It speaks where
at least 1000 connections went to the Service's endpoints, and where dice would show such counts less than once in 100,000 dumps.

## Why it matters

Each new connection to a Service draws its endpoint, so the counts follow the chances closely. Where they do not, something other than
these rules decides: a rule was changed or put in since, single counters were set to zero, or the kernel that counted does not draw as the
rules say. One Pod gets more than its share, and another idles.

## Example

```
[9000:540000] -A KUBE-SVC-2CMXP7HKUVJN7L6M -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-HZVZGM4N576VDS2S
[1000:60000] -A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-QZQ6SCLOCLOPP2FJ
```

## Use instead

Set the counters to zero (`iptables -t nat -Z`), wait until there are some thousand new connections, and save again. If the shares are still
uneven, restart kube-proxy, so that it writes the rules again, and find out who else changes them.

## Limits

The test is Pearson's chi-square. Its level is divided by the number of Services that are looked at, so that a node with many Services is
not suspected more often than one with few. A dump does not say when a rule was written: kube-proxy writes all rules of a Service together,
also when an endpoint is added, so their counters have the same age; with a tool that puts in single rules they have not.

Services with session affinity are left out: a client stays with its Pod there. Where one endpoint alone got nothing at all, see KN907.
Connections are counted, not requests: clients with long connections burden Pods unevenly, and this check does not see it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.counters import LEVEL, Judged
from iptexplain.lint.check import COUNTERS, KUBE_PROXY, Check
from iptexplain.lint.common.served import about, called
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.analysis.service_port import ServicePort
    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule

_FEWEST = 1000
"""So many connections have to be counted for a Service."""


class _Spread(NamedTuple):
    """One endpoint set of a Service port whose counts were compared; `packets` are those of its endpoints."""

    port: ServicePort
    endpoint_set: str
    packets: tuple[int, ...]
    p_value: float


def _look(subject: Subject) -> Iterator[Hit]:
    spreads = [
        _Spread(port, name, seen.packets, seen.verdict.p_value)
        for port in subject.ports
        for name, seen in port.observed.items()
        if isinstance(seen.verdict, Judged) and seen.total >= _FEWEST and len(seen.packets) == len(port.endpoint_sets[name])
    ]
    for spread in spreads:
        if spread.p_value < LEVEL / len(spreads) and not _one_idles(spread.packets):
            yield _hit(subject, spread)


def _one_idles(packets: tuple[int, ...]) -> bool:
    """Does one endpoint alone get nothing: KN907 says so."""
    return packets.count(0) == 1 and sorted(packets)[1] >= _FEWEST


def _hit(subject: Subject, spread: _Spread) -> Hit:
    """The endpoint that differs the most."""
    port, total = spread.port, sum(spread.packets)
    endpoints = port.endpoint_sets[spread.endpoint_set]
    shares = [float(endpoint.share or 0) for endpoint in endpoints]
    expected = [total * share / sum(shares) for share in shares]
    far = max(range(len(endpoints)), key=lambda at: abs(spread.packets[at] - expected[at]) / max(expected[at], 1) ** 0.5)
    rule = _way(subject, spread, endpoints[far].chain)
    what = message(
        "{address} got {seen} of {total} connections to {name}, where the rules give it about {expected}:"
        " something else than these rules decides who answers",
        address=endpoints[far].address,
        seen=spread.packets[far],
        total=total,
        name=called(port),
        expected=round(expected[far]),
    )
    return Hit(0 if rule is None else rule.line, what, (*about(port), spread.endpoint_set), word=endpoints[far].chain)


def _way(subject: Subject, spread: _Spread, chain: str) -> Rule | None:
    """The rule that leads from the Service to an endpoint's chain."""
    own = {name for name in spread.port.chains if layout.ENDPOINT_SET.get(name[5:8]) == spread.endpoint_set}
    return next((rule for rule in subject.jumps("nat").get(chain, ()) if rule.chain in own), None)


CHECK = Check(
    "KN906",
    "endpoint-shares-differ",
    WARNING,
    _look,
    message("set the counters to zero, save again after some thousand connections, and restart kube-proxy if the shares still differ"),
    (KUBE_PROXY, COUNTERS),
)
