"""What a rule asks and does, in words: the phrases of its matches, and what its target does.

A clause that is not understood is quoted as it stands in the dump.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.extensions.common.extension import Extension
from iptexplain.extensions.common.phrases import not_read
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.extensions.common.extension import Option, Words
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
            found += _not_read(clause, rule)
    return found


def _not_read(clause: ClauseShape, rule: Rule) -> list[Phrase]:
    """A match that is not understood: all of it as it stands; where its options limit one thing each, those that can be read, in words."""
    text = binding.text_of(clause, rule.values)
    extension = binding.match_extension(clause.name) if isinstance(clause.name, str) and not clause.unknown else None
    if clause.unsupported:
        return [Phrase(Part.IF, message("asking {match} for what the dump has lost", match=clause.name))]
    if extension is None:
        return [Phrase(Part.IF, message("matching {text}", text=text))]
    return _read_one_by_one(clause, rule, extension) or [Phrase(Part.IF, message('with what cannot be read: "{text}"', text=text))]


def _read_one_by_one(clause: ClauseShape, rule: Rule, extension: type[Extension]) -> list[Phrase]:
    """The phrases of options that each limit one thing, or of the only one: its value as it stands where that cannot be read."""
    given, known = binding.words(clause, rule.values), extension.keywords()
    if clause.words or any(one.keyword not in known for one in given):
        return []
    options = [known[one.keyword] for one in given]
    if len({option.attribute for option in options}) < len(given) or (len(given) > 1 and any(option.field is None for option in options)):
        return []
    read = [_readable(option, one) for option, one in zip(options, given, strict=True)]
    if all(read):
        return []
    try:
        said = [extension.read((one,)).phrases() if fine else (_unread(extension, one),) for fine, one in zip(read, given, strict=True)]
    except ValueError:
        return []
    return [phrase for phrases_ in said for phrase in phrases_]


def _readable(option: Option, words: Words) -> bool:
    """Can the value of an option be read by itself; a flag has none."""
    try:
        if option.parse is not None:
            option.parse(*words.values)
    except (TypeError, ValueError):
        return False
    return True


def _unread(extension: type[Extension], words: Words) -> Phrase:
    """The words of an option whose value cannot be read."""
    value = " ".join(words.values)
    end = not_read(extension.keywords()[words.keyword].field, value, negated=words.negated)
    if end is not None:
        return end
    text = _NO_VALUE if extension.NAME else _NO_BASE_VALUE
    return Phrase(Part.IF, message(text[words.negated], match=extension.NAME, value=value))


_NO_VALUE = (
    N_('with a value of {match} that cannot be read: "{value}"'),
    N_('with any value of {match} but one that cannot be read: "{value}"'),
)
_NO_BASE_VALUE = N_('with a value that cannot be read: "{value}"'), N_('with any value but one that cannot be read: "{value}"')
"""By whether it is negated; of a match, and of the options that need none."""


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
    if typed is not None:
        return typed.action_in(rule.chain)
    if target.unsupported:
        return message("do {target} with options that the dump has lost", target=target.name)
    return message('do what is not known: "{text}"', text=binding.text_of(target, rule.values))
