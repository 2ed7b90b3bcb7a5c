"""Where Services listen on a node whose kube-proxy is in ipvs mode: the entries of its sets, and the virtual services of IPVS.

Source: pkg/proxy/ipvs/proxier.go `syncProxyRules`, ipset.go, of 1.16 to 1.31. The rules of a dump only name the sets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.inputs.names import Place as NamedPlace
from iptexplain.model.address import Address, Network
from iptexplain.model.ipset import Port
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.ipvs_sets import name_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iptexplain.inputs.ipvs import VirtualServices
    from iptexplain.inputs.names import Names, PortName
    from iptexplain.model.ipset import EntryPart, IpSets

_KINDS = (layout.CLUSTER_IP, layout.EXTERNAL_IP, layout.LOAD_BALANCER, layout.NODE_PORT, layout.VIRTUAL)
_NUMBERS = {6: "tcp", 17: "udp", 132: "sctp"}


class _Listed(NamedTuple):
    """A set whose entries are places: the kind; the protocol where the entries do not say it; are they of the external policy Local."""

    name: str
    kind: str
    protocol: str | None = None
    local: bool = False


_SETS = (
    _Listed("KUBE-CLUSTER-IP", layout.CLUSTER_IP),
    _Listed("KUBE-EXTERNAL-IP", layout.EXTERNAL_IP),
    _Listed("KUBE-EXTERNAL-IP-LOCAL", layout.EXTERNAL_IP, local=True),
    _Listed("KUBE-LOAD-BALANCER", layout.LOAD_BALANCER),
    _Listed("KUBE-LOAD-BALANCER-LOCAL", layout.LOAD_BALANCER, local=True),
    _Listed("KUBE-NODE-PORT-TCP", layout.NODE_PORT, "tcp"),
    _Listed("KUBE-NODE-PORT-LOCAL-TCP", layout.NODE_PORT, "tcp", local=True),
    _Listed("KUBE-NODE-PORT-UDP", layout.NODE_PORT, "udp"),
    _Listed("KUBE-NODE-PORT-LOCAL-UDP", layout.NODE_PORT, "udp", local=True),
    _Listed("KUBE-NODE-PORT-SCTP-HASH", layout.NODE_PORT),
    _Listed("KUBE-NODE-PORT-LOCAL-SCTP-HASH", layout.NODE_PORT, local=True),
)
"""What is in a set for the policy Local is also in the one before it, external IPs excepted."""

_LOOP_BACK = "KUBE-LOOP-BACK"
"""The endpoints on this node."""
_SOURCE_RANGES = "KUBE-LOAD-BALANCER-SOURCE-CIDR"

Spot = tuple[Address | None, int, str]
"""An address (None: any of the node), a port and a protocol as in `tcp`."""


class Place(NamedTuple):
    """Where a Service port listens; `local`: has it the external policy Local, None if nothing tells; `line` asks for its set, or 0."""

    kind: str
    spot: Spot
    local: bool | None
    line: int


class Places:
    """The places of one dump, as far as sets, IPVS and names tell; each of them may be None."""

    def __init__(self, family: int, sets: IpSets | None, ipvs: VirtualServices | None, names: Names | None) -> None:
        """`family` is 4 or 6."""
        self.family = family
        self._sets = sets
        self._ipvs = ipvs
        self._names = names
        self.on_node = frozenset(spot for spot, _ in self._entries(_LOOP_BACK, None))
        """The endpoints that are on this node."""
        self.ranges: dict[Spot, tuple[Network, ...]] = {}
        """The source ranges of load balancers."""
        for spot, network in self._entries(_SOURCE_RANGES, None):
            if isinstance(network, Network):
                self.ranges[spot] = (*self.ranges.get(spot, ()), network)

    def set_name(self, name: str) -> str:
        """The name of a set in this dump's family."""
        return name_for(name, self.family)

    def _entries(self, name: str, protocol: str | None) -> Iterator[tuple[Spot, EntryPart | None]]:
        """The entries of a set as places, each with the last of three parts."""
        found = self._sets.sets.get(self.set_name(name)) if self._sets is not None else None
        for entry in found.entries if found is not None else ():
            address = next((part for part in entry.parts if isinstance(part, Address)), None)
            port = next((part for part in entry.parts if isinstance(part, Port)), None)
            known = protocol or (_NUMBERS.get(port.protocol or 0) if port is not None else None)
            if port is not None and known is not None and not entry.nomatch:
                yield (address, port.number, known), entry.parts[2] if len(entry.parts) > 2 else None  # noqa: PLR2004 - the third

    def all(self, lines: Mapping[str, int]) -> list[Place]:
        """All places, by kind, address and port. `lines` are those of the rules that ask for each set."""
        found: dict[tuple[str, Spot], Place] = {}
        for name, kind, protocol, local in _SETS:
            line = lines.get(self.set_name(name), 0)
            for spot, _ in self._entries(name, protocol):
                before = found.get((kind, spot))
                found[kind, spot] = Place(kind, spot, local, line) if before is None else before._replace(local=local)
        known = {spot: place for (_, spot), place in found.items()}
        for key in self._ipvs.by_key if self._ipvs is not None else ():
            if key.family != self.family or key.address is None or key.port is None or key.protocol is None:
                continue
            spot = key.address, key.port, key.protocol
            if spot in known:
                continue
            any_address = known.get((None, key.port, key.protocol))
            if any_address is not None:  # a node port, at one of the node's addresses
                found.pop((layout.NODE_PORT, any_address.spot), None)
                place = any_address._replace(spot=spot)
            else:
                place = Place(self._kind(spot), spot, None, 0)
            found[place.kind, spot] = place
        return sorted(found.values(), key=lambda p: (_KINDS.index(p.kind), p.spot[0] or Address(0, 0), *p.spot[1:]))

    def _kind(self, spot: Spot) -> str:
        """What kind of place it is, as far as the names that are given tell."""
        address, port, protocol = spot
        if self._names is None or address is None:
            return layout.VIRTUAL
        named = self._names.places.get(NamedPlace(address, port, protocol.upper()))
        if named is not None:
            return named.kind
        return layout.NODE_PORT if (port, protocol.upper()) in self._names.node_ports else layout.VIRTUAL

    def named(self, place: Place) -> PortName | None:
        """The Service port that listens at a place, None if nobody says."""
        address, port, protocol = place.spot
        if self._names is None:
            return None
        if place.kind == layout.NODE_PORT:
            return self._names.node_ports.get((port, protocol.upper()))
        named = self._names.places.get(NamedPlace(address, port, protocol.upper())) if address is not None else None
        return None if named is None else named.name
