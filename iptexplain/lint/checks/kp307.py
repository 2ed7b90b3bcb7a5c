"""The chain of an endpoint sends packets to another endpoint than the one it was made for, or packets of another protocol.

## What it does

The name of a `KUBE-SEP-…` chain ends with a hash of the Service, the protocol and the endpoint. This check works the hash out again from
the chain's DNAT rule, and looks for chains where another one comes out. Where it fits, the protocol of the Service is proven too: then it
looks whether the DNAT rule takes packets of another one alone.

## Why it matters

kube-proxy never changes where such a chain leads: for another endpoint it makes another chain. So the rule was edited by hand or damaged,
and packets go to an address that the Service may not have.

With another protocol the rule takes none of the packets that come to it: connections for which this endpoint is chosen keep the Service's
own address, which nobody has, and time out.

## Example

```
-A KUBE-SVC-2CMXP7HKUVJN7L6M -m comment --comment "default/nginx -> 192.168.104.1:80" -j KUBE-SEP-HZVZGM4N576VDS2S
-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 192.168.104.99:80
```

## Use instead

Restart kube-proxy, which writes the chains anew. If the dump was edited to hide addresses, replace them everywhere or nowhere.

## Limits

Only looked at where the name of the Service is proven: where the hash of the Service's own chain fits the name in a comment. Endpoints that
were written in an unusual way by hand (`010.0.0.1`) have the hash of that spelling, and are told though they are sound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, Check
from iptexplain.lint.common.endpoints import endpoint_chains
from iptexplain.lint.common.naming import proof, said_names
from iptexplain.lint.common.protocol import protocol_of
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.model.matching import Translate
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN, endpoint_hash
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.common.naming import Proven
    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    if nat is None:
        return
    names = _proven(subject)
    callers = subject.jumps("nat")
    for found in endpoint_chains(subject):
        slot = found.destination
        if slot is None:
            continue
        place = found.places[found.dnat[0]]
        values = nat.rules.values(place)
        to = binding.unquote(values[slot])
        leading = [(rule, name) for rule in callers.get(found.chain, ()) if (name := _name(rule, names)) is not None]
        own = found.chain.removeprefix(layout.ENDPOINT)
        fitting = [(rule, name) for rule, name in leading if endpoint_hash(name.spelt, name.protocol, to) == own]
        if fitting:
            rule, name = fitting[0]
            asked = protocol_of(nat.rules.shape(place), values)
            if asked not in {None, name.protocol}:
                what = message(
                    "{chain} sends only {asked} packets to {to}, but {name} is a {protocol} port: "
                    "connections that fall to this endpoint time out",
                    chain=found.chain,
                    asked=asked,
                    to=to,
                    name=name.spelt,
                    protocol=name.protocol,
                )
                related = Related(rule.line, message("the Service that leads to it"))
                yield Hit(nat.rules.line(place), what, (found.chain, "protocol"), related=(related,), word="-p")
        if fitting or not leading:
            continue
        effect = binding.effect(nat.rules[place])
        if isinstance(effect, Translate) and effect.to is not None and effect.to.first is not None and effect.to.first_port:
            rule, name = leading[0]
            what = message(
                "{chain} was made for another endpoint of {name} than {to}: what should reach that one goes to {to}, perhaps a stranger",
                chain=found.chain,
                name=name.spelt,
                to=to,
            )
            related = Related(rule.line, message("the Service that leads to it"))
            yield Hit(nat.rules.line(place), what, (found.chain,), related=(related,), word=to)


def _proven(subject: Subject) -> dict[str, Proven]:
    """The names of Services that hashes prove, by hash."""
    found: dict[str, Proven] = {}
    for said in said_names(subject):
        if said.hash not in found and (one := proof(said.hash, said.name)) is not None:
            found[said.hash] = one
    return found


def _name(rule: Rule, names: dict[str, Proven]) -> Proven | None:
    """The Service that leads to an endpoint by this rule; what its comment proves is kept."""
    service = SERVICE_CHAIN.match(rule.chain)
    if service is None:
        return None
    if service[2] not in names:
        said = layout.named_in(binding.comment(rule) or "")
        one = None if said is None else proof(service[2], said)
        if one is None:
            return None
        names[service[2]] = one
    return names[service[2]]


CHECK = Check(
    "KP307",
    "endpoint-of-another-name",
    ERROR,
    _look,
    message("restart kube-proxy, and find out who edited the rule"),
    (KUBE_PROXY, COMPLETE),
)
