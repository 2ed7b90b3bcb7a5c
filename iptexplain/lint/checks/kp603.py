"""The same rule stands in a chain more than once.

## What it does

Looks for rules that are equal in every word, comments included, and stand in the same chain of one table. From 50 times on it is an error.

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

Save the rules twice, some minutes apart, and compare: if they grow, look whether the program's own iptables (in its image) is of the same
backend and version as the one of the node.

## Limits

Equal rules may mean something where they draw or count (`statistic`, `limit`, `recent`, …), or where a rule between them may change the
mark that they ask for or set: such rules are passed over. So is what kube-proxy itself repeats: up to Kubernetes 1.24 the rules of
`KUBE-FW-…` for each address of the load balancer, and the rule of a health check for each port of a Service. A few `-j RETURN` for every
packet are no harm either: the end of the chain does the same. A rule of a Service that leads to the same endpoint again is told by KP305,
and a second `DNAT` in the chain of an endpoint by KP302.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment, limits
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.choices import choices
from iptexplain.lint.finding import ERROR, WARNING, Hit, Related
from iptexplain.model.shape import per_shape
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rules, Table
    from iptexplain.model.shape import Shape

_GROWN = 50
"""So many equal rules nobody wrote by hand."""

_COUNTING = frozenset(
    {
        "connbytes",
        "connlimit",
        "connlabel",
        "hashlimit",
        "helper",
        "limit",
        "nfacct",
        "quota",
        "rateest",
        "recent",
        "set",
        "socket",
        "statistic",
        "time",
    }
)
"""Matches whose answer may be another one when the same packet is asked again, or that count."""

_MARKS = frozenset({"mark", "connmark", "tos", "dscp", "ttl", "hl"})
"""Matches whose answer may be another one behind a rule that changes the packet."""

_LAST = frozenset({"ACCEPT", "DROP", "REJECT", "RETURN", "DNAT", "SNAT", "MASQUERADE", "REDIRECT", "LOG", "NFLOG"})
"""Targets that end the chain for a packet, or leave it as it is."""


def _look(subject: Subject) -> Iterator[Hit]:
    for table in subject.dump.tables:
        rules = table.rules
        for (chain, places), form in zip(table.by_chain.items(), rules.forms(table.by_chain.values()), strict=True):
            if len(set(form)) < len(form):
                yield from _repeated(subject, table, chain, places)


def _repeated(subject: Subject, table: Table, chain: str, places: Sequence[int]) -> Iterator[Hit]:
    """One hit for a chain, about the rule that stands in it most often."""
    rules = table.rules
    found: dict[tuple[Shape, tuple[str, ...]], list[int]] = {}
    for place, shape, values in zip(places, rules.shapes_of(places), rules.values_of(places), strict=True):
        slot = shape.counters
        words = values if slot is None else values[:slot] + values[slot + 1 :]
        found.setdefault((shape, words), []).append(place)
    equal = [same for same in found.values() if len(same) > 1 and _says_the_same(rules, same)]
    equal = [same for same in equal if not (_kube_proxy_repeats(table, chain, same[0]) or _is_told(subject, table, chain, same[0]))]
    if not equal:
        return
    most = max(equal, key=len)
    what = message("the same rule stands {count} times in chain {chain} of table {table}", count=len(most), chain=chain, table=table.name)
    if len(equal) > 1:
        what = message(
            "{rules} rules stand in chain {chain} of table {table} more than once; this one {count} times",
            rules=len(equal),
            chain=chain,
            table=table.name,
            count=len(most),
        )
    related = (Related(rules.line(most[0]), message("the first of them")),)
    yield Hit(rules.line(most[1]), what, (table.name, chain), ERROR if len(most) >= _GROWN else WARNING, related)


def _says_the_same(rules: Rules, places: Sequence[int]) -> bool:
    """Does each of some equal rules find what the one before it has found."""
    shape = rules.shape(places[0])
    names = _names(shape)
    if shape.strange or names & _COUNTING:
        return False
    target = shape.target
    if target is not None and target.name == "RETURN" and limits(shape) == () and len(places) < _GROWN:
        return False  # what the end of the chain does anyway; Docker did so
    changes = target is not None and isinstance(target.name, str) and target.name not in _LAST
    if not (changes or names & _MARKS):
        return True
    between = [place for first, after in pairwise(places) for place in range(first + 1, after)]
    return all(other.target is None or other.target.name in _LAST for other in map(rules.shape, between))


@per_shape
def _names(shape: Shape) -> frozenset[str | int]:
    return frozenset(clause.name for clause in shape.clauses if clause.kind == "match")


def _kube_proxy_repeats(table: Table, chain: str, place: int) -> bool:
    """Is it a rule that a sound kube-proxy writes more than once."""
    if chain.startswith("KUBE-FW-"):
        return any(rule.target_name == layout.MARK_DROP for rule in table.rules_of(chain))
    return chain == layout.NODE_PORTS and (comment(table.rules[place]) or "").endswith(" health check node port")


def _is_told(subject: Subject, table: Table, chain: str, place: int) -> bool:
    """Is it a rule of which KP302 or KP305 says that there are two."""
    if table.name != "nat" or not subject.has(KUBE_PROXY):
        return False
    if ENDPOINT_CHAIN.match(chain):
        return table.rules[place].target_name == "DNAT" and subject.has(COMPLETE) and subject.has(WHOLE_TABLES)
    return any(way.place == place for choice in choices(subject) if choice.chain == chain for way in choice.plain)


CHECK = Check(
    "KP603",
    "rule-repeated",
    WARNING,
    _look,
    message("find out which program adds the rule again and again; it does not find its own rules"),
)
