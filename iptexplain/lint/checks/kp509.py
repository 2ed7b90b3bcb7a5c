"""A rule traces packets.

## What it does

Looks in raw for rules with the target `TRACE`.

## Why it matters

The kernel reports every rule that a traced packet meets. That fills the log and slows the node down: on a node with many Services one
packet may meet thousands of rules. Such a rule was put there to look for an error, and left behind.

## Example

```
*raw
-A PREROUTING -p tcp -m tcp --dport 80 -j TRACE
```

## Use instead

Nothing: take the rule away when you have seen enough (`iptables -t raw -D PREROUTING -p tcp -m tcp --dport 80 -j TRACE`).

## Limits

Whether somebody is looking right now, the dump does not tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import Check
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import INFO, Hit
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    for rule in subject.rules("raw", lambda shape: shape.target is not None and shape.target.name == "TRACE"):
        what = message("chain {chain} of raw traces packets: that is slow, and fills the log", chain=rule.chain)
        yield Hit(rule.line, what, ("raw", uncounted(rule)), word="TRACE")


CHECK = Check(
    "KP509",
    "trace-left-behind",
    INFO,
    _look,
    message("take the rule away when nobody looks at the trace any more"),
)
