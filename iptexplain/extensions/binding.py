"""From a rule to its typed matches and its effect: the shape says which extension, the values say what it is about.

Extensions stand in explicit tables, name → module, and are imported on first use. What no table knows, what a dump shows as
`[unsupported revision]`, and values that cannot be read become an `Unknown` match or an `Opaque` effect: never a guess.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from iptexplain.extensions.common.extension import Extension, Words
from iptexplain.model.matching import Constraint, Jump, Opaque, Question, Verdict, either
from iptexplain.model.names import protocol
from iptexplain.model.shape import per_shape
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iptexplain.model.matching import Branch, Effect, Field, Match, Wanted
    from iptexplain.model.ruleset import Rule
    from iptexplain.model.shape import ClauseShape, Shape

MATCHES = {
    "": "base",
    "addrtype": "addrtype",
    "ah": "ah",
    "bpf": "bpf",
    "cgroup": "cgroup",
    "cluster": "cluster",
    "comment": "comment",
    "connbytes": "connbytes",
    "connlabel": "connlabel",
    "connlimit": "connlimit",
    "connmark": "connmark",
    "conntrack": "conntrack",
    "cpu": "cpu",
    "dccp": "dccp",
    "devgroup": "devgroup",
    "dscp": "dscp",
    "dst": "dst",
    "ecn": "ecn",
    "esp": "esp",
    "eui64": "eui64",
    "frag": "frag",
    "hashlimit": "hashlimit",
    "hbh": "hbh",
    "helper": "helper",
    "hl": "hl",
    "icmp": "icmp",
    "icmp6": "icmp6",
    "ipcomp": "ipcomp",
    "iprange": "iprange",
    "ipv6header": "ipv6header",
    "ipvs": "ipvs",
    "length": "length",
    "limit": "limit",
    "mac": "mac",
    "mark": "mark",
    "mh": "mh",
    "multiport": "multiport",
    "nfacct": "nfacct",
    "osf": "osf",
    "owner": "owner",
    "physdev": "physdev",
    "pkttype": "pkttype",
    "policy": "policy",
    "quota": "quota",
    "rateest": "rateest",
    "realm": "realm",
    "recent": "recent",
    "rpfilter": "rpfilter",
    "rt": "rt",
    "sctp": "sctp",
    "set": "set",
    "socket": "socket",
    "srh": "srh",
    "state": "state",
    "statistic": "statistic",
    "string": "string",
    "tcp": "tcp",
    "tcpmss": "tcpmss",
    "time": "time",
    "tos": "tos",
    "ttl": "ttl",
    "u32": "u32",
    "udp": "udp",
}
"""Matches by name (`""`: the base options) and the module under `extensions.matches` that knows them."""

TARGETS = {
    "AUDIT": "audit",
    "CHECKSUM": "checksum",
    "CLASSIFY": "classify",
    "CLUSTERIP": "clusterip",
    "CONNMARK": "connmark",
    "CONNSECMARK": "connsecmark",
    "CT": "ct",
    "DNAT": "dnat",
    "DNPT": "dnpt",
    "DSCP": "dscp",
    "ECN": "ecn",
    "HL": "hl",
    "HMARK": "hmark",
    "IDLETIMER": "idletimer",
    "LED": "led",
    "LOG": "log",
    "MARK": "mark",
    "MASQUERADE": "masquerade",
    "NETMAP": "netmap",
    "NFLOG": "nflog",
    "NFQUEUE": "nfqueue",
    "NOTRACK": "notrack",
    "RATEEST": "rateest",
    "REDIRECT": "redirect",
    "REJECT": "reject",
    "SECMARK": "secmark",
    "SET": "set",
    "SNAT": "snat",
    "SNPT": "snpt",
    "SYNPROXY": "synproxy",
    "TCPMSS": "tcpmss",
    "TCPOPTSTRIP": "tcpoptstrip",
    "TEE": "tee",
    "TOS": "tos",
    "TPROXY": "tproxy",
    "TRACE": "trace",
    "TTL": "ttl",
    "ULOG": "ulog",
}
"""Targets by name and the module under `extensions.targets` that knows them."""

VERDICTS: dict[str, Verdict] = {"ACCEPT": Verdict.ACCEPT, "DROP": Verdict.DROP, "RETURN": Verdict.RETURN}
"""Targets that say it all by their name."""

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class Unknown(NamedTuple):
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
        return _ESCAPE.sub(r"\1", value[1:-1]) if "\\" in value else value[1:-1]
    return value


def words(clause: ClauseShape, values: tuple[str, ...]) -> tuple[Words, ...]:
    """The options of a clause with their values, unquoted."""
    return tuple(
        Words(
            option.name if isinstance(option.name, str) else values[option.name],
            option.negated,
            tuple([unquote(values[slot]) for slot in option.values]),
        )
        for option in clause.options
    )


@cache
def _extension(folder: str, module: str) -> type[Extension]:
    found: type[Extension] = import_module(f"iptexplain.extensions.{folder}.{module}").EXTENSION
    return found


def match_extension(name: str) -> type[Extension] | None:
    """The class of a match by its name (`""`: the base options), None for one that is not known."""
    module = MATCHES.get(name)
    return None if module is None else _extension("matches", module)


def target_extension(name: str) -> type[Extension] | None:
    """The class of a target by its name, None for a verdict, a chain, and what is not known."""
    module = TARGETS.get(name)
    return None if module is None else _extension("targets", module)


def protocol_match(text: str) -> str:
    """The name of the match that belongs to a protocol, if there is one: that of the protocol."""
    try:
        return protocol(text)
    except ValueError:
        return text


class Limit(NamedTuple):
    """A constraint as a shape has it: the field, the slot of its value (None: the field must be true), and how to read that."""

    field: Field
    slot: int | None
    parse: Callable[[str], Wanted]
    negated: bool

    def constraint(self, values: tuple[str, ...]) -> Constraint:
        """The constraint with the values of a rule. Raises ValueError for one that cannot be read."""
        return Constraint(self.field, None if self.slot is None else self.parse(values[self.slot]), self.negated)


class Test(NamedTuple):
    """What one match of a rule asks: its constraints, and how it turns out beyond them."""

    constraints: tuple[Constraint, ...]
    branches: tuple[Branch, ...]


class _Binder(NamedTuple):
    """One clause of a shape: which slots it takes values from, and what was made of such values so far.

    `limits` says it all if every option of a match limits a field and nothing else; then its constraints are made without the typed match.
    """

    clause: ClauseShape
    slots: tuple[int, ...]
    limits: tuple[Limit, ...] | None
    matches: dict[tuple[str, ...], Match]
    tests: dict[tuple[str, ...], Test]
    effects: dict[tuple[str, ...], Effect]

    def test(self, values: tuple[str, ...]) -> Test:
        """What the match asks, with the values of a rule."""
        if self.limits is not None:
            try:
                return Test(tuple([limit.constraint(values) for limit in self.limits]), ())
            except ValueError:
                pass  # a value that cannot be read: `match_of` makes it an Unknown
        match = match_of(self.clause, values)
        return Test(match.constraints(), match.decide())


_MOST_KEPT = 1000
"""So many typed values are kept for each clause of a shape: enough for ports and probabilities, no memory for a million addresses."""


@per_shape
def _binders(shape: Shape) -> tuple[tuple[_Binder, ...], _Binder | None]:
    """Binders of the matches and of the target of a shape. A match that tests nothing (a comment) has none."""
    found = []
    for clause in shape.clauses:
        slots = [slot for option in clause.options for slot in option.values]
        slots += [name for name in (clause.name, *(option.name for option in clause.options)) if isinstance(name, int)]
        found.append(_Binder(clause, tuple(sorted({*slots, *clause.words})), _limits(clause), {}, {}, {}))
    matches = tuple(b for b in found if b.clause.kind in {"base", "match"} and not tests_nothing(b.clause))
    return matches, found[-1] if shape.target is not None else None


_OF_PROTOCOLS = frozenset({"dccp", "icmp", "icmp6", "sctp", "tcp", "udp"})
"""Matches that ask nothing beyond their protocol if they have no options. Others do: is there a socket, or such a header."""


def tests_nothing(clause: ClauseShape) -> bool:
    """Can the clause be passed over: a remark, or a match by name alone, which the protocol before it says already (`-p tcp -m tcp`)."""
    if clause.unsupported or clause.unknown or any(option.unknown for option in clause.options):
        return False
    return clause.name in {"comment", "nfacct"} or (clause.name in _OF_PROTOCOLS and not clause.options)


def _limits(clause: ClauseShape) -> tuple[Limit, ...] | None:
    """The constraints of a match whose options, as far as this clause has them, do nothing but limit fields; None for another."""
    module = MATCHES.get(clause.name) if isinstance(clause.name, str) and clause.kind in {"base", "match"} else None
    if module is None or clause.unsupported or clause.unknown:
        return None
    extension = _extension("matches", module)
    if extension.constraints is not Extension.constraints or (clause.kind == "match" and not clause.options):
        return None
    known = {option.keyword: option for option in extension.OPTIONS}
    found = []
    if len({option.name for option in clause.options}) < len(clause.options):
        return None  # said twice: `match_of` makes it an Unknown
    for name, negated, slots, _ in clause.options:
        option = known.get(name) if isinstance(name, str) else None
        if option is None or option.field is None or len(slots) > 1 or (option.parse is None) != (not slots):
            return None
        found.append(Limit(option.field, slots[0] if slots else None, option.parse or str, negated))
    return tuple(found)


def limits(shape: Shape) -> tuple[Limit, ...] | None:
    """All constraints of the rules of a shape, if they ask nothing else of a packet; None if they do."""
    return limits_of(shape.clauses)


def limits_of(clauses: Sequence[ClauseShape]) -> tuple[Limit, ...] | None:
    """The constraints of some clauses of a shape, if they ask nothing else of a packet; None if they do."""
    found: list[Limit] = []
    for clause in clauses:
        if clause.kind not in {"base", "match"} or tests_nothing(clause):
            continue
        own = _limits(clause)
        if own is None:
            return None
        found += own
    return tuple(found)


def matches(rule: Rule) -> tuple[Match, ...]:
    """The typed matches of a rule that test something, in order, the base options first."""
    out = []
    values = rule.values
    for binder in _binders(rule.shape)[0]:
        key = tuple([values[slot] for slot in binder.slots])
        found = binder.matches.get(key)
        if found is None:
            found = match_of(binder.clause, values)
            if len(binder.matches) < _MOST_KEPT:
                binder.matches[key] = found
        out.append(found)
    return tuple(out)


def tests(rule: Rule) -> list[Test]:
    """What the matches of a rule ask, in order; empty if every packet matches."""
    out = []
    values = rule.values
    for binder in _binders(rule.shape)[0]:
        key = tuple([values[slot] for slot in binder.slots])
        found = binder.tests.get(key)
        if found is None:
            found = binder.test(values)
            if len(binder.tests) < _MOST_KEPT:
                binder.tests[key] = found
        out.append(found)
    return out


def match_of(clause: ClauseShape, values: tuple[str, ...]) -> Match:
    """The typed match of one clause; `Unknown` if it cannot be told."""
    name = clause.name if isinstance(clause.name, str) else values[clause.name]
    module = MATCHES.get(name) if isinstance(clause.name, str) and not (clause.unsupported or clause.unknown) else None
    if module is not None:
        try:
            return _extension("matches", module).read(words(clause, values))
        except (KeyError, TypeError, ValueError):
            pass  # an option or a value that this version cannot read: unknown, as below
    return Unknown(name, text_of(clause, values))


def text_of(clause: ClauseShape, values: tuple[str, ...]) -> str:
    """A clause in the words of the dump; a target without its `-j`."""
    name = clause.name if isinstance(clause.name, str) else values[clause.name]
    said = [f"-m {name}" if clause.kind in {"base", "match"} else name] if name else []
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
    found = binder.effects.get(key)
    if found is None:
        found = effect_of(binder.clause, values)
        if len(binder.effects) < _MOST_KEPT:
            binder.effects[key] = found
    return found


def effect_of(clause: ClauseShape, values: tuple[str, ...]) -> Effect:
    """The effect of a target clause; `Opaque` if it cannot be told."""
    if not isinstance(clause.name, str):
        name = values[clause.name]
        return Opaque(name) if clause.unknown else Jump(name, clause.kind == "goto")
    verdict = VERDICTS.get(clause.name)
    if verdict is not None:
        return verdict
    target = target_of(clause, values)
    return Opaque(clause.name) if target is None else target.effect()


def target_of(clause: ClauseShape, values: tuple[str, ...]) -> Extension | None:
    """The typed target of a clause; None for a chain, a verdict, and what is not understood."""
    module = TARGETS.get(clause.name) if isinstance(clause.name, str) and not (clause.unsupported or clause.unknown) else None
    if module is not None:
        try:
            return _extension("targets", module).read(words(clause, values))
        except (KeyError, TypeError, ValueError):
            pass  # an option or a value that this version cannot read: its effect is not known
    return None


@per_shape
def comment_slot(shape: Shape) -> int | None:
    """The slot of the first comment of a shape's rules, None if they have none."""
    for clause in shape.clauses:
        if clause.name == "comment" and clause.options and clause.options[0].values:
            return clause.options[0].values[0]
    return None


def comment(rule: Rule) -> str | None:
    """The first comment of a rule, None if it has none."""
    slot = comment_slot(rule.shape)
    return None if slot is None else unquote(rule.values[slot])
