"""Rules that mark packets for masquerade only behind a rule that has sent them to an endpoint already."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from iptexplain.lint.common.choices import choices
from iptexplain.lint.common.demands import demands
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule, Table

_TOP = frozenset({layout.SERVICES, layout.NODE_PORTS})
"""Up to 1.21 the rule that marks stands in these chains, directly before the one that leads to the Service."""


class Late(NamedTuple):
    """A rule that marks, and the first rule before it that has taken packets which it asks for."""

    rule: Rule
    before: Rule


def late_marks(subject: Subject) -> tuple[Late, ...]:
    """The rules in chains of Services, and in those that lead there, that mark too late."""
    return subject.once(_worked_out)


def _worked_out(subject: Subject) -> tuple[Late, ...]:
    nat = subject.table("nat")
    return tuple(_late(subject, nat)) if nat is not None else ()


def _late(subject: Subject, nat: Table) -> Iterator[Late]:
    told: set[tuple[int, frozenset[Constraint] | None]] = set()
    for rule in subject.jumps("nat").get(layout.MARK_MASQUERADE, ()):
        chain = rule.chain
        if chain not in _TOP and not chain.startswith(layout.OF_SERVICE):
            continue
        places = nat.by_chain[chain]
        at = bisect_left(places, rule.index)
        earlier = places[max(0, at - 1) : at] if chain in _TOP else places[:at]
        before = _taker(subject, nat, rule, earlier) if earlier else None
        if before is not None and (before.index, _asked(rule)) not in told:
            told.add((before.index, _asked(rule)))
            yield Late(rule, before)


def _taker(subject: Subject, nat: Table, rule: Rule, earlier: Sequence[int]) -> Rule | None:
    """The first rule that sends packets on which a rule asks for, None if there is none or they are marked before it."""
    wanted = _asked(rule)
    if wanted is None:
        return None
    ways = subject.once(_ways)
    for place in earlier:
        other = nat.rules[place]
        if other.target_name == layout.MARK_MASQUERADE:
            asked = _asked(other)
            if asked is not None and asked <= wanted:
                return None
        elif place in ways:
            return other
        elif SERVICE_CHAIN.match(other.target_name or ""):
            asked = _asked(other)
            if asked is not None and (asked <= wanted or wanted <= asked):
                return other
    return None


def _ways(subject: Subject) -> frozenset[int]:
    """The places of the rules that lead to endpoints and ask for no more than chance or a list of clients."""
    return frozenset([way.place for choice in choices(subject) for way in choice.ways if way.sure])


def _asked(rule: Rule) -> frozenset[Constraint] | None:
    """All that a rule asks for, None if it is more than constraints."""
    found = demands(rule)
    return None if found is None else frozenset(found)
