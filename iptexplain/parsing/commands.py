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
        self.problems: list[tuple[int, Message]] = []
        for entry in entries:
            rule = _RULE.match(entry.text)
            if entry.command is not None:
                self._do(entry, entry.command)
            elif rule is not None:
                self.rules.setdefault(rule[1], []).append(entry)
            elif self.behind or entry.text.rstrip() == "COMMIT":
                self.behind.append(entry)
            else:
                self.others.append(entry)

    def lines(self) -> list[Entry]:
        """Chains and remarks, then the rules chain by chain, then COMMIT and what follows it."""
        return [*self.others, *(entry for rules in self.rules.values() for entry in rules), *self.behind]

    def _do(self, entry: Entry, command: Command) -> None:
        rules = self.rules.setdefault(command.chain, []) if command.chain else []
        new = [Entry(entry.line, text) for text in entry.texts]
        at = (1 if command.number is None else command.number) - 1
        match command.verb:
            case "-I" if 0 <= at <= len(rules):
                rules[at:at] = new
            case "-R" if 0 <= at < len(rules) and command.number is not None:
                rules[at : at + 1] = new
            case "-D" if self._deleted(rules, new, command):
                pass
            case "-F":
                for chain in [command.chain] if command.chain else list(self.rules):
                    self.rules[chain] = []
            case "-X" if not rules:
                self.others = [other for other in self.others if not self._declares(other, command.chain)]
            case "-Z":
                pass  # counters: nothing that rules do depends on them
            case _:
                what = message("this command changes rules or chains that are not in this input as it says; it was left out")
                self.problems.append((entry.line, what))

    @staticmethod
    def _deleted(rules: list[Entry], wanted: Sequence[Entry], command: Command) -> bool:
        """Deletes rules, by what they say or by their number; False if they are not there."""
        if not wanted:
            if not command.number or command.number > len(rules):
                return False
            del rules[command.number - 1]
            return True
        known = [rule.text.split("-A ", 1)[1] for rule in rules]
        places = [known.index(said) for said in (rule.text.split("-A ", 1)[1] for rule in wanted) if said in known]
        for place in sorted(set(places), reverse=True):
            del rules[place]
        return bool(places)

    @staticmethod
    def _declares(entry: Entry, chain: str) -> bool:
        """Does the line declare the chain, or, for no chain, any user-defined one."""
        found = _CHAIN.match(entry.text)
        return found is not None and (found[1] == chain if chain else " - " in entry.text)
