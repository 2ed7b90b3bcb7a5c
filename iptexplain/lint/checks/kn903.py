"""A node port lies where Linux takes ports for outgoing connections.

## What it does

Looks for node ports from 32768 to 60999 in `KUBE-NODEPORTS`.

## Why it matters

For a connection that a program on the node opens, Linux takes a port of its own from this range (`net.ipv4.ip_local_port_range`). Now
and then it takes the node port. Then this connection or the Service fails, on one node, for some time, and nobody knows why
(kubernetes/kubernetes#111682). Older versions of kube-proxy also open each node port, and pass over one that is taken
(kubernetes/kubernetes#40920). Kubernetes asks that the two ranges do not overlap (kubernetes/kubernetes#111697).

## Example

```
-A KUBE-NODEPORTS -p tcp -m comment --comment "shop/web:http" -m tcp --dport 45102 -j KUBE-EXT-DCQOGJK4QZZOVIJ6
```

## Use instead

A node port of the usual range, 30000 to 32767. Where the cluster needs more (`--service-node-port-range` of the API server), give
its range to `net.ipv4.ip_local_reserved_ports` on every node.

## Limits

The range is Linux's default. Whether the node has another one, or has reserved the ports, is not in a dump.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.model.matching import Field
from iptexplain.model.values import Ports
from iptexplain.owners.kube_proxy.layout import NODE_PORTS
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule

_EPHEMERAL = Ports(32768, 60999)
"""The default of `ip_local_port_range` (net/ipv4/af_inet.c `inet_init_net`)."""


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    told = set()
    for rule in nat.rules_of(NODE_PORTS) if nat is not None else ():
        found = _node_port(rule)
        if found is None or found in told:
            continue
        told.add(found)
        protocol, port = found
        said = binding.comment(rule)
        if said:
            what = message(
                "node port {port}/{protocol} of {service} may be taken by a connection of the node",
                port=port,
                protocol=protocol,
                service=said,
            )
        else:
            what = message("node port {port}/{protocol} may be taken by a connection of the node", port=port, protocol=protocol)
        yield Hit(rule.line, what, (protocol, str(port)), word=f"--dport {port}")


def _node_port(rule: Rule) -> tuple[str, int] | None:
    """The protocol and the node port of a rule, if the port lies in the range."""
    protocol, port = "", 0
    for test in binding.tests(rule):
        for field, wanted, negated in test.constraints:
            if field is Field.PROTOCOL and not negated:
                protocol = str(wanted)
            if field is Field.DESTINATION_PORT and isinstance(wanted, Ports) and wanted.first == wanted.last and not negated:
                port = wanted.first
    return (protocol, port) if _EPHEMERAL.holds(port) else None


CHECK = Check(
    "KN903",
    "node-port-in-ephemeral-range",
    WARNING,
    _look,
    message("choose a node port from 30000 to 32767, or reserve the range with net.ipv4.ip_local_reserved_ports"),
    (KUBE_PROXY,),
)
