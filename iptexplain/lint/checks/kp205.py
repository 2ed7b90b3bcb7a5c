"""Traffic that a Service's source ranges keep out is not dropped, or they keep everybody out.

## What it does

Looks in filter for

- a rule that accepts, in `FORWARD`, new connections to a load balancer's address from anywhere, before they come to the rule of
  `KUBE-PROXY-FIREWALL` that drops them;
- the jumps to `KUBE-PROXY-FIREWALL` from `INPUT`, `FORWARD` and `OUTPUT`, where that chain has rules that drop;
- the rule that drops what a `KUBE-FW-…` chain in nat does not let in.

In nat it looks for a `KUBE-FW-…` chain in use that lets nobody in, or that marks everything for a drop (up to 1.24) before it lets
anybody in.

## Why it matters

`loadBalancerSourceRanges` of a Service says who may use it. kube-proxy sends what is allowed on to Pods, and drops what is left in
`KUBE-PROXY-FIREWALL`. Where a rule accepts such traffic first, or nothing drops it, it passes the node, to whatever else answers at the
address (kubernetes/kubernetes#109826). The other way round, a chain that has lost its last source range closes the load balancer to
everybody; and what is marked for a drop is dropped, whatever rule lets it in afterwards.

## Example

```
-A FORWARD -d 203.0.113.0/24 -j ACCEPT
-A FORWARD -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
-A KUBE-PROXY-FIREWALL -d 203.0.113.9/32 -p tcp -m tcp --dport 80 -j DROP
```

## Use instead

```
-A FORWARD -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
-A FORWARD -d 203.0.113.0/24 -j ACCEPT
```

Restart kube-proxy, which writes its rules again, and puts them in front.

## Limits

What accepts first is looked for only in `FORWARD`, and for the first rules of `KUBE-PROXY-FIREWALL`; kube-proxy up to 1.24 has no such
chain. A rule that accepts only some senders is not told. Rules that ask for an interface, a mark, a set or anything else that is not known
end the search. A jump by way of other chains counts, whatever these demand of a packet. Any rule of `KUBE-PROXY-FIREWALL` that may drop
some of the traffic to an address counts as the rule that drops it, and so does one in the `KUBE-FW-…` chain itself, as older kube-proxies
have it; whether the mark that those set is dropped is KP407's. A range that is missing while others are left is not noticed: nobody knows
from the rules which ranges a Service has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iptexplain.analysis import traffic
from iptexplain.analysis.service_port import DROP, NONE
from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.contradiction import contradiction
from iptexplain.lint.common.course import accepted_before, asked_by
from iptexplain.lint.common.demands import demands
from iptexplain.lint.common.served import called
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.model.address import Network
from iptexplain.model.matching import Field, Verdict
from iptexplain.model.ruleset import ChainName
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iptexplain.lint.subject import Subject
    from iptexplain.model.address import Address
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule, Table

_OF_RANGES = "KUBE-FW-"
"""How the chains of source ranges begin."""

_OF_PACKET = (Field.DESTINATION, Field.PROTOCOL, Field.DESTINATION_PORT)
"""What a rule about the traffic to a load balancer asks for."""

_NOT_LED_TO = (
    (
        ChainName("INPUT"),
        message("nothing leads from INPUT to KUBE-PROXY-FIREWALL: what source ranges keep out is not dropped when it comes to this node"),
    ),
    (
        ChainName("FORWARD"),
        message("nothing leads from FORWARD to KUBE-PROXY-FIREWALL: what source ranges keep out is not dropped when it passes through"),
    ),
    (
        ChainName("OUTPUT"),
        message(
            "nothing leads from OUTPUT to KUBE-PROXY-FIREWALL: what source ranges keep out is not dropped when it is sent by this node"
        ),
    ),
)


def _look(subject: Subject) -> Iterator[Hit]:
    yield from _accepted_first(subject)
    filter_, nat = subject.table("filter"), subject.table("nat")
    if filter_ is not None:
        yield from _not_led_to(subject, filter_)
        if nat is not None and filter_.has_chain(layout.SERVICES):
            yield from _not_dropped(subject, nat, filter_)
    if nat is not None:
        yield from _closed(subject, nat)


def _accepted_first(subject: Subject) -> Iterator[Hit]:
    for rule, refusing in accepted_before(subject, layout.FIREWALL, {}):
        what = message("chain {chain} accepts traffic that KUBE-PROXY-FIREWALL would drop", chain=rule.chain)
        related = Related(refusing.line, message("the rule that would drop it"))
        yield Hit(rule.line, what, (rule.chain, uncounted(rule)), related=(related,))


def _not_led_to(subject: Subject, filter_: Table) -> Iterator[Hit]:
    """The built-in chains from which nothing leads to the rules that drop."""
    dropping = next((at for at in filter_.places_of(layout.FIREWALL) if _refuses(filter_.rules[at])), None)
    if dropping is None:
        return
    for start, what in _NOT_LED_TO:
        declared = filter_.chains.get(start)
        if declared is not None and layout.FIREWALL not in reached(subject, "filter", start):
            related = Related(filter_.rules.line(dropping), message("the first rule that is not reached"))
            yield Hit(declared.line, what, (start, layout.FIREWALL), related=(related,))


def _not_dropped(subject: Subject, nat: Table, filter_: Table) -> Iterator[Hit]:
    """Where traffic to a load balancer is picked out by its sender, and nothing drops the rest of it."""
    chains = {chain: jumps for chain, jumps in subject.jumps("nat").items() if chain.startswith(_OF_RANGES)}
    if not chains:
        return
    dropped: set[tuple[object, ...]] = set()
    others: list[tuple[Constraint, ...]] = []
    for rule in filter_.rules_of(layout.FIREWALL):
        packet = None if rule.shape.strange else asked_by(rule)
        if packet is not None and _refuses(rule):
            dropped.add(tuple(packet[field] for field in _OF_PACKET))
        elif packet is None:
            others.append(demands(rule) or ())
    for chain, jumps in chains.items():
        for jump in jumps if _picks_out(nat, chain) else ():
            packet = asked_by(jump) if jump.chain == layout.SERVICES else None
            if packet is None or tuple(packet[field] for field in _OF_PACKET) in dropped:
                continue
            own = demands(jump) or ()
            if all(contradiction((*own, *asked)) for asked in others):
                yield _hit(subject, jump, chain, packet)


def _closed(subject: Subject, nat: Table) -> Iterator[Hit]:
    """Where traffic to a load balancer comes to a chain that lets no sender in."""
    for chain, jumps in subject.jumps("nat").items():
        if not chain.startswith(_OF_RANGES) or chain not in nat.chains:
            continue
        asked = [(jump, packet) for jump in jumps if jump.chain == layout.SERVICES and (packet := asked_by(jump)) is not None]
        closed = [(jump, packet) for jump, packet in asked if _lets_nobody_in(subject, nat, chain, packet)]
        for jump, packet in closed:
            service, protocol, address = _service(subject, chain), str(packet[Field.PROTOCOL]).upper(), str(packet[Field.DESTINATION])
            what = message(
                "{chain} lets nobody in: its source ranges are gone, and the load balancer {address} of {service} ({protocol}) is closed "
                "to everybody",
                chain=chain,
                address=address,
                service=service,
                protocol=protocol,
            )
            related = Related(jump.line, message("leads there"))
            yield Hit(nat.chains[ChainName(chain)].line, what, (service, protocol, address, "closed"), related=(related,))
        if not closed:
            yield from _let_in_late(nat, chain)


def _let_in_late(nat: Table, chain: str) -> Iterator[Hit]:
    """The first rule that lets somebody in, if one before it marks everything for a drop.

    Up to 1.23 the chain has rules for each address of a load balancer, one set behind the other: so only the first such rule counts.
    """
    dropping: Rule | None = None
    for rule in nat.rules_of(chain):
        if rule.shape.strange:
            return
        if SERVICE_CHAIN.match(rule.target_name or ""):
            if dropping is not None:
                text = N_("{chain} marks everything for a drop before it lets anybody in: the load balancer is closed to everybody")
                related = Related(dropping.line, message("marks everything"))
                yield Hit(rule.line, message(text, chain=chain), (chain, uncounted(rule), "late"), related=(related,))
            return
        if rule.target_name == layout.MARK_DROP and not binding.tests(rule):
            dropping = rule


def _lets_nobody_in(subject: Subject, nat: Table, chain: str, packet: Mapping[Field, Any]) -> bool:
    """Does no rule of a chain let somebody in, and does no other rule take what comes from outside to the place."""
    if any(_may_let_in(rule, packet[Field.DESTINATION]) for rule in nat.rules_of(chain)):
        return False
    place = packet[Field.DESTINATION], packet[Field.DESTINATION_PORT], str(packet[Field.PROTOCOL]).upper()
    return not any(
        (route.address, route.port, port.protocol) == place and answer.action not in {DROP, NONE}
        for port in subject.ports
        for route in port.routes
        if (answer := route.sources.get(traffic.OUTSIDE)) is not None
    )


def _may_let_in(rule: Rule, balancer: Address) -> bool:
    """May a rule send on what somebody else sends than the load balancer's own address, which is that of the node then."""
    passes = rule.target_name in {None, layout.MARK_MASQUERADE, layout.MARK_DROP, "DROP", "RETURN"}
    if not rule.shape.strange and (passes or binding.effect(rule) is Verdict.CONTINUE):
        return False
    asked = [one for test in binding.tests(rule) for one in test.constraints]
    return not any(one.field is Field.SOURCE and not one.negated and one.wanted == Network.of(balancer) for one in asked)


def _refuses(rule: Rule) -> bool:
    return rule.target_name in {"DROP", "REJECT"}


def _picks_out(nat: Table, chain: str) -> bool:
    """Does a chain let some senders on, and do all others certainly come back from it."""
    sources = False
    for rule in nat.rules_of(chain):
        passes = rule.target_name in {None, layout.MARK_MASQUERADE} or binding.effect(rule) is Verdict.CONTINUE
        if rule.shape.strange or (not passes and not binding.tests(rule)):
            return False
        sources = sources or any(one.field is Field.SOURCE for one in demands(rule) or ())
    return sources


def _hit(subject: Subject, jump: Rule, chain: str, packet: Mapping[Field, object]) -> Hit:
    service, protocol, address = _service(subject, chain), str(packet[Field.PROTOCOL]).upper(), str(packet[Field.DESTINATION])
    what = message(
        "no rule drops traffic to {address} that loadBalancerSourceRanges of {service} ({protocol}) keep out",
        address=address,
        service=service,
        protocol=protocol,
    )
    return Hit(jump.line, what, (service, protocol, address), word=chain)


def _service(subject: Subject, chain: str) -> str:
    """What the Service of a chain of source ranges is called."""
    return next((called(port) for port in subject.ports if port.hash == chain.removeprefix(_OF_RANGES)), chain)


CHECK = Check(
    "KP205",
    "source-ranges-bypassed",
    WARNING,
    _look,
    message("restart kube-proxy, which writes its rules anew and in front of others, and find out what changed them"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
