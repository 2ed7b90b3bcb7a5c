"""Rules of kube-proxy's userspace mode.

## What it does

Looks for rules in `KUBE-PORTALS-CONTAINER`, `KUBE-PORTALS-HOST`, `KUBE-NODEPORT-CONTAINER` and `KUBE-NODEPORT-HOST` in nat that send
packets to a port of the kube-proxy process.

## Why it matters

In this mode, the one before the iptables mode, each packet to a Service goes through the kube-proxy process. Kubernetes 1.26 has it no
longer. Where kube-proxy runs in another mode, or does not run, the rules were left behind when the mode was changed
(kubernetes/kubernetes#12596 has the same the other way round): they send packets to ports where nobody listens any more, and stand
before the rules that are right.

## Example

```
-A KUBE-PORTALS-CONTAINER -d 10.0.0.1/32 -p tcp -m comment --comment "default/kubernetes:" -m tcp --dport 443 -j REDIRECT --to-ports 38715
```

## Use instead

The iptables or the nftables mode. Left-behind rules go when the node is restarted, or by `kube-proxy --cleanup` of the old version.

## Limits

The dump does not tell whether a kube-proxy still runs in this mode. Chains of these names without such rules do no harm, and the
first iptables mode of 2015 had them too; both are passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import Check
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject

_TO_THE_PROCESS = frozenset({"REDIRECT", "DNAT"})


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    if nat is None:
        return
    rules = [rule for chain in sorted(layout.PORTALS) for rule in nat.rules_of(chain) if rule.target_name in _TO_THE_PROCESS]
    if not rules:
        return
    first = min(rules, key=lambda rule: rule.index)
    if nat.places_of(layout.SERVICES):
        what = message("rules of kube-proxy's userspace mode stand beside those of a later mode (rules: {count})", count=len(rules))
    else:
        what = message("kube-proxy's rules are those of the userspace mode (rules: {count})", count=len(rules))
    asked = sorted([uncounted(rule).rpartition(" -j ")[0] for rule in rules])  # the port of the process changes when that restarts
    yield Hit(first.line, what, ("userspace", *asked), word=first.chain)


CHECK = Check(
    "KP605",
    "userspace-mode-rules",
    WARNING,
    _look,
    message("run kube-proxy in its iptables or nftables mode, and restart the node so that the old rules go"),
)
