"""kube-proxy's rules are there, although another program does its work.

## What it does

Looks for rules of kube-proxy that lead to endpoints, beside rules that only a program which takes the place of kube-proxy writes:

- a warning beside Cilium's rules that take the traffic of Pods out of connection tracking. Cilium writes them only if it replaces
  kube-proxy wholly;
- information beside Antrea's rules for node ports (`proxyAll`), beside which kube-proxy may still run.

## Why it matters

kube-proxy does not remove its rules when it is removed (kubernetes/kubernetes#119265, kubernetes/kubernetes#102314), and nobody updates
them any more. Packets that the other program does not take, for instance those of Services which are gone, still meet them and are sent
to Pods that are not there any more. And the traffic of Pods, which is not tracked, cannot be sent on by these rules at all: the kernel
translates only what it tracks.

## Example

```
-A CILIUM_PRE_raw -d 10.0.0.0/16 -m comment --comment "cilium: NOTRACK for pod traffic" -j CT --notrack
-A KUBE-SVC-2CMXP7HKUVJN7L6M -m comment --comment "default/nginx -> 10.0.1.7:80" -j KUBE-SEP-HZVZGM4N576VDS2S
```

## Use instead

See whether kube-proxy still runs: `kubectl -n kube-system get daemonset kube-proxy`. If it does, remove it; then restart the node, or run
`kube-proxy --cleanup`, so that its rules go.

## Limits

A dump does not tell whether kube-proxy still runs and keeps its rules up to date. Cilium that replaces kube-proxy without the option
`install-no-conntrack-iptables-rules` writes no rule that says so, and is not seen. Rules of kube-proxy that nothing leads to are passed
over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.extensions.matches.set import SetMatch
from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import INFO, WARNING, Hit, Related
from iptexplain.model.matching import Translate, Untrack
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule

_UNTRACKED = ("CILIUM_PRE_raw", "CILIUM_OUTPUT_raw")
_SAID = "cilium: NOTRACK for pod traffic"
"""Cilium's chains and its comment (pkg/datapath/iptables/iptables.go `addNoTrackPodTrafficRules`); the agent refuses the option unless it
replaces kube-proxy (daemon/cmd/kube_proxy_replacement.go)."""

_NODE_PORTS = ("ANTREA-PREROUTING", "ANTREA-OUTPUT")
_NODE_PORT_SETS = frozenset({"ANTREA-NODEPORT-IP", "ANTREA-NODEPORT-IP6"})
"""Antrea's chains, and its sets of node ports (pkg/agent/route/route_linux.go), written with `proxyAll` alone."""


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    ports = next((rule for chain in _NODE_PORTS for rule in (nat.rules_of(chain) if nat is not None else ()) if _is_node_port(rule)), None)
    untracked = next((rule for rule in _of_raw(subject) if _is_untracked(rule)), None)
    other = untracked or ports
    if nat is None or other is None or not any(map(ENDPOINT_CHAIN.match, nat.by_chain)):
        return
    if not any(layout.SERVICES in reached(subject, "nat", start) for start in ("PREROUTING", "OUTPUT")):
        return
    places = nat.places_of(layout.SERVICES)
    if not places:
        return
    if untracked is not None:
        what = message(
            "kube-proxy's rules stand beside a Cilium that does its work:"
            " if they are left behind, they may send packets to Pods that are gone"
        )
    else:
        what = message(
            "kube-proxy's rules stand beside Antrea's, which take all Services:"
            " if kube-proxy runs no more, they may send packets to Pods that are gone"
        )
    related = (Related(other.line, message("a rule of the program that takes the place of kube-proxy")),)
    yield Hit(nat.rules.line(places[0]), what, (other.chain,), WARNING if untracked is not None else INFO, related)


def _of_raw(subject: Subject) -> Iterator[Rule]:
    raw = subject.table("raw")
    for chain in _UNTRACKED if raw is not None else ():
        yield from raw.rules_of(chain) if raw is not None else ()


def _is_untracked(rule: Rule) -> bool:
    return binding.comment(rule) == _SAID and isinstance(binding.effect(rule), Untrack)


def _is_node_port(rule: Rule) -> bool:
    named = (match.members.value.name for match in binding.matches(rule) if isinstance(match, SetMatch))
    return isinstance(binding.effect(rule), Translate) and not _NODE_PORT_SETS.isdisjoint(named)


CHECK = Check(
    "KP607",
    "replaced-but-rules-left",
    WARNING,
    _look,
    message("if kube-proxy runs no more, restart the node so that its rules go; if it runs, remove it"),
    (KUBE_PROXY,),
    also=(INFO,),
)
