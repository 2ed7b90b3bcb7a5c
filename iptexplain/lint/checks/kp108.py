"""Only some of the traffic meets kube-proxy's rules: the jump to them asks for more than kube-proxy does.

## What it does

Looks at the rules of built-in chains that lead to `KUBE-SERVICES`. In nat kube-proxy's own rule takes every packet; in filter it takes
those that open a connection (`--ctstate NEW`). A rule that asks for anything else, as an interface (`-i`) or an address (`-s`, `-d`), is
told, where no other rule of the same chain leads there without that.

## Why it matters

Packets that do not meet the demand do not reach any Service: connections from one network work, those from another time out.

## Example

```
-A PREROUTING -i eth0 -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
```

## Use instead

The rule as kube-proxy writes it, without demands; it comes back when kube-proxy restarts. To keep some traffic from Services use a
NetworkPolicy, or rules of your own in front of it.

## Limits

Two rules that together take every packet are told like one that does not. Jumps by way of other chains are not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.model.matching import Field
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.model.values import Words
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule


def _look(subject: Subject) -> Iterator[Hit]:
    for table in ("nat", "filter"):
        by_chain: dict[str, list[Rule]] = {}
        for rule in subject.jumps(table).get(layout.SERVICES, ()):
            if rule.chain in BUILT_IN:
                by_chain.setdefault(rule.chain, []).append(rule)
        for chain, rules in by_chain.items():
            if all(_is_narrow(rule, table) for rule in rules):
                what = message("only some packets in {chain} of table {table} are led to KUBE-SERVICES", chain=chain, table=table)
                yield Hit(rules[0].line, what, (table, chain))


def _is_narrow(rule: Rule, table: str) -> bool:
    """Does the rule ask more of a packet than kube-proxy's own."""
    return any(
        test.branches or not all(table == "filter" and _holds_new(constraint) for constraint in test.constraints)
        for test in binding.tests(rule)
    )


def _holds_new(constraint: Constraint) -> bool:
    """Is every packet let through that opens a connection."""
    field, wanted, negated = constraint
    return field is Field.STATE and isinstance(wanted, Words) and ("NEW" in wanted.names) is not negated


CHECK = Check(
    "KP108",
    "narrowed-jump-to-services",
    WARNING,
    _look,
    message("find out what wrote this rule, remove it, and restart kube-proxy"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
