"""A rule says something that iptexplain does not know.

## What it does

Looks for matches, targets and options in rules that this version of iptexplain does not know. There is one finding for each of them,
at the first rule that has it; and one for all lines of a dump that could not be read at all.

## Why it matters

Where such a match stands, nobody can tell here which packets meet the rule; where such a target stands, nobody can tell what becomes of
them. Answers that depend on the rule say "unknown", and a check that looks at what packets meet may miss something. A line that could not
be read is missing: what the rest says may be wrong without it. So the checks that ask whether something is missing do not look then.

## Example

```
-A FORWARD -m dreamt-up --level 3 -j DROP
```

## Use instead

Nothing has to be changed on the node. If the match or target is one of iptables, a newer iptexplain may know it. Save a dump again whose
lines were broken on the way: by a terminal, a mail, or notes behind rules.

## Limits

`[unsupported revision]` is another thing: see IX003. Lines that do not look like those of a dump (prompts, prose) are passed over. A value
that cannot be read, such as an address with blanked digits, is told nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import Check
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table

_SENTENCES = {
    "match": N_("match {name} is not known: which packets meet it cannot be told (rules: {count})"),
    "target": N_("target {name} is not known: what becomes of packets there cannot be told (rules: {count})"),
    "words": N_("the words behind chain {name} are not known: what becomes of packets there cannot be told (rules: {count})"),
    "option": N_("option {name} of {owner} is not known: what it does cannot be told (rules: {count})"),
}


class _Strange(NamedTuple):
    """Something unknown: its kind, its name, and whose option it is."""

    kind: str
    name: str
    owner: str


def _look(subject: Subject) -> Iterator[Hit]:
    if subject.unread:
        what = message("this line could not be read, so it is missing in all that is said (such lines: {count})", count=len(subject.unread))
        texts = [subject.ruleset.source.line(line) for line in subject.unread]
        yield Hit(subject.unread[0], what, ("unread", *texts))
    found: dict[_Strange, list[int]] = {}
    for table in subject.dump.tables:
        for rule in subject.rules(table.name, lambda shape: shape.unknown):
            for strange in dict.fromkeys(_strange(rule, table)):
                found.setdefault(strange, []).append(rule.line)
    for strange, lines in found.items():
        what = message(_SENTENCES[strange.kind], name=strange.name, owner=strange.owner, count=len(lines))
        yield Hit(lines[0], what, strange, word=strange.name)


def _strange(rule: Rule, table: Table) -> Iterator[_Strange]:
    """What is not known in a rule."""
    for clause in rule.shape.clauses:
        name = rule.word(clause.name)
        if clause.unknown:
            kind = "match" if clause.kind == "match" else "words" if table.has_chain(name) else "target"
            yield _Strange(kind, name, "")
        for option in clause.options:
            if option.unknown:
                yield _Strange("option", rule.word(option.name), name)


CHECK = Check("IX007", "not-understood", WARNING, _look, message("look into the manual of iptables-extensions what it says"))
