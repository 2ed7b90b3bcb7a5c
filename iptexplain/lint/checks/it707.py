"""A rule in nat drops packets.

## What it does

Looks for the targets `DROP` and `REJECT` in the table nat, and for built-in chains of nat with the policy `DROP`.

## Why it matters

The table nat is asked only about the first packet of a connection; all others follow what was decided then. So a `DROP` there does not stop
connections that were there before, and does not see packets that belong to no connection. It is no firewall, though it looks like one:
iptables itself refuses to write such a rule.

## Example

```
*nat
-A PREROUTING -s 203.0.113.7/32 -j DROP
```

## Use instead

The table filter (or raw, for packets that should be dropped early): `iptables -I FORWARD -s 203.0.113.7/32 -j DROP`.

## Limits

None known. `KUBE-MARK-DROP` is a chain that only marks packets, and is not meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import Check
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.model.ruleset import BUILT_IN_OF
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    for chain in map(nat.chains.get, BUILT_IN_OF["nat"]) if nat is not None else ():
        if chain is not None and chain.policy == "DROP":
            what = message("the policy of {chain} in nat is DROP: it drops only the first packets of connections", chain=chain.name)
            yield Hit(chain.line, what, ("nat", chain.name, "policy"), word="DROP")
    for rule in subject.rules("nat", lambda shape: shape.target is not None and shape.target.name in {"DROP", "REJECT"}):
        what = message(
            "{target} in nat (chain {chain}) meets only the first packets of connections", target=rule.target_name, chain=rule.chain
        )
        yield Hit(rule.line, what, ("nat", rule.chain, uncounted(rule)), word=f"-j {rule.target_name}")


CHECK = Check(
    "IT707",
    "drop-in-nat",
    WARNING,
    _look,
    message("drop packets in the table filter"),
)
