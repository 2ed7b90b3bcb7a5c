"""Traffic that has lost kube-proxy's mark in nat: is it masqueraded by other rules behind the one that took the mark."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import leaves
from iptexplain.analysis.walk import FORGOTTEN, Path, Walker
from iptexplain.errors import TooManyCasesError
from iptexplain.extensions import binding
from iptexplain.lint.common.partial import Partial
from iptexplain.model.matching import Constraint, Field, Reject, SetMark, Translate, Verdict
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.model.share import ONE
from iptexplain.model.values import Mark, Words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from iptexplain.analysis.walk import Outcome
    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table

_STAYS = frozenset(
    {
        Field.SOURCE,
        Field.DESTINATION,
        Field.OUT,
        Field.PROTOCOL,
        Field.SOURCE_PORT,
        Field.DESTINATION_PORT,
    }
)
"""What of a packet is the same at every rule of POSTROUTING."""


_MOST = 200
"""So many ways to a rule, and parts of ways, are looked at."""


class Bare:
    """Follows marked packets through nat. `met` are the places of the rules that they meet, `bits` those of the mark."""

    def __init__(self, subject: Subject, nat: Table, met: Collection[int], bits: int) -> None:
        """See the class."""
        self._jumps = subject.jumps("nat")
        self._walker = Walker(nat)
        self._met = met
        self._bits = bits

    def leaves_bare(self, rule: Rule) -> bool:
        """May a marked packet come to a rule that changes its mark, and out of nat with the source that it had."""
        return any(map(self._bare_behind, self._ways(rule)))

    def _ways(self, rule: Rule) -> Iterator[Sequence[Rule]]:
        """The ways to a rule, the shortest first: the rule itself, the one that leads to its chain, and so on up to a built-in chain."""
        waiting = deque([[rule]])
        for _ in range(_MOST):
            if not waiting:
                return
            way = waiting.popleft()
            name = way[-1].chain
            if name in BUILT_IN:
                yield way
            callers = [caller for caller in self._jumps.get(name, ()) if caller.index in self._met]
            waiting += [[*way, caller] for caller in callers[:_MOST] if all(caller.chain != rule.chain for rule in way)]

    def _bare_behind(self, way: Sequence[Rule]) -> bool:
        """May a packet that has come this way to a rule leave the table without another source."""
        known = [Constraint(Field.STATE, Words(("NEW", "DNAT"))), *chain.from_iterable(map(_asked, way))]
        packet = Partial(tuple(known), marked=Mark(self._bits, self._bits))
        effect = binding.effect(way[0])
        states = {packet.changed(effect) if isinstance(effect, SetMark) else packet}
        for at, rule in enumerate(way):
            if at and leaves(binding.effect(rule)):
                continue  # a goto, behind which nobody comes back
            ends = self._behind(rule, states)
            if not all(isinstance(end.effect, _HARMLESS) or end.effect in _PASSED_ON for end in ends):
                return True
            states = {end.path.state for end in ends if end.effect is Verdict.RETURN}
        return any(state.marked.value & self._bits != self._bits for state in states)

    def _behind(self, rule: Rule, states: Iterable[Partial]) -> Sequence[Outcome]:
        """How packets may leave the chain of a rule behind it; none where nobody can tell."""
        paths = [Path(state, ONE, FORGOTTEN) for state in states]
        with suppress(TooManyCasesError):
            return self._walker.walk_paths(rule.chain, paths, through=lambda other: other.index > rule.index)
        return ()


_HARMLESS = (Translate, Reject)
_PASSED_ON = frozenset({Verdict.RETURN, Verdict.DROP})
"""A packet is no more on its way, or goes on behind the chain."""


def _asked(rule: Rule) -> list[Constraint]:
    return [one for test in binding.tests(rule) for one in test.constraints if one.field in _STAYS]
