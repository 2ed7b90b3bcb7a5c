"""Rules in the spelling of iptables-save 1.8.9, whatever spelling they came in.

Base options in their order with masks, matches in the order in which they were loaded, each with the options that its typed value saves
(defaults, ranges, marks with masks, quotes), then the target. What cannot be read as a value stays in its own words.

A whole dump: tables and chains in the order of iptables-nft-save, rules chain by chain, no counters, and no remarks, since these tell of a
day and of a program. So two files hold the same rules if their canonical forms are the same text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.extensions.common.extension import Dialect
from iptexplain.extensions.common.quoting import if_needed
from iptexplain.model.ruleset import BUILT_IN_OF
from iptexplain.parsing.loose import Clause, each_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iptexplain.extensions.common.extension import Words
    from iptexplain.model.ruleset import ChainName, Dump, Rule, Table

_LEAD = {"base": "", "match": "-m ", "jump": "-j ", "goto": "-g "}


def rule_texts(chain: str, clauses: tuple[Clause, ...], to: Dialect) -> Iterator[str]:
    """The lines of a rule: one, or several if it names several addresses."""
    for one in each_address(clauses):
        yield " ".join([f"-A {chain}", *filter(None, (_text(clause, to) for clause in one))])


def _text(clause: Clause, to: Dialect) -> str:
    """A clause, empty if iptables-save leaves it out."""
    lead = _LEAD[clause.kind] + clause.name
    extension = clause.extension
    if extension is None or clause.rest:
        return " ".join([lead, *map(_as_given, clause.options), *clause.rest])
    try:
        value = extension.read(clause.options)
    except (KeyError, TypeError, ValueError):
        return " ".join([*filter(None, [lead]), *map(_as_given, clause.options)])
    return "" if value.vanishes(to) else f"{lead} {value.written(to)}".strip()


def _as_given(words: Words) -> str:
    """An option whose value is not understood."""
    values = [if_needed(value) if not value or set(value) & set(' \t"') else value for value in words.values]
    return " ".join([*(["!"] if words.negated else []), words.keyword, *values])


# ---- whole dumps -----------------------------------------------------------------------------------------------------------

_ORDER = ("mangle", "security", "raw", "filter", "nat")
"""The order in which iptables-nft-save 1.8.9 prints tables; legacy prints them as they were registered."""


def lines(dumps: Iterable[Dump], backend: str) -> Iterator[str]:
    """The lines of dumps in the canonical form of a backend. Where a dump only goes on with another, its tables replace those of that."""
    groups: list[dict[str, Table]] = []
    families: list[int] = []
    for dump in dumps:
        family = 6 if dump.family == "ipv6" else 4
        if not groups or dump.version is not None or families[-1] != family:
            groups.append({})
            families.append(family)
        groups[-1].update({table.name: table for table in dump.tables})
    for number, (tables, family) in enumerate(zip(groups, families, strict=True)):
        if len(groups) > 1:
            yield f"# dump {number}, IPv{family}"
        for name in sorted(tables, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)):
            yield from _table(tables[name], Dialect(family, backend))


def _table(table: Table, to: Dialect) -> Iterator[str]:
    if not (table.chains or table.rules) and to.backend == "nft":
        return  # nft makes a table when it puts something into it
    built_in = BUILT_IN_OF.get(table.name, ())
    own = sorted({*table.chains, *table.by_chain} - set(built_in), key=lambda name: name.encode("utf-8", "surrogateescape"))
    yield f"*{table.name}"
    for name in (*built_in, *own):
        yield f":{name} {_policy(table, name, built_in=name in built_in)} [0:0]"
    for name in (*built_in, *own):
        for rule in table.rules_of(name):
            yield from rule_texts(name, clauses_of(rule), to)
    yield "COMMIT"


def _policy(table: Table, name: ChainName, *, built_in: bool) -> str:
    chain = table.chains.get(name)
    return (chain.policy if chain is not None else None) or ("ACCEPT" if built_in else "-")


def clauses_of(rule: Rule) -> tuple[Clause, ...]:
    """The clauses of a rule that has been read."""
    values = rule.values
    found = []
    for clause in rule.shape.clauses:
        rest = tuple([values[slot] for slot in clause.words])
        if clause.unsupported:
            rest = ("[unsupported", "revision]")
        found.append(Clause(clause.kind, rule.word(clause.name), binding.words(clause, values), rest))
    return tuple(found)
