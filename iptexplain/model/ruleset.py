"""What was read: a `Ruleset` of one input, the dumps in it, their tables, chains and rules.

A rule is kept as a shape and a place in the text. Its values are looked up when somebody asks, so a rule that nobody looks at costs a few
bytes. Everything knows its line (counted from 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NewType, overload

from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iptexplain.model.lines import Lines, Values, Wanted
    from iptexplain.model.shape import Shape
    from iptexplain.source import Problem, Source

ChainName = NewType("ChainName", str)

BUILT_IN = frozenset({"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"})
"""The chains that the kernel's hooks call (in nf_tables too, by convention of iptables-nft)."""

BUILT_IN_OF = {
    name: tuple(ChainName(chain) for chain in chains.split())
    for name, chains in (
        ("raw", "PREROUTING OUTPUT"),
        ("mangle", "PREROUTING INPUT FORWARD OUTPUT POSTROUTING"),
        ("nat", "PREROUTING INPUT OUTPUT POSTROUTING"),
        ("filter", "INPUT FORWARD OUTPUT"),
        ("security", "INPUT FORWARD OUTPUT"),
    )
}
"""The built-in chains of each table, in the order in which iptables-save prints them."""


class Counters(NamedTuple):
    """What `iptables-save -c` counted: packets and bytes."""

    packets: int
    bytes: int

    @classmethod
    def parse(cls, text: str) -> Counters:
        """Read `[12:720]`."""
        packets, _, count = text[1:-1].partition(":")
        return cls(int(packets), int(count))


class Rule:
    """One rule: a shape, the values in it, and its line."""

    __slots__ = ("index", "line", "shape", "values")

    def __init__(self, shape: Shape, values: Values, line: int, index: int) -> None:
        """`index` is the rule's place among the rules of its table, from 0."""
        self.shape = shape
        self.values = values
        self.line = line
        self.index = index

    @property
    def chain(self) -> ChainName:
        """The chain that the rule stands in."""
        slot = self.shape.chain
        return ChainName(self.values[slot] if slot is not None else "")

    @property
    def counters(self) -> Counters | None:
        """Its packets and bytes, None if the dump was made without `-c`."""
        slot = self.shape.counters
        return None if slot is None else Counters.parse(self.values[slot])

    @property
    def text(self) -> str:
        """The rule as it stands in the dump."""
        return self.shape.write(self.values)

    def word(self, name: str | int) -> str:
        """A name of the shape: itself, or the value in its slot."""
        return name if isinstance(name, str) else self.values[name]

    @property
    def target_name(self) -> str | None:
        """The name behind `-j` or `-g`, None if there is none."""
        target = self.shape.target
        return None if target is None else self.word(target.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rule) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Rule({self.text!r}, line={self.line})"


class Rules(Sequence[Rule]):
    """The rules of one table in the order of the dump; each `Rule` is made when it is asked for."""

    __slots__ = ("_lines", "_numbers")

    def __init__(self, lines: Lines, numbers: Sequence[int]) -> None:
        """`numbers` are the line numbers of the rules in the text; a `range` where they stand in a row."""
        self._lines = lines
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Rule: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Rule]: ...
    def __getitem__(self, index: int | slice) -> Rule | Sequence[Rule]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        line = self._numbers[index]
        return Rule(self._lines.shape(line), self._lines.values(line), self.line(index), index if index >= 0 else len(self) + index)

    def __iter__(self) -> Iterator[Rule]:
        index = 0
        for stretch in self._stretches():
            for line, (shape, values) in zip(stretch, self._lines.read(stretch[0], stretch[-1]), strict=True):
                yield Rule(shape, values, self._lines.source.number(line), index)
                index += 1

    def _stretches(self) -> Iterator[range]:
        """The lines of the rules, as far as they stand in rows."""
        numbers = self._numbers
        if isinstance(numbers, range):
            yield from [numbers] if numbers else []
            return
        begin = 0
        for at in range(1, len(numbers) + 1):
            if at == len(numbers) or numbers[at] != numbers[at - 1] + 1:
                yield range(numbers[begin], numbers[at - 1] + 1)
                begin = at

    def values(self, index: int) -> Values:
        """The values of a rule, without making the rule."""
        return self._lines.values(self._numbers[index])

    def values_of(self, places: Sequence[int]) -> list[Values]:
        """The values of several rules, without making them; quicker where they stand in a row."""
        first = self._in_row(places)
        return [self.values(place) for place in places] if first is None else self._lines.values_in_row(first, len(places))

    def block(self, places: Sequence[int], wanted: Wanted = None) -> Values:
        """The values of several rules, one after another; only the `wanted` of them, if given."""
        first = self._in_row(places)
        if first is None:
            values = tuple([value for place in places for value in self.values(place)])
            return values if wanted is None else tuple([values[slot] for slot in wanted])
        return self._lines.block(first, len(places), wanted)

    def blocks(self, places: range, count: int, wanted: Wanted = None) -> list[Values]:
        """The values of so many blocks of rules in a row that all have the form of the rules at these places, which are the first.

        `wanted` are the places of the values that are needed, counted over all rules of a block; None: all of them.
        """
        first = self._in_row(range(places.start, places.start + len(places) * count))
        if first is None:
            size = len(places)
            return [self.block(range(at, at + size), wanted) for at in range(places.start, places.start + size * count, size)]
        return self._lines.blocks(first, len(places), count, wanted)

    def _in_row(self, places: Sequence[int]) -> int | None:
        """The line of the first of some rules, if they stand on lines in a row; None if they do not, or there are none."""
        if not places:
            return None
        first, last = self._numbers[places[0]], self._numbers[places[-1]]
        return first if last - first == len(places) - 1 == places[-1] - places[0] else None

    def forms(self, many: Iterable[Sequence[int]]) -> list[str]:
        """The forms of the rules at many places."""
        lines, marks = self._numbers, self._lines.marks
        if isinstance(lines, range) and lines:
            at = lines[0] - 1
            return [marks[at + p.start : at + p.stop] if isinstance(p, range) else self.form(p) for p in many]
        return list(map(self.form, many))

    def form(self, places: Sequence[int]) -> str:
        """What is equal for rules of the same shapes, and for no others."""
        first, marks = self._in_row(places), self._lines.marks
        if first is not None:
            return marks[first - 1 : first - 1 + len(places)]
        return "".join([marks[self._numbers[place] - 1] for place in places])

    def shapes_of(self, places: Sequence[int]) -> tuple[Shape, ...]:
        """The shapes of several rules, without looking up their values."""
        first, lines = self._in_row(places), self._lines
        if first is None:
            return tuple([self.shape(place) for place in places])
        return tuple([lines.shape(line) for line in range(first, first + len(places))])

    def distinct_shapes(self, places: Sequence[int]) -> set[Shape]:
        """The shapes that some of the rules at these places have."""
        shapes = (self._lines.shapes[ord(mark)] for mark in set(self.form(places)))
        return {shape for shape in shapes if shape is not None}

    def with_text(self, places: Sequence[int], parts: Sequence[str]) -> Iterator[str]:
        """The lines of the rules at these places that hold all of some texts; finds them without looking at the others."""
        first, text = self._in_row(places), self._lines.source.text
        if first is None:
            lines = (self[place].text for place in places)
            yield from (line for line in lines if all(part in line for part in parts))
            return
        start, end = self._lines.start(first), self._lines.start(first + len(places))
        rarest = min(parts, key=lambda part: text.count(part, start, end))
        while (at := text.find(rarest, start, end)) >= 0:
            begin, start = text.rfind("\n", 0, at) + 1, text.index("\n", at)
            line = text[begin:start]
            if all(part in line for part in parts):
                yield line

    def shape(self, index: int) -> Shape:
        """The shape of a rule, without looking up its values."""
        return self._lines.shape(self._numbers[index])

    def line(self, index: int) -> int:
        """The line of a rule in the user's input, without looking up its values."""
        return self._lines.source.number(self._numbers[index])

    def lines_of(self, places: range) -> Sequence[int]:
        """The lines of several rules in the user's input."""
        if self._lines.source.numbers is None and isinstance(self._numbers, range):
            return self._numbers[places.start : places.stop : places.step]
        return [self.line(place) for place in places]


class Chain(NamedTuple):
    """A declared chain: `:INPUT ACCEPT [0:0]`. `policy` is None for a user-defined chain (`-`)."""

    name: ChainName
    policy: str | None
    counters: Counters | None
    line: int


class Alike(NamedTuple):
    """Chains that follow each other in the dump and whose rules have the same shapes, one after another: the same *form*.

    `form` is equal for chains of the same form; `places` are the rules of the first chain.
    """

    form: str
    chains: Sequence[ChainName]
    places: Sequence[int]


class Table:
    """One table: its declared chains, and its rules in the order of the dump.

    `line` is that of `*nat`, 0 where the dump is rule lines alone and the table was inferred. `committed` says whether `COMMIT` was seen.
    """

    __slots__ = ("_alike", "_by_chain", "_find", "_of_chain", "chains", "committed", "line", "name", "rules")

    def __init__(  # noqa: PLR0913 - made in one place only
        self,
        name: str,
        line: int,
        *,
        chains: Mapping[ChainName, Chain],
        rules: Rules,
        by_chain: Callable[[], dict[ChainName, Sequence[int]]],
        committed: bool,
    ) -> None:
        """`by_chain` is asked once, when somebody looks for the rules of a chain."""
        self.name = name
        self.line = line
        self.chains = chains
        self.rules = rules
        self.committed = committed
        self._find = by_chain
        self._by_chain: dict[ChainName, Sequence[int]] | None = None
        self._of_chain: dict[str, Sequence[Rule]] = {}
        self._alike: Sequence[Alike] | None = None

    @property
    def by_chain(self) -> Mapping[ChainName, Sequence[int]]:
        """The places of each chain's rules among `rules`; a `range` where they stand in a row."""
        if self._by_chain is None:
            self._by_chain = self._find()
        return self._by_chain

    @property
    def alike(self) -> Sequence[Alike]:
        """All chains that have rules, in groups of one form; worked out when first asked for."""
        if self._alike is None:
            found: list[Alike] = []
            forms = self.rules.forms(self.by_chain.values())
            for form, group in groupby(zip(forms, self.by_chain.items(), strict=True), key=itemgetter(0)):
                members = [member for _, member in group]
                (_, first), (_, last) = members[0], members[-1]
                in_a_row = last[-1] - first[0] + 1 == len(form) * len(members) and all(isinstance(p, range) for _, p in members)
                if in_a_row:
                    found.append(Alike(form, [chain for chain, _ in members], first))
                else:
                    found += [Alike(form, [chain], places) for chain, places in members]
            self._alike = found
        return self._alike

    def places_of(self, chain: str) -> Sequence[int]:
        """The places of a chain's rules among `rules`; empty if it has none."""
        return self.by_chain.get(ChainName(chain), ())

    def rules_of(self, chain: str) -> Sequence[Rule]:
        """The rules of one chain in order; empty if it has none or does not exist. Kept: who asks for a chain asks again."""
        found = self._of_chain.get(chain)
        if found is None:
            places = self.places_of(chain)
            if not places:
                return ()
            shape, line = self.rules.shape, self.rules.line
            values = self.rules.values_of(places)
            found = self._of_chain[chain] = [Rule(shape(at), own, line(at), at) for at, own in zip(places, values, strict=True)]
        return found

    def has_chain(self, name: str) -> bool:
        """Is the chain declared, or does a rule stand in it."""
        return name in self.by_chain or name in self.chains


class Dump:
    """The output of one iptables-save: tables of one address family and one backend.

    `family` is `ipv4`, `ipv6` or None where nothing tells; `backend` is `nft`, `legacy` or None; `version` is that of iptables, None
    without a header. `complete` is False if the dump ends in the middle. `first_line` and `lines` say which lines of the input it takes.
    """

    __slots__ = ("backend", "complete", "family", "first_line", "lines", "number", "tables", "version")

    def __init__(  # noqa: PLR0913 - made in one place only
        self,
        number: int,
        *,
        family: str | None,
        backend: str | None,
        version: str | None,
        tables: tuple[Table, ...],
        complete: bool,
        first_line: int,
        lines: int,
    ) -> None:
        """`number` counts the dumps of an input from 0."""
        self.number = number
        self.family = family
        self.backend = backend
        self.version = version
        self.tables = tables
        self.complete = complete
        self.first_line = first_line
        self.lines = lines

    def table(self, name: str) -> Table | None:
        """The table of this name, None if the dump has none."""
        return next((table for table in self.tables if table.name == name), None)


class Ruleset:
    """One input: everything that was read from it, and what was not understood."""

    __slots__ = ("dumps", "lines", "problems", "source")

    def __init__(self, source: Source, dumps: tuple[Dump, ...], problems: tuple[Problem, ...], lines: Lines) -> None:
        """See the class."""
        self.source = source
        self.dumps = dumps
        self.problems = problems
        self.lines = lines
