"""The share that each rule of a chain takes of what comes there, where rules draw lots one behind the other.

kube-proxy spreads the connections of a Service so (pkg/proxy/iptables/proxier.go `writeServiceToEndpointRules`): the first of n rules takes
1/n, the next one 1/(n-1) of what is left, and the last one the rest. What a rule takes of all is the product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import leaves
from iptexplain.extensions import binding
from iptexplain.extensions.matches.statistic import Statistic
from iptexplain.model.matching import Field, Jump, Verdict
from iptexplain.model.shape import per_shape
from iptexplain.model.share import ONE, Share
from iptexplain.model.values import CERTAIN
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.model.matching import Match
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.shape import Shape


class Drawn(NamedTuple):
    """What a rule takes of what comes to the first of the rules that draw: `share`.

    `threshold` is the k of k/2³¹ of its own draw, None for the last rule, which takes all that is left. `first`: nothing was taken before.
    """

    share: Share
    threshold: int | None
    first: bool


def drawn(table: Table, chain: str) -> dict[int, Drawn]:
    """What rules of a chain take that draw lots one behind the other, by line. Rules that stand alone are left out.

    Rules belong together if they follow each other and ask the same but for the draw, and if each of them, but the last, is certain to
    keep what it takes.
    """
    found: dict[int, Drawn] = {}
    if not any(map(_draws, table.rules.distinct_shapes(table.places_of(chain)))):
        return found
    run: list[tuple[Rule, int | None]] = []
    asked: tuple[Match, ...] = ()
    for rule in table.rules_of(chain):
        threshold, others = _draw(rule)
        together = bool(run) and others == asked
        if not together:
            found.update(_shares(run))
            run, asked = [], others
        if threshold is None and not together:
            run = []
            continue
        run.append((rule, threshold))
        if threshold is None or not _keeps(table, rule):
            found.update(_shares(run))
            run = []
    found.update(_shares(run))
    return found


@per_shape
def _draws(shape: Shape) -> bool:
    """May rules of the shape draw lots."""
    return any(clause.name == Statistic.NAME for clause in shape.clauses)


def _draw(rule: Rule) -> tuple[int | None, tuple[Match, ...]]:
    """The threshold with which a rule draws at random, None if it does not; and what else it asks."""
    matches = binding.matches(rule) if _draws(rule.shape) else ()
    draws = [one for one in matches if isinstance(one, Statistic) and one.threshold is not None]
    if len(draws) == 1:
        return draws[0].threshold, tuple([one for one in matches if one is not draws[0]])
    return None, matches or binding.matches(rule)


def _shares(run: Sequence[tuple[Rule, int | None]]) -> dict[int, Drawn]:
    """The shares of rules that belong together; none of one rule alone."""
    if len(run) < 2:  # noqa: PLR2004 - two rules are the fewest that share
        return {}
    left, found = ONE, {}
    for number, (rule, threshold) in enumerate(run):
        k = CERTAIN if threshold is None else threshold
        found[rule.line] = Drawn(left.times(k, 31).reduced(), threshold, number == 0)
        left = left.times(CERTAIN - k, 31)
    return found


def _keeps(table: Table, rule: Rule) -> bool:
    """Is it certain that a packet which matches the rule does not come to the next one of its chain.

    A chain that it leads to keeps what comes there if a rule of it takes all packets, at most asking for a protocol, and none before sends
    packets back. Rests on: what comes to kube-proxy's chain of an endpoint is of the protocol of its Service.
    """
    effect = binding.effect(rule)
    if not isinstance(effect, Jump) or effect.goto:
        return leaves(effect)
    for one in table.rules_of(effect.chain):
        own = binding.effect(one)
        if own is Verdict.RETURN or (isinstance(own, Jump) and own.goto):
            return False
        if leaves(own) and all(
            not test.branches and all(asks.field is Field.PROTOCOL and not asks.negated for asks in test.constraints)
            for test in binding.tests(one)
        ):
            return True
    return False
