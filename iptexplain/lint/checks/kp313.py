"""The rule for a node port without endpoints does not fit that port.

## What it does

For a node port (`type: NodePort`) of a Service without endpoints kube-proxy writes a rule into filter that refuses connections to the
node's own addresses. The check looks for such a rule that asks for the port, but not for an address of the node (`--dst-type LOCAL`), and
for a node port without endpoints that another rule of nat sends elsewhere: to the `hostPort` of a Pod, or to a container of Docker.

## Why it matters

A rule that asks for the port alone refuses it at all addresses, those of the Pods and of the internet among them
(kubernetes/kubernetes#97360). In the second case clients of the node port are not refused: they are answered by a stranger.

## Example

```
-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "a/web has no endpoints" -m tcp --dport 30080 -j REJECT
```

## Use instead

```
-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "a/web has no endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 30080 -j REJECT
```

Restart kube-proxy, which writes it so; or give the Pod, the container or the Service another port.

## Limits

Only rules whose comment is kube-proxy's are looked at. What takes traffic before it comes to `KUBE-SERVICES` is told as in KP201, which
looks at Services with endpoints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.served import called
from iptexplain.lint.common.taken import taken
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.model.matching import Field
from iptexplain.model.shape import per_shape
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.shape import Shape

_REFUSING = frozenset({"REJECT", "DROP"})
_OF_THE_NODE = frozenset({Field.DESTINATION, Field.DESTINATION_TYPE})


def _look(subject: Subject) -> Iterator[Hit]:
    yield from _too_wide(subject)
    for one in taken(subject):
        if not one.port.has_endpoints and one.route.kind == layout.NODE_PORT and one.to and one.sure:
            what = message(
                "node port {port} of {service}, which has no endpoints, is not refused: chain {chain} sends it to {to}",
                port=one.route.port,
                service=called(one.port),
                chain=one.rule.chain,
                to=one.to,
            )
            related = Related(one.route.line, message("the rule that would refuse it"))
            yield Hit(one.rule.line, what, (called(one.port), str(one.route.port), one.rule.chain), related=(related,))


def _too_wide(subject: Subject) -> Iterator[Hit]:
    filter_ = subject.table("filter")
    chains = (layout.SERVICES, layout.EXTERNAL_SERVICES) if filter_ is not None else ()
    for chain in chains:
        places = filter_.places_of(chain) if filter_ is not None else ()
        if filter_ is None or not any(map(_is_about_port_alone, filter_.rules.distinct_shapes(places))):
            continue
        for rule in filter_.rules_of(chain):
            said = binding.comment(rule) or ""
            if not _is_about_port_alone(rule.shape) or not said.endswith((" has no endpoints", " has no local endpoints")):
                continue
            what = message("{chain} refuses a node port at all addresses, not at those of the node alone", chain=chain)
            yield Hit(rule.line, what, (chain, uncounted(rule)), word="--dport")


@per_shape
def _is_about_port_alone(shape: Shape) -> bool:
    """Do rules of a shape refuse a port, whatever the address."""
    limits = binding.limits(shape)
    if limits is None or shape.target is None or shape.target.name not in _REFUSING:
        return False
    fields = {limit.field for limit in limits}
    return Field.DESTINATION_PORT in fields and not fields & _OF_THE_NODE


CHECK = Check(
    "KP313",
    "node-port-refused-wrongly",
    WARNING,
    _look,
    message("restart kube-proxy so that it writes the rule anew, or give one of the two another port"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
