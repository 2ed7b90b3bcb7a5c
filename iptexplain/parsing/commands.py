"""Lines that change what stands before them: `-I`, `-R`, `-D`, `-F`, `-X` in rules for iptables-restore, carried out.

What is left is what would be in the kernel after loading the file: the rules of a chain in their order, without what was deleted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.parsing.loose import Command
    from iptexplain.source import Message

_RULE = re.compile(r"(?:\[[0-9]+:[0-9]+\][ \t]+)?-A[ \t]+([^ \t]+)")
_TARGET = re.compile(r" -[jg] ([^ \t]+)")
_CHAIN = re.compile(r":[ \t]*([^ \t]+)[ \t]")


class Entry(NamedTuple):
    """A line: its number before the repair, its text, pairs of columns; or a command, with the rules that it brings."""

    line: int
    text: str
    pairs: Sequence[tuple[int, int]] = ()
    command: Command | None = None
    texts: tuple[str, ...] = ()


def carry_out(entries: Sequence[Entry]) -> tuple[list[Entry], list[tuple[int, Message]]]:
    """The lines after all commands, and what could not be done, by line. Tables without commands stay as they are."""
    done: list[Entry] = []
    problems: list[tuple[int, Message]] = []
    for table in _tables(entries):
        if any(entry.command is not None for entry in table):
            work = _Table(table)
            done += work.lines()
            problems += work.problems
        else:
            done += table
    return done, problems


def _tables(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The lines of each table with what stands before it."""
    part: list[Entry] = []
    for entry in entries:
        if entry.text.startswith("*") and part:
            yield part
            part = []
        part.append(entry)
    yield part


class _Table:
    """One table while its commands are carried out."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.others: list[Entry] = []
        self.behind: list[Entry] = []
        self.rules: dict[str, list[Entry]] = {}
        self.deleted: set[str] = set()
        self.problems: list[tuple[int, Message]] = []
        self._targets: set[str] | None = None
        for entry in entries:
            rule = _RULE.match(entry.text)
            if entry.command is not None:
                self._do(entry, entry.command)
            elif rule is not None:
                self._targets = None
                self.rules.setdefault(rule[1], []).append(entry)
            elif self.behind or entry.text.rstrip() == "COMMIT":
                self.behind.append(entry)
            else:
                declared = _CHAIN.match(entry.text)
                self.deleted -= {declared[1]} if declared is not None else set()
                self.others.append(entry)

    def lines(self) -> list[Entry]:
        """Chains and remarks, then the rules chain by chain, then COMMIT and what follows it."""
        others = [entry for entry in self.others if not ((found := _CHAIN.match(entry.text)) and found[1] in self.deleted)]
        return [*others, *(entry for rules in self.rules.values() for entry in rules), *self.behind]

    def _do(self, entry: Entry, command: Command) -> None:
        rules = self.rules.setdefault(command.chain, []) if command.chain else []
        new = [Entry(entry.line, text) for text in entry.texts]
        at = (1 if command.number is None else command.number) - 1
        done = True
        match command.verb:
            case "-I" if 0 <= at <= len(rules):
                rules[at:at] = new
            case "-R" if 0 <= at < len(rules) and command.number is not None:
                rules[at : at + 1] = new
            case "-D":
                done = self._delete(rules, new, at)
            case "-F":
                for chain in [command.chain] if command.chain else list(self.rules):
                    self.rules[chain] = []
            case "-X":
                done = self._delete_chains(command.chain)
            case "-Z" | "-C":
                return  # counters, and whether there is such a rule: nothing becomes of it
            case _:
                done = False
        self._targets = None if command.verb != "-X" else self._targets
        if not done:
            what = message("this command changes rules or chains that are not in this input as it says; it was left out")
            self.problems.append((entry.line, what))

    @staticmethod
    def _delete(rules: list[Entry], wanted: Sequence[Entry], at: int) -> bool:
        """Deletes rules, by what they say or, if nothing is said, by place; False if they are not there."""
        if not wanted:
            found = 0 <= at < len(rules)
            del rules[at : at + 1 if found else at]
            return found
        places = []
        for said in map(_said, wanted):
            place = next((number for number, rule in enumerate(rules) if number not in places and _said(rule) == said), None)
            if place is None:
                return False
            places.append(place)
        for place in sorted(places, reverse=True):
            del rules[place]
        return True

    def _delete_chains(self, chain: str) -> bool:
        """Deletes a chain, or all that people made; False if rules stand in one of them, or jump to it, as the kernel refuses that."""
        if self._targets is None:
            self._targets = {name for rules in self.rules.values() for rule in rules for name in _TARGET.findall(rule.text)}
        declared = (found for entry in self.others if (found := _CHAIN.match(entry.text)) is not None)
        names = [chain] if chain else [found[1] for found in declared if " - " in found.string]
        free = [name for name in names if not self.rules.get(name) and name not in self._targets]
        self.deleted.update(free)
        for name in free:
            self.rules.pop(name, None)
        return len(free) == len(names)


def _said(rule: Entry) -> str:
    """What a rule says, without its counters."""
    found = _RULE.match(rule.text)
    return rule.text if found is None else rule.text[found.start(1) :]
