"""Only some of the traffic meets kube-proxy's rules: the jump to them asks for more than kube-proxy does.

## What it does

Looks at the rules of built-in chains that lead to chains of kube-proxy: to `KUBE-SERVICES` and `KUBE-POSTROUTING` in nat, and to
`KUBE-SERVICES`, `KUBE-EXTERNAL-SERVICES`, `KUBE-PROXY-FIREWALL`, `KUBE-NODEPORTS`, `KUBE-FORWARD` and `KUBE-FIREWALL` in filter.
kube-proxy's own rules take every packet; in filter the first three take those that open a connection (`--ctstate NEW`). A rule that asks
for anything else, as an interface (`-i`) or an address (`-s`, `-d`), is told, where no other rule of the same chain leads there without
that.

## Why it matters

Packets that do not meet the demand miss what kube-proxy does there. Without `KUBE-SERVICES` in nat they do not reach any Service:
connections from one network work, those from another time out. Without `KUBE-POSTROUTING` answers do not find the way back, without
`KUBE-FORWARD` a policy of DROP takes what kube-proxy wanted accepted, and the others no longer refuse or drop.

## Example

```
-A PREROUTING -i eth0 -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
```

## Use instead

The rule as kube-proxy writes it, without demands; it comes back when kube-proxy restarts. To keep some traffic from Services use a
NetworkPolicy, or rules of your own in front of it.

## Limits

Two rules that together take every packet are told like one that does not. Jumps by way of other chains are not looked at. A jump to
`KUBE-POSTROUTING` that asks for the mark of what is to be masqueraded is not told: the chain does nothing with other packets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.model.matching import Field
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.model.values import Mark, Words
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule
    from iptexplain.owners.kube_proxy.proxy import Proxy


_LED = {
    ("nat", layout.SERVICES): N_("only some packets in {start} of table nat are led to KUBE-SERVICES: others reach no Service"),
    ("nat", layout.POSTROUTING): N_(
        "only some packets in {start} of table nat are led to KUBE-POSTROUTING: "
        "others keep their source address even if they are marked for masquerade"
    ),
    ("filter", layout.SERVICES): N_(
        "only some packets in {start} of table filter are led to KUBE-SERVICES: others are not refused where a Service has no endpoints"
    ),
    ("filter", layout.EXTERNAL_SERVICES): N_(
        "only some packets in {start} of table filter are led to KUBE-EXTERNAL-SERVICES: "
        "others are not refused where a Service has no endpoints"
    ),
    ("filter", layout.FIREWALL): N_(
        "only some packets in {start} of table filter are led to KUBE-PROXY-FIREWALL: "
        "others pass even if loadBalancerSourceRanges keep them out"
    ),
    ("filter", layout.NODE_PORTS): N_(
        "only some packets in {start} of table filter are led to KUBE-NODEPORTS: "
        "others are not let in, even if they are health checks of load balancers"
    ),
    ("filter", "KUBE-FORWARD"): N_(
        "only some packets in {start} of table filter are led to KUBE-FORWARD: "
        "kube-proxy does not accept others, even if they go to a Service"
    ),
    ("filter", "KUBE-FIREWALL"): N_(
        "only some packets in {start} of table filter are led to KUBE-FIREWALL: others pass even if they should be dropped there"
    ),
}
"""The chains that built-in chains lead to, and what is said where not all packets are led there."""

_NEW = frozenset({layout.SERVICES, layout.EXTERNAL_SERVICES, layout.FIREWALL})
"""The chains of filter that kube-proxy leads only new connections to."""


def _look(subject: Subject) -> Iterator[Hit]:
    for (table, chain), what in _LED.items():
        by_start: dict[str, list[Rule]] = {}
        for rule in subject.jumps(table).get(chain, ()):
            if rule.chain in BUILT_IN:
                by_start.setdefault(rule.chain, []).append(rule)
        for start, rules in by_start.items():
            if all(_is_narrow(rule, table, chain, subject.proxy) for rule in rules):
                yield Hit(rules[0].line, message(what, start=start), (table, start, chain))


def _is_narrow(rule: Rule, table: str, chain: str, proxy: Proxy | None) -> bool:
    """Does the rule ask more of a packet than kube-proxy's own."""
    for test in binding.tests(rule):
        if test.branches:
            return True
        for constraint in test.constraints:
            as_kube_proxy = table == "filter" and chain in _NEW and _holds_new(constraint)
            if not as_kube_proxy and not (chain == layout.POSTROUTING and _holds_marked(constraint, proxy)):
                return True
    return False


def _holds_new(constraint: Constraint) -> bool:
    """Is every packet let through that opens a connection."""
    field, wanted, negated = constraint
    return field is Field.STATE and isinstance(wanted, Words) and ("NEW" in wanted.names) is not negated


def _holds_marked(constraint: Constraint, proxy: Proxy | None) -> bool:
    """Is every packet let through that is marked for masquerade."""
    field, wanted, negated = constraint
    mark = proxy.masquerade_mark if proxy is not None else None
    if mark is None or field is not Field.MARK or not isinstance(wanted, Mark):
        return False
    return not negated and not wanted.mask & ~mark.mask and wanted.holds(mark.value)


CHECK = Check(
    "KP108",
    "narrowed-jump-to-kube-proxy",
    WARNING,
    _look,
    message("find out what wrote this rule, remove it, and restart kube-proxy"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
