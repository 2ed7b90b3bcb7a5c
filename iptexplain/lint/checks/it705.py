"""A chain that no rule leads to.

## What it does

Looks for user-defined chains that no rule of their table jumps or goes to.

## Why it matters

The kernel calls only the built-in chains. A chain that no rule leads to does nothing, whatever stands in it: it was left behind by a
program that has gone, or the rule that led to it was removed by another one, and then what it should do does not happen.

## Example

```
*filter
:INPUT ACCEPT [0:0]
:BLOCKED - [0:0]
-A BLOCKED -s 203.0.113.7/32 -j DROP
COMMIT
```

## Use instead

Lead to it (`iptables -I INPUT -j BLOCKED`), or remove it (`iptables -F BLOCKED`, `iptables -X BLOCKED`).

## Limits

The chains of kube-proxy and kubelet are passed over: other checks look at them, and some of them only show that nobody flushed the table.
So are those of ufw and OpenStack Neutron, which write chains that only some settings need.
Empty chains of programs that are known (Docker, Calico, …) are passed over too: they keep them ready. So are `PRE_`, `POST_` and `-USER`
chains without rules, which are there for an administrator's own rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, WHOLE_TABLES, Check
from iptexplain.lint.finding import INFO, Hit
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.owners.makers import maker
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


_WITH_SPARES = frozenset({"ufw", "OpenStack Neutron"})
"""Programs that write chains with rules, and lead to them only under some settings."""


def _look(subject: Subject) -> Iterator[Hit]:
    for table in subject.dump.tables:
        jumps = subject.jumps(table.name)
        for name in table.chains:
            if name in jumps or name in BUILT_IN or _may_stand_alone(name, filled=bool(table.places_of(name))):
                continue
            chain = table.chains[name]
            if chain.policy is not None:
                continue  # a base chain of nf_tables, which a hook calls
            what = message("no rule of table {table} leads to chain {chain}", table=table.name, chain=name)
            yield Hit(chain.line, what, (table.name, name), word=name)


def _may_stand_alone(chain: str, *, filled: bool) -> bool:
    if chain.startswith("KUBE-") or chain.endswith("-CANARY") or maker(chain) in _WITH_SPARES:
        return True
    return not filled and (maker(chain) is not None or chain.startswith(("PRE_", "POST_")) or chain.endswith("-USER"))


CHECK = Check(
    "IT705",
    "chain-never-called",
    INFO,
    _look,
    message("find out whether the rule that led to the chain was removed, or the chain was left behind"),
    (COMPLETE, WHOLE_TABLES),
)
