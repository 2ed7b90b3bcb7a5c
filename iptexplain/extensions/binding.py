"""From a rule to its typed matches and its effect: the shape says which extension, the values say what it is about.

Extensions stand in explicit tables, name → module, and are imported on first use. What no table knows, what a dump shows as
`[unsupported revision]`, and values that cannot be read become an `Unknown` match or an `Opaque` effect: never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from iptexplain.extensions.common.extension import Words
from iptexplain.model.matching import Branch, Jump, Opaque, Question, Verdict, either
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.model.matching import Constraint, Effect, Match
    from iptexplain.model.ruleset import Rule
    from iptexplain.model.shape import ClauseShape, Shape

MATCHES = {
    "": "base",
    "addrtype": "addrtype",
    "comment": "comment",
    "conntrack": "conntrack",
    "mark": "mark",
    "nfacct": "nfacct",
    "physdev": "physdev",
    "recent": "recent",
    "sctp": "sctp",
    "statistic": "statistic",
    "tcp": "tcp",
    "udp": "udp",
}
"""Matches by name (`""`: the base options) and the module under `extensions.matches` that knows them."""

TARGETS = {
    "DNAT": "dnat",
    "LOG": "log",
    "MARK": "mark",
    "MASQUERADE": "masquerade",
    "REDIRECT": "redirect",
    "REJECT": "reject",
    "SNAT": "snat",
}
"""Targets by name and the module under `extensions.targets` that knows them."""

_VERDICTS: dict[str, Verdict] = {"ACCEPT": Verdict.ACCEPT, "DROP": Verdict.DROP, "RETURN": Verdict.RETURN}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A match whose meaning is not known: whether a packet matches is a question."""

    name: str
    text: str

    def constraints(self) -> tuple[Constraint, ...]:
        """None that are known."""
        return ()

    def decide(self) -> tuple[Branch, ...]:
        """Both ways."""
        question = Question("match", message("the packet matches {text}", text=self.text))
        return either(question)


def unquote(value: str) -> str:
    r"""A value as the program that wrote the rule gave it: `"say \"hi\""` → `say "hi"`."""
    if len(value) > 1 and value[0] == '"' and value[-1] == '"':
        return _ESCAPE.sub(r"\1", value[1:-1])
    return value


def words(clause: ClauseShape, values: tuple[str, ...]) -> tuple[Words, ...]:
    """The options of a clause with their values, unquoted."""
    return tuple(
        Words(
            option.name if isinstance(option.name, str) else values[option.name],
            option.negated,
            tuple(unquote(values[slot]) for slot in option.values),
        )
        for option in clause.options
    )


class _Binder(NamedTuple):
    """One clause of a shape: which slots it takes values from, and the typed values made so far, by these."""

    clause: ClauseShape
    slots: tuple[int, ...]
    made: dict[tuple[str, ...], Any]


@cache
def _binders(shape: Shape) -> tuple[tuple[_Binder, ...], _Binder | None]:
    """Binders of the matches and of the target of a shape. A match that tests nothing (a comment) has none."""
    found = []
    for clause in shape.clauses:
        slots = [slot for option in clause.options for slot in option.values]
        slots += [name for name in (clause.name, *(option.name for option in clause.options)) if isinstance(name, int)]
        found.append(_Binder(clause, tuple(sorted({*slots, *clause.words})), {}))
    matches = tuple(b for b in found if b.clause.kind in {"base", "match"} and not _tests_nothing(b.clause))
    return matches, found[-1] if shape.target is not None else None


def _tests_nothing(clause: ClauseShape) -> bool:
    return clause.name in {"comment", "nfacct"} and not clause.unsupported and not any(o.unknown for o in clause.options)


def matches(rule: Rule) -> tuple[Match, ...]:
    """The typed matches of a rule that test something, in order, the base options first."""
    out = []
    for binder in _binders(rule.shape)[0]:
        values = rule.values
        key = tuple([values[slot] for slot in binder.slots])
        found = binder.made.get(key)
        if found is None:
            found = binder.made[key] = match_of(binder.clause, values)
        out.append(found)
    return tuple(out)


def match_of(clause: ClauseShape, values: tuple[str, ...]) -> Match:
    """The typed match of one clause; `Unknown` if it cannot be told."""
    name = clause.name if isinstance(clause.name, str) else values[clause.name]
    module = MATCHES.get(name) if isinstance(clause.name, str) and not (clause.unsupported or clause.unknown) else None
    if module is not None:
        try:
            made: Match = import_module(f"iptexplain.extensions.matches.{module}").EXTENSION.read(words(clause, values))
        except (KeyError, TypeError, ValueError):
            pass
        else:
            return made
    return Unknown(name, _text(clause, name, values))


def _text(clause: ClauseShape, name: str, values: tuple[str, ...]) -> str:
    """A clause that is not understood, in the words of the dump."""
    said = [f"-m {name}"] if name else []
    for keyword, negated, given in words(clause, values):
        said += [*(["!"] if negated else []), keyword, *given]
    said += [values[slot] for slot in clause.words]
    return " ".join([*said, *(["[unsupported revision]"] if clause.unsupported else [])])


def effect(rule: Rule) -> Effect:
    """What the rule does to a packet that matches; without a target it goes on."""
    binder = _binders(rule.shape)[1]
    if binder is None:
        return Verdict.CONTINUE
    values = rule.values
    key = tuple([values[slot] for slot in binder.slots])
    found: Effect | None = binder.made.get(key)
    if found is None:
        found = binder.made[key] = effect_of(binder.clause, values)
    return found


def effect_of(clause: ClauseShape, values: tuple[str, ...]) -> Effect:
    """The effect of a target clause; `Opaque` if it cannot be told."""
    if not isinstance(clause.name, str):
        name = values[clause.name]
        return Opaque(name) if clause.unknown else Jump(name, clause.kind == "goto")
    verdict = _VERDICTS.get(clause.name)
    if verdict is not None:
        return verdict
    module = TARGETS.get(clause.name)
    if module is not None and not clause.unsupported:
        try:
            made: Effect = import_module(f"iptexplain.extensions.targets.{module}").EXTENSION.read(words(clause, values)).effect()
        except (KeyError, TypeError, ValueError):
            pass
        else:
            return made
    return Opaque(clause.name)
