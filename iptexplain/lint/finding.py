"""What a check finds: a hit is what the check itself says, a finding is that with its place, its check and its fingerprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iptexplain.lint.check import Check
    from iptexplain.source import Message, Problem

ERROR, WARNING, INFO = "error", "warning", "info"
SEVERITIES = (ERROR, WARNING, INFO)
"""The severities, the gravest first."""


class Related(NamedTuple):
    """Another line that has to do with a finding, and what it has to do with it. `file` None: it is in the same input."""

    line: int
    message: Message
    file: str | None = None


class Hit(NamedTuple):
    """What a check says of one dump. `line` 0 speaks of the whole dump; `severity` None: that of the check.

    `about` names the thing that is wrong in words that stay the same when lines move: a chain, a Service port, the text of a rule.
    `word` is what the caret stands under, None for the whole line. `witness` is a packet that shows it, as in a line of `trace --packets`.
    """

    line: int
    message: Message
    about: tuple[str, ...]
    severity: str | None = None
    related: tuple[Related, ...] = ()
    word: str | None = None
    witness: Mapping[str, object] | None = None


class Finding(NamedTuple):
    """A hit of a check in an input. `place` is where it stands and its sentence; `fingerprint` is the same while the thing is wrong."""

    check: Check
    severity: str
    place: Problem
    related: tuple[Related, ...]
    fingerprint: str
    witness: Mapping[str, object] | None = None


class Skipped(NamedTuple):
    """A check that could not look at a dump, or not at all of it, and why. `line`: where the dump begins, 0 if it is the only one."""

    check: Check
    reason: Message
    line: int = 0


def at_least(severity: str, limit: str) -> bool:
    """Is a severity as grave as a limit, or graver."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(limit)
