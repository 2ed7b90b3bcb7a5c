"""Lines that change what stands before them: `-I`, `-R`, `-D`, `-F`, `-X`, `-E` in rules for iptables-restore, carried out.

What is left is what would be in the kernel after loading the file: the rules of a chain in their order, without what was deleted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iptexplain.parsing.loose import Command
    from iptexplain.source import Message

_CARRIED_OUT = N_("commands that delete or change rules and chains were carried out; what is shown is what is left (lines: {count})")

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


def carry_out(entries: Sequence[Entry], spelled: Callable[[Entry], str]) -> tuple[list[Entry], list[tuple[int, Message]]]:
    """The lines after all commands, and what could not be done, by line. Tables without commands stay as they are.

    `spelled` gives a rule in one spelling, so that `-D` finds it in another.
    """
    done: list[Entry] = []
    problems: list[tuple[int, Message]] = []
    carried_out: list[int] = []
    for table in _tables(entries):
        if any(entry.command is not None for entry in table):
            work = _Table(table, spelled)
            done += work.lines()
            problems += work.problems
            carried_out += work.carried_out
        else:
            done += table
    if carried_out:
        problems.append((carried_out[0], message(_CARRIED_OUT, count=len(carried_out))))
    return done, problems


def _tables(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The lines of each table with what stands before it."""
    part: list[Entry] = []
    committed = False
    for entry in entries:
        begins = entry.text.startswith("*") or (committed and (entry.command is not None or _RULE.match(entry.text) is not None))
        if begins and part:
            yield part
            part = []
            committed = False
        committed = committed or entry.text.rstrip() == "COMMIT"
        part.append(entry)
    yield part


class _Table:
    """One table while its commands are carried out."""

    def __init__(self, entries: Sequence[Entry], spelled: Callable[[Entry], str]) -> None:
        self.spelled = spelled
        self.known: dict[str, str] = {}
        self.others: list[Entry] = []
        self.behind: list[Entry] = []
        self.rules: dict[str, list[Entry]] = {}
        self.deleted: set[str] = set()
        self.problems: list[tuple[int, Message]] = []
        self.carried_out: list[int] = []
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
        on_rules = command.verb in {"-I", "-R", "-D"}
        done = self._change_rules(entry, command) if on_rules else self._change_chains(command)
        if command.verb != "-X":
            self._targets = None
        if done and command.verb != "-I":
            self.carried_out.append(entry.line)
        if not done:
            what = message("this command changes rules or chains that are not in this input as it says; it was left out")
            self.problems.append((entry.line, what))

    def _change_rules(self, entry: Entry, command: Command) -> bool:
        """Puts rules into a chain, or takes them away; False if there is no such place or rule."""
        rules = self.rules.setdefault(command.chain, [])
        new = [Entry(entry.line, text) for text in entry.texts]
        at = (1 if command.number is None else command.number) - 1
        match command.verb:
            case "-I" if 0 <= at <= len(rules):
                rules[at:at] = reversed(new)  # each is put there, before the one before
            case "-R" if 0 <= at < len(rules) and command.number is not None:
                rules[at : at + 1] = new
            case "-D":
                return self._delete(rules, new, at)
            case _:
                return False
        return True

    def _change_chains(self, command: Command) -> bool:
        """Empties, renames or deletes chains; False if that cannot be."""
        match command.verb:
            case "-F":
                for chain in [command.chain] if command.chain else list(self.rules):
                    self.rules[chain] = []
            case "-E" if command.word is not None:
                self._rename(command.chain, command.word)
            case "-X":
                return self._delete_chains(command.chain)
            case _:
                # -Z sets counters, -C asks whether there is such a rule: nothing becomes of it
                return command.verb in {"-Z", "-C"}
        return True

    def _said(self, rule: Entry) -> str:
        """What a rule says, in one spelling."""
        if rule.text not in self.known:
            self.known[rule.text] = self.spelled(rule)
        return self.known[rule.text]

    def _delete(self, rules: list[Entry], wanted: Sequence[Entry], at: int) -> bool:
        """Deletes rules, by what they say or, if nothing is said, by place; False if they are not there."""
        if not wanted:
            found = 0 <= at < len(rules)
            del rules[at : at + 1 if found else at]
            return found
        places = []
        for said in map(self._said, wanted):
            place = next((number for number, rule in enumerate(rules) if number not in places and self._said(rule) == said), None)
            if place is None:
                return False
            places.append(place)
        for place in sorted(places, reverse=True):
            del rules[place]
        return True

    def _rename(self, chain: str, name: str) -> None:
        """Gives a chain another name, where it is declared, where its rules stand, and where rules jump to it."""
        declared, rule, target = (re.compile(rf"({lead}){re.escape(chain)}(?![^ \t])") for lead in (r"\A:[ \t]*", r"-A[ \t]+", r" -[jg] "))

        def changed(found: re.Match[str]) -> str:
            return found[1] + name

        self.others = [entry._replace(text=declared.sub(changed, entry.text)) for entry in self.others]
        if chain in self.rules:
            self.rules[name] = [entry._replace(text=rule.sub(changed, entry.text, count=1)) for entry in self.rules.pop(chain)]
        for rules in self.rules.values():
            rules[:] = [entry._replace(text=target.sub(changed, entry.text)) for entry in rules]

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
