"""kube-proxy's rules in nat are gone, and kube-proxy does not notice.

## What it does

Looks for a `KUBE-SERVICES` that is missing from nat, or has no rules there, where mangle still has kube-proxy's `KUBE-PROXY-CANARY`.

## Why it matters

`KUBE-SERVICES` in nat is where connections to Services begin. Without its rules no Service answers on this node.

kube-proxy puts an empty chain, the canary, into mangle, and looks from time to time whether that is still there. If somebody empties all
tables, it notices, and writes its rules anew. If only nat was emptied, the canary is there, and newer versions, which write what has
changed and nothing else, may leave it so for a long time (kubernetes/kubernetes#129128). The same is seen where each restore of
kube-proxy's rules fails.

## Example

```
*mangle
:KUBE-PROXY-CANARY - [0:0]
COMMIT
*nat
:KUBE-SERVICES - [0:0]
:KUBE-POSTROUTING - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
COMMIT
```

## Use instead

Restart kube-proxy, which writes everything anew, and read its log: it tells whether a restore failed. Then find out what empties nat, often
a firewall that restarts, or a script with `iptables -t nat -F`.

## Limits

A dump without the table mangle or nat tells nothing. A `KUBE-SERVICES` without rules is not told where `KUBE-POSTROUTING` has rules and no
Service has a chain: kube-proxy leaves it so for an address family that no Service uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.model.ruleset import ChainName
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Table

_CANARY = ChainName("KUBE-PROXY-CANARY")


def _look(subject: Subject) -> Iterator[Hit]:
    mangle, nat = subject.table("mangle"), subject.table("nat")
    canary = mangle.chains.get(_CANARY) if mangle is not None else None
    if nat is None or canary is None or nat.places_of(layout.SERVICES):
        return
    related = (Related(canary.line, message("kube-proxy looks for this chain only, and finds it")),)
    declared = nat.chains.get(ChainName(layout.SERVICES))
    if declared is not None:
        if _was_lost(nat):
            what = message("KUBE-SERVICES has no rules in nat: no Service answers on this node")
            yield Hit(declared.line, what, (layout.SERVICES, "empty"), related=related)
    elif layout.SERVICES not in subject.jumps("nat") and any(table.has_chain(layout.SERVICES) for table in subject.dump.tables):
        what = message("KUBE-SERVICES is missing from nat: no Service answers on this node")
        yield Hit(nat.line, what, (layout.SERVICES, "missing"), related=related)


def _was_lost(nat: Table) -> bool:
    """Is it certain that an empty KUBE-SERVICES is not what kube-proxy wrote: it fills KUBE-POSTROUTING at the same time."""
    return not nat.places_of(layout.POSTROUTING) or any(chain.startswith(layout.OF_SERVICE) for chain in nat.chains)


CHECK = Check(
    "KP106",
    "nat-emptied-unnoticed",
    ERROR,
    _look,
    message("restart kube-proxy, read its log for restores that failed, and find out what empties nat"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
