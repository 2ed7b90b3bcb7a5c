"""A rule leads to a chain that is missing or empty.

## What it does

Looks in every table for a jump (`-j`) or goto (`-g`) to a chain that is not declared and has no rules; and in nat for one to a chain of a
Service (`KUBE-SVC-…`, `KUBE-EXT-…`) that has no rules. A goto to a verdict or another target (`-g ACCEPT`) counts: there is no such chain.

## Why it matters

The kernel has no rule that leads to a missing chain, and iptables-restore refuses the whole table: the dump was cut together or edited, and
cannot be restored. A Service whose chain is empty has nowhere to send a packet: it goes on to the next rule, and in the end to an address
that nobody has, so connections time out (kubernetes/kubernetes#95149).

## Example

```
*nat
:PREROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y
COMMIT
```

The chain `KUBE-SVC-NPX46M4PTMTKRN6Y` is not declared.

## Use instead

Take the dump again, with all of its lines. If the chain is empty on the node too, restart kube-proxy and look into its log for a failed
`iptables-restore`. A verdict such as `ACCEPT` needs `-j`.

## Limits

Kubernetes 1.22 and 1.23 may write an empty chain for a Service none of whose endpoints is ready: where the dump may be theirs, empty
chains are not told. A table without any of the built-in chains is taken for the input of an iptables-restore, and not looked at. A few
targets of modules outside the kernel (`FULLCONENAT`, `DELUDE`) look like chains and are known by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, WHOLE_TABLES, Check
from iptexplain.lint.common.builtin import has_built_in
from iptexplain.lint.common.whose import service_of
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.source import Message

_MODULES = frozenset(
    {"CHAOS", "DELUDE", "ECHO", "FLOWOFFLOAD", "FULLCONENAT", "IMQ", "IPV4OPTSSTRIP", "MIRROR", "QUEUE", "SYSRQ", "TARPIT"}
)
"""Targets that may stand without options and that the grammar does not know: of xtables-addons, OpenWrt and old kernels."""

_EMPTY_FROM, _EMPTY_TO = 22, 23
"""The minor versions that may write an empty chain for a Service without ready endpoints."""


def _look(subject: Subject) -> Iterator[Hit]:
    for table in subject.dump.tables:
        if has_built_in(table):
            yield from _missing(subject, table)
    nat = subject.table("nat")
    if nat is None or not has_built_in(nat) or _may_be_empty(subject):
        return
    for chain, rules in subject.jumps("nat").items():
        if chain.startswith(("KUBE-SVC-", "KUBE-EXT-")) and chain in nat.chains and not nat.places_of(chain):
            what = message(
                "{service} answers nobody there: a rule in {chain} leads to {target}, which is empty",
                service=service_of(subject, chain),
                chain=rules[0].chain,
                target=chain,
            )
            yield _hit(nat, chain, rules, what)


def _missing(subject: Subject, table: Table) -> Iterator[Hit]:
    for chain, rules in subject.jumps(table.name).items():
        if table.has_chain(chain) or chain in _MODULES or any(chain in problem.text for problem in subject.problems):
            continue
        template = N_("a rule in {chain} leads to {target}, which does not exist: iptables-restore refuses such rules")
        if chain in binding.VERDICTS:
            template = N_("a rule in {chain} has -g {target}, but {target} is a verdict and no chain: iptables takes it with -j alone")
        elif chain in binding.TARGETS:
            template = N_("a rule in {chain} has -g {target}, but {target} is a target and no chain: iptables takes it with -j alone")
        what = message(template, chain=rules[0].chain, target=chain)
        yield _hit(table, chain, rules, what)


def _hit(table: Table, chain: str, rules: Sequence[Rule], what: Message) -> Hit:
    """One hit a chain, at the first rule that leads there."""
    more = (Related(rules[1].line, message("leads there too ({count} rules in all)", count=len(rules))),) if rules[1:] else ()
    return Hit(rules[0].line, what, (table.name, chain), related=more, word=chain)


def _may_be_empty(subject: Subject) -> bool:
    """May the dump be of a version that leaves chains of Services empty."""
    if subject.proxy is None:
        return True
    versions = subject.proxy.versions
    return not (versions.before(_EMPTY_FROM) or versions.since(_EMPTY_TO + 1))


CHECK = Check(
    "KP301",
    "jump-to-nowhere",
    ERROR,
    _look,
    message("take the dump again with all its lines; if the node is like that, restart kube-proxy and read its log"),
    (COMPLETE, WHOLE_TABLES),
)
