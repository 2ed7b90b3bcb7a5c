"""The shares of rules that draw lots (`-m statistic`), for the edges of a picture.

Those of the endpoints of Services come from `analysis.services`, which has walked there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.explain.shares import drawn
from iptexplain.analysis.graph_parts import Draw
from iptexplain.extensions import binding
from iptexplain.extensions.matches.statistic import Statistic
from iptexplain.model.share import Share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.analysis.explain.shares import Drawn
    from iptexplain.analysis.graph_steps import Place, Steps
    from iptexplain.model.ruleset import Rule
    from iptexplain.source import Message


class Draws:
    """What rules of one dump take that draw lots; each chain is looked at once."""

    def __init__(self, steps: Steps) -> None:
        """See the class."""
        self._steps = steps
        self._known: dict[Place, dict[int, Drawn]] = {}

    def of(self, place: Place, rules: Sequence[Rule]) -> Draw | None:
        """What some rules of a chain take together; None if they do not draw lots, or not all of them with each other."""
        found = self._known.get(place)
        if found is None:
            found = self._known[place] = drawn(self._steps.tables[place[0]], place[1])
        own = [found[rule.index] for rule in rules if rule.index in found]
        if not own or len(own) < len(rules) or len({one.since for one in own}) > 1:
            return None
        share = Share(0, 0)
        for one in own:
            share = share.plus(one.share)
        asks = any(not isinstance(asked, Statistic) for rule in rules for asked in binding.matches(rule))
        return Draw(share.reduced(), own[0].since, asks)


def chance(rules: Sequence[Rule]) -> Message | None:
    """How often a rule matches that draws lots alone, in words; None for other rules and for several."""
    asked = binding.matches(rules[0]) if len(rules) == 1 else ()
    found = [one for one in asked if isinstance(one, Statistic)]
    return found[0].phrases()[0].text if len(found) == 1 else None
