"""The Service view as values: Service ports, where they listen, what each kind of source meets there, and who answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.model.address import Endpoint as Destination
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iptexplain.analysis.counters import Observed
    from iptexplain.model.address import Address
    from iptexplain.model.ruleset import Dump
    from iptexplain.model.share import Share
    from iptexplain.owners.kube_proxy.names import ServicePortName
    from iptexplain.owners.kube_proxy.proxy import Proxy
    from iptexplain.source import Message

DNAT, REJECT, DROP, NONE, UNKNOWN = "dnat", "reject", "drop", "none", "unknown"
CLUSTER, LOCAL = "cluster", "local"
"""What may happen to a packet, and the two sets of endpoints, in the words of the JSON output."""


class Endpoint(NamedTuple):
    """One endpoint of a set, with its chance.

    `address` is where DNAT sends the packet, as iptables-save writes it (`10.0.0.1:80`); `destination` is the same as a value.
    `share` is None where the dump does not tell it. `threshold` is the k of k/2³¹ of the rule that leads to it, None if that rule draws
    nothing; `line` is that of the DNAT rule. `recovered`: the dump has lost the address, and the hash in the chain's name gave it back.
    `lone`: no rule that leads there was pasted.
    """

    address: str
    share: Share | None
    threshold: int | None
    chain: str
    line: int
    recovered: bool = False
    lone: bool = False

    @property
    def destination(self) -> Destination:
        """The address and the port."""
        return Destination.parse(self.address)


class Answer(NamedTuple):
    """What one kind of source meets at a place.

    `action` is `dnat`, `reject`, `drop`, `none` (kube-proxy leaves the packet alone) or `unknown` (it depends on `depends_on`).
    `without_effect`: marked for a drop that no rule carries out. `falls_through` is the chance to get past all endpoints, None if it is 0.
    `taken_by` names the other Service that takes the traffic, because its rule comes first. `unknown_share` is the chance of what is
    unknown, None if that is all or cannot be told.
    """

    action: str
    endpoint_set: str | None = None
    masquerade: bool | None = None
    without_effect: bool = False
    falls_through: Share | None = None
    depends_on: tuple[Message, ...] = ()
    taken_by: str | None = None
    unknown_share: Share | None = None


class Route(NamedTuple):
    """A place where a Service port listens, and what each kind of source meets there. `address` None: any address of the node.

    `packets` is what the rule in `line` has counted, None without counters. `chain` is the one that traffic enters where no rule tells
    which traffic that is (kind `chain`), else None.
    """

    kind: str
    address: Address | None
    port: int
    line: int
    sources: dict[str, Answer]
    packets: int | None = None
    chain: str | None = None

    @property
    def place(self) -> str:
        """Address and port, `10.0.0.1:80` or `[2001:db8::1]:80`; the port alone where it is any address of the node."""
        if self.address is None:
            return str(self.port)
        shown = str(self.address)
        return f"[{shown}]:{self.port}" if ":" in shown else f"{shown}:{self.port}"


class ServicePort(NamedTuple):
    """One port of a Service in one dump. Fields that the dump does not tell are None.

    `health_check_line` is that of the rule which lets health checks in, 0 if there is none. `observed` has what the rules of each endpoint
    set have counted, as far as the dump has counters.
    """

    dump: int
    family: str | None
    service_port: ServicePortName | None
    protocol: str
    name_source: str
    name_verified: bool
    hash: str
    chains: tuple[str, ...]
    node_port: int | None
    source_ranges: tuple[str, ...]
    health_check_node_port: int | None
    session_affinity: str | None
    session_affinity_timeout: int | None
    internal_traffic_policy: str | None
    external_traffic_policy: str | None
    has_endpoints: bool
    endpoint_sets: dict[str, tuple[Endpoint, ...]]
    routes: tuple[Route, ...]
    health_check_line: int = 0
    observed: Mapping[str, Observed] = {}

    def routes_of(self, kind: str) -> tuple[Route, ...]:
        """The routes of one kind: `cluster_ip`, `external_ip`, `load_balancer` or `node_port`."""
        return tuple(route for route in self.routes if route.kind == kind)

    @property
    def sort_key(self) -> tuple[str, ...]:
        """Namespace, name, port name, protocol, family; a port whose name is not known comes first."""
        name = self.service_port
        parts = ("", "", "") if name is None else (name.namespace, name.name, name.port_name)
        return (*parts, self.protocol, self.family or "", self.hash)


class DumpServices(NamedTuple):
    """The Services of one dump and the kube-proxy that wrote them (None: the dump holds nothing of kube-proxy's).

    `unlisted` are chains of Services that belong to none of the `ports`, because no rule leads to them.
    """

    dump: Dump
    proxy: Proxy | None
    ports: tuple[ServicePort, ...]
    unlisted: tuple[str, ...] = ()

    @property
    def missing_tables(self) -> tuple[str, ...]:
        """The tables that kube-proxy in iptables mode writes and that this dump does not hold; none for rule lines alone."""
        if self.proxy is None or any(table.line == 0 for table in self.dump.tables):
            return ()
        written = ("nat",) if self.proxy.mode == "userspace" else ("nat", "filter")
        return tuple(name for name in written if self.dump.table(name) is None)
