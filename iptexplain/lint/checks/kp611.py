"""Two Pods are given the same port of the node.

## What it does

Looks for two chains of the portmap plugin (`CNI-DN-…`) that `CNI-HOSTPORT-DNAT` leads to and that send the same port of the same
address to different Pods.

## Why it matters

A Pod with a `hostPort` gets a chain of its own. When the Pod is gone its chain must go too; if the plugin does not remove it
(containernetworking/plugins#683, containernetworking/plugins#752), the old chain comes first and takes the traffic. Connections to the
port are sent to a Pod that is not there any more: they time out, though the new Pod works.

## Example

```
-A CNI-DN-0000000000000000000a1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.244.0.5:80
-A CNI-DN-0000000000000000000b2 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.244.0.9:80
```

## Use instead

Delete the chain of the Pod that is gone and the rule that leads to it, or restart the node; `kubectl get pods -A -o wide` tells which
Pod has which address.

## Limits

Ports of different addresses of the node (`hostIP`) are different ports; a port of one address beside the same port of all addresses is
passed over, and so are host ports of other programs than the portmap plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.binding import effect
from iptexplain.lint.check import Check
from iptexplain.lint.common.demands import demands
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.model.matching import Field, Translate
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    if nat is None or not nat.places_of("CNI-HOSTPORT-DNAT"):
        return
    first: dict[frozenset[Constraint], Rule] = {}
    chains = dict.fromkeys(rule.target_name or "" for rule in nat.rules_of("CNI-HOSTPORT-DNAT"))
    for rule in (rule for chain in chains if chain.startswith("CNI-DN-") for rule in nat.rules_of(chain)):
        made = effect(rule)
        asked = demands(rule)
        port = next((one.wanted for one in asked or () if one.field is Field.DESTINATION_PORT and not one.negated), None)
        if not isinstance(made, Translate) or made.kind != "DNAT" or made.to is None or asked is None or port is None:
            continue
        before = first.setdefault(frozenset(asked), rule)
        taken = effect(before)
        if before.chain == rule.chain or taken == made or not isinstance(taken, Translate):
            continue
        what = message(
            "port {port} of the node is given to {pod}, but a rule before sends it to {other}",
            port=str(port),
            pod=str(made.to),
            other=str(taken.to),
        )
        yield Hit(rule.line, what, (str(port), rule.chain), related=(Related(before.line, message("the rule that gets the traffic")),))


CHECK = Check(
    "KP611",
    "host-port-mapped-twice",
    WARNING,
    _look,
    message("find out which of the two Pods still runs, and delete the CNI-DN chain of the other one"),
)
