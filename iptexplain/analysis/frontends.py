"""Where Service ports listen, as the rules in kube-proxy's top chains name it: addresses, ports, and the names that label them.

This is the half of the Service view that rests on names. What traffic to these places meets is `analysis.services`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from iptexplain.extensions import binding
from iptexplain.extensions.binding import comment
from iptexplain.model.address import Address, Network
from iptexplain.model.matching import Field
from iptexplain.model.shape import per_shape
from iptexplain.model.values import Ports, Words
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN, service_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iptexplain.analysis.naming import Naming
    from iptexplain.model.ruleset import Dump, Rule, Table
    from iptexplain.model.shape import Shape


class Frontend(NamedTuple):
    """One place: kind (of `owners.kube_proxy.layout`), address (None: any address of the node), port, and the rule that says so.

    The rule is the first that leads to a chain of the Service, else the one that refuses traffic; `table` is the one that it stands in.
    """

    kind: str
    address: Address | None
    port: int
    table: str
    rule: Rule


class Listed:
    """What the rules say of one Service port, while it is collected. `own_hash` is the hash that its name gives."""

    __slots__ = (
        "frontends",
        "hashes",
        "health_check",
        "health_check_line",
        "name_source",
        "no_endpoints",
        "node_port",
        "own_hash",
        "protocol",
        "service_port",
    )

    def __init__(self, service_port: str | None, protocol: str, name_source: str = "comment") -> None:
        """`service_port` is its name, None if nothing tells it; `name_source` says how it is known (`ServicePort.name_source`)."""
        self.service_port = service_port
        self.protocol = protocol
        self.name_source = name_source
        self.own_hash = None if service_port is None else service_hash(service_port, protocol)
        self.hashes: set[str] = set()
        self.frontends: dict[tuple[str, Address | None, int], tuple[str, Rule]] = {}
        self.node_port: int | None = None
        self.health_check: int | None = None
        self.health_check_line = 0
        self.no_endpoints = False

    @property
    def own(self) -> Collection[str]:
        """The hashes of the chains that are its own; chains with others belong to other Services."""
        return self.hashes or {self.own_hash or ""}

    @property
    def hash(self) -> str | None:
        """The hash in its chains' names, else the one that its name gives; None if there is neither."""
        return self.own_hash if self.own_hash in self.hashes or not self.hashes else min(self.hashes)

    def places(self) -> Iterator[Frontend]:
        """Where it listens."""
        return (Frontend(*where, *rule) for where, rule in self.frontends.items())


class _Found(NamedTuple):
    """One rule of a top chain, as far as it says where something listens."""

    place: layout.Place
    protocol: str | None
    address: Address | None
    port: int | None
    any_local: bool
    hash: str | None
    rule: Rule
    table: str


_Said = dict[Field, "Address | Ports | Words | str | None"]
"""What a rule says of the packets that it is about, as far as it matters here."""

_Reader = Callable[[str], "Address | Ports | Words | str | None"]

_READ: dict[Field, _Reader] = {
    Field.DESTINATION: Network.one,
    Field.PROTOCOL: str,
    Field.DESTINATION_PORT: lru_cache(Ports.parse),
    Field.DESTINATION_TYPE: Words.parse,
}


@per_shape
def _slots(shape: Shape) -> tuple[tuple[Field, _Reader, int], ...] | None:
    """Where rules of a shape say so, if their matches do nothing but limit one field each; None for other shapes."""
    limits = binding.limits(shape)
    if limits is None or len({limit.field for limit in limits}) < len(limits):
        return None
    return tuple([(what, _READ[what], slot) for what, slot, _, negated in limits if slot is not None and not negated and what in _READ])


def _said(rule: Rule) -> _Said:
    """What a rule says."""
    slots = _slots(rule.shape)
    values = rule.values
    if slots is not None:
        try:
            return {what: read(values[slot]) for what, read, slot in slots}
        except ValueError:
            pass  # a value that cannot be read: the typed matches below leave its match out
    found: _Said = {}
    for match in binding.matches(rule):
        for what, wanted, negated in match.constraints():
            if isinstance(wanted, Network):
                wanted = wanted.single  # noqa: PLW2901 - the address, where there is only one
            if not negated and what in _READ and isinstance(wanted, (Address, Ports, Words, str)):
                found[what] = wanted
    return found


def _look(table: str, chain: str, rule: Rule) -> _Found:
    said = _said(rule)
    target = SERVICE_CHAIN.match(rule.target_name or "")
    ports, types = said.get(Field.DESTINATION_PORT), said.get(Field.DESTINATION_TYPE)
    return _Found(
        layout.place(table, chain, comment(rule), target[1] if target else None),
        cast("str | None", said.get(Field.PROTOCOL)),
        cast("Address | None", said.get(Field.DESTINATION)),
        ports.first if isinstance(ports, Ports) and ports.first == ports.last else None,
        isinstance(types, Words) and types.holds("LOCAL"),
        target[2] if target else None,
        rule,
        table,
    )


def _rules(dump: Dump) -> Iterator[_Found]:
    for table_name, chain in layout.TOP_CHAINS:
        table = dump.table(table_name)
        for rule in table.rules_of(chain) if table is not None else ():
            found = _look(table_name, chain, rule)
            if (found.port is not None and found.protocol is not None) or found.hash is not None:
                yield found


def node_addresses(dump: Dump) -> list[Address | None]:
    """The addresses at which node ports are served: None for any address of the node; empty if nothing leads to KUBE-NODEPORTS."""
    nat = dump.table("nat")
    found: list[Address | None] = []
    for rule in nat.rules_of(layout.SERVICES) if nat is not None else ():
        if rule.target_name != layout.NODE_PORTS:
            continue
        address = None
        for match in binding.matches(rule):
            for what, wanted, negated in match.constraints():
                if what is Field.DESTINATION and isinstance(wanted, Network) and not negated:
                    address = wanted.single
        if address not in found:
            found.append(address)
    if nat is not None and not found and (nat.line == 0 or not nat.rules_of(layout.SERVICES)) and nat.rules_of(layout.NODE_PORTS):
        found.append(None)  # rule lines alone: the chain is there, what leads to it was not pasted
    return found


def listed(dump: Dump, naming: Naming) -> list[Listed]:
    """The Service ports of a dump with the places where they listen, in the order of their first rule."""
    found = list(_rules(dump))
    naming.learn({f.hash: f.place.service_port for f in found if f.hash is not None and f.place.service_port is not None})
    ports: dict[Hashable, Listed] = {}
    at: dict[tuple[Address | None, int | None, str], Listed] = {}
    addresses = node_addresses(dump)
    for rule in found:
        if rule.hash is None and rule.place.service_port is None and (_only_marks(rule) or rule.place.kind == layout.HEALTH_CHECK):
            continue  # nothing says whose rule it is
        protocol = (rule.protocol or "").upper()
        named = None
        if rule.place.service_port is None:
            named = naming.of(rule.hash) if rule.hash is not None else naming.at(rule.address, rule.port or 0, protocol)
        name = named.text if named is not None else rule.place.service_port
        # without a name a hash ties the rules of a Service port together, and without a hash only the place does
        place = rule.address, rule.port, protocol
        key = (name or rule.hash, protocol) if name or rule.hash else place
        port = ports.get(key)
        if port is None and key is place:
            port = at.get(place)
        if port is None:
            port = ports[key] = Listed(name, protocol, named.source if named is not None else "comment" if name else "none")
        at.setdefault(place, port)
        _add(port, rule, addresses, dump.table("nat"))
    of_service: dict[str | None, list[Listed]] = {}
    for port in ports.values():
        of_service.setdefault(_service(port), []).append(port)
    for port in ports.values():
        _settle_outside(port, of_service[_service(port)])
    return list(ports.values())


def unlisted(nat: Table, ports: Iterable[Listed], hashes: Collection[str]) -> list[str]:
    """Those `hashes`, of the Service chains of a table, to whose chains no rule leads, but for rules in such chains."""
    known = {port.hash for port in ports}
    found = {hash_ for hash_ in hashes if hash_ not in known}
    if not found:
        return []
    led = {_hash_of(rule.target_name or "") for chain in nat.by_chain if _hash_of(chain) not in found for rule in nat.rules_of(chain)}
    return [hash_ for hash_ in hashes if hash_ in found and hash_ not in led]


def named_within(rules: Iterable[Rule]) -> dict[tuple[str, Address | None, int], tuple[str, Rule]]:
    """Where a Service port listens, by the masquerade rules in its own chains, which name its cluster IP from 1.22 on."""
    found: dict[tuple[str, Address | None, int], tuple[str, Rule]] = {}
    for rule in rules:
        if rule.target_name == layout.MARK_MASQUERADE:
            said = _look("nat", layout.SERVICES, rule)
            if said.address is not None and said.port is not None and said.place.kind is not None:
                found.setdefault((said.place.kind, said.address, said.port), ("nat", rule))
    return found


def _hash_of(chain: str) -> str | None:
    found = SERVICE_CHAIN.match(chain) if chain.startswith(layout.OF_SERVICE) else None
    return found and found[2]


def _only_marks(found: _Found) -> bool:
    """Is it a masquerade rule of older layouts, which says nothing of its own."""
    return found.table == "nat" and found.rule.target_name in {*layout.MARKS, None}


def _add(port: Listed, found: _Found, addresses: list[Address | None], nat: Table | None) -> None:
    """Enters one rule. The line of a place is that of the first rule that jumps to a Service chain, else of the filter rule."""
    if found.hash is not None:
        port.hashes.add(found.hash)
    kind, number = found.place.kind, found.port
    if found.table == "filter" and layout.says_no_endpoints(comment(found.rule), found.rule.target_name):
        port.no_endpoints = True
    if kind == layout.HEALTH_CHECK:
        port.health_check, port.health_check_line = number, found.rule.line
    elif _only_marks(found):
        pass  # it says nothing of its own
    elif number is None:
        _add_chain(port, found, nat)
    elif kind == layout.NODE_PORT or (found.any_local and found.address is None):
        port.node_port = number
        for address in _node_places(port, found, addresses):
            port.frontends.setdefault((layout.NODE_PORT, address, number), (found.table, found.rule))
    elif found.address is not None:
        _add_address(port, found, found.address, number)
    else:
        _add_chain(port, found, nat)


def _node_places(port: Listed, found: _Found, addresses: list[Address | None]) -> list[Address | None]:
    """The addresses at which a rule serves or refuses a node port."""
    if found.rule.chain in layout.PORTALS:
        return [None]
    return addresses if found.table == "nat" else [None] if not _has_node_port(port) else []


def _add_chain(port: Listed, found: _Found, nat: Table | None) -> None:
    """Enters the chain that a rule leads to which is about more than one address and port: no kube-proxy writes such a rule."""
    rules = nat.rules_of(found.rule.target_name or "") if nat is not None and found.hash is not None else ()
    if rules:
        port.frontends.setdefault((layout.CHAIN, None, found.rule.line), ("nat", rules[0]))


def _add_address(port: Listed, found: _Found, address: Address, number: int) -> None:
    """Enters a place with an address of its own."""
    kind = found.place.kind or layout.CLUSTER_IP
    if kind == layout.CLUSTER_IP and _is_further(port, address, number):
        # Up to 1.18 load balancers without endpoints stand in filter's KUBE-SERVICES too; in nat this is a rule without a comment, or one
        # of the userspace mode. kube-proxy writes the rule of the cluster IP first (proxier.go `syncProxyRules`).
        kind = layout.LOAD_BALANCER if found.table == "filter" else layout.EXTERNAL_IP
    outside = ((known, address, number) for known in (layout.EXTERNAL_IP, layout.LOAD_BALANCER))
    if kind != layout.OUTSIDE or not any(place in port.frontends for place in outside):
        port.frontends.setdefault((kind, address, number), (found.table, found.rule))


def _is_further(port: Listed, address: Address, number: int) -> bool:
    """Does the Service port have another cluster IP already."""
    return any(kind == layout.CLUSTER_IP and place != [address, number] for kind, *place in port.frontends)


def _has_node_port(port: Listed) -> bool:
    return any(kind == layout.NODE_PORT for kind, _, _ in port.frontends)


def _settle_outside(port: Listed, siblings: Sequence[Listed]) -> None:
    """What an outside address is that no rule tells: a load balancer's if one of the `siblings`, all ports of the Service, shows it."""
    for key in [key for key in port.frontends if key[0] == layout.OUTSIDE]:
        balancer = any(s.health_check is not None for s in siblings) or any(
            kind == layout.LOAD_BALANCER and address == key[1] for s in siblings for kind, address, _ in s.frontends
        )
        rule = port.frontends.pop(key)
        port.frontends.setdefault((layout.LOAD_BALANCER if balancer else layout.EXTERNAL_IP, key[1], key[2]), rule)


def _service(port: Listed) -> str | None:
    return None if port.service_port is None else port.service_port.partition(":")[0]
