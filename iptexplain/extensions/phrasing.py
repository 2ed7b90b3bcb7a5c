"""What a rule asks and does, in words: the phrases of its matches, and what its target does.

A clause that is not understood is quoted as it stands in the dump.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.extensions.common.extension import Extension
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.model.ruleset import Rule
    from iptexplain.source import Message


def phrases(rule: Rule) -> list[Phrase]:
    """What the matches of a rule ask, in order; a comment asks nothing."""
    found: list[Phrase] = []
    for clause in rule.shape.clauses:
        if clause.kind not in {"base", "match"} or clause.name == "comment":
            continue
        match = binding.match_of(clause, rule.values)
        if isinstance(match, Extension):
            found += match.phrases() if clause.options or not binding.tests_nothing(clause) else ()
        else:
            found.append(Phrase(Part.IF, message("matching {text}", text=getattr(match, "text", str(match)))))
    return found


def action(rule: Rule) -> Message | None:
    """What the target of a rule does, in words; None for a verdict, for a way to another chain, and where there is none."""
    target = rule.shape.target
    if target is None or not isinstance(target.name, str) or target.name in binding.VERDICTS:
        return None
    typed = binding.target_of(target, rule.values)
    return message("do {text}", text=binding.text_of(target, rule.values)) if typed is None else typed.action()
