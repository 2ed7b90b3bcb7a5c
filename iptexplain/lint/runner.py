"""Runs checks over the dumps of one input, and makes findings of their hits."""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

from iptexplain.errors import TooManyCasesError
from iptexplain.lint.beside import NOTHING
from iptexplain.lint.finding import Finding, Skipped
from iptexplain.lint.registry import selected
from iptexplain.lint.subject import Subject
from iptexplain.named import NamedTuple
from iptexplain.source import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iptexplain.lint.beside import Beside
    from iptexplain.lint.check import Check
    from iptexplain.lint.finding import Hit
    from iptexplain.model.ruleset import Dump, Ruleset
    from iptexplain.source import Message, Source

_DIGITS = 16
"""Hexadecimal digits of a fingerprint."""

_IGNORE = re.compile(r"^# iptexplain: ignore=([A-Z0-9, ]+)$", re.MULTILINE)


class Report(NamedTuple):
    """What checks found in one input, in the order of the lines; and those that could not look at any of its dumps.

    `known` counts the findings that a baseline has taken away.
    """

    ruleset: Ruleset
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    known: int = 0


def lint(ruleset: Ruleset, checks: Sequence[Check], beside: Beside = NOTHING) -> Report:
    """Looks at every dump of an input with every check; `beside` is what else is known of the node."""
    ignored = _ignored(ruleset.lines.source) if "# iptexplain: ignore=" in ruleset.source.text else {}
    findings: list[Finding] = []
    reasons: dict[str, Message] = {}
    looked: set[str] = set()
    seen: Counter[str] = Counter()
    for dump in ruleset.dumps:
        subject = Subject(ruleset, dump, beside)
        for check in checks:
            lacks = check.lacks(subject)
            if lacks is not None:
                reasons.setdefault(check.code, lacks)
                continue
            try:
                hits = [hit for hit in check.look(subject) if not _is_ignored(check.code, hit.line, ignored)]
            except TooManyCasesError as error:
                reasons.setdefault(check.code, error.message)
                continue
            looked.add(check.code)
            findings += [_finding(check, hit, ruleset.source, dump, seen) for hit in hits]
    findings.sort(key=lambda finding: (finding.place.line, finding.check.code, finding.fingerprint))
    skipped = [Skipped(check, reasons[check.code]) for check in checks if check.code in reasons and check.code not in looked]
    return Report(ruleset, tuple(findings), tuple(skipped))


def findings(ruleset: Ruleset, *, select: Iterable[str] = (), ignore: Iterable[str] = (), beside: Beside = NOTHING) -> tuple[Finding, ...]:
    """What is wrong in a ruleset, in the order of its lines, by the checks whose codes begin with one of `select` and none of `ignore`.

    `beside` is what else is known of the node. Raises KeyError with a word that no code begins with.
    """
    return lint(ruleset, selected(select, ignore), beside).findings


def _finding(check: Check, hit: Hit, source: Source, dump: Dump, seen: Counter[str]) -> Finding:
    """A hit with its place. Hits about the same thing are numbered, so that each has a fingerprint of its own."""
    key = "\0".join((check.code, dump.family or "", dump.backend or "", *hit.about))
    number = seen[key]
    seen[key] += 1
    digest = sha256(f"{key}\0{number}".encode("utf-8", "surrogateescape")).hexdigest()[:_DIGITS]
    return Finding(check, hit.severity or check.severity, _place(hit, source), hit.related, digest, hit.witness)


def _place(hit: Hit, source: Source) -> Problem:
    """Where a hit stands in the user's input."""
    if not hit.line:
        return Problem(source.name, 0, 1, 0, "", hit.message)
    text = source.line(hit.line)
    at = text.find(hit.word) if hit.word else -1
    column, width = (1, len(text)) if at < 0 else (at + 1, len(hit.word or ""))
    return Problem(source.name, hit.line, column, width, text, hit.message)


def _ignored(source: Source) -> dict[int, frozenset[str]]:
    """The codes that are ignored, by line of the user's input: those of a comment above it; 0 has those above the first table, for all."""
    found: dict[int, frozenset[str]] = {}
    waiting: set[str] = set()
    before = True
    for number, line in enumerate(_lines(source.text), 1):
        said = _IGNORE.match(line)
        if said is not None:
            codes = {code.strip() for code in said[1].split(",")}
            if before:
                found[0] = found.get(0, frozenset()) | codes
            else:
                waiting |= codes
        elif not line.startswith("#"):
            before = before and not line.startswith("*")
            if waiting:
                found[source.number(number)] = frozenset(waiting)
                waiting.clear()
    return found


def _lines(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        yield text[at:end] if end >= 0 else text[at:]
        at = end + 1 if end >= 0 else len(text)


def _is_ignored(code: str, line: int, ignored: dict[int, frozenset[str]]) -> bool:
    return code in ignored.get(0, ()) or code in ignored.get(line, ())
