"""A part of a Service's connections gets past all its endpoints.

## What it does

Looks at the rules with which a Service chooses among its endpoints. All but the last match by chance; the last one must take what is left.
The check tells a chain whose last rule draws too. And it tells a chain for traffic from outside (`KUBE-EXT-…`) in which no rule leads on
to the Service's endpoints; with `externalTrafficPolicy: Local`, to those on this node.

## Why it matters

A connection that no rule takes goes on to the Service's own address, where nobody answers. So some connections hang, at random, and the
others work: the kind of fault that is hardest to find. Where a chain for traffic from outside leads nowhere, the Service works in the
cluster, and every connection to its node port or to the address of its load balancer hangs.

## Example

```
-A KUBE-SVC-2CMXP7HKUVJN7L6M -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-HZVZGM4N576VDS2S
-A KUBE-SVC-2CMXP7HKUVJN7L6M -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-E4DERYY2XOMCBE7I
```

One connection of four is lost. There is one finding for a Service, also where several of its chains are like that.

## Use instead

A last rule without `-m statistic`. kube-proxy writes the chains like that, so something else has changed this one, or the last rule is
missing: restart kube-proxy (people asked about this in kubernetes/kubernetes#37932).

## Limits

Chains are left out in which anything but chance decides, or in which a rule behind the endpoints takes every packet. Of chains for traffic
from outside with `externalTrafficPolicy: Local` only those are told where a chain `KUBE-SVL-…` shows that the node has endpoints of the
Service; in large clusters, where kube-proxy leaves old chains behind for some time, only if other rules lead to that chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.choices import choices
from iptexplain.lint.common.external import leading_nowhere, missing_local
from iptexplain.lint.common.whose import service_of
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.model.values import CERTAIN
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Table
    from iptexplain.source import Message


_LEAST = 0.01
"""Percent: less is told as less than that."""


_SHOWN = 5
"""So many more chains of a Service are named."""


class _Lost(NamedTuple):
    """A chain that leads past the endpoints, its last rule, and how many per cent of its connections that are."""

    chain: str
    line: int
    percent: str | Message = ""


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    if nat is None:
        return
    for group in _by_service(subject, _drawing(subject, nat)):
        text = N_("{percent} % of the connections to {service} reach no endpoint and time out (chain {chain})")
        if group[1:]:
            text = N_(
                "a part of the connections to {service} reaches no endpoint and times out, in {count} of its chains: {percent} % in {chain}"
            )
        yield _hit(subject, group, text)
    for group in _by_service(subject, (_Lost(chain, last.line) for chain, last in leading_nowhere(subject, nat).items())):
        text = N_("connections from outside to {service} reach no endpoint: no rule in {chain} leads to any")
        if group[1:]:
            text = N_("connections from outside to {service} reach no endpoint: no rule in its {count} chains leads to any")
        yield _hit(subject, group, text)
    for group in _by_service(subject, (_Lost(chain, last.line) for chain, last in missing_local(subject, nat).items())):
        text = N_("connections from outside to {service} reach no endpoint: no rule in {chain} leads to those on this node")
        if group[1:]:
            text = N_("connections from outside to {service} reach no endpoint: no rule in its {count} chains leads to those on this node")
        yield _hit(subject, group, text)


def _drawing(subject: Subject, nat: Table) -> Iterator[_Lost]:
    """The chains whose last rule draws too."""
    for choice in choices(subject):
        ways = choice.plain
        if ways and not choice.closed and all(way.threshold is not None for way in ways):
            past = 100.0
            for way in ways:
                past *= 1 - (way.threshold or 0) / CERTAIN
            yield _Lost(choice.chain, nat.rules.line(ways[-1].place), _shown(past))


def _by_service(subject: Subject, found: Iterable[_Lost]) -> list[list[_Lost]]:
    """The chains of each Service together: what is wrong with all of them has one cause."""
    groups: dict[str, list[_Lost]] = {}
    for lost in found:
        groups.setdefault(_without_port(service_of(subject, lost.chain)), []).append(lost)
    return [*groups.values()]


def _hit(subject: Subject, group: list[_Lost], text: str) -> Hit:
    first, *others = group
    names = {service_of(subject, lost.chain): None for lost in group}
    name = next(iter(names))
    service = name if len(names) == 1 else _without_port(name)
    what = message(text, service=service, chain=first.chain, percent=first.percent, count=len(group))
    related = tuple(
        [
            Related(lost.line, message("the same in {chain} ({service})", chain=lost.chain, service=service_of(subject, lost.chain)))
            for lost in others[:_SHOWN]
        ]
    )
    return Hit(first.line, what, tuple(sorted(lost.chain for lost in group)), related=related, word="--probability")


def _without_port(name: str) -> str:
    return name.partition(":")[0]


def _shown(percent: float) -> str | Message:
    return f"{percent:.3g}" if percent >= _LEAST else message("less than {least}", least=_LEAST)


CHECK = Check(
    "KP303",
    "connections-past-all-endpoints",
    ERROR,
    _look,
    message("restart kube-proxy so that it writes the chain anew, and find out what changed it"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
