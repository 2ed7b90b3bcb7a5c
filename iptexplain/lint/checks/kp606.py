"""Two Pod networks masquerade the traffic of Pods on one node.

## What it does

Looks for chains of more than one Pod network (Flannel, Weave Net, the AWS VPC CNI, Calico) that change the source of packets and are
reached from `POSTROUTING` in nat.

## Why it matters

A node has one Pod network. When it is exchanged for another one, the rules of the old one stay until the node is restarted
(k3s-io/k3s#5001, rancher/rke2#2599, projectcalico/calico#12920). They know other Pod addresses: traffic between Pods gets the address
of the node, so that network policies and the servers see a wrong source, or replies are lost.

## Example

```
-A POSTROUTING -j FLANNEL-POSTRTG
-A POSTROUTING -j WEAVE
```

## Use instead

Remove the rules of the network that is not in use any more: restart each node after the change.

## Limits

Calico beside Flannel is an information only: Canal, which is made of both, is meant to be so. Only chains with `MASQUERADE` or `SNAT`
count, so a program that does nothing but policies is passed over. Cilium and Antrea may work on top of another network, and are passed
over too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import Check
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import INFO, WARNING, Hit, Related
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table

_NETWORKS = (
    ("Flannel", ("FLANNEL-POSTRTG",)),
    ("Weave Net", ("WEAVE",)),
    ("AWS VPC CNI", ("AWS-SNAT-CHAIN-",)),
    ("Calico", ("cali-nat-outgoing",)),
)
"""Each network and how the chains begin in which it changes the source of Pods' traffic."""

_BOTH = frozenset({"Calico", "Flannel"})
"""Canal, or one left behind by the other: the dump does not tell."""

_SOURCE = frozenset({"MASQUERADE", "SNAT"})


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    if nat is None:
        return
    found = [(name, chains) for name, begin in _NETWORKS if (chains := [chain for chain in nat.by_chain if chain.startswith(begin)])]
    if len(found) < 2:  # noqa: PLR2004 - two networks
        return
    led_to = reached(subject, "nat", "POSTROUTING")
    first = {name: rule for name, chains in found if (rule := _changing(nat, [chain for chain in chains if chain in led_to])) is not None}
    if len(first) < 2:  # noqa: PLR2004 - two networks
        return
    (one, rule), (other, behind) = sorted(first.items(), key=lambda item: item[1].index)[:2]
    what = message("{one} and {other} both change the source of Pods' traffic on this node", one=one, other=other)
    related = (Related(behind.line, message("the rule of the other network")),)
    severity = INFO if set(first) == _BOTH else WARNING
    yield Hit(rule.line, what, tuple(sorted(first)), severity, related, word=rule.chain)


def _changing(nat: Table, chains: list[str]) -> Rule | None:
    """The first rule in some chains that changes the source."""
    return next((rule for chain in chains for rule in nat.rules_of(chain) if rule.target_name in _SOURCE), None)


CHECK = Check(
    "KP606",
    "two-pod-networks",
    WARNING,
    _look,
    message("find out which Pod network the cluster uses, and restart the node to get rid of the rules of the other one"),
    also=(INFO,),
)
