"""Refuses what somebody asks for by name, if nothing that was read is called so: else a typing error would look like an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.errors import UsageError
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from iptexplain.model.ruleset import Dump, Table


def tables_of(dumps: Iterable[Dump], name: str | None) -> list[Table]:
    """The tables of some dumps, or only those of one name. Raises UsageError for a name that none has."""
    found = [table for dump in dumps for table in dump.tables]
    if name is None:
        return found
    chosen = [table for table in found if table.name == name]
    if not chosen:
        there = ", ".join(dict.fromkeys(table.name for table in found))
        raise UsageError(message("--table {name}: the dump has {tables}", name=name, tables=there))
    return chosen


def check_chains(tables: Sequence[Table], names: Iterable[str]) -> None:
    """Raises UsageError for a chain that is in none of some tables."""
    for name in names:
        if not any(table.has_chain(name) for table in tables):
            raise UsageError(message("--chain {name}: no table of the dump has such a chain", name=name))


def check_lines(tables: Sequence[Table], lines: Collection[int]) -> None:
    """Raises UsageError for a line in which no rule of some tables stands."""
    missing = set(lines)
    for table in tables if missing else ():
        missing.difference_update(table.rules.lines_of(range(len(table.rules))))
    for line in sorted(missing):
        raise UsageError(message("--line {line}: no rule stands in that line of the dump", line=line))


def check_service(name: str, *, found: bool) -> None:
    """Raises UsageError for a Service if none was `found`."""
    if not found:
        raise UsageError(
            message("--service {name}: no Service in the dump is called so; `iptexplain services -f name` lists them", name=name)
        )
