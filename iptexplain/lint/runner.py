"""Runs checks over the dumps of one input, and makes findings of their hits."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

from iptexplain.errors import TooManyCasesError
from iptexplain.lint.beside import NOTHING, fit
from iptexplain.lint.finding import Finding, Skipped
from iptexplain.lint.ignore import ignored
from iptexplain.lint.registry import selected
from iptexplain.lint.subject import Subject
from iptexplain.named import NamedTuple
from iptexplain.source import Problem, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iptexplain.lint.beside import Beside
    from iptexplain.lint.check import Check
    from iptexplain.lint.finding import Hit
    from iptexplain.model.ruleset import Dump, Ruleset
    from iptexplain.source import Message, Source

_DIGITS = 16
"""Hexadecimal digits of a fingerprint."""


class Report(NamedTuple):
    """What checks found in one input, in the order of the lines; and which could not look at one of its dumps, or not at all of it.

    `beside` is what was read beside it, `problems` are comments that silence nothing. `known` counts the findings that a baseline has taken
    away, `hidden` those that are not grave enough to be shown.
    """

    ruleset: Ruleset
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    beside: tuple[Ruleset, ...] = ()
    problems: tuple[Problem, ...] = ()
    known: int = 0
    hidden: int = 0


def lint(ruleset: Ruleset, checks: Sequence[Check], beside: Beside = NOTHING) -> Report:
    """Looks at every dump of an input with every check; `beside` is what else is known of the node.

    Raises `UsageError` if something beside the dumps does not belong to them.
    """
    subjects = [Subject(ruleset, dump, beside) for dump in ruleset.dumps]
    fit(subjects, beside)
    silent = ignored(ruleset.lines.source)
    found: list[Finding] = []
    skipped: dict[tuple[str, str, int], Skipped] = {}
    seen: Counter[str] = Counter()
    for subject in subjects:
        for check in checks:
            hits, reason = _looked(check, subject)
            found += [_finding(check, hit, ruleset.source, subject.dump, seen) for hit in hits if not silent.has(check.code, hit.line)]
            if reason is not None:
                line = subject.dump.first_line if len(subjects) > 1 else 0
                skipped.setdefault((check.code, reason.english(), line), Skipped(check, reason, line))
    found.sort(key=lambda finding: (finding.place.line, finding.check.code, finding.fingerprint))
    others = tuple([other for other in (beside.backend, beside.ip6) if other is not None])
    return Report(ruleset, tuple(found), tuple(skipped.values()), others, silent.problems)


def _looked(check: Check, subject: Subject) -> tuple[list[Hit], Message | None]:
    """What a check says of a dump, and why it could not look at it, or not at all of it."""
    lacks = check.lacks(subject)
    if lacks is not None:
        return [], lacks
    hits: list[Hit] = []
    try:
        hits += check.look(subject)  # what it has said before it gives up stays
    except TooManyCasesError as error:
        return hits, error.message
    except RecursionError:
        return hits, message("chains lead to each other deeper than anybody would follow")
    return hits, None


def findings(
    ruleset: Ruleset, *, select: str | Iterable[str] = (), ignore: str | Iterable[str] = (), beside: Beside = NOTHING
) -> tuple[Finding, ...]:
    """What is wrong in a ruleset, in the order of its lines, by the checks whose codes begin with one of `select` and none of `ignore`.

    `beside` is what else is known of the node. Raises `UsageError` if no check has such a code, or something beside does not fit.
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
