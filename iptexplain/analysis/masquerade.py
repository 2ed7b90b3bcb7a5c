"""Whether kube-proxy's part of POSTROUTING masquerades a packet, by the mark that it has got on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis import traffic
from iptexplain.model.matching import Translate
from iptexplain.model.values import Mark
from iptexplain.owners.kube_proxy import proxy as facts

if TYPE_CHECKING:
    from iptexplain.analysis.walk import Walker

DEFAULT_MARK = Mark(0x4000, 0x4000)
"""What KUBE-MARK-MASQ does where a dump does not hold that chain (kube-proxy's default --iptables-masquerade-bit)."""


class Masquerade:
    """Asks the nat table of one dump, each mark once."""

    def __init__(self, walker: Walker | None, family: int, mark: Mark | None) -> None:
        """`walker` walks nat, None if there is no such table; `family` is 4 or 6; `mark` is presumed where POSTROUTING is not there."""
        self._walker = walker
        self._family = family
        self._mark = mark or DEFAULT_MARK
        self._known: dict[int, bool] = {}

    def of(self, mark: int) -> bool:
        """Is what has this mark masqueraded."""
        found = self._known.get(mark)
        if found is None:
            found = self._known[mark] = self._find(mark)
        return found

    def _find(self, mark: int) -> bool:
        walker = self._walker
        if walker is None or not walker.table.has_chain("POSTROUTING"):
            return self._mark.holds(mark)
        source = traffic.outside(self._family, (), None)
        packet = traffic.Traffic(self._family, source, None, to_local=False, protocol="tcp", port=0, mark=mark)
        through = facts.masquerades_by_mark if facts.is_of_2015(walker.table) else facts.masquerades
        return any(isinstance(end.effect, Translate) for end in walker.walk("POSTROUTING", [packet], through=through))
