"""The Services of a node whose kube-proxy is in ipvs mode: from the sets that its rules look up, and from the table of IPVS.

The rules only mark, refuse and drop; where Services listen is in sets (`ipset save`), where traffic goes is in IPVS (`ipvsadm -Sn`). All
addresses of Services are the node's own there (interface kube-ipvs0). A packet that arrives goes through nat PREROUTING and filter INPUT,
then IPVS takes it; one of the node's own goes through nat OUTPUT, then IPVS, then filter OUTPUT (ip_vs_core.c, `ip_vs_ops4`).

Source: pkg/proxy/ipvs/proxier.go `syncProxyRules`, `writeIptablesRules`, ipset.go, of 1.16 to 1.31. Rests on the assumptions of
`analysis.services`. Nothing ties the ports of one Service together but the names that the user gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from iptexplain.analysis import traffic
from iptexplain.analysis.endings import unknown
from iptexplain.analysis.ipvs_places import Places
from iptexplain.analysis.masquerade import DEFAULT_MARK, Masquerade
from iptexplain.analysis.membership import Visit, set_lines
from iptexplain.analysis.service_port import CLUSTER, DNAT, DROP, LOCAL, NONE, REJECT, UNKNOWN, Answer, Endpoint, Route, ServicePort
from iptexplain.analysis.walk import Outcome, Path, Walker
from iptexplain.model.matching import Broken, Opaque, Queue, Reject, SetMark, Translate, Verdict
from iptexplain.model.share import ONE, Share
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import ServicePortName
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.analysis.ipvs_places import Place, Spot
    from iptexplain.inputs.ipvs import VirtualService, VirtualServices
    from iptexplain.inputs.names import Names, PortName
    from iptexplain.model.ipset import IpSets
    from iptexplain.model.matching import Effect, Question
    from iptexplain.model.ruleset import Dump, Rule
    from iptexplain.owners.kube_proxy.proxy import Proxy

_FILTER_CHAINS = layout.FILTER_CHAINS | {"KUBE-NODE-PORT", "KUBE-IPVS-FILTER", "KUBE-IPVS-OUT-FILTER"}

_NO_IPVS = message("IPVS sends it on (`ipvsadm -Sn` with --ipvs tells where)")
_NO_SETS = message("it depends on sets (`ipset save` with --ipset tells)")


class _End(NamedTuple):
    """One way in which a packet ends, how likely, and the questions that it rests on."""

    answer: Answer
    weight: Share
    questions: tuple[Question, ...]


def services(dump: Dump, proxy: Proxy, sets: IpSets | None, ipvs: VirtualServices | None, names: Names | None) -> tuple[ServicePort, ...]:
    """The Service ports of a dump whose proxy is in ipvs mode; none if neither the sets nor the table of IPVS are given.

    Without names of places (`Names.places`) each place is a Service port of its own.
    """
    return _Resolver(dump, proxy, sets, ipvs, names).run()


class _Resolver:
    """Works out one dump."""

    def __init__(self, dump: Dump, proxy: Proxy, sets: IpSets | None, ipvs: VirtualServices | None, names: Names | None) -> None:
        self.dump = dump
        self.family = 6 if dump.family == "ipv6" else 4
        self.sets = sets
        self.ipvs = ipvs
        self.places = Places(self.family, sets, ipvs, names)
        tables = [table for table in map(dump.table, ("nat", "filter")) if table is not None]
        self.set_lines = set_lines(tables)
        mark = proxy.masquerade_mark or DEFAULT_MARK
        presumed: dict[str, Effect] = {layout.MARK_MASQUERADE: SetMark(mark), layout.MARK_DROP: Verdict.CONTINUE}
        self.walkers = {table.name: Walker(table, presumed=presumed) for table in tables}
        postrouting = next((Walker(table, _not_hairpin) for table in tables if table.name == "nat"), None)
        self.masquerade = Masquerade(postrouting, self.family, mark)
        detector = proxy.local_detector
        self._sources = traffic.Sources(self.family, detector and detector.network, detector and detector.interface)

    def run(self) -> tuple[ServicePort, ...]:
        """All Service ports, those without a name first, by place."""
        groups: dict[object, list[Place]] = {}
        named: dict[object, PortName | None] = {}
        for place in self.places.all(self.set_lines):
            name = self.places.named(place)
            key: object = place if name is None else (name.text, place.spot[2])
            if name is None and place.kind == layout.NODE_PORT:
                key = place.spot[1:]  # one Service port has it, at all addresses of the node
            named[key] = name
            groups.setdefault(key, []).append(place)
        return tuple(sorted([self._port(named[key], places) for key, places in groups.items()], key=lambda port: port.sort_key))

    def _port(self, name: PortName | None, places: Sequence[Place]) -> ServicePort:
        """The Service port that listens at some places."""
        endpoints: dict[str, dict[str, Endpoint]] = {CLUSTER: {}, LOCAL: {}}
        routes, virtual = [], []
        for place in places:
            service = self._virtual(place.spot)
            virtual += [service] if service is not None else []
            chosen = self._enter(endpoints, place, service)
            address, port, _ = place.spot
            routes.append(Route(place.kind, address, port, place.line, self._answers(place, service, chosen)))
        ranges = tuple(
            sorted({str(net) for place in places if place.kind == layout.LOAD_BALANCER for net in self.places.ranges.get(place.spot, ())})
        )
        affinity = next((service.persistence for service in virtual if service.persistence is not None), None)
        policies = {place.local for place in places if place.kind in {layout.EXTERNAL_IP, layout.LOAD_BALANCER, layout.NODE_PORT}}
        text = name.text if name is not None else ""
        return ServicePort(
            dump=self.dump.number,
            family=self.dump.family,
            service_port=None if name is None else ServicePortName(name.namespace, name.name, name.port, text),
            protocol=places[0].spot[2].upper(),
            name_source="none" if name is None else "address",
            name_verified=False,
            hash="",
            chains=(),
            node_port=next((place.spot[1] for place in places if place.kind == layout.NODE_PORT), None),
            source_ranges=ranges,
            health_check_node_port=None,
            session_affinity=None if not virtual else "None" if affinity is None else "ClientIP",
            session_affinity_timeout=affinity,
            internal_traffic_policy=None,
            external_traffic_policy="Local" if True in policies else "Cluster" if False in policies else None,
            has_endpoints=self.ipvs is None or any(service.is_served for service in virtual),
            endpoint_sets={key: tuple(found.values()) for key, found in endpoints.items()},
            routes=tuple(routes),
        )

    def _virtual(self, spot: Spot) -> VirtualService | None:
        address, port, protocol = spot
        return None if self.ipvs is None or address is None else self.ipvs.at(protocol, address, port)

    def _enter(self, endpoints: dict[str, dict[str, Endpoint]], place: Place, service: VirtualService | None) -> str:
        """Enters the servers of a place, and says into which set: the one of this node if the policy Local has left only its endpoints.

        Without an endpoint on this node the policy does not count (1.22 and later).
        """
        if service is None:
            return CLUSTER
        addresses = [str(server.to) for server in service.servers]
        if place.local is None:
            local = place.kind != layout.VIRTUAL and bool(endpoints[CLUSTER]) and list(endpoints[CLUSTER]) != addresses
        else:
            spots = [(server.to.first, server.to.first_port, place.spot[2]) for server in service.servers]
            local = place.local and all(spot in self.places.on_node for spot in spots)
        chosen = LOCAL if local else CLUSTER
        for address, share in zip(addresses, service.shares, strict=True):
            known = None if share is None else Share.part(*share)
            endpoints[chosen].setdefault(address, Endpoint(address=address, share=known, threshold=None, chain="", line=0))
        return chosen

    def _answers(self, place: Place, service: VirtualService | None, chosen: str) -> dict[str, Answer]:
        """What the first packet of a connection from each source meets."""
        sources = self._sources.of(self.places.ranges.get(place.spot, ()) if place.kind == layout.LOAD_BALANCER else ())
        if self.sets is None:
            return dict.fromkeys([source.kind for source in sources], Answer(UNKNOWN, depends_on=(_NO_SETS,)))
        address, port, protocol = place.spot
        found = {}
        for source in sources:
            packet = traffic.Traffic(self.family, source, address, to_local=True, protocol=protocol, port=port)
            found[source.kind] = _judge(list(self._ends(Visit(packet, self.sets), service, chosen)))
        return found

    def _ends(self, visit: Visit, service: VirtualService | None, chosen: str) -> Iterator[_End]:
        """Where a packet may end."""
        own = visit.packet.source.local
        for effect, path in self._walk("nat", "OUTPUT" if own else "PREROUTING", visit):
            weight, questions = path.weight, tuple(question for question, _ in path.answers)
            met = cast("Visit", path.state)
            if isinstance(effect, Translate):
                yield _End(Answer(DNAT, None, self.masquerade.of(met.mark)), weight, questions)
            elif isinstance(effect, (Opaque, Broken, Queue)):
                yield _End(unknown(effect), weight, questions)
            elif path.trail is not None and any(rule.target_name == layout.MARK_DROP for rule in path.trail.rules()):
                yield _End(Answer(DROP), weight, questions)
            else:
                end = self._in_ipvs(service, chosen, met.mark)
                hooks = (
                    ("INPUT",) if not own else () if end.action == REJECT else ("OUTPUT", "INPUT") if end.action == NONE else ("OUTPUT",)
                )
                to_server = own and end.action in {DNAT, UNKNOWN}
                for last in self._in_filter(hooks, met._replace(to_server=to_server), end):
                    yield _End(last.answer, last.weight.times(*weight), (*questions, *last.questions))

    def _in_ipvs(self, service: VirtualService | None, chosen: str, mark: int) -> Answer:
        """What IPVS does with a packet."""
        if self.ipvs is None:
            return Answer(UNKNOWN, masquerade=self.masquerade.of(mark), depends_on=(_NO_IPVS,))
        if service is None:
            return Answer(NONE)
        return Answer(DNAT, chosen, self.masquerade.of(mark)) if service.is_served else Answer(REJECT)

    def _in_filter(self, hooks: Sequence[str], visit: Visit, end: Answer) -> Iterator[_End]:
        """What kube-proxy's part of filter does with a packet; `end` is what becomes of it behind that. Others' rules are no matter."""
        if not hooks:
            yield _End(end, ONE, ())
            return
        for effect, path in self._walk("filter", hooks[0], visit):
            questions = tuple(question for question, _ in path.answers)
            if isinstance(effect, Reject):
                yield _End(Answer(REJECT), path.weight, questions)
            elif effect is Verdict.DROP:
                yield _End(Answer(DROP), path.weight, questions)
            elif effect in {Verdict.RETURN, Verdict.ACCEPT}:
                for last in self._in_filter(hooks[1:], cast("Visit", path.state), end):
                    yield _End(last.answer, last.weight.times(*path.weight), (*questions, *last.questions))
            else:
                yield _End(unknown(effect), path.weight, questions)

    def _walk(self, table: str, hook: str, visit: Visit) -> Sequence[Outcome]:
        """The walk of a packet from a hook on, in filter through kube-proxy's chains; of rule lines alone from KUBE-SERVICES on."""
        walker = self.walkers.get(table)
        if walker is not None and walker.table.has_chain(hook):
            return walker.walk(hook, [visit], through=_is_kube_proxys if table == "filter" else None)
        if walker is not None and table == "nat" and walker.table.has_chain(layout.SERVICES):
            return walker.walk(layout.SERVICES, [visit])
        return (Outcome(Verdict.RETURN, Path(visit, ONE, (), None)),)


def _judge(ends: Sequence[_End]) -> Answer:
    """One answer for all the ways in which packets of one source end."""
    kinds = tuple(dict.fromkeys(end.answer for end in ends))
    if len(kinds) == 1:
        return kinds[0]
    reasons = tuple(dict.fromkeys(reason for kind in kinds for reason in kind.depends_on))
    if reasons:
        return Answer(UNKNOWN, depends_on=reasons)
    questions = tuple(dict.fromkeys(question for end in ends for question in end.questions))
    if len({kind._replace(masquerade=None) for kind in kinds}) == 1:
        return kinds[0]._replace(masquerade=None)
    if questions:
        return Answer(UNKNOWN, depends_on=tuple(message("it depends on whether {what}", what=question.text) for question in questions))
    main = next((kind for kind in kinds if kind.action == DNAT), kinds[0])
    past = Share(0, 0)
    for end in ends:
        past = past if end.answer.action == main.action else past.plus(end.weight)
    return main._replace(falls_through=past.reduced() if past.numerator else None)


def _not_hairpin(question: Question) -> bool | None:
    """A client is not the endpoint that it is sent to: that case is always masqueraded, and is not counted."""
    return False if question.kind == "set" else None


def _is_kube_proxys(rule: Rule) -> bool:
    return rule.target_name in _FILTER_CHAINS
