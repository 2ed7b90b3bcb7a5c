"""Which rules of a dump are to be told: those of some tables, chains, lines, of one Service, of one program; and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.explain.concern import concerns
from iptexplain.analysis.explain.reading import Reading
from iptexplain.analysis.explain.sentence import Sentences
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iptexplain.analysis.explain.reading import Item
    from iptexplain.analysis.explain.setting import Setting
    from iptexplain.model.ruleset import Rule, Table


NOBODY = "nobody"
"""In the place of an owner: rules of no program that is known, such as those that somebody wrote by hand."""


class Choice(NamedTuple):
    """What is asked for; everything where nothing is said.

    `services` are names of Service ports (None: whatever the Service), as `concern.services_meant` gives them; `owner` is the name of a
    program as `owners.makers` has it, or `NOBODY`. `as_dumped`: in the order of the dump. `fold`: chains that do the same as one told
    before are not told.
    """

    table: str | None = None
    chains: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    services: frozenset[str] | None = None
    owner: str | None = None
    as_dumped: bool = False
    fold: bool = True


def told(setting: Setting, choice: Choice) -> Iterator[Item]:
    """The rules that are chosen, in their order."""
    reading = Reading(setting, Sentences(setting), _wanted(setting, choice), fold=choice.fold)
    tables = None if choice.table is None else (choice.table,)
    if choice.lines or (choice.as_dumped and not choice.chains):
        return reading.as_dumped(tables)
    if choice.chains:
        return reading.of_chains(choice.chains, tables, follow=not choice.as_dumped)
    return reading.as_met(tables)


def _wanted(setting: Setting, choice: Choice) -> Callable[[Table, Rule], bool] | None:
    """Which rules are wanted, None for all."""
    conditions: list[Callable[[Table, Rule], bool]] = []
    if choice.lines:
        lines = frozenset(choice.lines)
        conditions.append(lambda _, rule: rule.line in lines)
        if choice.chains:
            conditions.append(lambda _, rule: rule.chain in choice.chains)
    if choice.services is not None:
        concerned = concerns(setting, choice.services)
        conditions.append(lambda table, rule: (table.name, rule.index) in concerned)
    if choice.owner is not None:
        conditions.append(lambda table, rule: (setting.owners.of_rule(table.name, rule) or NOBODY) == choice.owner)
    if not conditions:
        return None
    return lambda table, rule: all(holds(table, rule) for holds in conditions)
