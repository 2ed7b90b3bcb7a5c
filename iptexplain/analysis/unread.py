"""The lines of a dump that look like its own and could not be read: rules or chains may be missing in its tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iptexplain.model.ruleset import Dump, Ruleset

_OF_DUMP = ("-", "*", ":", "[")
"""How lines begin that are no prose around a dump."""

_OF_RULES = ("-A ", "[")
"""How rules begin. A line behind one that is none itself is the rest of that rule, which something has broken in two."""


def unread(ruleset: Ruleset, dump: Dump) -> tuple[int, ...]:
    """The numbers of these lines, as the user counts them."""
    lines, source = ruleset.lines, ruleset.lines.source
    strange = {chr(number) for number, shape in enumerate(lines.shapes) if shape is None and chr(number) in lines.marks}
    first, last = dump.first_line, dump.first_line + dump.lines
    found = []
    for at in [found.start() + 1 for mark in strange for found in re.finditer(re.escape(mark), lines.marks)]:
        start, end = lines.start(at), lines.start(at + 1)
        rest = at > 1 and source.text.startswith(_OF_RULES, lines.start(at - 1)) and not source.text[start:end].isspace()
        if (rest or source.text.startswith(_OF_DUMP, start)) and first <= source.number(at) < last:
            found.append(source.number(at))
    return tuple(sorted(found))
