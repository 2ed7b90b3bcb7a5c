"""A port that the firewall closes is open all the same: Docker has published it.

## What it does

Follows a connection to each port that Docker has published through `INPUT` of filter, where it is dropped, and on the way that it really
takes, through `FORWARD` to the container, where it is accepted whoever asks.

## Why it matters

Docker gives what comes to a published port the address of the container, before the firewall sees it. So it is passed on, and rules in
`INPUT` do not apply: a database that was started with `-p 5432:5432` is open to the internet, although the firewall says that the port is
closed (moby/moby#4737).

## Example

```
*filter
-A INPUT -p tcp -m tcp --dport 5432 -j DROP
*nat
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 5432 -j DNAT --to-destination 172.17.0.2:5432
```

## Use instead

Publish the port for the machine alone, `-p 127.0.0.1:5432:5432`, or restrict it in the chain `DOCKER-USER`, which Docker leaves to you.

## Limits

It is information where no rule in `INPUT` names the port, so that it is dropped with everything else: then it may well have been published
to be open. Told only where both is certain: a rule that may let some senders in, or keep some out, keeps it silent. Only the chain
`DOCKER` is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.walk import Walker
from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, WHOLE_TABLES, Check
from iptexplain.lint.common.demands import demands
from iptexplain.lint.common.partial import Partial, all_accepted, all_refused, arriving, endings
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import INFO, WARNING, Hit, Related
from iptexplain.model.address import Endpoint, Network
from iptexplain.model.matching import Constraint, Field, Translate
from iptexplain.model.ruleset import ChainName
from iptexplain.model.values import Interface, Ports
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iptexplain.lint.common.partial import Ending
    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table

_DOCKER = "DOCKER"
_BRIDGES = ("docker", "br-")
"""How interfaces of Docker's own networks begin."""

_LOOPBACK = Network.parse("127.0.0.0/8")
_MOST = 20
"""So many ports are looked at."""


class _Published(NamedTuple):
    """A port that Docker has published: its rule, what that demands beside protocol and port, and the container."""

    rule: Rule
    protocol: str
    port: int
    others: tuple[Constraint, ...]
    to: Endpoint


def _look(subject: Subject) -> Iterator[Hit]:
    filter_, nat = subject.table("filter"), subject.table("nat")
    if filter_ is None or nat is None or not nat.places_of(_DOCKER) or not {ChainName("INPUT"), ChainName("FORWARD")} <= {*filter_.chains}:
        return
    if _DOCKER not in reached(subject, "nat", "PREROUTING"):
        return
    bridges = _bridges(subject, filter_)
    walkers = {table.name: Walker(table) for table in subject.dump.tables}
    for one in _published(nat)[:_MOST]:
        asked = arriving(one.protocol, one.port, *one.others, *bridges)
        closed = endings(walkers["filter"], "INPUT", asked)
        if all_refused(closed) and _is_open(walkers, asked, one, bridges):
            yield _hit(one, closed, filter_)


def _hit(one: _Published, closed: Sequence[Ending], filter_: Table) -> Hit:
    naming = [end.rules[0] for end in closed if not end.by_policy and _names_port(end.rules[0])]
    related = (
        Related(naming[0].line, message("this rule closes the port, but only for the machine itself"))
        if naming
        else Related(
            filter_.chains[ChainName("INPUT")].line, message("what no rule accepts is dropped here, but only for the machine itself")
        )
    )
    what = message(
        "{protocol} port {port} is open to everyone through Docker, though INPUT drops it: the traffic goes to container {container}",
        protocol=one.protocol,
        port=one.port,
        container=str(one.to),
    )
    return Hit(one.rule.line, what, (_DOCKER, one.protocol, str(one.port), str(one.to)), WARNING if naming else INFO, (related,))


def _published(nat: Table) -> list[_Published]:
    """The ports that Docker has published for other machines."""
    found = []
    for rule in nat.rules_of(_DOCKER):
        effect, asked = binding.effect(rule), demands(rule)
        if not isinstance(effect, Translate) or effect.kind != "DNAT" or effect.to is None or effect.to.first is None or asked is None:
            continue
        protocol = next((one.wanted for one in asked if one.field is Field.PROTOCOL and not one.negated), None)
        port = next((one.wanted for one in asked if one.field is Field.DESTINATION_PORT and not one.negated), None)
        others = tuple([one for one in asked if one.field not in {Field.PROTOCOL, Field.DESTINATION_PORT}])
        if isinstance(protocol, str) and isinstance(port, Ports) and port.first == port.last and not any(map(_is_loopback, others)):
            found.append(_Published(rule, protocol, port.first, others, effect.to))
    return found


def _is_loopback(demand: Constraint) -> bool:
    return not demand.negated and isinstance(demand.wanted, Network) and _LOOPBACK.covers(demand.wanted)


def _is_open(walkers: Mapping[str, Walker], asked: Partial, one: _Published, bridges: Sequence[Constraint]) -> bool:
    """Is it proven that a connection from another machine comes to the container."""
    container = Network.of(one.to.first) if one.to.first is not None else None
    before = asked._replace(known=(*asked.known, Constraint(Field.DESTINATION, container, negated=True)))
    passed_on = arriving(one.protocol, one.to.first_port or one.port, Constraint(Field.DESTINATION, container), *bridges)
    out = [Constraint(Field.OUT, bridge.wanted) for bridge in one.others if bridge.field is Field.IN and bridge.negated][:1]
    behind = passed_on._replace(known=(*passed_on.known, *[demand for demand in one.others if demand.field is Field.IN], *out))
    way = [("raw", "PREROUTING", before), ("mangle", "PREROUTING", before), ("mangle", "FORWARD", behind), ("filter", "FORWARD", behind)]
    return all(all_accepted(endings(walkers[table], start, packet)) for table, start, packet in way if table in walkers)


def _bridges(subject: Subject, filter_: Table) -> list[Constraint]:
    """What comes from other machines does not come from a bridge of Docker: the bridges that the rules of FORWARD name."""
    found: set[Interface] = set()
    for chain in reached(subject, "filter", "FORWARD"):
        for rule in filter_.rules_of(chain):
            asked = [one.wanted for test in binding.tests(rule) for one in test.constraints if one.field is Field.IN]
            found.update(one for one in asked if isinstance(one, Interface) and one.name.startswith(_BRIDGES))
    return [Constraint(Field.IN, one, negated=True) for one in sorted(found)]


def _names_port(rule: Rule) -> bool:
    asked = [one for test in binding.tests(rule) for one in test.constraints]
    return any(one.field is Field.DESTINATION_PORT and not one.negated for one in asked)


CHECK = Check(
    "KP508",
    "published-port-not-closed",
    WARNING,
    _look,
    message("publish the port for 127.0.0.1 alone, or restrict it in DOCKER-USER"),
    (COMPLETE, WHOLE_TABLES),
    also=(INFO,),
)
