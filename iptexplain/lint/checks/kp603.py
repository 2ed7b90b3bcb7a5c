"""The same rule stands in a chain more than once.

## What it does

Looks for rules that are equal in every word, comments included, and stand in the same chain of one table; what they have counted may be
different. From 50 times on it is an error. Fewer than 5 equal rules with `ACCEPT`, `DROP`, `REJECT` or `RETURN` in `INPUT`, `FORWARD` or
`OUTPUT` of filter are only an info: some systems come with such a pair.

## Why it matters

The second of two equal rules does nothing, or the same again. Rules that become more and more are worse: a program adds its rule over and
over since it does not find the one that it added before (kubernetes/kubernetes#82361, cloudnativelabs/kube-router#1676, k3s-io/k3s#3117:
an iptables of another version or backend than the one that wrote it). Then every packet takes longer, and every update of the rules too,
until the node stands still.

## Example

```
-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP
-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP
```

## Use instead

One of the rules alone. Save the rules twice, some minutes apart, and compare: if they grow, look whether the program's own iptables (in
its image) is of the same backend and version as the one of the node.

## Limits

Equal rules may mean something where they draw or count (`statistic`, `limit`, `recent`, …), or where a rule between them may change the
mark that they ask for or set, or the members of a set that they ask for: such rules are passed over. So are rules with a value that cannot
be read, such as a MAC address `XX:XX:XX:XX:XX:XX`: whoever published the dump has blanked it, and the rules may have stood for different
things before. Also passed over is what kube-proxy itself repeats: up to Kubernetes 1.24 the rules of `KUBE-FW-…` for each address of the
load balancer, and the rule of a health check for each port of a Service. A few `-j RETURN` for every packet are no harm either: the end of
the chain does the same. A rule of a Service that leads to the same endpoint again is told by KP305, and a second `DNAT` in the chain of an
endpoint by KP302.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import Check
from iptexplain.lint.common.repeated import GROWN, repeated
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import ERROR, INFO, WARNING, Hit, Related
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Table

_FEW = 5
"""Of fewer equal rules nobody can tell that they become more."""

_VERDICTS = frozenset({"ACCEPT", "DROP", "REJECT", "RETURN"})

_SENTENCES = {
    (False, False): N_("the same rule stands {count} times in chain {chain} of table {table}"),
    (False, True): N_("{rules} rules stand in chain {chain} of table {table} more than once; this one {count} times"),
    (True, False): N_("the same rule stands {count} times in chain {chain} of table {table}: only the first of them does anything"),
    (True, True): N_(
        "{rules} rules stand in chain {chain} of table {table} more than once, this one {count} times: only the first of each does anything"
    ),
}
"""What is said, by whether it is an info, and whether there are more such rules in the chain."""


def _look(subject: Subject) -> Iterator[Hit]:
    found = subject.once(repeated)
    for table in subject.dump.tables:
        for chain, groups in found[table.name].items():
            yield _hit(table, chain, groups)


def _hit(table: Table, chain: str, groups: Sequence[Sequence[int]]) -> Hit:
    """One hit for a chain, about the rule that stands in it most often; those that do no harm count only if there are no others."""
    rules = table.rules
    harmful = [same for same in groups if not _does_no_harm(table, chain, same)]
    most = max(harmful or groups, key=len)
    severity = INFO if not harmful else ERROR if len(most) >= GROWN else WARNING
    template = _SENTENCES[severity == INFO, len(groups) > 1]
    what = message(template, rules=len(groups), chain=chain, table=table.name, count=len(most))
    related = (Related(rules.line(most[0]), message("the first of them")),)
    texts = sorted(uncounted(rules[same[0]]) for same in groups)
    return Hit(rules.line(most[1]), what, (table.name, chain, *texts), severity, related)


def _does_no_harm(table: Table, chain: str, same: Sequence[int]) -> bool:
    """Are these equal rules few, and such as people write twice by mistake."""
    by_hand = table.name == "filter" and chain in BUILT_IN and table.rules[same[0]].target_name in _VERDICTS
    return by_hand and len(same) < _FEW


CHECK = Check(
    "KP603",
    "rule-repeated",
    WARNING,
    _look,
    message("take out all but one; if the rule comes back or becomes more, a program adds it that does not find its own rules"),
    also=(ERROR, INFO),
)
