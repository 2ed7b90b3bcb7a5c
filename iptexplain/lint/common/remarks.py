"""What iptables-save says beside the rules: lines of its own in the input, which belong to no table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def remarks(subject: Subject, part: str, line: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
    """The lines of the input that an expression matches, with their numbers; none but those that hold `part` can match.

    Such lines stand before the header of a dump or behind its end, so they are told with the first dump of an input, all of them.
    """
    text = subject.ruleset.source.text
    if subject.dump.number or part not in text:
        return
    for found in line.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, found
