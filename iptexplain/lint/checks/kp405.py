"""Masqueraded connections may get the same port, and lose packets.

## What it does

Looks for MASQUERADE and SNAT rules without `--random-fully` in the chains of nat that kube-proxy and network plugins make.

## Why it matters

Whoever masquerades chooses a source port for each connection. Without `--random-fully` the kernel takes the next free one, and two
connections that begin at the same moment may get the same; one of them loses its first packet, and waits a second or more. With many short
connections, as of DNS, that is seen as rare timeouts (kubernetes/kubernetes#76699, weaveworks/weave#3287). kube-proxy
(kubernetes/kubernetes#78547), Flannel (flannel-io/flannel#1040) and ip-masq-agent (kubernetes-sigs/ip-masq-agent#51) write the option now.

## Example

```
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE
```

## Use instead

A newer version of the program that owns the chain, and iptables 1.6.2 or later in its image and on the node.

## Limits

Only an info for rules that say `--random`, and for owners that need a setting for the option, such as Cilium and the AWS VPC CNI.
A dump of an iptables before 1.6.2 is not looked at: that one does not know the option, and does not show it either. For the same reason
kube-proxy's rule is passed over in a dump that does not tell its iptables, if the rule asks for no mark: such a rule is of Kubernetes 1.18
or later, which writes the option wherever iptables knows it. Nor are rules in the built-in chains looked at, such as Docker's, and the rule
of kube-proxy's IPVS mode for Pods that reach themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.extensions.binding import limits
from iptexplain.lint.check import Check
from iptexplain.lint.finding import INFO, WARNING, Hit
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.makers import KUBE, maker
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.shape import Shape

_WRITE_IT = frozenset({"Flannel", "Weave Net", "ip-masq-agent"}) | KUBE
"""The makers that write the option without being asked."""

_MAY = frozenset({"Calico", "Cilium", "AWS VPC CNI", "CNI plugins"})

_KNOWN_FROM = (1, 6, 2)
"""The iptables that brought the option for MASQUERADE."""


def _look(subject: Subject) -> Iterator[Hit]:
    version = re.match(r"v?(\d+)\.(\d+)\.(\d+)", subject.dump.version or "")
    if version is not None and tuple(map(int, version.groups())) < _KNOWN_FROM:
        return
    said: set[str] = set()
    for rule in subject.rules("nat", _draws_no_port):
        owner = maker(rule.chain)
        if rule.chain in said or owner not in _WRITE_IT | _MAY:
            continue
        if version is None and rule.chain == layout.POSTROUTING and limits(rule.shape) == ():
            continue
        said.add(rule.chain)
        severity = WARNING if owner in _WRITE_IT and not _options(rule.shape) & {"--random"} else INFO
        what = message("{target} in chain {chain} lacks --random-fully: packets may get lost", target=rule.target_name, chain=rule.chain)
        yield Hit(rule.line, what, (rule.chain,), severity, word=rule.target_name)


def _draws_no_port(shape: Shape) -> bool:
    """Is it a MASQUERADE or SNAT without the option, as far as can be told, and not one for members of a set."""
    if shape.target is None or shape.strange or shape.target.name not in {"MASQUERADE", "SNAT"}:
        return False
    return "--random-fully" not in _options(shape) and not any(clause.name == "set" for clause in shape.clauses)


def _options(shape: Shape) -> frozenset[str | int]:
    return frozenset(option.name for option in (shape.target.options if shape.target is not None else ()))


CHECK = Check(
    "KP405",
    "masquerade-without-random-ports",
    WARNING,
    _look,
    message("update the program that owns the chain, and iptables to 1.6.2 or later"),
    also=(INFO,),
)
