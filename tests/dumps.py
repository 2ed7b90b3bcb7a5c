"""Dumps for tests: those that the repository holds, and small ones made of a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.parsing.reader import read
from tests.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from iptexplain.model.ruleset import Rule, Ruleset, Table


def saved_files() -> tuple[Path, ...]:
    """The samples and the test dumps, sorted."""
    return tuple(sorted([*ROOT.glob("samples/**/*.save"), *ROOT.glob("tests/data/**/*.save")]))


def saved_lines() -> list[str]:
    """Every distinct line of them, sorted."""
    return sorted({line for path in saved_files() for line in path.read_text("utf-8").splitlines()})


def ruleset(*lines: str, end: str = "\n") -> Ruleset:
    """What is read from these lines."""
    return read("-", ("\n".join(lines) + end).encode("utf-8", "surrogateescape"))


def table(lines: Iterable[str], chains: Iterable[str] = (), *, name: str = "filter") -> Table:
    """A whole table of these rules. The built-in chain is INPUT; the other chains are declared as named in `chains`."""
    declared = [f":{chain} - [0:0]" for chain in chains]
    found = ruleset(f"*{name}", ":INPUT ACCEPT [0:0]", *declared, *lines, "COMMIT")
    assert all("is shown as unknown" in problem.message.english() for problem in found.problems)
    return found.dumps[0].tables[0]


def rule(line: str) -> Rule:
    """The rule of one line."""
    return table([line]).rules[0]
