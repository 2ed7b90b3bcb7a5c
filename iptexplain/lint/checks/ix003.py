"""iptables-save could not print what a match or a target says.

## What it does

Looks for `[unsupported revision]` behind the name of a match or a target. There is one finding for each such name in a table, at the
first rule that has it. Where the lost thing is the destination of an endpoint of kube-proxy, the hash in the name of its chain tells
which address and port it was; the finding names the first 20 of these.

## Why it matters

The kernel still has the whole rule and obeys it, but the dump has lost a part of it. It was saved by an iptables of another version
than the one that wrote the rules. Restored from such a dump, the rules are broken (kubernetes/kubernetes#95409,
kubernetes/kubernetes#94754, moby/moby#40428).

## Example

```
-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m comment --comment "default/nginx" -m tcp -j DNAT [unsupported revision]
```

## Use instead

Save the rules with the iptables that wrote them: for kube-proxy, the one in kube-proxy's image
(`kubectl -n kube-system exec kube-proxy-… -- iptables-save`), or one of the same version.

## Limits

A destination is found again only if the comments name the Service port and a rule of the same chain names the address. The command
`services` shows all that are found again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.leaf import leaf_form
from iptexplain.analysis.naming import Naming
from iptexplain.lint.check import Check
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table

_MOST_TOLD = 20
"""So many destinations that were found again are told with a finding."""

_MARK = "[unsupported revision]"


def _look(subject: Subject) -> Iterator[Hit]:
    for table in subject.dump.tables:
        found: dict[str, list[Rule]] = {}
        for rule in subject.rules(table.name, lambda shape: any(clause.unsupported for clause in shape.clauses)):
            for name in dict.fromkeys(rule.word(clause.name) for clause in rule.shape.clauses if clause.unsupported):
                found.setdefault(name, []).append(rule)
        for name, rules in found.items():
            what = message(
                "the dump has lost what {name} says in table {table} (rules: {count})", name=name, table=table.name, count=len(rules)
            )
            related = tuple(_recovered(table, rules)) if name == "DNAT" else ()
            yield Hit(rules[0].line, what, (table.name, name), related=related, word=_MARK)


def _recovered(table: Table, rules: list[Rule]) -> Iterator[Related]:
    """The destinations that the hashes in the chains' names give back."""
    naming = Naming(table)
    for rule in [rule for rule in rules if ENDPOINT_CHAIN.match(rule.chain)][:_MOST_TOLD]:
        places = table.places_of(rule.chain)
        form = leaf_form(table.rules.shapes_of(places), naming)
        leaf = None if form is None else form.leaf(rule.chain, places[0], rule.line, table.rules.block(places, form.wanted))
        if leaf is not None and leaf.recovered:
            what = message("{chain} sends packets to {to}: the hash in its name proves it", chain=rule.chain, to=leaf.to)
            yield Related(rule.line, what)


CHECK = Check(
    "IX003",
    "unsupported-revision",
    WARNING,
    _look,
    message("save the rules with the iptables that wrote them, and restore nothing from this dump"),
)
