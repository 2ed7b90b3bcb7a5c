"""A Pod cannot reach itself by way of its own Service.

## What it does

Looks for `KUBE-SEP-…` chains in nat without a rule that marks packets from the endpoint's own address for masquerade.

## Why it matters

A Pod that calls its own Service may get itself as the endpoint. Then the packet would come back to the Pod with the Pod's own address as
the sender, and the Pod throws it away. So kube-proxy replaces the sender with the node's address. Without that rule the Pod's connection to
its own Service times out now and then: whenever the draw falls on the Pod itself (kubernetes/kubernetes#20475).

## Example

```
-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 192.168.104.1:80
```

## Use instead

```
-A KUBE-SEP-HZVZGM4N576VDS2S -s 192.168.104.1/32 -j KUBE-MARK-MASQ
-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 192.168.104.1:80
```

kube-proxy writes both when it restarts.

## Limits

Where kube-proxy masquerades all traffic to cluster IPs (`--masquerade-all`), only those endpoints are told that Pods reach without
masquerade at another place: by an external address or a node port with `externalTrafficPolicy: Local`. Nothing is told where a rule that
marks has a match that is not understood. The order of the rules is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis import traffic
from iptexplain.analysis.service_port import DNAT
from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.endpoints import endpoint_chains
from iptexplain.lint.common.pods import pod_network
from iptexplain.lint.common.whose import service_of_endpoint
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.model.address import Network
from iptexplain.model.matching import Field, Translate
from iptexplain.model.shape import per_shape
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.common.endpoints import EndpointChain
    from iptexplain.lint.subject import Subject
    from iptexplain.model.address import Address
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.shape import Shape


_MOST = 5
"""So many further endpoints of a Service are named."""


class _Lacking(NamedTuple):
    """The chain of an endpoint, its address, and the line that leads there."""

    chain: str
    address: Address
    line: int


def _look(subject: Subject) -> Iterator[Hit]:
    lacking: dict[str, list[_Lacking]] = {}
    for one in _lacking(subject):
        name = service_of_endpoint(subject, one.chain)
        lacking.setdefault(str(name), []).append(one)
    for service, (first, *others) in lacking.items():
        what = N_("the Pod at {address} cannot reach itself through {service}: {chain} does not mark its packets for masquerade")
        if others:
            what = N_(
                "{address} and {more} more Pods cannot reach themselves through {service}: {chain} does not mark packets for masquerade"
            )
        said = message(what, address=first.address, service=service, chain=first.chain, more=len(others))
        nor = N_("nor does {chain} those of {address}")
        related = [Related(one.line, message(nor, chain=one.chain, address=one.address)) for one in others[:_MOST]]
        yield Hit(first.line, said, (service, first.chain, *(one.chain for one in others)), related=tuple(related))


def _lacking(subject: Subject) -> Iterator[_Lacking]:
    """The endpoints whose chains lack the rule."""
    nat = subject.table("nat")
    if nat is None:
        return
    all_to_cluster_ips = subject.proxy is not None and bool(subject.proxy.masquerade_all)
    for found in endpoint_chains(subject):
        if found.destination is None or _plainly_there(nat, found):
            continue
        if all_to_cluster_ips and found.chain not in subject.once(_not_masqueraded):
            continue
        place = found.places[found.dnat[0]]
        effect = binding.effect(nat.rules[place])
        address = effect.to.first if isinstance(effect, Translate) and effect.to is not None else None
        if address is None or not address.value or any(_marks(rule, address) for rule in nat.rules_of(found.chain)):
            continue
        if not all_to_cluster_ips or _may_be_pod(subject, address):
            yield _Lacking(found.chain, address, nat.rules.line(place))


def _not_masqueraded(subject: Subject) -> frozenset[str]:
    """The chains of endpoints to which traffic of Pods comes that no rule has marked on its way."""
    return frozenset(
        [
            endpoint.chain
            for port in subject.ports
            for route in port.routes
            if (answer := route.sources.get(traffic.POD)) is not None
            and answer.action == DNAT
            and answer.taken_by is None
            and answer.masquerade is False
            for endpoint in port.endpoint_sets.get(answer.endpoint_set or "", ())
        ]
    )


def _may_be_pod(subject: Subject, address: Address) -> bool:
    """Is an address one of the Pods', as far as kube-proxy's rules tell them."""
    pods = pod_network(subject)
    return pods is None or pods.holds(address)


def _plainly_there(nat: Table, found: EndpointChain) -> bool:
    """Does a chain begin with the rule as kube-proxy writes it; told by the text alone, since nearly all do."""
    source = _source(found.shapes[0])
    slot = found.destination
    if source is None or slot is None:
        return False
    values = nat.rules.values(found.places[0])
    target = found.shapes[0].target
    if target is None or values[target.name if isinstance(target.name, int) else source] != layout.MARK_MASQUERADE:
        return False
    address = values[source].rpartition("/")[0]
    return nat.rules.values(found.places[found.dnat[0]])[slot].rpartition(":")[0] in {address, f"[{address}]"}


@per_shape
def _source(shape: Shape) -> int | None:
    """The slot of the source address in the shape of a rule that asks for nothing else; None for other shapes."""
    clauses = [clause for clause in shape.clauses if clause.name != "comment" and clause is not shape.target]
    if len(clauses) != 1 or clauses[0].kind != "base" or len(clauses[0].options) != 1:
        return None
    option = clauses[0].options[0]
    return option.values[0] if option.name == "-s" and not option.negated else None


def _marks(rule: Rule, address: Address) -> bool:
    """Does a rule mark packets from an address, or may it."""
    if rule.shape.strange:
        return True
    if rule.target_name not in layout.MARKS:
        return False
    for match in binding.matches(rule):
        for field, wanted, negated in match.constraints():
            if field is Field.SOURCE and isinstance(wanted, Network) and wanted.holds(address) is negated:
                return False
    return True


CHECK = Check(
    "KP401",
    "hairpin-rule-missing",
    ERROR,
    _look,
    message("restart kube-proxy, and find out what edits its chains"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
