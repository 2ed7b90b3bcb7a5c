"""Rules that stand in a chain more than once, where the later ones do nothing, or the same again."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.extensions.binding import comment, limits
from iptexplain.extensions.matches.set import SetMatch
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES
from iptexplain.lint.common.choices import choices
from iptexplain.model.matching import Opaque
from iptexplain.model.shape import per_shape
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.shape import Shape

GROWN = 50
"""So many equal rules nobody wrote by hand."""

_COUNTING = frozenset(
    {
        "connbytes",
        "connlimit",
        "connlabel",
        "hashlimit",
        "helper",
        "limit",
        "nfacct",
        "quota",
        "rateest",
        "recent",
        "socket",
        "statistic",
        "time",
    }
)
"""Matches whose answer may be another one when the same packet is asked again, or that count."""

_MARKS = frozenset({"mark", "connmark", "tos", "dscp", "ttl", "hl"})
"""Matches whose answer may be another one behind a rule that changes the packet."""

_LAST = frozenset({"ACCEPT", "DROP", "REJECT", "RETURN", "DNAT", "SNAT", "MASQUERADE", "REDIRECT", "LOG", "NFLOG"})
"""Targets that end the chain for a packet, or leave it as it is."""


def repeated(subject: Subject) -> dict[str, dict[str, list[list[int]]]]:
    """By table and chain, the places of rules that are equal but for what they have counted; what kube-proxy repeats is left out.

    So are rules of which KP302 or KP305 says that there are two.
    """
    return {table.name: _Repeated(subject, table).by_chain() for table in subject.dump.tables}


class _Repeated:
    """The repeated rules of one table."""

    def __init__(self, subject: Subject, table: Table) -> None:
        self.subject = subject
        self.table = table

    def by_chain(self) -> dict[str, list[list[int]]]:
        """The groups of places of each chain that has any."""
        found = {}
        rules, chains = self.table.rules, self.table.by_chain
        for (chain, places), form in zip(chains.items(), rules.forms(chains.values()), strict=True):
            if len(set(form)) < len(form) and (groups := self._groups(chain, places)):
                found[str(chain)] = groups
        return found

    def _groups(self, chain: str, places: Sequence[int]) -> list[list[int]]:
        rules = self.table.rules
        found: dict[tuple[Shape, tuple[str, ...]], list[int]] = {}
        for place, shape, values in zip(places, rules.shapes_of(places), rules.values_of(places), strict=True):
            slot = shape.counters
            words = values if slot is None else values[:slot] + values[slot + 1 :]
            found.setdefault((shape, words), []).append(place)
        equal = [same for same in found.values() if len(same) > 1 and self._says_the_same(same)]
        return [same for same in equal if not (self._kube_proxy_repeats(chain, same[0]) or self._is_told(chain, same[0]))]

    def _says_the_same(self, places: Sequence[int]) -> bool:
        """Does each of some equal rules find what the one before it has found."""
        rules = self.table.rules
        shape = rules.shape(places[0])
        names = _names(shape)
        if shape.strange or names & _COUNTING or not _can_be_read(rules[places[0]]):
            return False
        target = shape.target
        if target is not None and target.name == "RETURN" and limits(shape) == () and len(places) < GROWN:
            return False  # what the end of the chain does anyway; Docker did so
        if "set" in names and (_asks_counters(rules[places[0]]) or self._changes_sets(places)):
            return False
        changes = target is not None and isinstance(target.name, str) and target.name not in _LAST
        if not (changes or names & _MARKS):
            return True
        between = [place for first, after in pairwise(places) for place in range(first + 1, after)]
        return all(other.target is None or other.target.name in _LAST for other in map(rules.shape, between))

    def _changes_sets(self, places: Sequence[int]) -> bool:
        """May a set have other members at the last of some equal rules than at the first: these themselves count too."""
        changing = self._set_changers
        at = bisect_left(changing, places[0])
        return at < len(changing) and changing[at] < places[-1]

    @cached_property
    def _set_changers(self) -> list[int]:
        """The places of the rules that may change a set, or lead to such rules."""
        jumps = self.subject.jumps(self.table.name)
        changing = list(self.subject.rules(self.table.name, _may_change_sets))
        waiting = [*{str(rule.chain) for rule in changing}, *(chain for chain in jumps if not self.table.has_chain(chain))]
        done = set(waiting)
        while waiting:
            leading = jumps.get(waiting.pop(), [])
            changing += leading
            waiting += (more := {str(rule.chain) for rule in leading} - done)
            done |= more
        return sorted({rule.index for rule in changing})

    def _kube_proxy_repeats(self, chain: str, place: int) -> bool:
        """Is it a rule that a sound kube-proxy writes more than once."""
        if chain.startswith("KUBE-FW-"):
            return any(rule.target_name == layout.MARK_DROP for rule in self.table.rules_of(chain))
        return chain == layout.NODE_PORTS and (comment(self.table.rules[place]) or "").endswith(" health check node port")

    def _is_told(self, chain: str, place: int) -> bool:
        """Is it a rule of which KP302 or KP305 says that there are two."""
        subject = self.subject
        if self.table.name != "nat" or not subject.has(KUBE_PROXY):
            return False
        if ENDPOINT_CHAIN.match(chain):
            return self.table.rules[place].target_name == "DNAT" and subject.has(COMPLETE) and subject.has(WHOLE_TABLES)
        return any(way.place == place for choice in choices(subject) if choice.chain == chain for way in choice.plain)


@per_shape
def _names(shape: Shape) -> frozenset[str | int]:
    return frozenset(clause.name for clause in shape.clauses if clause.kind == "match")


def _may_change_sets(shape: Shape) -> bool:
    return shape.target is not None and (shape.target.name == "SET" or shape.target.unknown)


def _can_be_read(rule: Rule) -> bool:
    """Are all values of a rule such as iptables knows: others may have been blanked, and the rules not equal before."""
    if any(isinstance(match, binding.Unknown) for match in binding.matches(rule)):
        return False
    return rule.target_name not in binding.TARGETS or not isinstance(binding.effect(rule), Opaque)


def _asks_counters(rule: Rule) -> bool:
    """Does a rule ask how often a member of a set was met, which is another number the next time."""
    return any(isinstance(match, SetMatch) and match.decide() for match in binding.matches(rule))
