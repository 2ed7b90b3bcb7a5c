"""The dump has very many rules.

## What it does

Counts the rules of all tables, and tells if there are more than 20,000, or more than 100,000.

## Why it matters

kube-proxy writes its rules as a whole, and iptables takes seconds to minutes for so many. A new endpoint of a Service is late by that
time, and other programs that use iptables wait for it (kubernetes/kubernetes#96018, kubernetes/kubernetes#48107). The first packet of
each connection also has to pass `KUBE-SERVICES` rule by rule.

## Example

A node of a cluster with 2,000 Services of 5 endpoints each has about 34,000 rules.

## Use instead

kube-proxy 1.28 or later, which writes only what has changed, or its nftables mode. A longer `minSyncPeriod` lets it write less often.
Services that nobody uses can go.

## Limits

How long the node takes depends on its processor and on the version of iptables; a dump does not tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import Check
from iptexplain.lint.finding import INFO, Hit
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject

_MANY = 20_000
_VERY_MANY = 100_000


def _look(subject: Subject) -> Iterator[Hit]:
    count = sum(len(table.rules) for table in subject.dump.tables)
    if count > _VERY_MANY:
        yield Hit(0, message("the dump has {count} rules: changes take effect very late", count=count), ("rules",))
    elif count > _MANY:
        yield Hit(0, message("the dump has {count} rules: changes take effect late", count=count), ("rules",))


CHECK = Check("KN905", "very-many-rules", INFO, _look, message("use a kube-proxy that writes only what has changed, or its nftables mode"))
