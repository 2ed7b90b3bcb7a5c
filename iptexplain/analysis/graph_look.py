"""What of a dump is to be shown, when somebody asks for Services, for chains, or for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from iptexplain.analysis.graph_homes import Owned
    from iptexplain.analysis.graph_parts import Look
    from iptexplain.analysis.graph_steps import Place, Step, Steps
    from iptexplain.analysis.service_port import Route, ServicePort

_MOST_OPENED = 12
"""Of so many Service ports that were asked for the chains are shown; more are folded as they are in the whole picture."""

GUARD = ("filter", layout.FIREWALL)
"""The chain that drops what comes from outside the source ranges of load balancers, from 1.25 on."""


class Shown(NamedTuple):
    """What a look comes to: chains with all that they do; chains of which only what leads to `goals` counts; Service ports; opened ones."""

    inside: Sequence[Place]
    around: Sequence[Place]
    goals: Sequence[Place]
    ports: Sequence[ServicePort]
    opened: Sequence[ServicePort]


class Chooser:
    """Finds the chains of one dump that belong to what is asked for. `places` has where Services listen, by the line that says so."""

    def __init__(self, steps: Steps, owned: Owned, ports: Sequence[ServicePort]) -> None:
        """See the class."""
        self.steps = steps
        self.owned = owned
        self.ports = ports
        self.places: dict[int, tuple[ServicePort, Route]] = {
            route.line: (port, route) for port in ports for route in port.routes if route.chain is None
        }
        self._named = {port.service_port.text: id(port) for port in ports if port.service_port is not None}

    def shown(self, look: Look) -> Shown:
        """What a look comes to."""
        if look.chains:
            return self._of_chains(look)
        if look.service is not None:
            return self._of_services(look.service, fold=look.fold)
        return Shown(self.steps.all(self.owned.holds if look.fold else lambda _: False), (), (), self.ports, ())

    def _of_services(self, text: str, *, fold: bool) -> Shown:
        """The chains of some Services, and what leads to them or refuses them."""
        ports = [port for port in self.ports if text in (port.hash if port.service_port is None else port.service_port.text)]
        own = [("nat", chain) for port in ports for chain in port.chains]
        inside = [place for place in self.steps.beyond(own) if place[1] != layout.MARK_MASQUERADE or not fold] if own else []
        wanted = {id(port) for port in ports}
        lines = {line for line, (port, _) in self.places.items() if id(port) in wanted}
        tops = [
            place for place in layout.TOP_CHAINS
            if place[0] in self.steps.tables and any(one.rule.line in lines for one in self.steps.of(place))
        ]  # fmt: skip
        if GUARD[0] in self.steps.tables and any(self.guarded(one) in wanted for one in self.steps.of(GUARD)):
            tops.append(GUARD)
        around = self.steps.before([*own, *tops], self.owned.holds) if own or tops else []
        around = [place for place in dict.fromkeys([*around, *tops]) if place not in set(inside)]
        around = self._in_order(around)
        return Shown(inside, around, [*inside, *around], ports, ports if len(ports) <= _MOST_OPENED else ())

    def _of_chains(self, look: Look) -> Shown:
        """Some chains, all that they lead to, and what leads to them in one step."""
        named = [place for chain in look.chains for place in self.steps.named(chain)]
        inside = self.steps.beyond(named, lambda place: self.owned.holds(place) and place not in named)
        opened = {id(port): port for place in named if (port := self.owned.port(place)) is not None}
        reached = {id(port): port for place in inside if (port := self.owned.port(place)) is not None}
        inside = list(dict.fromkeys([*inside, *(place for port in reached.values() for place in self.owned.of(port))]))
        lines = {one.rule.line for place in inside if place in layout.TOP_CHAINS for one in self.steps.of(place)}
        reached |= {id(port): port for line, (port, _) in self.places.items() if line in lines}
        ends = self.owned.ends if look.fold and not opened else {}  # they lead to KUBE-MARK-MASQ, which is said of it
        around = [place for place in self.steps.before(named, ends.__contains__, once=True) if place not in set(inside)] if named else []
        reached |= {id(port): port for place in around if (port := self.owned.port(place)) is not None}
        return Shown(inside, self._in_order(around), named, self._sorted(reached), self._sorted(opened))

    def _sorted(self, ports: Collection[int]) -> list[ServicePort]:
        """Service ports, told by their identity, in the order of names."""
        return [port for port in self.ports if id(port) in ports]

    def _in_order(self, places: Sequence[Place]) -> list[Place]:
        """Hooks first, each followed by what it leads to."""
        wanted = set(places)
        order = [place for place in self.steps.beyond(self.steps.hooks(), self.owned.holds) if place in wanted]
        return list(dict.fromkeys([*order, *places]))

    def guarded(self, one: Step) -> int | None:
        """Which Service port a rule of `GUARD` is for, told by its identity: by the comment."""
        return self._named.get(layout.named_in(comment(one.rule) or "") or "")
