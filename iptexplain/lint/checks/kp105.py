"""A Service without endpoints does not refuse connections: nothing leads to the rules that would.

## What it does

Looks in filter at `KUBE-SERVICES` and `KUBE-EXTERNAL-SERVICES`, where they have rules that reject or drop. kube-proxy leads to them from
the built-in chains: to `KUBE-SERVICES` from `FORWARD` and `OUTPUT`, to `KUBE-EXTERNAL-SERVICES` from `INPUT` and, since Kubernetes 1.20,
from `FORWARD`. A jump that is missing is told.

## Why it matters

Where a Service has no endpoints, kube-proxy writes a rule that answers at once: connection refused. Without the jump the client gets no
answer and waits for its timeout, or, worse, something else behind the address answers (kubernetes/kubernetes#48719,
kubernetes/kubernetes#60124, kubernetes/kubernetes#78994).

## Example

```
*filter
:OUTPUT ACCEPT [0:0]
-A KUBE-SERVICES -d 10.96.5.5/32 -p tcp -m comment --comment "shop/web has no endpoints" -m tcp --dport 80 -j REJECT
```

## Use instead

Find out who removed the rule: a firewall that restarted (firewalld, ufw), or an `iptables-restore` without `--noflush`. kube-proxy
writes it again when it restarts.

## Limits

What is missing in `FORWARD` is told only where other rules show that the version of kube-proxy would write it. A jump by way of other
chains counts, whatever these demand of a packet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.model.ruleset import ChainName
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


class _Hook(NamedTuple):
    """A jump that kube-proxy writes: from a built-in chain, to one of its own, since a minor version; None: in all."""

    start: ChainName
    chain: str
    since: int | None


_HOOKS = (
    _Hook(ChainName("FORWARD"), layout.SERVICES, 17),
    _Hook(ChainName("OUTPUT"), layout.SERVICES, None),
    _Hook(ChainName("INPUT"), layout.EXTERNAL_SERVICES, None),
    _Hook(ChainName("FORWARD"), layout.EXTERNAL_SERVICES, 20),
)
"""Later than the first version that wrote a jump, where nothing tells that version from those before it."""


def _look(subject: Subject) -> Iterator[Hit]:
    filter_, proxy = subject.table("filter"), subject.proxy
    if filter_ is None or proxy is None:
        return
    for start, chain, since in _HOOKS:
        declared = filter_.chains.get(start)
        if declared is None or (since is not None and not proxy.versions.since(since)):
            continue
        refusing = next((at for at in filter_.places_of(chain) if _refuses(filter_.rules[at].target_name)), None)
        if refusing is None or chain in reached(subject, "filter", start):
            continue
        what = message("nothing leads from {start} to {chain}: Services without endpoints do not refuse", start=start, chain=chain)
        rules = Related(filter_.rules.line(refusing), message("the first rule that is not reached"))
        yield Hit(declared.line, what, (start, chain), related=(rules,))


def _refuses(target: str | None) -> bool:
    return target in {"REJECT", "DROP"}


CHECK = Check(
    "KP105",
    "refusals-not-reached",
    WARNING,
    _look,
    message("restart kube-proxy, and find out what removed its rule from the table filter"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
