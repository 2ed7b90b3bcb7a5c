"""A rule lets traffic leave before kube-proxy can masquerade it.

## What it does

Looks in nat for a rule that accepts traffic, or returns from `POSTROUTING`, before that traffic comes to `KUBE-POSTROUTING`. It follows
a packet that a Pod sends to its own Service, with the mark for masquerade, to each of the first endpoints of the dump.

## Why it matters

A Pod that calls its own Service gets an answer only if the sender is replaced with the node's address. Where the packet leaves before
that, the Pod sees a connection from itself, and the connection never works. It looks as if only this Pod had a problem, and only
sometimes: whenever the Service chooses the Pod that asks (kubernetes/kubernetes#20391, flannel-io/flannel#1702).

## Example

```
-A POSTROUTING -s 10.244.0.0/16 -d 10.244.0.0/16 -j RETURN
-A POSTROUTING -j KUBE-POSTROUTING
```

## Use instead

```
-A POSTROUTING -j KUBE-POSTROUTING
-A POSTROUTING -s 10.244.0.0/16 -d 10.244.0.0/16 -j RETURN
```

## Limits

Only where the rules tell the Pods' network (kube-proxy's `--cluster-cidr`), and only if all of the endpoints looked at meet the same
rule. Rules that ask for an interface, a set or anything else that is not known end the search. A rule that replaces the sender itself
(`SNAT`, `MASQUERADE`) is not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.course import MOST, common_end, sent
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.model.address import Network
from iptexplain.model.matching import Field
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    nat, jumps = subject.table("nat"), subject.jumps("nat").get(layout.POSTROUTING, ())
    if nat is None or not jumps:
        return
    packets = ({**packet, Field.SOURCE: Network.of(packet[Field.DESTINATION])} for packet in sent(subject, MOST))
    end = common_end(nat, "POSTROUTING", packets, {layout.POSTROUTING})
    if end is not None and end.accepts:
        what = message("chain {chain} lets marked traffic leave before KUBE-POSTROUTING can masquerade it", chain=end.rule.chain)
        related = Related(jumps[0].line, message("the rule that leads to KUBE-POSTROUTING"))
        yield Hit(end.rule.line, what, (end.rule.chain, uncounted(end.rule)), related=(related,))


CHECK = Check(
    "KP202",
    "leaves-before-masquerade",
    ERROR,
    _look,
    message("put the rule behind the jump to KUBE-POSTROUTING, or let it leave out what has kube-proxy's mark"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
