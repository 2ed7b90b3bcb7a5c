"""The chain of an endpoint sends packets nowhere, or to two places.

## What it does

Looks for `KUBE-SEP-…` chains in nat whose rules hold no DNAT, or more than one; and for empty ones that rules lead to.

## Why it matters

Each such chain stands for one endpoint (a Pod's address and port), and its one DNAT rule sends packets there. Without it the share of the
connections that falls to this endpoint goes to the Service's own address, which nobody has: now and then a connection times out. Of two
DNAT rules only the first one works. kube-proxy writes neither: the rules were edited, or a restore went wrong.

## Example

```
-A KUBE-SEP-HZVZGM4N576VDS2S -s 192.168.104.1/32 -j KUBE-MARK-MASQ
```

## Use instead

Restart kube-proxy, which writes all chains of endpoints anew.

## Limits

A DNAT rule counts even where the dump has lost what it says (`[unsupported revision]`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.endpoints import endpoint_chains
from iptexplain.lint.common.whose import service_of_endpoint
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    if nat is None:
        return
    for found in endpoint_chains(subject):
        line = nat.rules.line
        if len(found.dnat) > 1:
            first, second = (line(found.places[at]) for at in found.dnat[:2])
            what = message(
                "{chain} has more than one DNAT: connections to {service} never reach the second destination",
                chain=found.chain,
                service=service_of_endpoint(subject, found.chain),
            )
            yield Hit(second, what, (found.chain,), related=(Related(first, message("the first DNAT")),))
        elif not found.dnat and not any(shape.strange for shape in found.shapes):
            what = message(
                "{chain} has no DNAT: connections to {service} that fall to this endpoint reach none and time out",
                chain=found.chain,
                service=service_of_endpoint(subject, found.chain),
            )
            yield Hit(line(found.places[0]), what, (found.chain,))
    for chain, rules in subject.jumps("nat").items():
        if ENDPOINT_CHAIN.match(chain) and chain in nat.chains and not nat.places_of(chain):
            what = message(
                "{chain} is empty: connections to {service} that fall to this endpoint reach none and time out",
                chain=chain,
                service=service_of_endpoint(subject, chain),
            )
            yield Hit(rules[0].line, what, (chain,), word=chain)


CHECK = Check(
    "KP302",
    "endpoint-without-one-destination",
    ERROR,
    _look,
    message("restart kube-proxy, and find out what edits its chains"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
