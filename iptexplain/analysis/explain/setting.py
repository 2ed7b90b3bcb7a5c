"""What a sentence on a rule may know beyond that rule: which Service listens at an address, which Pod a chain leads to, what a mark means.

Everything is looked up when a sentence first needs it, so that one rule of a large dump costs little. Names label what rules say; what a
chain does comes from its rules.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from iptexplain.analysis.explain.owned import Owners
from iptexplain.analysis.frontends import listed
from iptexplain.analysis.naming import Naming
from iptexplain.extensions import binding
from iptexplain.model.matching import Field, Jump, SetMark, Translate
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.model.shape import per_shape
from iptexplain.model.values import Mark
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy import proxy as facts
from iptexplain.owners.kube_proxy.names import PROTOCOLS, SERVICE_CHAIN

if TYPE_CHECKING:
    from collections.abc import Collection

    from iptexplain.inputs.names import Names
    from iptexplain.model.address import Address, Endpoint, Network
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Dump, Rule, Table
    from iptexplain.model.shape import Shape
    from iptexplain.owners.kube_proxy.proxy import Proxy


@per_shape
def _is_goto(shape: Shape) -> bool:
    """Do rules of the shape lead somewhere for good."""
    return shape.target is not None and shape.target.kind == "goto"


class Listens(NamedTuple):
    """Where a Service port listens: an address (None: any of the node), a port, and a protocol in small letters."""

    address: Address | None
    port: int
    protocol: str


class Setting:
    """The surroundings of the rules of one dump; `names` are Service ports that the user knows of."""

    def __init__(self, dump: Dump, names: Names | None = None) -> None:
        """See the class."""
        self.dump = dump
        self.family = 6 if dump.family == "ipv6" else 4
        self._nat = dump.table("nat")
        self._naming = Naming(self._nat, names)
        self._services: dict[str, str | None] = {}
        self._pods: dict[str, Endpoint | None] = {}
        self._gone_to: dict[str, frozenset[str]] = {}
        self._marking: dict[tuple[str, str], Mark | None] = {}

    @cached_property
    def owners(self) -> Owners:
        """Whose the chains and rules are."""
        return Owners(self.dump)

    @cached_property
    def _places(self) -> dict[tuple[Address | None, int, str], str]:
        """The Service ports by address (None: any of the node), port and protocol; places that two of them claim are left out."""
        found: dict[tuple[Address | None, int, str], str] = {}
        twice = set()
        for port in listed(self.dump, self._naming):
            for place in port.places() if port.service_port is not None else ():
                key = place.address, place.port, port.protocol
                name = (port.service_port or "").removesuffix(":")
                if place.kind != layout.CHAIN and found.setdefault(key, name) != name:
                    twice.add(key)
        return {key: name for key, name in found.items() if key not in twice}

    def service_at(self, address: Address | None, port: int, protocol: str) -> str | None:
        """The Service port that listens there, None if no rule says one."""
        return self._places.get((address, port, protocol.upper()))

    def places_of(self, names: Collection[str]) -> frozenset[Listens]:
        """Where the Service ports of these names listen."""
        return frozenset([Listens(*place[:2], place[2].lower()) for place, name in self._places.items() if name in names])

    def service_of(self, chain: str) -> str | None:
        """The Service port whose chain this is, None if it is no Service's or nothing names it."""
        if chain not in self._services:
            self._services[chain] = self._service_of(chain)
        return self._services[chain]

    def _service_of(self, chain: str) -> str | None:
        found = SERVICE_CHAIN.match(chain)
        if found is not None:
            named = self._naming.of(found[2])
        elif chain.startswith(layout.ENDPOINT):
            named = self._naming.of_endpoint(chain, PROTOCOLS[0])  # the protocol makes no difference to names in comments
        else:
            return None
        return None if named is None else named.text.removesuffix(":")

    def pod_of(self, chain: str) -> Endpoint | None:
        """The one place to which a chain of an endpoint translates packets; None for other chains, and where its rules do not say that."""
        if chain not in self._pods:
            self._pods[chain] = self._pod_of(chain)
        return self._pods[chain]

    def _pod_of(self, chain: str) -> Endpoint | None:
        if self._nat is None or not chain.startswith(layout.ENDPOINT):
            return None
        found = {effect.to for rule in self._nat.rules_of(chain) if isinstance(effect := binding.effect(rule), Translate)}
        to = found.pop() if len(found) == 1 else None
        return to if to is not None and to.single else None

    def lost_pod(self, chain: str) -> str | None:
        """Where an endpoint's chain leads that was left out of rule lines: the rule that leads there says it, the hash proves it."""
        found = self._naming.endpoint(chain)
        return None if found is None else found[0]

    def is_pod(self, endpoint: Endpoint) -> bool:
        """May an endpoint be a Pod: it is none if the rules show which addresses Pods have, and it has another (the API server has)."""
        pods = self._pod_network
        return pods is None or endpoint.first is None or endpoint.first.family != pods.family or pods.holds(endpoint.first)

    @cached_property
    def _pod_network(self) -> Network | None:
        """The addresses of the cluster's Pods, None if no rule shows them."""
        found = self.proxy
        return None if found is None or found.local_detector is None else found.local_detector.network

    @cached_property
    def proxy(self) -> Proxy | None:
        """The kube-proxy that wrote the dump, None if nothing in it is kube-proxy's."""
        return facts.proxy(self.dump)

    def gone_to(self, table: Table) -> frozenset[str]:
        """The chains of a table that a goto leads to, from where a packet does not come back."""
        if table.name not in self._gone_to:
            rules = (rule for place in range(len(table.rules)) if _is_goto(table.rules.shape(place)) for rule in [table.rules[place]])
            self._gone_to[table.name] = frozenset([rule.target_name or "" for rule in rules])
        return self._gone_to[table.name]

    @cached_property
    def masquerade_mark(self) -> Mark | None:
        """The bits by which KUBE-POSTROUTING knows what to masquerade; None if the dump does not show them."""
        return facts.masquerade_mark(self._nat) if self._nat is not None and self._nat.has_chain(layout.POSTROUTING) else None

    def marks_masquerade(self, table: str, chain: str) -> Mark | None:
        """The mark that a chain gives to every packet and nothing else, if it is the one that is masqueraded; None for other chains."""
        if (table, chain) not in self._marking:
            self._marking[table, chain] = self._marks(table, chain)
        return self._marking[table, chain]

    def _marks(self, table: str, chain: str) -> Mark | None:
        found = self.dump.table(table)
        rules = found.rules_of(chain) if found is not None else ()
        if table != "nat" or chain in BUILT_IN or len(rules) != 1 or binding.tests(rules[0]):
            return None
        effect = binding.effect(rules[0])
        wanted = self.masquerade_mark
        if (
            not isinstance(effect, SetMark)
            or wanted is None
            or not all(wanted.holds(effect.mark.put(mark)) for mark in (0, ~0 & 0xFFFFFFFF))
        ):
            return None
        return wanted

    def asks_masquerade(self, one: Constraint | None, chain: str) -> Mark | None:
        """The mark, if a constraint in one of kube-proxy's chains asks for what is to be masqueraded; else None."""
        if one is None or one.field is not Field.MARK or not chain.startswith("KUBE-") or not isinstance(one.wanted, Mark):
            return None
        return one.wanted if one.wanted == self.masquerade_mark else None

    def way_on(self, table: Table, rule: Rule) -> str | None:
        """The chain that a rule leads to, if the dump has it; None for other rules."""
        effect = binding.effect(rule)
        return effect.chain if isinstance(effect, Jump) and table.has_chain(effect.chain) else None
