"""What was read: a `Ruleset` of one input, the dumps in it, their tables, chains and rules.

A rule is kept as a shape and a place in the text. Its values are looked up when somebody asks, so a rule that nobody looks at costs a few
bytes. Everything knows its line (counted from 1).
"""

from __future__ import annotations

import re
from abc import abstractmethod
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, NewType, overload

if TYPE_CHECKING:
    from iptexplain.model.shape import Shape
    from iptexplain.model.union import Union
    from iptexplain.source import Problem, Source

ChainName = NewType("ChainName", str)

BUILT_IN = frozenset({"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"})
"""The chains that the kernel's hooks call (in nf_tables too, by convention of iptables-nft)."""


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

    def __init__(self, shape: Shape, values: tuple[str, ...], line: int, index: int) -> None:
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


_OFTEN = 64
"""Whoever asks so often where a line starts will ask for more."""


_MOST_AT_ONCE = 64
"""More lines than this in one expression take longer to compile than they save."""


class Lines:
    """All lines of an input: a number for each, which says its shape. Line 1 has index 0.

    Numbers below the size of the union are its marks; further ones stand for shapes that it does not hold. A line that no shape describes
    (a blank one, or one that was not understood) is kept as text.
    """

    __slots__ = ("_asked", "_forms", "_last", "_match", "_pieces", "_slots", "_starts", "numbers", "shapes", "source", "union")

    def __init__(
        self,
        source: Source,
        union: Union,
        shapes: Sequence[Shape | None],
        numbers: array[int],
        pieces: Sequence[tuple[int, int]],
    ) -> None:
        """`shapes` by number: those of the union, then the others. `pieces` are places to count from: so many lines, so far in the text."""
        self.source = source
        self.union = union
        self.shapes = shapes
        self.numbers = numbers
        self._match = union.pattern.match
        self._pieces = pieces
        self._last = (0, 0)
        self._asked = 0
        self._forms: dict[bytes, int | re.Pattern[str]] = {}
        self._slots = union.groups
        self._starts: Sequence[int] | None = None

    @property
    def starts(self) -> Sequence[int]:
        """Where each line starts in the text; worked out when it is first asked for."""
        if self._starts is None:
            self._starts = self.source.line_starts()
        return self._starts

    def start(self, line: int) -> int:
        """Where one line starts, or where the text ends for the line after the last; worked out for all lines only when asked often."""
        if self._starts is None and self._asked > _OFTEN:
            self._starts = self.source.line_starts()
        if self._starts is not None:
            return self._starts[line - 1] if line <= len(self._starts) else len(self.source.text)
        self._asked += 1
        at, start = self._pieces[bisect_right(self._pieces, (line - 1, len(self.source.text))) - 1]
        if at < self._last[0] < line:
            at, start = self._last
        for _ in range(line - 1 - at):
            start = self.source.text.index("\n", start) + 1
        self._last = line - 1, start  # the next question is mostly about a line further down
        return start

    def shape(self, line: int) -> Shape:
        """The shape of a line (counted from 1). Raises LookupError if it has none."""
        shape = self.shapes[self.numbers[line - 1]]
        if shape is None:
            raise LookupError(line)
        return shape

    def values(self, line: int) -> tuple[str, ...]:
        """The values of a line that has a shape."""
        number, start = self.numbers[line - 1], self.start(line)
        found = self._match(self.source.text, start)
        if found is not None and found.lastindex == number:
            slots = self._slots[number]
            return found.group(*slots) if len(slots) > 1 else self.union.values(found)
        return self.shape(line).read(self.source.text, start).groups()

    def rule(self, line: int, index: int) -> Rule:
        """The rule on a line; `index` is its place among the rules of its table."""
        number = self.numbers[line - 1]
        shape = self.shapes[number]
        if shape is None:
            raise LookupError(line)
        if number < self.union.other:
            found = self._match(self.source.text, self.start(line))
            if found is not None:
                return Rule(shape, self.union.values(found), line, index)
        return Rule(shape, self.values(line), line, index)

    def span(self, line: int, slot: int) -> tuple[int, int]:
        """Where the value of a slot begins and ends in the text of the input."""
        return self.shape(line).read(self.source.text, self.start(line)).span(slot + 1)

    def values_in_row(self, line: int, count: int) -> list[tuple[str, ...]]:
        """The values of so many lines in a row, which all must have a shape."""
        slots, other = self._slots, self.union.other
        out: list[tuple[str, ...]] = []
        matches = self.union.pattern.finditer(self.source.text, self.start(line), self.start(line + count))
        for number, found in zip(self.numbers[line - 1 : line - 1 + count], matches, strict=True):
            if number >= other:
                out.append(self.values(line + len(out)))
                continue
            groups = slots[number]
            out.append(found.group(*groups) if len(groups) > 1 else (found[groups[0]],) if groups else ())
        return out

    def block(self, line: int, size: int) -> tuple[str, ...]:
        """The values of so many lines in a row, which all must have a shape, one after another.

        Where the same shapes follow each other often, one expression reads all of these lines at once.
        """
        form = self.numbers[line - 1 : line - 1 + size].tobytes()
        known = self._forms.get(form, 0)
        if isinstance(known, int):
            self._forms[form] = known = self._block(line, size) if known > _OFTEN and size <= _MOST_AT_ONCE else known + 1
        found = None if isinstance(known, int) else known.match(self.source.text, self.start(line))
        return found.groups() if found is not None else tuple([value for values in self.values_in_row(line, size) for value in values])

    def blocks(self, line: int, size: int, count: int) -> list[tuple[str, ...]]:
        """The values of so many blocks of `size` lines in a row that all have the shapes of the first block, a tuple for each block."""
        return self._block(line, size).findall(self.source.text, self.start(line), self.start(line + size * count))

    def _block(self, line: int, size: int) -> re.Pattern[str]:
        """The expression of so many lines; there is always more than one group in it, so that findall gives tuples."""
        shapes = [self.shape(number) for number in range(line, line + size)]
        return re.compile("".join([f"{shape.expression}\n" for shape in shapes]) + ("()" if sum(len(s.slots) for s in shapes) < 2 else ""))  # noqa: PLR2004

    def read(self, first: int, last: int) -> Iterator[tuple[Shape, tuple[str, ...]]]:
        """Shape and values of the lines from `first` to `last`, which all must have a shape; much faster than one by one."""
        for line in range(first, last + 1, _AT_ONCE):
            values = self.values_in_row(line, min(_AT_ONCE, last + 1 - line))
            for number, found in zip(self.numbers[line - 1 : line - 1 + len(values)], values, strict=True):
                shape = self.shapes[number]
                if shape is None:
                    raise LookupError(line)
                yield shape, found

    def write(self) -> Iterator[str]:
        """Each line with its newline, out of its shape and its values."""
        for line, number in enumerate(self.numbers, 1):
            if self.shapes[number] is None:
                yield self.source.line_at(self.starts[line - 1]) + "\n"
            else:
                yield self.shape(line).write(self.values(line)) + "\n"


_AT_ONCE = 10_000
"""So many lines are read ahead of somebody who goes over all of them."""


class Rules(Sequence[Rule]):
    """The rules of one table in the order of the dump; each `Rule` is made when it is asked for."""

    __slots__ = ("_lines", "_numbers")

    def __init__(self, lines: Lines, numbers: Sequence[int]) -> None:
        """`numbers` are the line numbers of the rules; a `range` where they stand in a row."""
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
        return self._lines.rule(self._numbers[index], index if index >= 0 else len(self) + index)

    def __iter__(self) -> Iterator[Rule]:
        numbers = self._numbers
        if isinstance(numbers, range) and numbers:
            for index, (shape, values) in enumerate(self._lines.read(numbers[0], numbers[-1])):
                yield Rule(shape, values, numbers[0] + index, index)
        else:
            for index in range(len(self)):
                yield self[index]

    def values(self, index: int) -> tuple[str, ...]:
        """The values of a rule, without making the rule."""
        return self._lines.values(self._numbers[index])

    def values_of(self, places: Sequence[int]) -> list[tuple[str, ...]]:
        """The values of several rules, without making them; quicker where they stand in a row."""
        if not places:
            return []
        first, last = self._numbers[places[0]], self._numbers[places[-1]]
        if last - first == len(places) - 1 == places[-1] - places[0]:
            return self._lines.values_in_row(first, len(places))
        return [self._lines.values(self._numbers[place]) for place in places]

    def blocks(self, place: int, size: int, count: int) -> list[tuple[str, ...]]:
        """The values of so many blocks of `size` rules, on lines in a row, that all have the same form."""
        return self._lines.blocks(self._numbers[place], size, count)

    def block(self, places: Sequence[int]) -> tuple[str, ...]:
        """The values of several rules, one after another."""
        first, last = self._numbers[places[0]], self._numbers[places[-1]]
        if last - first == len(places) - 1 == places[-1] - places[0]:
            return self._lines.block(first, len(places))
        return tuple([value for values in self.values_of(places) for value in values])

    def forms(self, many: Iterable[Sequence[int]]) -> list[bytes]:
        """The forms of the rules at many places."""
        lines, shapes = self._numbers, self._lines.numbers
        if isinstance(lines, range) and lines:
            before = lines[0] - 1
            return [
                shapes[before + places.start : before + places.stop].tobytes() if isinstance(places, range) else self.form(places)
                for places in many
            ]
        return list(map(self.form, many))

    def form(self, places: Sequence[int]) -> bytes:
        """What is equal for rules of the same shapes, and for no others."""
        first, last = self._numbers[places[0]], self._numbers[places[-1]]
        numbers = self._lines.numbers
        if last - first == len(places) - 1:
            return numbers[first - 1 : last].tobytes()
        return array("I", [numbers[self._numbers[place] - 1] for place in places]).tobytes()

    def shapes_of(self, places: Sequence[int]) -> tuple[Shape, ...]:
        """The shapes of several rules, without looking up their values."""
        numbers, lines = self._numbers, self._lines
        return tuple([lines.shape(numbers[place]) for place in places])

    def made(self, places: Sequence[int], values: Sequence[tuple[str, ...]]) -> list[Rule]:
        """The rules at some places, whose values are known."""
        numbers, shape = self._numbers, self._lines.shape
        return [Rule(shape(numbers[place]), own, numbers[place], place) for place, own in zip(places, values, strict=True)]

    def shape(self, index: int) -> Shape:
        """The shape of a rule, without looking up its values."""
        return self._lines.shape(self._numbers[index])

    def line(self, index: int) -> int:
        """The line of a rule, without looking up its values."""
        return self._numbers[index]


@dataclass(frozen=True, slots=True)
class Chain:
    """A declared chain: `:INPUT ACCEPT [0:0]`. `policy` is None for a user-defined chain (`-`)."""

    name: ChainName
    policy: str | None
    counters: Counters | None
    line: int


class Alike(NamedTuple):
    """Chains that follow each other in the dump and whose rules have the same shapes, one after another: the same *form*.

    `form` is equal for chains of the same form; `places` are the rules of the first chain.
    """

    form: bytes
    chains: Sequence[ChainName]
    places: Sequence[int]


class ChainPlaces(Mapping[ChainName, Sequence[int]]):
    """The places of each chain's rules among the rules of a table."""

    @abstractmethod
    def of(self, name: str) -> Sequence[int]:
        """The places of a chain's rules; empty if it has none."""


class Table:
    """One table: its declared chains, and its rules in the order of the dump.

    `line` is that of `*nat`, 0 where the dump is rule lines alone and the table was inferred. `by_chain` has the places of each
    chain's rules among `rules`. `committed` says whether `COMMIT` was seen.
    """

    __slots__ = ("_alike", "_of_chain", "by_chain", "chains", "committed", "line", "name", "rules")

    def __init__(  # noqa: PLR0913 - made in one place only
        self, name: str, line: int, *, chains: Mapping[ChainName, Chain], rules: Rules, by_chain: ChainPlaces, committed: bool
    ) -> None:
        """See the class."""
        self.name = name
        self.line = line
        self.chains = chains
        self.rules = rules
        self.by_chain = by_chain
        self.committed = committed
        self._of_chain: dict[str, Sequence[Rule]] = {}
        self._alike: Sequence[Alike] | None = None

    @property
    def alike(self) -> Sequence[Alike]:
        """All chains that have rules, in groups of one form; worked out when first asked for."""
        if self._alike is None:
            found: list[Alike] = []
            chains: list[ChainName] = []
            form, end = b"", -1
            for (chain, places), own in zip(self.by_chain.items(), self.rules.forms(self.by_chain.values()), strict=True):
                if own == form and places[0] == end:
                    chains.append(chain)
                else:
                    chains = [chain]
                    found.append(Alike(own, chains, places))
                form, end = own, places[-1] + 1
            self._alike = found
        return self._alike

    def rules_of(self, chain: str) -> Sequence[Rule]:
        """The rules of one chain in order; empty if it has none or does not exist. Kept: who asks for a chain asks again."""
        found = self._of_chain.get(chain)
        if found is None:
            places = self.by_chain.of(chain)
            if not places:
                return ()
            found = self._of_chain[chain] = self.rules.made(places, self.rules.values_of(places))
        return found

    def has_chain(self, name: str) -> bool:
        """Is the chain declared, or does a rule stand in it."""
        return name in self.chains or name in self.by_chain


@dataclass(frozen=True, slots=True, eq=False)
class Dump:
    """The output of one iptables-save: tables of one address family and one backend.

    `family` is `ipv4`, `ipv6` or None where nothing tells; `backend` is `nft`, `legacy` or None; `version` is that of iptables, None
    without a header. `complete` is False if the dump ends in the middle. `first_line` and `lines` say which lines of the input it takes.
    """

    number: int
    family: str | None
    backend: str | None
    version: str | None
    tables: tuple[Table, ...]
    complete: bool
    first_line: int
    lines: int

    def table(self, name: str) -> Table | None:
        """The table of this name, None if the dump has none."""
        return next((table for table in self.tables if table.name == name), None)


@dataclass(frozen=True, slots=True, eq=False)
class Ruleset:
    """One input: everything that was read from it, and what was not understood."""

    source: Source
    dumps: tuple[Dump, ...]
    problems: tuple[Problem, ...]
    lines: Lines
