"""A port of the node belongs to a Pod and to a Service at once.

## What it does

Looks for a host port (`hostPort` of a Pod, or a port that Docker has published) with the number of a Service's node port, or at an external
IP and port of a Service where that address is the node's own.

## Why it matters

Both take the connections to this port by a rule in nat, and the rule that is tried first gets all of them: the Pod or the Service does not
answer there, on this node only. Which of them it is may change when kube-proxy or the Pod restarts (kubernetes/kubernetes#66103).

## Example

```
-A CNI-DN-0000000000000000000a1 -p tcp -m tcp --dport 30080 -j DNAT --to-destination 10.244.0.5:80
-A KUBE-NODEPORTS -p tcp -m comment --comment "shop/web" -m tcp --dport 30080 -j KUBE-EXT-AAAAAAAAAAAAAAAA
```

## Use instead

A `hostPort` outside of the range of node ports (30000 to 32767, if nobody changed it), or none at all: a Service with a node port reaches
its Pods without.

## Limits

Where the host port leads to an endpoint of the very Service nothing is said. Load balancers at the node's own address are left out: K3s
makes them of host ports. That an external IP is the node's is known from its addresses (`--ip-addr`), or where the host port is for that
address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.demands import demands
from iptexplain.lint.common.served import about, called
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.model.address import Network
from iptexplain.model.matching import Field, Translate
from iptexplain.model.values import Ports
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.analysis.service_port import Route, ServicePort
    from iptexplain.lint.subject import Subject
    from iptexplain.model.address import Address
    from iptexplain.model.ruleset import Rule, Table

_CHAINS = ("CNI-DN-", "KUBE-HP-")
"""How chains of host ports begin: those of the portmap plugin, and those of old kubelets."""

_DOCKER = "DOCKER"
_LOOPBACK = Network.parse("127.0.0.0/8")


class _HostPort(NamedTuple):
    """A host port: its rule, the only address of the node that it is for (None: all), and where it leads."""

    rule: Rule
    protocol: str
    port: int
    at: Network | None
    to: str


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    chains = [name for name in nat.by_chain if name == _DOCKER or name.startswith(_CHAINS)] if nat is not None else []
    if nat is None or not chains:
        return
    used = reached(subject, "nat", "PREROUTING") | reached(subject, "nat", "OUTPUT")
    host_ports: dict[tuple[str, int], list[_HostPort]] = {}
    for one in _host_ports(nat, [name for name in chains if name in used]):
        host_ports.setdefault((one.protocol, one.port), []).append(one)
    own = {assigned.address for link in (subject.beside.links or {}).values() for assigned in link.addresses}
    for port in subject.ports if host_ports else ():
        for route in port.routes:
            for one in host_ports.get((port.protocol.lower(), route.port), ()):
                if not _leads_there(one, port) and _meet(route, one, own):
                    yield _hit(one, port, route)


def _host_ports(nat: Table, chains: list[str]) -> Iterator[_HostPort]:
    for rule in (rule for chain in chains for rule in nat.rules_of(chain)):
        effect, asked = binding.effect(rule), demands(rule)
        if not isinstance(effect, Translate) or effect.kind != "DNAT" or effect.to is None or asked is None:
            continue
        known = {one.field: one.wanted for one in asked if not one.negated}
        protocol, port, at = known.get(Field.PROTOCOL), known.get(Field.DESTINATION_PORT), known.get(Field.DESTINATION)
        if not isinstance(protocol, str) or not isinstance(port, Ports) or port.first != port.last or Field.SOURCE in known:
            continue
        if at is None or (isinstance(at, Network) and not _LOOPBACK.covers(at)):
            yield _HostPort(rule, protocol, port.first, at if isinstance(at, Network) else None, str(effect.to))


def _leads_there(one: _HostPort, port: ServicePort) -> bool:
    """Is the Pod of a host port an endpoint of a Service port."""
    return any(endpoint.address == one.to for endpoints in port.endpoint_sets.values() for endpoint in endpoints)


def _meet(route: Route, one: _HostPort, own: set[Address]) -> bool:
    """Do a host port and a place of a Service take the same connections."""
    if route.kind == layout.NODE_PORT:
        return True
    if route.kind != layout.EXTERNAL_IP or route.address is None:
        return False
    return route.address in own if one.at is None else one.at.single == route.address


def _hit(one: _HostPort, port: ServicePort, route: Route) -> Hit:
    said = {"protocol": one.protocol, "port": route.port, "pod": one.to, "service": called(port)}
    if route.kind == layout.NODE_PORT:
        text = N_("{protocol} port {port} is the host port of {pod} and the node port of {service}: only one of them gets the connections")
        what = message(text, **said)
    else:
        text = N_(
            "{protocol} port {port} of {address} is the host port of {pod} and an external IP of {service}: only one gets the connections"
        )
        what = message(text, **said, address=str(route.address))
    related = (Related(route.line, message("the rule of the Service")),)
    return Hit(one.rule.line, what, (*about(port), str(route.address or ""), str(route.port), one.to), related=related)


CHECK = Check(
    "KP612",
    "host-port-of-a-service",
    WARNING,
    _look,
    message("give the Pod another host port, or the Service another node port"),
    (KUBE_PROXY,),
)
