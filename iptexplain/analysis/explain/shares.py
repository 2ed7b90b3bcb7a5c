"""The share that each rule of a chain takes of what comes there, where rules draw lots one behind the other.

kube-proxy spreads the connections of a Service so (pkg/proxy/iptables/proxier.go `writeServiceToEndpointRules`): the first of n rules takes
1/n, the next one 1/(n-1) of what is left, and the last one the rest. What a rule takes of all is the product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import Comes, comes_behind, leaves
from iptexplain.extensions import binding
from iptexplain.extensions.matches.statistic import Statistic
from iptexplain.model.matching import Field, Jump, Verdict
from iptexplain.model.shape import per_shape
from iptexplain.model.share import ONE, Share
from iptexplain.model.values import CERTAIN
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.model.matching import Match
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.shape import Shape


class Drawn(NamedTuple):
    """What a rule takes of what comes to the first of the rules that draw: `share`.

    `threshold` is the k of k/2³¹ of its own draw, None for the last rule, which takes all that is left. `first`: nothing was taken before.
    `since` is the line of the first of them, None if all that comes to the chain comes there.
    """

    share: Share
    threshold: int | None
    first: bool
    since: int | None = None


def drawn(table: Table, chain: str) -> dict[int, Drawn]:
    """What rules of a chain take that draw lots one behind the other, by their `index`. Rules that stand alone are left out.

    Rules belong together if they follow each other and ask the same but for the draw, and if each of them, but the last, is certain to
    keep what it takes.
    """
    found: dict[int, Drawn] = {}
    if not any(map(_draws, table.rules.distinct_shapes(table.places_of(chain)))):
        return found
    whole = True
    for run in _runs(table, table.rules_of(chain)):
        if len(run) > 1:
            found.update(_shares(run, None if whole else run[0][0].line))
        whole = whole and all(_passes(table, rule) for rule, _ in run)
    return found


_Run = list[tuple["Rule", int | None]]
"""Rules that draw together, each with its threshold; or one rule alone."""


def _runs(table: Table, rules: Sequence[Rule]) -> Iterator[_Run]:
    """The rules of a chain in order, those that draw together in one run."""
    run: _Run = []
    asked: tuple[Match, ...] = ()
    goes_on = False
    for rule in rules:
        threshold, others = _draw(rule)
        if not (run and goes_on and others == asked):
            if run:
                yield run
            run, asked = [], others
        run.append((rule, threshold))
        goes_on = threshold is not None and _keeps(table, rule)
    if run:
        yield run


@per_shape
def _draws(shape: Shape) -> bool:
    """May rules of the shape draw lots."""
    return any(clause.name == Statistic.NAME for clause in shape.clauses)


def _draw(rule: Rule) -> tuple[int | None, tuple[Match, ...]]:
    """The threshold with which a rule draws at random, None if it does not; and what else it asks."""
    matches = binding.matches(rule)
    draws = [one for one in matches if isinstance(one, Statistic) and one.threshold is not None] if _draws(rule.shape) else []
    if len(draws) == 1:
        return draws[0].threshold, tuple([one for one in matches if one is not draws[0]])
    return None, matches


def _shares(run: _Run, since: int | None) -> dict[int, Drawn]:
    """The shares of rules that draw together."""
    left, found = ONE, {}
    for number, (rule, threshold) in enumerate(run):
        k = CERTAIN if threshold is None else threshold
        found[rule.index] = Drawn(left.times(k, 31).reduced(), threshold, number == 0, since)
        left = left.times(CERTAIN - k, 31)
    return found


def _passes(table: Table, rule: Rule) -> bool:
    """Is it certain that every packet comes to the next rule. The chain of kube-proxy's mark only marks, also where it was left out."""
    lone = not table.line and rule.target_name == layout.MARK_MASQUERADE and not table.has_chain(layout.MARK_MASQUERADE)
    return lone or comes_behind(table, rule) is Comes.CERTAINLY


def _keeps(table: Table, rule: Rule) -> bool:
    """Is it certain that a packet which matches the rule does not come to the next one of its chain.

    A chain that it leads to keeps what comes there if a rule of it ends all packets and none before sends some back. That rule may ask for
    the protocol that leads there; in kube-proxy's chain of an endpoint for any, since what comes there is of the protocol of its Service.
    Where rule lines were pasted alone, such a chain that was left out keeps what comes there, too.
    """
    effect = binding.effect(rule)
    if not isinstance(effect, Jump) or effect.goto:
        return leaves(effect)
    endpoint = table.name == "nat" and effect.chain.startswith(layout.ENDPOINT)
    if endpoint and not table.line and not table.has_chain(effect.chain):
        return True
    asked = {one.wanted for test in binding.tests(rule) for one in test.constraints if one.field is Field.PROTOCOL and not one.negated}
    for one in table.rules_of(effect.chain):
        own = binding.effect(one)
        if own is Verdict.RETURN or (isinstance(own, Jump) and own.goto):
            return False
        if leaves(own) and all(
            all(branch.matches and branch.question is None for branch in test.branches)
            and all(what.field is Field.PROTOCOL and not what.negated and (endpoint or what.wanted in asked) for what in test.constraints)
            for test in binding.tests(one)
        ):
            return True
    return False
