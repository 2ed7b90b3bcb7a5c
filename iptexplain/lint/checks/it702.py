"""Two rules want the opposite of some packets, and only their order decides.

## What it does

Looks for a rule that accepts and one before it in the same chain that drops or rejects, or the other way round, where each takes packets
that the other does not, and both the first packets of some connections. It shows such a packet.

## Why it matters

What becomes of the packets that both take depends on which rule stands first, and neither says so. Whoever puts a rule between them, or
makes them anew in another order, opens or closes something without noticing.

## Example

```
-A INPUT -s 10.0.0.0/8 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j DROP
```

SSH from 10.0.0.0/8 is open, from elsewhere it is not.

## Use instead

Say it in the rules: `-A INPUT ! -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j DROP`. Where the order is what is meant, there is nothing to do.

## Limits

A rule whose packets are a part of those of the other is an exception, and no finding: that is how rules are written. So are rules that
keep out addresses or odd packets before others accept ports. Rules for all packets of an interface or of a state are left out, and chains
of programs. Rules that lead to chains, and rules that draw or count, are not compared. One pair is told for each rule, and of a chain with
more than five such rules the first.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from iptexplain.analysis.header_space import STATES, Dimension, Values, cut, is_part, meet
from iptexplain.analysis.terminal import leaves
from iptexplain.errors import TooManyCasesError
from iptexplain.extensions import binding
from iptexplain.lint.check import Check
from iptexplain.lint.common.coverage import coverages, is_certain, opposite, tell_if_not_all
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.common.witness import witness
from iptexplain.lint.finding import INFO, Hit, Related
from iptexplain.model.address import IPV4, IPV6
from iptexplain.model.matching import Field, Jump, Verdict
from iptexplain.named import NamedTuple
from iptexplain.owners.makers import writer
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.analysis.header_space import Box
    from iptexplain.lint.common.coverage import Coverage, Ending
    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table

_MANY = 5
"""More rules of one chain than these are told together."""

_NEW = Values(((4 * STATES.index("NEW"), 4 * STATES.index("NEW") + 3),))
"""The first packets of connections."""

_BROAD = frozenset({Field.IN, Field.OUT, Field.STATE})
"""A rule that asks for nothing else is for a whole part of the traffic."""


_OF_BLOCKS = frozenset({Field.SOURCE, Field.DESTINATION, Field.PROTOCOL, Field.TCP_FLAGS, Field.FRAGMENT, Field.LENGTH})


class _Pair(NamedTuple):
    """A rule, the one before it that wants the opposite, and a packet of both, None if it cannot be said."""

    rule: Rule
    before: Rule
    packet: dict[str, object] | None


def _look(subject: Subject) -> Iterator[Hit]:
    family = IPV6 if subject.dump.family == "ipv6" else IPV4
    for table in subject.dump.tables:
        if table.name != "filter":
            continue
        coverage = subject.once(coverages)[table.name]
        for chain in table.by_chain:
            if writer(chain) is None:
                yield from _told(list(_pairs(coverage, table, chain, family)))
    tell_if_not_all(subject.once(coverages).values())


def _pairs(coverage: Coverage, table: Table, chain: str, family: int) -> Iterator[_Pair]:
    for rule in table.rules_of(chain):
        if isinstance(binding.effect(rule), Jump) or not leaves(binding.effect(rule)):
            continue
        try:
            packets, endings = coverage.endings_before(rule)
            coverage.step(len(endings) // 4)
            against = [ending for ending in endings if _wants_the_opposite(rule, ending)]
            if against and coverage.cover(rule) is None and is_certain(rule, binding.tests(rule)) and not all(map(_is_broad, packets)):
                both = ((ending, box) for ending in against if (box := _contested(coverage, ending, packets, endings)) is not None)
                yield from [_Pair(rule, ending.rule, witness(box, family)) for ending, box in islice(both, 1)]
        except TooManyCasesError:
            continue


def _wants_the_opposite(rule: Rule, ending: Ending) -> bool:
    """Does a rule itself, not one in a chain that it leads to, want the opposite of another one for more than a broad class of packets."""
    jumps = ending.effect != binding.effect(ending.rule)
    return not jumps and opposite(ending.effect, binding.effect(rule)) and not _is_broad(ending.box) and not _is_blocked(ending)


def _contested(coverage: Coverage, ending: Ending, packets: Sequence[Box], endings: Sequence[Ending]) -> Box | None:
    """Packets of a rule that an ending takes from it, if neither rule is an exception of the other. Raises `TooManyCasesError`."""
    coverage.step(2 * len(packets))
    if any(is_part(packet, ending.box) for packet in packets) or any(is_part(ending.box, packet) for packet in packets):
        return None
    left = [both for packet in packets if (both := meet(packet, ending.box)) is not None and _may_be_new(both)]
    for other in endings:
        if other.at < ending.at and left:
            coverage.step(len(left))
            parts = [(box, cut(box, other.box)) for box in left]
            left = [part for box, cuts in parts for part in ([box] if cuts is None else cuts)]
    return next(filter(_may_be_new, left), None)


def _is_broad(box: Box) -> bool:
    return {key.field for key in box} <= _BROAD


def _is_blocked(ending: Ending) -> bool:
    """Does a rule keep out addresses, or odd packets, whatever port they go to: such rules are meant to come first."""
    return ending.effect is not Verdict.ACCEPT and {key.field for key in ending.box} <= _BROAD | _OF_BLOCKS


def _may_be_new(box: Box) -> bool:
    states = box.get(Dimension(Field.STATE, 0))
    return not isinstance(states, Values) or bool(states.meet(_NEW))


def _told(pairs: Sequence[_Pair]) -> Iterator[Hit]:
    more = len(pairs) - 1 if len(pairs) > _MANY else 0
    for rule, before, packet in pairs[: 1 if more else _MANY]:
        what = N_("this rule and line {line} want the opposite of some packets: only their order decides")
        if more:
            what = N_("this rule and line {line} want the opposite of some packets: only their order decides ({more} more in {chain})")
        said = message(what, line=before.line, more=more, chain=rule.chain)
        related = (Related(before.line, message("comes first, and decides")),)
        yield Hit(rule.line, said, (rule.chain, uncounted(rule), uncounted(before)), related=related, witness=packet)


CHECK = Check(
    "IT702",
    "order-decides",
    INFO,
    _look,
    message("look whether the order is meant; if so, say it in the rules, so that it survives the next change"),
)
