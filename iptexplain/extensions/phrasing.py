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
    from iptexplain.model.shape import ClauseShape
    from iptexplain.source import Message


def phrases(rule: Rule) -> list[Phrase]:
    """What the matches of a rule ask, in order; a comment asks nothing."""
    found: list[Phrase] = []
    for clause in rule.shape.clauses:
        if clause.kind not in {"base", "match"} or clause.name == "comment" or (not clause.options and binding.tests_nothing(clause)):
            continue
        match = binding.match_of(clause, rule.values)
        if isinstance(match, Extension):
            found += match.phrases()
        else:
            found.append(Phrase(Part.IF, _not_read(clause, rule)))
    return found


def _not_read(clause: ClauseShape, rule: Rule) -> Message:
    """A match that is not understood: all of it as it stands where the match is not known, else what of it cannot be read."""
    if clause.unsupported:
        return message("asking {match} for what the dump has lost", match=clause.name)
    if clause.unknown or clause.name not in binding.MATCHES:
        return message("matching {text}", text=binding.text_of(clause, rule.values))
    said = [("! " if words.negated else "") + " ".join(words.values) for words in binding.words(clause, rule.values)]
    said += [rule.values[slot] for slot in clause.words]
    return message('asking {match} for what cannot be read: "{text}"', match=clause.name or "the packet", text=", ".join(said))


def goes_on(rule: Rule) -> bool:
    """Does a packet go on to the next rule behind a target whose effect is not followed here, by the class of the target."""
    target = rule.shape.target
    extension = None if target is None or not isinstance(target.name, str) else binding.target_extension(target.name)
    return extension is not None and extension.GOES_ON


def action(rule: Rule) -> Message | None:
    """What the target of a rule does, in words; None for a verdict, for a way to another chain, and where there is none."""
    target = rule.shape.target
    if target is None or target.name in binding.VERDICTS or (not isinstance(target.name, str) and not target.unknown):
        return None
    typed = binding.target_of(target, rule.values)
    return message("do {text}", text=binding.text_of(target, rule.values)) if typed is None else typed.action()
