"""kube-proxy's mark stays on traffic that is masqueraded.

## What it does

Looks for a MASQUERADE rule in `KUBE-POSTROUTING` of nat with no rule before it in the chain that clears the mark of what it masquerades.

## Why it matters

A packet that leaves in a tunnel (VXLAN of Flannel or Calico) leaves the mark on the packet around it, which meets `KUBE-POSTROUTING` too
and is masqueraded as well. With some kernels its checksum is wrong then: connections to nodePorts and from the node itself to a Pod on
another node take a second, or a minute (kubernetes/kubernetes#92035, kubernetes/kubernetes#88986). kube-proxy has cleared the mark since
1.18.

## Example

```
-A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE --random-fully
```

## Use instead

Kubernetes 1.18 or later, or turn off the checksum offload of the tunnel's interface: `ethtool --offload flannel.1 tx off`.

## Limits

Whether traffic leaves through a tunnel is not looked at; without one nothing is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.finding import INFO, Hit
from iptexplain.model.matching import SetMark, Translate
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    nat, mark = subject.table("nat"), subject.proxy.masquerade_mark if subject.proxy is not None else None
    if nat is None or mark is None or not mark.value:
        return
    for rule in nat.rules_of(layout.POSTROUTING):
        effect = binding.effect(rule)
        if isinstance(effect, SetMark) and not effect.mark.put(mark.value) & mark.value:
            return
        if isinstance(effect, Translate) and effect.kind == "MASQUERADE" and not any(clause.name == "set" for clause in rule.shape.clauses):
            what = message(
                "KUBE-POSTROUTING masquerades what has the mark {bits}, and leaves it on the packet:"
                " where Pods are reached through a tunnel, connections to node ports may take a second or longer to begin",
                bits=hex(mark.value),
            )
            yield Hit(rule.line, what, (layout.POSTROUTING,), word="MASQUERADE")
            return


CHECK = Check(
    "KP404",
    "masquerade-mark-stays",
    INFO,
    _look,
    message("update kube-proxy to 1.18 or later; where a tunnel is used, turn off its checksum offload until then"),
    (KUBE_PROXY, WHOLE_TABLES),
)
