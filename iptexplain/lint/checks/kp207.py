"""A goto into a chain of kube-proxy skips the rules behind it.

## What it does

Looks for a rule that goes to a chain of kube-proxy with `-g` (goto), and has rules behind it in its own chain that the same packets could
match.

## Why it matters

With `-j` a packet that comes back from a chain goes on at the next rule. With `-g` it does not: it goes on where its chain was called
from, or meets the policy. kube-proxy's chains expect to be left again: most packets match nothing in them. The rules behind the goto are
never asked about such packets.

## Example

```
-A PREROUTING -g KUBE-SERVICES
-A PREROUTING -p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 80
```

## Use instead

```
-A PREROUTING -j KUBE-SERVICES
-A PREROUTING -p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 80
```

## Limits

A goto that is the last rule of its chain does the same as a jump, and is not told. Neither is one where it is not certain that the
packets could match a rule behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import ends
from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.demands import demands
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.shape import Shape

_CHAINS = frozenset({*layout.FILTER_CHAINS, layout.MARK_MASQUERADE, layout.MARK_DROP, layout.POSTROUTING})
_PREFIXES = (*layout.OF_SERVICE, layout.ENDPOINT)


def _look(subject: Subject) -> Iterator[Hit]:
    for table in subject.dump.tables:
        for rule in subject.rules(table.name, _goes):
            chain = rule.target_name or ""
            skipped = _skipped(table, rule) if chain in _CHAINS or chain.startswith(_PREFIXES) else None
            if skipped is None or _never_left(table, chain):
                continue
            what = message("packets that come back from {target} skip the rest of {chain}", target=chain, chain=rule.chain)
            related = Related(skipped.line, message("the first rule that they skip"))
            yield Hit(rule.line, what, (table.name, rule.chain, uncounted(rule)), related=(related,), word="-g")


def _goes(shape: Shape) -> bool:
    return shape.target is not None and shape.target.kind == "goto" and not shape.strange


def _skipped(table: Table, rule: Rule) -> Rule | None:
    """The first rule behind a goto that its packets could match."""
    own = demands(rule)
    for other in table.rules_of(rule.chain) if own is not None else ():
        if own is None or other.index <= rule.index or other.shape.strange or other.target_name in {None, "RETURN"}:
            continue
        asked = demands(other)
        if asked is not None and _together(own, asked):
            return other
    return None


def _together(own: Sequence[Constraint], others: Sequence[Constraint]) -> bool:
    """Is it certain that packets may meet the demands of two rules: where both look at a thing, they ask the same of it."""
    fields = {one.field for one in own}
    return all(one in own for one in others if one.field in fields)


def _never_left(table: Table, chain: str) -> bool:
    """Has a chain a rule that no packet passes."""
    return any(demands(rule) == () and rule.target_name != "RETURN" and ends(rule) for rule in table.rules_of(chain))


CHECK = Check(
    "KP207",
    "goto-into-kube-proxy",
    WARNING,
    _look,
    message("use -j instead of -g"),
    (KUBE_PROXY,),
)
