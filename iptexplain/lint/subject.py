"""One dump as the checks see it: its tables, and the facts of the analyses, each worked out when a check first asks for it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from iptexplain.analysis.counters import has_counters
from iptexplain.analysis.services import services
from iptexplain.analysis.unread import unread
from iptexplain.lint.beside import NOTHING
from iptexplain.lint.check import (
    ADDRESSES,
    COMPLETE,
    COUNTERS,
    KUBE_PROXY,
    OTHER_BACKEND,
    OTHER_FAMILY,
    OTHERS_COMPLETE,
    SETS,
    WHOLE_TABLES,
)
from iptexplain.model.ruleset import Ruleset
from iptexplain.owners.kube_proxy import proxy as facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iptexplain.analysis.service_port import ServicePort
    from iptexplain.lint.beside import Beside
    from iptexplain.model.ruleset import Dump, Rule, Table
    from iptexplain.model.shape import Shape
    from iptexplain.source import Problem

Result = TypeVar("Result")


class Subject:
    """See the module."""

    def __init__(self, ruleset: Ruleset, dump: Dump, beside: Beside = NOTHING) -> None:
        """`dump` is one of the `ruleset`'s; `beside` it is what else is known of its node."""
        self.ruleset = ruleset
        self.dump = dump
        self.beside = beside
        self._jumps: dict[str, dict[str, list[Rule]]] = {}
        self._known: dict[object, Any] = {}

    def has(self, need: str) -> bool:
        """Does the dump have what a check needs (`lint.check.NEEDS`)."""
        found = {
            COUNTERS: lambda: self.counted,
            KUBE_PROXY: lambda: self.proxy is not None and self.proxy.mode == "iptables",
            COMPLETE: lambda: self.dump.complete and not self.unread,
            WHOLE_TABLES: lambda: all(table.line for table in self.dump.tables),
            OTHER_BACKEND: lambda: self.other_backend is not None,
            OTHER_FAMILY: lambda: self.other_family is not None,
            OTHERS_COMPLETE: lambda: all(one is None or _is_whole(one) for one in (self.other_backend, self.other_family)),
            SETS: lambda: self.beside.sets is not None,
            ADDRESSES: lambda: self.beside.links is not None,
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
    def other_backend(self) -> Subject | None:
        """The rules that the other backend has for the same family, in a file beside this one or in the same input.

        Of two dumps in one input the first has the second, and the second has none: so what is wrong with a pair is said once.
        """
        fits = _may_be_pair if self.beside.backend is not None else _is_pair
        return next((self._other(whole, dump) for whole, dump in self._others(self.beside.backend) if fits(self.dump, dump)), None)

    @cached_property
    def other_family(self) -> Subject | None:
        """The IPv6 rules beside these, which are IPv4's; None also if these are IPv6's."""
        if self.dump.family == "ipv6":
            return None
        others = [(whole, dump) for whole, dump in self._others(self.beside.ip6) if dump.family == "ipv6"]
        same = [one for one in others if self.dump.backend in {None, one[1].backend}]
        return next((self._other(whole, dump) for whole, dump in same or others), None)

    def _others(self, beside: Ruleset | None) -> list[tuple[Ruleset, Dump]]:
        """The dumps that may be the other half: those of the file beside, else those behind this one in the input."""
        if beside is not None:
            return [(beside, dump) for dump in beside.dumps]
        return [(self.ruleset, dump) for dump in self.ruleset.dumps if dump.first_line > self.dump.first_line]

    def _other(self, ruleset: Ruleset, dump: Dump) -> Subject:
        return Subject(ruleset, dump, self.beside._replace(backend=None, ip6=None))

    @cached_property
    def problems(self) -> Sequence[Problem]:
        """What could not be read in the lines of this dump."""
        first, last = self.dump.first_line, self.dump.first_line + self.dump.lines
        return [problem for problem in self.ruleset.problems if first <= problem.line < last]

    @cached_property
    def unread(self) -> tuple[int, ...]:
        """The lines of the dump, as the user counts them, that look like its own and could not be read: they are missing in its tables."""
        return unread(self.ruleset, self.dump)

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


def _is_pair(one: Dump, other: Dump) -> bool:
    """Are these the rules of two backends for one family, as far as the dumps say it."""
    return one.family == other.family and None not in {one.backend, other.backend} and one.backend != other.backend


def _may_be_pair(one: Dump, other: Dump) -> bool:
    """Does nothing in two dumps say that they are no such rules."""
    same = one.backend == other.backend is not None
    return not same and (one.family == other.family or None in {one.family, other.family})


def _is_whole(subject: Subject) -> bool:
    return subject.has(COMPLETE) and subject.has(WHOLE_TABLES)


def _jumps(table: Table | None) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in table.rules if table is not None else ():
        target = rule.shape.target
        if target is None or isinstance(target.name, str):
            continue
        if table is not None and (not target.unknown or table.has_chain(rule.word(target.name))):  # what stands behind it may be unknown
            found.setdefault(rule.word(target.name), []).append(rule)
    return found
