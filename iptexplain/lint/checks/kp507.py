"""Many packets are dropped since connection tracking does not understand them.

## What it does

Looks at the counters of rules in filter `FORWARD` and `KUBE-FORWARD` that drop packets in state `INVALID`: it says so where they have
dropped 1000 packets or more. It is a warning where that is at least one in a hundred of the packets that came to FORWARD, as far as the
counters tell, else information.

## Why it matters

A few such packets are usual. Many of them say that this node sees only one direction of connections (asymmetric routing: the answer takes
another way), or that its table of connections overflows. Connections then hang or break off (kubernetes/kubernetes#94861,
kubernetes/kubernetes#117924).

## Example

```
[52000:2704000] -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
```

## Use instead

Find out where the answers go: compare routes on both nodes, and load balancers that answer by themselves. Where the routes are meant to be
so, let that traffic pass without the Services of this node, or set `net.netfilter.nf_conntrack_tcp_be_liberal=1`.

## Limits

Counters start when kube-proxy writes the rules, or somebody sets them to zero. A warning needs rules behind the one that drops and their
counters, to compare with. Rules that demand more than the state are not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import ends
from iptexplain.lint.check import COUNTERS, KUBE_PROXY, Check
from iptexplain.lint.common.demands import demands
from iptexplain.lint.finding import INFO, WARNING, Hit
from iptexplain.model.matching import Field
from iptexplain.model.ruleset import ChainName
from iptexplain.model.values import Words
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table

_MANY = 1000
_ONE_IN = 100


def _look(subject: Subject) -> Iterator[Hit]:
    filter_ = subject.table("filter")
    for chain in ("FORWARD", "KUBE-FORWARD") if filter_ is not None else ():
        rules = filter_.rules_of(chain) if filter_ is not None else ()
        for at, rule in enumerate(rules):
            dropped = _packets(rule)
            if filter_ is None or dropped < _MANY or not _drops_invalid(rule):
                continue
            behind = max((_packets(other) for other in rules[at + 1 :]), default=0)
            came = max(dropped + behind, _forwarded(filter_))
            what = message("{count} packets were dropped in state INVALID: does this node see both directions?", count=dropped)
            yield Hit(rule.line, what, (chain,), WARNING if behind and dropped * _ONE_IN >= came else INFO, word="INVALID")


def _forwarded(filter_: Table) -> int:
    """So many packets came to FORWARD at least: what the rule with most of them has counted, or all rules that end their way together."""
    rules = filter_.rules_of("FORWARD")
    ended = sum(_packets(rule) for rule in rules if ends(rule))
    declared = filter_.chains.get(ChainName("FORWARD"))
    by_policy = declared.counters.packets if declared is not None and declared.counters is not None else 0
    return max(ended + by_policy, max((_packets(rule) for rule in rules), default=0))


def _packets(rule: Rule) -> int:
    return rule.counters.packets if rule.counters is not None else 0


def _drops_invalid(rule: Rule) -> bool:
    if rule.target_name != "DROP":
        return False
    demanded = demands(rule) or ()
    return len(demanded) == 1 and demanded[0].field is Field.STATE and not demanded[0].negated and demanded[0].wanted == Words(("INVALID",))


CHECK = Check(
    "KP507",
    "many-invalid-packets",
    WARNING,
    _look,
    message("compare the ways there and back: each must lead through this node, or neither"),
    (KUBE_PROXY, COUNTERS),
    also=(INFO,),
)
