"""Ports of the node's own 127.0.0.1 may be open to its neighbours.

## What it does

Looks for the rule "block incoming localnet connections" in filter `KUBE-FIREWALL`, and for a jump there from `INPUT`, where kube-proxy
serves node ports at 127.0.0.1.

## Why it matters

For node ports at 127.0.0.1 kube-proxy lets the kernel route packets to 127.0.0.0/8 (`route_localnet`): when it starts, whether a Service
has a node port or not. Then a neighbour on the same network can send packets to 127.0.0.1 of this node, and reach what listens there alone
because it trusts the node: CVE-2020-8558 (kubernetes/kubernetes#92315). The rule drops such packets.

## Example

```
-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP
```

## Use instead

Update kubelet and kube-proxy: since 1.16.11, 1.17.7 and 1.18.4 kubelet writes the rule, since 1.27 kube-proxy does. Or set
`--iptables-localhost-nodeports=false` (from 1.26 on) with `net.ipv4.conf.all.route_localnet=0`. Where the rule is there and only the jump
is gone, restart the one that wrote it.

## Limits

The dump does not show whether the kernel routes such packets. It is information where no Service has a node port; where the dump has no
`KUBE-FIREWALL`, which another firewall may stand for (nothing is said then where no Service has a node port); and where nothing shows that
the rules are of version 1.18 or later: the first releases before it have no such rule. A jump to `KUBE-FIREWALL` by way of other chains
counts, whatever these demand of a packet. IPv6 has no such routing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.demands import demands
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import INFO, WARNING, Hit, Related
from iptexplain.model.address import Network
from iptexplain.model.matching import Field
from iptexplain.model.ruleset import ChainName
from iptexplain.owners.kube_proxy.layout import NODE_PORTS, SERVICES
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table

_INPUT = ChainName("INPUT")
_FIREWALL = "KUBE-FIREWALL"
_LOCALNET = Network.parse("127.0.0.0/8")
_FIXED = 18
"""The first minor version all of whose later releases have the rule."""


def _look(subject: Subject) -> Iterator[Hit]:
    nat, filter_ = subject.table("nat"), subject.table("filter")
    if nat is None or filter_ is None or subject.dump.family == "ipv6" or not _leads_local(nat):
        return
    has_ports = bool(nat.places_of(NODE_PORTS))
    if any(map(_blocks, filter_.rules_of(_INPUT))):
        return
    block = next(filter(_blocks, filter_.rules_of(_FIREWALL)), None)
    start = filter_.chains.get(_INPUT)
    if block is not None and (start is None or _FIREWALL in reached(subject, "filter", _INPUT)):
        return
    chain = filter_.chains.get(ChainName(_FIREWALL))
    if not filter_.has_chain(_FIREWALL):
        if not has_ports:
            return
        what = message("nothing in the dump keeps packets for 127.0.0.0/8 from outside away; node ports may have opened the way for them")
        yield Hit(filter_.line, what, (_FIREWALL,), INFO)
        return
    severity = WARNING if has_ports and subject.proxy is not None and subject.proxy.versions.since(_FIXED) else INFO
    if block is not None and start is not None:
        what = message("nothing leads from INPUT to KUBE-FIREWALL: packets for 127.0.0.0/8 from outside are not kept away (CVE-2020-8558)")
        related = Related(block.line, message("the rule that is not reached"))
        yield Hit(start.line, what, (_INPUT, _FIREWALL), severity, (related,))
        return
    what = message("{chain} does not keep packets for 127.0.0.0/8 from outside away (CVE-2020-8558)", chain=_FIREWALL)
    line = chain.line if chain is not None else filter_.rules.line(filter_.places_of(_FIREWALL)[0])
    yield Hit(line, what, (_FIREWALL,), severity, word=_FIREWALL)


def _leads_local(nat: Table) -> bool:
    """May a packet to 127.0.0.1 come to the node ports: it may not where kube-proxy was told to leave those out."""
    jumps = [rule for rule in nat.rules_of(SERVICES) if rule.target_name == NODE_PORTS]
    return any(not _without_localnet(rule) for rule in jumps)


def _without_localnet(rule: Rule) -> bool:
    demanded = demands(rule) or ()
    for field, wanted, negated in demanded:
        if field is Field.DESTINATION and isinstance(wanted, Network) and wanted.meets(_LOCALNET) == negated:
            return True
    return False


def _blocks(rule: Rule) -> bool:
    """Does a rule drop packets to 127.0.0.0/8."""
    if rule.target_name not in {"DROP", "REJECT"}:
        return False
    return any(
        field is Field.DESTINATION and not negated and isinstance(wanted, Network) and wanted.covers(_LOCALNET)
        for field, wanted, negated in demands(rule) or ()
    )


CHECK = Check(
    "KP505",
    "localhost-open-to-neighbours",
    WARNING,
    _look,
    message("update kubelet and kube-proxy, or restart them, so that they write the rule that blocks incoming localnet connections"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
    also=(INFO,),
)
