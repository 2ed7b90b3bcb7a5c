"""A rule that no packet can match, because it contradicts itself.

## What it does

Looks for rules that demand two things of a packet that cannot both be true: two address ranges without a common address, ports that the
same rule excludes, a mark with bits that its mask leaves out, and the like.

## Why it matters

Such a rule never does anything. Often two conditions were meant for two rules ("from here or from there"), but the conditions of one rule
must all hold.

## Example

```
-A INPUT -p tcp -m tcp --dport 80 -m multiport --dports 443,8443 -j ACCEPT
```

## Use instead

One rule for each condition, or one list of all values: `-p tcp -m multiport --dports 80,443,8443`.

## Limits

What one rule says of each single field is put together: addresses, interfaces, ports, marks, TCP flags, the state of the connection, … That
a port contradicts a protocol is not seen, and sets of ipset are not looked into.
In chains of kube-proxy `! -s 0.0.0.0/0` is passed over: with a cluster CIDR of 0.0.0.0/0 it writes that itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import Check
from iptexplain.lint.common.contradiction import contradiction
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.model.address import Network
from iptexplain.model.matching import Field
from iptexplain.model.shape import per_shape
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.matching import Constraint
    from iptexplain.model.shape import Shape

_NO_FIELDS = frozenset({"comment", "hashlimit", "limit", "nfacct", "quota", "recent", "set", "statistic"})
"""Matches that demand nothing that could be compared."""

_ALONE = frozenset({Field.MARK, Field.CONNECTION_MARK, Field.TCP_FLAGS})
"""Fields of which one condition may contradict itself."""

_NEGATED = frozenset({Field.SOURCE, Field.DESTINATION, Field.IN, Field.OUT, Field.SOURCE_PORT, Field.DESTINATION_PORT, Field.EITHER_PORT})
"""Fields of which one condition may leave out everything."""


def _look(subject: Subject) -> Iterator[Hit]:
    for table in subject.dump.tables:
        for rule in subject.rules(table.name, _may_contradict):
            demands = [constraint for test in binding.tests(rule) for constraint in test.constraints]
            field = contradiction(demands)
            if field is not None and not (rule.chain.startswith("KUBE-") and _none_but_all_pods(demands)):
                what = message(
                    "no packet can match this rule: what it demands of the {field} contradicts itself", field=message(field.value)
                )
                yield Hit(rule.line, what, (table.name, rule.chain, field.value))


def _none_but_all_pods(demands: Iterable[Constraint]) -> bool:
    """Does a rule ask for a sender outside of all addresses, as kube-proxy's rules do where all addresses are those of Pods."""
    return any(field is Field.SOURCE and negated and isinstance(to, Network) and not to.mask for field, to, negated in demands)


@per_shape
def _may_contradict(shape: Shape) -> bool:
    """Might a rule of the shape demand two things of one field, or one that cannot be."""
    seen: set[Field] = set()
    many = 0
    for clause in shape.clauses:
        if clause.kind not in {"base", "match"} or clause.name in _NO_FIELDS:
            continue
        found = binding.limits_of((clause,))
        if found is None:
            many += 1
        if clause.name == "iprange" or (found is None and clause.name in {"connmark", "conntrack", "tcp"}):
            return True
        for limit in found or ():
            if limit.field in seen or limit.field in _ALONE or (limit.negated and limit.field in _NEGATED):
                return True
            seen.add(limit.field)
    return many > 1 or (many == 1 and bool(seen))


CHECK = Check(
    "IT706",
    "rule-contradicts-itself",
    WARNING,
    _look,
    message("make a rule of each of the two conditions, or take the rule out"),
)
