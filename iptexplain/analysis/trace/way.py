"""The way of a packet as it is told: the steps of a trail from the first to the last, and the stages that they make.

A trail may have more steps than there are atoms (chains that call each other twice each, over and over), so it is told in part: everything
that is not a rule, and the last rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.trace.fate import Arrived, Ended, Enters, Policy, Routed, Translated
from iptexplain.analysis.walk import Passed
from iptexplain.extensions import binding
from iptexplain.model.matching import Reject, Translate, Verdict
from iptexplain.model.ruleset import ChainName, Rule
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iptexplain.analysis.trace.fate import Event
    from iptexplain.analysis.walk import Trail
    from iptexplain.model.ruleset import Chain, Dump

    Step = Rule | Event

MOST_RULES = 1000
"""Of a longer way the rules before the last ones are left out."""


def steps(trail: Trail | None, most: int = MOST_RULES) -> tuple[list[Step], bool]:
    """The steps in order, and whether rules were left out."""
    found: list[Step] = []
    cut = False
    left = most
    waiting = [] if trail is None else [trail]
    while waiting:
        step, before = waiting.pop()
        if before is not None:
            waiting.append(before)
        if isinstance(step, Rule):
            if left:
                found.append(step)
                left -= 1
            else:
                cut = True
        elif isinstance(step, Passed):
            if left:
                waiting.append(step.trail)
            else:
                cut = True
        elif isinstance(step, (Arrived, Enters, Policy, Routed, Translated, Ended)):
            found.append(step)
    found.reverse()
    return found, cut


_ENDS = (Reject, Translate)


def decides(rule: Rule) -> bool:
    """Does a rule end a packet's way through its table, so that the policy is not asked."""
    effect = binding.effect(rule)
    return effect is Verdict.ACCEPT or effect is Verdict.DROP or isinstance(effect, _ENDS)


def policy(dump: Dump, table: str, hook: str) -> Chain | None:
    """The base chain of a hook, if its policy lets packets on that no rule stops."""
    found = dump.table(table)
    chain = None if found is None else found.chains.get(ChainName(hook))
    return chain if chain is not None and chain.policy == "ACCEPT" else None


class Stage(NamedTuple):
    """What happens at one table of a hook (`enters`), or between tables (None): there each event is a stage."""

    enters: Enters | None
    steps: tuple[Step, ...]

    def rules(self) -> Iterator[Rule]:
        """The rules that matched."""
        return (step for step in self.steps if isinstance(step, Rule))


def stages(way: Iterable[Step]) -> list[Stage]:
    """The stages of a way; the event that enters a table is not among the steps of its stage."""
    found: list[Stage] = []
    enters: Enters | None = None
    inside: list[Step] = []

    def close() -> None:
        if enters is not None:
            found.append(Stage(enters, tuple(inside)))
        inside.clear()

    for step in way:
        if isinstance(step, Arrived):
            continue
        if isinstance(step, (Enters, Routed, Ended)) or (isinstance(step, Translated) and not step.why):
            close()
            enters = step if isinstance(step, Enters) else None
            if not isinstance(step, Enters):
                found.append(Stage(None, (step,)))
        else:
            inside.append(step)
    close()
    return found
