"""What of a dump is to be shown, when somebody asks for Services, for chains, or for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.graph_homes import name_of
from iptexplain.analysis.named_service import meant
from iptexplain.extensions.binding import comment, effect, tests
from iptexplain.model.matching import Field, SetMark
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from iptexplain.analysis.graph_homes import Owned
    from iptexplain.analysis.graph_parts import Look
    from iptexplain.analysis.graph_steps import Place, Step, Steps
    from iptexplain.analysis.named_service import ServiceName
    from iptexplain.analysis.service_port import DumpServices, Route, ServicePort

_MOST_OPENED = 12
"""Of so many Service ports that were asked for the chains are shown; more are folded as they are in the whole picture."""

_MARKS, _COUNTS = ("nat", layout.MARK_MASQUERADE), ("nat", layout.POSTROUTING)
"""The chain that marks packets to be masqueraded, and the one where the mark counts."""

_TOPS = (*layout.TOP_CHAINS, ("filter", layout.FIREWALL))
"""The chains in which each rule is about one Service port. The last one drops what comes from outside the source ranges of load balancers,
from 1.25 on."""


def service_names(found: Iterable[DumpServices]) -> Iterator[ServiceName]:
    """What the Service ports of some dumps are called, for `named_service.meant`."""
    return (_called(port) for one in found for port in one.ports)


def _called(port: ServicePort) -> ServiceName:
    return name_of(port) or port.hash, port.protocol


class Shown(NamedTuple):
    """What a look comes to: chains with all that they do; chains of which only what leads to `goals` counts; Service ports; opened ones.

    `named` are chains that were asked for by name.
    """

    inside: Sequence[Place]
    around: Sequence[Place]
    goals: Sequence[Place]
    ports: Sequence[ServicePort]
    opened: Sequence[ServicePort]
    named: Sequence[Place] = ()


class Chooser:
    """Finds the chains of one dump that belong to what is asked for. `places` has where Services listen, by the line that says so."""

    def __init__(self, steps: Steps, owned: Owned, found: DumpServices) -> None:
        """See the class."""
        self.steps = steps
        self.owned = owned
        self.ports = found.ports
        self.places: dict[int, tuple[ServicePort, Route]] = {
            route.line: (port, route) for port in found.ports for route in port.routes if route.chain is None
        }
        self._mark = None if found.proxy is None else found.proxy.masquerade_mark
        self._named: dict[str, list[ServicePort]] = {}
        for port in found.ports:
            self._named.setdefault(name_of(port), []).append(port)

    def shown(self, look: Look) -> Shown:
        """What a look comes to."""
        if look.chains:
            return self._of_chains(look)
        if look.service is not None:
            return self._of_services(meant(look.service, map(_called, self.ports)) if look.meant is None else look.meant)
        inside = self.steps.all(self.owned.holds if look.fold else lambda _: False, idle=not look.fold)
        return Shown(inside, (), (), self.ports, ())

    def _of_services(self, names: AbstractSet[ServiceName]) -> Shown:
        """The chains of some Services, what leads to them or refuses them, and where they are masqueraded."""
        ports = [port for port in self.ports if _called(port) in names]
        own = [("nat", chain) for port in ports for chain in port.chains if "nat" in self.steps.tables]
        wanted = {id(port) for port in ports}
        tops = [
            place for place in _TOPS
            if place[0] in self.steps.tables and any(self.is_about(place, one, wanted) for one in self.steps.of(place))
        ]  # fmt: skip
        inside = self.steps.beyond(own) if own else []
        marking = any(one.chain == _MARKS[1] and self.is_about(place, one, wanted) for place in tops for one in self.steps.of(place))
        inside += [_MARKS] if marking and _MARKS not in inside else []
        inside += self._masquerade(inside)
        around = self._before([*own, *tops, *([_COUNTS] if _COUNTS in inside else [])], inside, self.owned.holds)
        around = self._in_order(dict.fromkeys([*around, *(place for place in tops if place not in set(inside))]))
        return Shown(inside, around, [*inside, *around], ports, ports if len(ports) <= _MOST_OPENED else ())

    def _of_chains(self, look: Look) -> Shown:
        """Some chains, all that they lead to, and what leads to them from the hooks on."""
        named = [place for chain in look.chains for place in self.steps.named(chain)]
        inside = self.steps.beyond(named, lambda place: self.owned.holds(place) and place not in named)
        opened = self._of_places(named)
        spread = self._of_places(place for place in inside if place in self.owned.chains)
        inside = list(dict.fromkeys([*inside, *(place for port in spread.values() for place in self.owned.of(port))]))
        inside += self._masquerade(inside)
        lines = {one.rule.line for place in inside if place in layout.TOP_CHAINS for one in self.steps.of(place)}
        spread |= {id(port): port for line, (port, _) in self.places.items() if line in lines}
        # the chains of endpoints lead to KUBE-MARK-MASQ, which is said of it
        around = self._before([*named, *([_COUNTS] if _COUNTS in inside else [])], inside, self.owned.ends.__contains__)
        reached = {**opened, **spread, **self._of_places(around)}
        return Shown(inside, self._in_order(around), [*named, *around, _COUNTS], self._sorted(reached), self._sorted(opened), named)

    def _of_places(self, places: Iterable[Place]) -> dict[int, ServicePort]:
        """The Service ports of some chains, by their identity."""
        return {id(port): port for place in places if (port := self.owned.port(place)) is not None}

    def _before(self, places: Sequence[Place], inside: Collection[Place], passed: Callable[[Place], bool]) -> list[Place]:
        """What leads to some chains, without those inside."""
        within = set(inside)
        return [place for place in self.steps.before(places, passed) if place not in within] if places else []

    def _masquerade(self, inside: Collection[Place]) -> list[Place]:
        """If the chain that marks packets to be masqueraded is inside: where its mark counts, as far as that is not inside yet."""
        within = set(inside)
        return [place for place in self.steps.beyond([_COUNTS]) if place not in within] if _MARKS in within and self.joined() else []

    def joined(self) -> bool:
        """Does KUBE-MARK-MASQ give the mark by which KUBE-POSTROUTING knows what to masquerade."""
        if self._mark is None or "nat" not in self.steps.tables or not self.steps.has(_COUNTS):
            return False
        effects = (effect(one.rule) for one in self.steps.of(_MARKS))
        return any(isinstance(done, SetMark) and done.mark.value & self._mark.mask == self._mark.value for done in effects)

    def _sorted(self, ports: Collection[int]) -> list[ServicePort]:
        """Service ports, told by their identity, in the order of names."""
        return [port for port in self.ports if id(port) in ports]

    def _in_order(self, places: Collection[Place]) -> list[Place]:
        """Hooks first, each followed by what it leads to."""
        wanted = set(places)
        order = [place for place in self.steps.beyond(self.steps.hooks(), self.owned.holds) if place in wanted]
        return list(dict.fromkeys([*order, *places]))

    def is_about(self, place: Place, one: Step, wanted: Collection[int]) -> bool:
        """Is a rule about one of some Service ports, told by their identity: they listen there, or its comment names them."""
        if place not in _TOPS:
            return False
        served = self.served(place, one)
        if served is not None:
            return id(served[0]) in wanted
        return any(id(port) in wanted for port in self._commented(one))

    def _commented(self, one: Step) -> Sequence[ServicePort]:
        """The Service ports that the comment of a rule names."""
        named = layout.named_in(comment(one.rule) or "")
        return () if named is None else self._named.get(named.removesuffix(":"), ())

    def served(self, place: Place, one: Step) -> tuple[ServicePort, Route] | None:
        """Where a Service listens that a rule serves or refuses; of rules in filter told by the comment, the address and the port."""
        found = self.places.get(one.rule.line)
        if found is not None or place[0] != "filter" or place not in _TOPS or one.verdict is None:
            return found
        ports = self._commented(one)
        limits = [limit for test in tests(one.rule) for limit in test.constraints if not limit.negated] if ports else []
        asked = {limit.field: str(limit.wanted) for limit in limits}
        at, protocol = asked.get(Field.DESTINATION), asked.get(Field.PROTOCOL, "").upper()
        for port in ports:
            for route in port.routes if port.protocol == protocol else ():
                address = None if route.address is None else str(route.address)
                if str(route.port) == asked.get(Field.DESTINATION_PORT) and address == (None if at is None else at.partition("/")[0]):
                    return port, route
        return None
