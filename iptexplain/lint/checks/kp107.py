"""kube-proxy has been here, but none of its rules are.

## What it does

Looks for dumps without any `KUBE-SERVICES`, in which empty chains show that Kubernetes runs on the node:

- an error if mangle has kube-proxy's `KUBE-PROXY-CANARY`, but nat and filter have not;
- information if nat or filter have it too, or if there are only the kubelet's chains, `KUBE-KUBELET-CANARY` and `KUBE-IPTABLES-HINT`.

## Why it matters

kube-proxy puts its canary, an empty chain, into mangle, nat and filter. Where it is left in mangle alone, somebody emptied nat and filter
and deleted their chains: no Service answers on this node. kube-proxy looks for the canary in mangle, so it does not notice
(kubernetes/kubernetes#129128).

Canaries in all tables stay behind when kube-proxy changes to another mode (nftables, IPVS) or makes room for Cilium; that is as it should
be. The same is true of the kubelet's chains alone. Then Services are not in iptables, and this dump says nothing of them. Where iptables
should have them, kube-proxy does not run, or cannot write its rules (kubernetes/kubernetes#35641, kubernetes/kubernetes#66454), or writes
them with the other iptables, legacy or nf_tables.

## Example

```
*mangle
:KUBE-PROXY-CANARY - [0:0]
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
COMMIT
*filter
:INPUT ACCEPT [0:0]
COMMIT
```

## Use instead

Look for kube-proxy's mode: `kubectl -n kube-system get configmap kube-proxy -o yaml`, or its log. If it is `iptables`, restart
kube-proxy, read its log, and look at the output of both `iptables-legacy-save` and `iptables-nft-save`.

## Limits

Dumps without nat or filter tell nothing. Nothing is said where another dump in the same input, of the same address family, has
`KUBE-SERVICES`. It is information in any case where chains of Cilium or Antrea stand in the dump, which can take the place of kube-proxy,
and where iptables-save warns that there are tables of the other iptables too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, WHOLE_TABLES, Check
from iptexplain.lint.finding import ERROR, INFO, Hit
from iptexplain.model.ruleset import ChainName
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.makers import maker
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Chain, Dump, Table

_CANARY = ChainName("KUBE-PROXY-CANARY")
_OF_KUBELET = (ChainName("KUBE-KUBELET-CANARY"), ChainName("KUBE-IPTABLES-HINT"))

_INSTEAD = frozenset({"Cilium", "Antrea"})
"""Makers of chains that may handle Services in the place of kube-proxy."""

_ELSEWHERE = " tables present, use ip"
"""Part of the warning of iptables-save that the other backend has tables too."""


def _look(subject: Subject) -> Iterator[Hit]:
    nat, filter_ = subject.table("nat"), subject.table("filter")
    if nat is None or filter_ is None or layout.SERVICES in subject.jumps("nat"):
        return
    families = {subject.dump.family, None}
    if any(_has_services(dump) for dump in subject.ruleset.dumps if dump.family in families or subject.dump.family is None):
        return
    tables = subject.dump.tables
    canaries = {table.name: table.chains[_CANARY] for table in tables if _CANARY in table.chains}
    if canaries:
        yield _of_proxy(canaries, tables, elsewhere=_ELSEWHERE in subject.ruleset.source.text)
        return
    of_kubelet = [table.chains[name] for table in tables for name in _OF_KUBELET if name in table.chains]
    if of_kubelet:
        what = message("the kubelet's chains are here, but nothing of kube-proxy's iptables mode: this dump does not tell of Services")
        yield Hit(of_kubelet[0].line, what, ("kubelet",), INFO)


def _of_proxy(canaries: dict[str, Chain], tables: tuple[Table, ...], *, elsewhere: bool) -> Hit:
    """`elsewhere`: the rules may be those of the other backend."""
    first = next(iter(canaries.values()))
    instead = any(maker(chain) in _INSTEAD for table in tables for chain in table.chains)
    if set(canaries) == {"mangle"} and not (instead or elsewhere):
        what = message("kube-proxy's canary is in mangle, but nat and filter have nothing of kube-proxy: no Service answers on this node")
        return Hit(first.line, what, ("lost",))
    what = message("kube-proxy has left its canary, but no rules: another mode, the other iptables or another program handles Services")
    return Hit(first.line, what, ("left",), INFO)


def _has_services(dump: Dump) -> bool:
    """Has the dump the first chains of kube-proxy, in any mode that needs iptables."""
    return any(table.has_chain(chain) for table in dump.tables for chain in (layout.SERVICES, *layout.PORTALS))


CHECK = Check(
    "KP107",
    "no-rules-of-kube-proxy",
    ERROR,
    _look,
    message("find out kube-proxy's mode; if it is iptables, restart kube-proxy and read its log"),
    (COMPLETE, WHOLE_TABLES),
    also=(INFO,),
)
