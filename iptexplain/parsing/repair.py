"""Input as it arrives: quoted in mails, copied from web pages and terminals, written by hand.

A well-formed dump never comes here: only lines that the grammar of saved lines refuses, or holds something unknown in, are looked at. What
is done is told once for each kind of damage, with the first place; the repaired text keeps the places of the user's input
(`source.Origin`).

Rules in the spelling of iptables-restore become saved lines (`loose`, `canonical`); lines that change what stands before them (`-I`, `-D`,
`-X` …) are carried out (`commands`).
"""

from __future__ import annotations

import re
from array import array
from functools import cached_property
from typing import TYPE_CHECKING

from iptexplain.extensions.common.extension import LOSSLESS, Dialect
from iptexplain.named import NamedTuple
from iptexplain.parsing import loose
from iptexplain.parsing.canonical import rule_texts
from iptexplain.parsing.commands import Entry, carry_out
from iptexplain.parsing.damage import REMARK, REPAIRS, RETURNS, Line, left_out
from iptexplain.parsing.families import TABLE, Families
from iptexplain.parsing.grammar import SyntaxProblem
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iptexplain.model.lines import Lines
    from iptexplain.model.shape import Shape
    from iptexplain.parsing.shapes import Shapes
    from iptexplain.source import Message, Problem, Source

_HOPELESS = 1000
"""After so many lines that could not be mended, and none that could, the rest is left alone: it is another kind of text."""

_LIKE_A_RULE = re.compile(
    r"(?:\[[0-9]+:[0-9]+\][ \t]+)?(?:-[46nvw][ \t]+)*-(?:[AIDRNXPFZEC]|-(?:append|insert|delete|replace|new-chain|policy|flush|zero|check))"
)
"""How a line of iptables-restore begins that is worth an error of its own."""

_LIST = re.compile(r" -[sd] [0-9a-fA-F.:/]+(?:,[0-9a-fA-F.:/]+)+(?![^ \n])")
_COLOURED = re.compile(r"\x1b\[[0-9;]*m\x1b\[K[^\x1b]*\x1b\[0?m\x1b\[K")
"""Text in colour as grep writes it. Other escapes in a line that can be read are left alone: names and remarks may hold anything."""
_GOES_ON = re.compile(r"\r(?:(?:\[[0-9]+:[0-9]+\] )?-A[ \xa0]|:\S+[ \xa0]\S+[ \xa0]\[|\*[a-z]+(?:\r|\Z)|COMMIT|#)")
"""Another line behind a carriage return."""

_DECLARED = re.compile(
    r"^[ \t>|]*(?::[ \t]*|-N[ \t]+|--new-chain[ \t]+)([^ \t\r\n]+)|(?<=\W):([^ \t\r\n:]+)[ \t\xa0]+(?:-|ACCEPT|DROP)[ \t\xa0]",
    re.MULTILINE,
)
"""The name of a declared chain, at the beginning of a line or behind what a repair will take away."""
_QUOTED_NAME = re.compile(r' -[jg] ("[^" ]+")(?= |\Z)|\A(?:\[[0-9:]+\] )?-A ("[^" ]+")(?= |\Z)')
"""The name of a chain or target in quotes, which belong to it only if it is declared so."""

_OTHER_FAMILY = N_("rules for the other family (-4, -6) were left out, as iptables-restore does (lines: {count})")

_AT_ONCE = 2
"""The first repairs, of what nobody means: colours and returns."""

_MOST_RULES = 4096
"""So many rules one line may stand for, with several sources and several destinations."""
_TOO_MANY = N_("one line stands for more than {most} rules, by its lists of addresses; these are not taken apart (lines: {count})")

_LONGEST_TALK = 1000
"""Prompts and messages are shorter; in longer lines these expressions would take their time."""

_WORTH_A_LOOK = re.compile(
    r"[ \t>|]*(?:[\w./-]+:)?(?:[0-9]+[:\t -])?[ \t]*(?:[-*:#`\[\u2013\u2014]|COMMIT)"
    r"|.*(?:[\x1b\r\xa0\u2007\u200b-\u200d\u202f\u2060\ufeff]|[@$#>%] *(?:sudo )?ip6?tables|&(?:quot|gt|lt|amp|#))"
    r"|.*[@:~].*[$#%] ?$|[$%] ?$|(?:sudo|ip6?tables|modprobe|nft|[Ww][Aa][Rr][Nn][Ii][Nn][Gg])\b"
)
"""Lines that some repair may help; the others, prose for instance, are passed over at once."""


class _Edit(NamedTuple):
    """What becomes of a line: lines, and for a line that only lost or changed characters, pairs of columns; or a command to carry out."""

    texts: tuple[str, ...]
    pairs: tuple[tuple[int, int], ...] = ()
    command: loose.Command | None = None


class _Mender:
    def __init__(self, lines: Lines, shapes: Shapes, *, by_hand: bool) -> None:
        self.lines = lines
        self.source = lines.source
        self.shapes = shapes
        self.by_hand = by_hand
        self.told: dict[str | Message, list[int]] = {}
        self.refused: dict[int, loose.LooseProblem] = {}
        self.families = Families(self.source.text)
        self.tried = 0

    @cached_property
    def chains(self) -> frozenset[str]:
        """The chains that are declared somewhere in the input."""
        return frozenset(name for pair in _DECLARED.findall(self.source.text) for name in pair if name)

    @cached_property
    def coloured(self) -> bool:
        """May lines that read well be in colour: rule lines alone, as after grep. In a whole dump names and remarks may hold anything."""
        return "\x1b[" in self.source.text and TABLE.search(self.source.text) is None

    def edits(self) -> dict[int, _Edit]:
        """What becomes of the lines that need it."""
        found: dict[int, _Edit] = {}
        for number in self._readable():
            edit = self._improved(number, Line(self._text(number)))
            if edit is not None:
                found[number] = edit
        for number in self._with(lambda shape: shape is None):
            text = self._text(number)
            if text.strip(" \t\r") and (edit := self._edit(number, text)) is not None:
                found[number] = edit
            elif self.tried > _HOPELESS and not found:
                break
        return found

    def _text(self, number: int) -> str:
        return self.source.line_at(self.lines.start(number))

    def _with(self, wanted: Callable[[Shape | None], bool]) -> Iterator[int]:
        """The lines whose shape is as wanted."""
        marks = "".join(re.escape(chr(number)) for number, shape in enumerate(self.lines.shapes) if wanted(shape))
        return (found.start() + 1 for found in re.finditer(f"[{marks}]", self.lines.marks)) if marks else iter(())

    def _readable(self) -> list[int]:
        """Lines that could be read, and yet are looked at again: with something unknown, several addresses at once, colours, returns."""
        found = set(self._with(lambda shape: shape is not None and shape.unknown))
        text = self.source.text
        wanted = [(self.coloured, _COLOURED), ("\r" in text, _GOES_ON), (self.by_hand, _LIST), (self.by_hand, _QUOTED_NAME)]
        expressions = [expression for asked, expression in wanted if asked]
        for number, line in enumerate(text.split("\n") if expressions else (), 1):
            if line[:1] != "#" and any(expression.search(line) for expression in expressions) and self._has_shape(number):
                found.add(number)
        return sorted(found)

    def _has_shape(self, number: int) -> bool:
        return self.lines.shapes[ord(self.lines.marks[number - 1])] is not None

    def _improved(self, number: int, line: Line) -> _Edit | None:
        """What becomes of a line that could be read: something else only where all of it is understood so."""
        if self.coloured and _COLOURED.search(line.text):
            return self._read(number, line.mended(REPAIRS[0]))
        if _GOES_ON.search(line.text):
            return self._at_returns(number, line.text)
        return self._without_remark(number, line) or self._bound_if_known(number, line)

    def _without_remark(self, number: int, line: Line) -> _Edit | None:
        """A line with a remark (#) at its end that is understood without it, None for another."""
        short = line.mended(REMARK)
        if short is line:
            return None
        if self._is_saved(short.text, only_if_known=True):
            return self._done(short, number, _Edit((short.text,), short.pairs))
        return self._bound(number, short, only_if_known=True)

    def _bound_if_known(self, number: int, line: Line) -> _Edit | None:
        """A line that the grammar reads with something unknown in it, understood otherwise; None where what is unknown may be just that.

        Behind a target that nobody knows, and that is no chain of this input, stand its own options, whatever they look like.
        """
        shape = self.shapes.of(line.text + "\n", 0, len(line.text))
        values = shape.values(line.text + "\n", 0) or ()
        for clause in shape.clauses:
            name = clause.name if isinstance(clause.name, str) else values[clause.name]
            known = loose.MATCH_NAMES if clause.kind == "match" else self.chains
            if clause.unsupported or (clause.unknown and name not in known):
                return None
        if any(target in self.chains or chain in self.chains for target, chain in _QUOTED_NAME.findall(line.text)):
            return None
        return self._bound(number, line, only_if_known=True)

    def _edit(self, number: int, text: str) -> _Edit | None:
        """What becomes of a line that could not be read; None if nothing helps."""
        if not (_WORTH_A_LOOK.match(text[:_LONGEST_TALK]) or _LIKE_A_RULE.match(text)):
            return None
        self.tried += 1
        if _GOES_ON.search(text):
            return self._at_returns(number, text)
        line = Line(text)
        for repair in REPAIRS[:_AT_ONCE]:
            line = line.mended(repair)
        found = self._without_remark(number, line) or self._read(number, line)
        for repair in REPAIRS[_AT_ONCE:]:
            if found is not None:
                return found
            before, line = line, line.mended(repair)
            if line is not before:
                found = self._read(number, line)
        found = found or self._bound(number, line, without_quotes=True)
        return found or self._left_out(number, line, text)

    def _read(self, number: int, line: Line) -> _Edit | None:
        """A line that has been mended so far: as it is now, or as a rule by hand."""
        if not self._is_saved(line.text):
            return self._bound(number, line)
        better = None if self._is_plain(line.text) else self._improved(number, line)
        return better or self._done(line, number, _Edit((line.text,), line.pairs))

    def _left_out(self, number: int, line: Line, text: str) -> _Edit | None:
        if len(text) > _LONGEST_TALK or _LIKE_A_RULE.match(text):
            return None
        told = left_out(line.text) or left_out(text)
        return None if told is None else self._done(Line(text, told=(told,)), number, _Edit(()))

    def _at_returns(self, number: int, text: str) -> _Edit:
        """Several lines with CR between them among others that end in LF: each is mended by itself."""
        texts: list[str] = []
        for part in filter(None, text.split("\r")):
            edit = self._read(number, Line(part)) if self._is_saved(part) else self._edit(number, part)
            texts += [part] if edit is None or edit.command is not None else edit.texts
        return self._done(Line(text, told=(RETURNS,)), number, _Edit(tuple(texts)))

    def _is_saved(self, text: str, *, only_if_known: bool = False) -> bool:
        """Is the text a line of iptables-save, or a blank one; `only_if_known`: with nothing unknown in it."""
        if not text.strip(" \t"):
            return True
        try:
            shape = self.shapes.of(text + "\n", 0, len(text))
        except SyntaxProblem:
            return False
        return not (only_if_known and shape.unknown)

    def _is_plain(self, text: str) -> bool:
        """Is there nothing in a line that iptables-save would not print."""
        return self._is_saved(text, only_if_known=True) and not any(odd.search(text) for odd in (_LIST, _GOES_ON, _QUOTED_NAME))

    def _bound(self, number: int, line: Line, *, only_if_known: bool = False, without_quotes: bool = False) -> _Edit | None:
        """A line of iptables-restore in the spelling of iptables-save, None if it is none."""
        command = self._command(number, line, without_quotes=without_quotes)
        if command is None or (only_if_known and any(clause.unknown for clause in command.clauses)):
            return None
        family = self.families.at(self.lines.start(number))
        if command.family not in {None, family}:
            return self._done(line._replace(told=(*line.told, _OTHER_FAMILY)), number, _Edit(()))
        edit = self._saved(command, family)
        if not all(map(self._is_saved, edit.texts)):
            return None
        self.refused.pop(number, None)
        return self._done(
            line._replace(told=(*line.told, *command.warnings)),
            number,
            edit,
        )

    def _command(self, number: int, line: Line, *, without_quotes: bool) -> loose.Command | None:
        """What a line says to iptables-restore; None, and the reason kept, if that cannot be told or carried out."""
        if not _LIKE_A_RULE.match(line.text):
            return None
        try:
            command = loose.bind(line.text, chains=self.chains, without_quotes=without_quotes)
        except loose.LooseProblem as problem:
            if number not in self.refused:
                offset = line.there(problem.offset + 1) - 1
                self.refused[number] = loose.LooseProblem(offset, problem.length, problem.message)
            return None
        if loose.rules_of(command.clauses) > _MOST_RULES:
            where = self.told.setdefault(_TOO_MANY, [])
            where += [number] if number not in where else []
            return None
        return None if self._is_cut(number) and command.verb not in {"-A", "-N", "-P"} else command

    def _is_cut(self, number: int) -> bool:
        """Does the input end within this line."""
        return number == len(self.lines.marks) and not self.source.complete_line

    @staticmethod
    def _saved(command: loose.Command, family: int) -> _Edit:
        lead = "" if command.counters is None else f"{command.counters} "
        texts = tuple(lead + text for text in rule_texts(command.chain, command.clauses, Dialect(family, LOSSLESS)))
        match command.verb:
            case "-A":
                return _Edit(texts)
            case "-N":
                return _Edit((f":{command.chain} - [0:0]",))
            case "-P":
                return _Edit((f":{command.chain} {command.word} {command.counters or '[0:0]'}",))
            case "-I" | "-R":
                return _Edit(texts, command=command)
            case "-D" if command.number is None:
                return _Edit(texts, command=command)
            case _:
                return _Edit((), command=command)

    def _done(self, line: Line, number: int, edit: _Edit) -> _Edit:
        for told in line.told:
            self.told.setdefault(told, []).append(number)
        return edit

    def spelled(self, entry: Entry) -> str:
        """A rule as iptables-save would print it, to compare it with others."""
        try:
            command = loose.bind(entry.text, chains=self.chains)
        except loose.LooseProblem:
            return entry.text
        return "\n".join(rule_texts(command.chain, command.clauses, Dialect(self.families.at(self.lines.start(entry.line)), LOSSLESS)))

    def tell(self) -> list[Problem]:
        """One problem for each kind of damage, at its first place."""
        return [self.source.problem(where[0], _counted(told, len(where))) for told, where in self.told.items()]


def _counted(told: str | Message, count: int) -> Message:
    """What to tell of some lines, with how many they are."""
    if isinstance(told, str):
        return message(told, count=count, **({"most": _MOST_RULES} if told == _TOO_MANY else {}))
    return message("{warning} (lines: {count})", warning=told, count=count)


def mend(lines: Lines, shapes: Shapes, *, by_hand: bool) -> tuple[Source, list[Problem], dict[int, loose.LooseProblem]]:
    """A text with those lines mended that need it and can be, what to tell of it, and why other rules could not be read, by their line.

    The text is the one that the lines have if there is nothing to mend.
    `by_hand`: lines that read well may hold several addresses in one place, or names in quotes.
    """
    mender = _Mender(lines, shapes, by_hand=by_hand)
    edits = mender.edits()
    source = lines.source
    if not edits:
        return source, mender.tell(), mender.refused
    problems = mender.tell()
    if any(edit.command is not None for edit in edits.values()):
        entries, more = carry_out(list(_entries(lines, edits)), mender.spelled)
        problems += [source.problem(line, what) for line, what in more]
        numbers: Sequence[int] = array("I", [entry.line for entry in entries])
        moved = {at: entry.pairs for at, entry in enumerate(entries, 1) if entry.pairs}
        mended = source.repaired("".join(f"{entry.text}\n" for entry in entries), numbers, moved)
    else:
        mended = _edited(lines, edits)
    where = {line: at for at, line in enumerate(mended.origin.lines, 1) if line in mender.refused} if mended.origin is not None else {}
    return mended, problems, {where[line]: problem for line, problem in mender.refused.items() if line in where}


def _edited(lines: Lines, edits: dict[int, _Edit]) -> Source:
    """The text after the edits of single lines; what lies between them is not looked at."""
    source, text = lines.source, lines.source.text
    parts: list[str] = []
    numbers = array("I")
    moved: dict[int, Sequence[tuple[int, int]]] = {}
    at, line = 0, 1
    for number in sorted(edits):
        start = lines.start(number)
        parts.append(text[at:start])
        numbers.extend(range(line, number))
        for new in edits[number].texts:
            parts.append(f"{new}\n")
            numbers.append(number)
            if edits[number].pairs:
                moved[len(numbers)] = edits[number].pairs
        at, line = text.index("\n", start) + 1, number + 1
    parts.append(text[at:])
    numbers.extend(range(line, len(lines.marks) + 1))
    same = all(len(edit.texts) == 1 for edit in edits.values())
    return source.repaired("".join(parts), range(1, len(numbers) + 1) if same else numbers, moved)


def _entries(lines: Lines, edits: dict[int, _Edit]) -> Iterator[Entry]:
    """All lines after the edits of single lines."""
    for number, text in enumerate(lines.source.text.split("\n")[:-1], 1):
        edit = edits.get(number)
        if edit is None:
            yield Entry(number, text)
        elif edit.command is not None:
            yield Entry(number, edit.texts[0] if edit.texts else "", (), edit.command, edit.texts)
        else:
            for new in edit.texts:
                yield Entry(number, new, edit.pairs)
