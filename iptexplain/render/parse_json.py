"""`parse -f json`: every rule as matches and options, values unquoted (schemas/ast.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.binding import unquote
from iptexplain.render import documents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.model.ruleset import Chain, Rule, Ruleset, Table
    from iptexplain.model.shape import ClauseShape
    from iptexplain.render.documents import Json


def document(rulesets: Sequence[Ruleset]) -> str:
    """The JSON text of all tables of some inputs; `dump` and `file` say where a table comes from."""
    return documents.write(
        {
            **documents.head("ast"),
            "inputs": documents.inputs(rulesets),
            "warnings": documents.warnings(problem for ruleset in rulesets for problem in ruleset.problems),
            "tables": [
                {"file": ruleset.source.name, "dump": dump.number, **_table(table, dump.family)}
                for ruleset in rulesets
                for dump in ruleset.dumps
                for table in dump.tables
            ],
        }
    )


def _table(table: Table, family: str | None) -> Json:
    return {
        "name": table.name,
        "family": family,
        "line": table.line,
        "chains": [_chain(chain) for chain in table.chains.values()],
        "rules": [_rule(rule) for rule in table.rules],
    }


def _chain(chain: Chain) -> Json:
    packets, size = chain.counters if chain.counters is not None else (None, None)
    return {"name": chain.name, "policy": chain.policy or "-", "packets": packets, "bytes": size, "line": chain.line}


def _rule(rule: Rule) -> Json:
    packets, size = rule.counters if rule.counters is not None else (None, None)
    target = rule.shape.target
    return {
        "chain": rule.chain,
        "line": rule.line,
        "packets": packets,
        "bytes": size,
        "matches": [_clause(clause, rule) for clause in rule.shape.clauses if clause.kind in {"base", "match"}],
        "target": None if target is None else {"kind": target.kind, **_clause(target, rule)},
    }


def _clause(clause: ClauseShape, rule: Rule) -> Json:
    options: list[Json] = []
    for option in clause.options:
        made: Json = {
            "option": rule.word(option.name),
            "negated": option.negated,
            "values": [unquote(rule.values[slot]) for slot in option.values],
        }
        if option.unknown:
            made["unknown"] = True
        options.append(made)
    found: Json = {"name": rule.word(clause.name), "options": options}
    if clause.words:
        found["words"] = [unquote(rule.values[slot]) for slot in clause.words]
    if clause.unsupported:
        found["unsupported_revision"] = True
    if clause.unknown or clause.unsupported:
        found["unknown"] = True
    return found
