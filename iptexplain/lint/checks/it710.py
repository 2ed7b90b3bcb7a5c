"""Answers are dropped: the policy is DROP, and nothing lets packets of known connections pass.

## What it does

Looks in filter `INPUT`, `FORWARD` and `OUTPUT` with the policy `DROP` for a rule that may accept the packets of connections that exist
already, where there are rules that accept new connections.

## Why it matters

A connection needs both directions. Where only its first packets, or only those to some ports, are accepted, the answers to what this
machine asks of others (DNS, updates, the Kubernetes API) are dropped, or you lock yourself out.

## Example

```
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
```

## Use instead

Put `-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT` before the other rules.

## Limits

A rule that demands neither a state nor a destination port (or more than 1000 of them) may accept answers, so it is enough; so is a rule
that hands packets to something not known. Rules for the interface `lo`, and for ICMP alone, are not enough. A chain that accepts no new
connections is meant to be closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import COMPLETE, WHOLE_TABLES, Check
from iptexplain.lint.common.accepting import accepts
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    filter_ = subject.table("filter")
    for chain in filter_.chains.values() if filter_ is not None else ():
        if filter_ is None or chain.policy != "DROP" or not filter_.places_of(chain.name):
            continue
        accepting = 0
        for name in reached(subject, "filter", chain.name):
            own = [accepts(rule) for rule in filter_.rules_of(name)]
            if any(answers for _, answers in own) or not (filter_.has_chain(name)):
                break
            accepting += sum(new for new, _ in own)
        else:
            if accepting:
                what = message("{chain} drops what no rule accepts, and no rule accepts packets of known connections", chain=chain.name)
                yield Hit(chain.line, what, (chain.name,), word="DROP")


CHECK = Check(
    "IT710",
    "answers-dropped",
    WARNING,
    _look,
    message("accept what belongs to known connections first: -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"),
    (COMPLETE, WHOLE_TABLES),
)
