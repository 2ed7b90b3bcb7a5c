"""One dump as the checks see it: its tables, and the facts of the analyses, each worked out when a check first asks for it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from iptexplain.analysis.counters import has_counters
from iptexplain.analysis.services import services
from iptexplain.lint.check import COMPLETE, COUNTERS, KUBE_PROXY, WHOLE_TABLES
from iptexplain.model.ruleset import Ruleset
from iptexplain.owners.kube_proxy import proxy as facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iptexplain.analysis.service_port import ServicePort
    from iptexplain.model.ruleset import Dump, Rule, Table
    from iptexplain.model.shape import Shape
    from iptexplain.source import Problem

Result = TypeVar("Result")


class Subject:
    """See the module."""

    def __init__(self, ruleset: Ruleset, dump: Dump) -> None:
        """`dump` is one of the `ruleset`'s."""
        self.ruleset = ruleset
        self.dump = dump
        self._jumps: dict[str, dict[str, list[Rule]]] = {}
        self._known: dict[object, Any] = {}

    def has(self, need: str) -> bool:
        """Does the dump have what a check needs (`lint.check.NEEDS`)."""
        found = {
            COUNTERS: lambda: self.counted,
            KUBE_PROXY: lambda: self.proxy is not None and self.proxy.mode == "iptables",
            COMPLETE: lambda: self.dump.complete,
            WHOLE_TABLES: lambda: all(table.line for table in self.dump.tables),
        }
        return found[need]()

    def once(self, work: Callable[[Subject], Result]) -> Result:
        """What a function of the subject gives, worked out when the first check asks."""
        if work not in self._known:
            self._known[work] = work(self)
        found: Result = self._known[work]
        return found

    @cached_property
    def counted(self) -> bool:
        """Was the dump made with counters."""
        return any(has_counters(table) for table in self.dump.tables)

    @cached_property
    def proxy(self) -> facts.Proxy | None:
        """What the dump says of kube-proxy, None if nothing in it is kube-proxy's."""
        return facts.proxy(self.dump)

    @cached_property
    def ports(self) -> tuple[ServicePort, ...]:
        """The Service ports of the dump, sorted by name."""
        whole = self.ruleset
        (found,) = services(Ruleset(whole.source, (self.dump,), whole.problems, whole.lines))
        return found.ports

    @cached_property
    def problems(self) -> Sequence[Problem]:
        """What could not be read in the lines of this dump."""
        first, last = self.dump.first_line, self.dump.first_line + self.dump.lines
        return [problem for problem in self.ruleset.problems if first <= problem.line < last]

    def table(self, name: str) -> Table | None:
        """A table of the dump."""
        return self.dump.table(name)

    def rules(self, table: str, wanted: Callable[[Shape], bool]) -> Iterator[Rule]:
        """The rules of a table whose shapes are wanted; the values of the others are not looked up."""
        found = self.dump.table(table)
        if found is None or not found.rules:
            return
        shapes = {shape for shape in found.rules.distinct_shapes(range(len(found.rules))) if wanted(shape)}
        for place in range(len(found.rules)) if shapes else ():
            if found.rules.shape(place) in shapes:
                yield found.rules[place]

    def jumps(self, table: str) -> dict[str, list[Rule]]:
        """The rules of a table that lead to a chain, declared or not, by that chain."""
        if table not in self._jumps:
            self._jumps[table] = _jumps(self.dump.table(table))
        return self._jumps[table]


def _jumps(table: Table | None) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in table.rules if table is not None else ():
        target = rule.shape.target
        if target is not None and not target.unknown and not isinstance(target.name, str):
            found.setdefault(rule.word(target.name), []).append(rule)
    return found
