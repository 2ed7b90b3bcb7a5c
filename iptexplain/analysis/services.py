"""The Services of a dump: where they listen, what each kind of source meets there, and which endpoints answer with what chance.

The places come from `analysis.frontends`; everything else is what the walk does to an abstract packet (`analysis.traffic`) from a pod, from
the node and from outside. So an edited or half-written dump is told as it acts. Names only label it.

Rests on: a client that no `recent` list knows yet (session affinity); nothing is bridged; external and load balancer addresses are not
this node's; kubelet's drop rule is presumed where KUBE-MARK-DROP is used. Checked against the objects that kube-proxy was given, for every
fixture in tests/data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis import frontends, traffic
from iptexplain.analysis.counters import Packets, has_counters, observed
from iptexplain.analysis.endings import Answers, End, enter, enter_spread, in_all_worlds, judge, less, set_name, threshold, unknown
from iptexplain.analysis.fingerprint import Fingerprints
from iptexplain.analysis.frontends import Listed, listed
from iptexplain.analysis.masquerade import DEFAULT_MARK, Masquerade
from iptexplain.analysis.naming import Naming
from iptexplain.analysis.refusals import Refusals
from iptexplain.analysis.service_port import (
    CLUSTER,
    DNAT,
    DROP,
    LOCAL,
    NONE,
    UNKNOWN,
    Answer,
    DumpServices,
    Endpoint,
    Route,
    ServicePort,
)
from iptexplain.analysis.settings import Settings, external_policy
from iptexplain.analysis.spread import Spread
from iptexplain.analysis.walk import Outcome, Path, Walker
from iptexplain.model.address import Address, Network
from iptexplain.model.matching import Broken, Opaque, Queue, SetMark, Translate, Verdict
from iptexplain.model.share import ONE
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy import proxy as facts
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN, SERVICE_CHAIN, ServicePortName, endpoint_hash
from iptexplain.source import message, without_collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from iptexplain.analysis.counters import Observed
    from iptexplain.analysis.frontends import Frontend
    from iptexplain.analysis.leaf import Leaf
    from iptexplain.inputs.ipvs import VirtualServices
    from iptexplain.inputs.names import Names
    from iptexplain.model.ipset import IpSets
    from iptexplain.model.matching import Effect, Question
    from iptexplain.model.ruleset import Dump, Rule, Ruleset, Table

_KINDS = (layout.CLUSTER_IP, layout.EXTERNAL_IP, layout.LOAD_BALANCER, layout.NODE_PORT, layout.CHAIN)

_EACH = 100
"""After so many Service ports it is said how far the work is."""
_OF_FACTS, _OF_CHAINS = 0.2, 0.5
"""Which part of it is done when the facts about the proxy are known, and when all chains have been looked at."""

_HOOKS = ("PREROUTING", "OUTPUT")
"""Where nat looks at the destination of a packet that arrives, and of one of the node's own."""


def services(
    ruleset: Ruleset,
    *,
    names: Names | None = None,
    sets: IpSets | None = None,
    ipvs: VirtualServices | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> tuple[DumpServices, ...]:
    """The Services of every dump of an input, each read by itself, sorted by name.

    `names` are Service ports that the cluster has: they name those that the dump does not name, where a hash or an address proves it.
    In ipvs mode `sets` (`ipset save`) say where Services listen, and `ipvs` (`ipvsadm -Sn`) who answers there. `progress` is told now and
    then which part of the work is done, from 0 to 1.
    """
    count = len(ruleset.dumps)
    found = []
    with without_collector():
        for number, dump in enumerate(ruleset.dumps):
            tell = _part(progress, number, count)
            proxy = facts.proxy(dump)
            tell(_OF_FACTS)
            if proxy is not None and proxy.mode == "ipvs":
                from iptexplain.analysis import ipvs as behind_ipvs

                found.append(DumpServices(dump, proxy, behind_ipvs.services(dump, proxy, sets, ipvs, names)))
            else:
                found.append(_Resolver(dump, proxy, names, tell).run())
    return tuple(found)


def _part(progress: Callable[[float], None], number: int, count: int) -> Callable[[float], None]:
    """Tells of one of several pieces of work as a part of the whole."""
    return lambda part: progress((number + part) / count)


class _Resolver:
    """Works out one dump."""

    def __init__(self, dump: Dump, proxy: facts.Proxy | None, names: Names | None, progress: Callable[[float], None]) -> None:
        self.progress = progress
        self.dump = dump
        self.naming = Naming(dump.table("nat"), names)
        self.family = 6 if dump.family == "ipv6" else 4
        self.proxy = proxy
        self.nat = self._walker("nat")
        self.refusals = Refusals(self._walker("filter"), proxy.versions if proxy is not None else None)
        self.chains: dict[str, list[str]] = {}
        self._known: dict[object, _Known] = {}
        self._places: Fingerprints | None = None  # rule lines alone are few: each place is walked
        if self.nat is not None and all(self.nat.table.has_chain(hook) for hook in _HOOKS):
            self._places = Fingerprints(self.nat, _HOOKS)
        nat = dump.table("nat")
        # of rule lines alone no chain is declared
        for chain in () if nat is None else nat.by_chain if nat.line == 0 else nat.chains:
            kind = SERVICE_CHAIN.match(chain) if chain.startswith(layout.OF_SERVICE) else None
            if kind:
                self.chains.setdefault(kind[2], []).append(chain)
        detector = self.proxy.local_detector if self.proxy else None
        self._sources = traffic.Sources(self.family, detector.network if detector else None, detector.interface if detector else None)
        self.packets = {table.name: Packets(table) for table in dump.tables if has_counters(table)}
        self.settings = Settings(dump.table("nat"), self.family, self.proxy.versions if self.proxy else None)
        self.masquerade = Masquerade(self.nat, self.family, proxy.masquerade_mark if proxy else None)

    def _walker(self, name: str) -> Walker | None:
        table = self.dump.table(name)
        if table is None:
            return None
        presumed: dict[str, Effect] = {layout.MARK_MASQUERADE: SetMark(DEFAULT_MARK), layout.MARK_DROP: Verdict.CONTINUE}
        walker = Walker(table, _new_client, presumed, self.naming)
        walker.read_ahead()
        return walker

    def run(self) -> DumpServices:
        """All Service ports of the dump."""
        found = []
        self.progress(_OF_CHAINS)
        ports = listed(self.dump, self.naming) if self.proxy else []
        for number, port in enumerate(ports):
            if number % _EACH == 0:
                self.progress(_OF_CHAINS + (1 - _OF_CHAINS) * number / len(ports))
            found.append(self._port(port))
        nat = self.dump.table("nat")
        unlisted = [] if nat is None or not self.proxy else frontends.unlisted(nat, ports, self.chains)
        if unlisted:  # in the first iptables mode (2015) such chains were endpoints' too
            reached = {end.chain for port in found for ends in port.endpoint_sets.values() for end in ends}
            unlisted = [hash_ for hash_ in unlisted if reached.isdisjoint(self.chains.get(hash_, ()))]
        if nat is not None and self.proxy and (nat.line == 0 or not nat.has_chain(layout.SERVICES)):
            # what would lead to these chains was left out
            found, chains = self._with_lone_endpoints(nat, [*found, *(self._by_chains(nat, hash_) for hash_ in unlisted)])
        else:
            chains = sorted(chain for hash_ in unlisted for chain in self.chains.get(hash_, ()))
        return DumpServices(self.dump, self.proxy, tuple(sorted(found, key=lambda port: port.sort_key)), tuple(chains))

    def _by_chains(self, nat: Table, hash_: str) -> ServicePort:
        """A Service port of which there are chains, but no rule that leads to them."""
        named = self.naming.of(hash_)
        chains = self.chains.get(hash_, ())
        protocol = named.protocol if named is not None else None
        port = Listed(named and named.text, protocol or self._protocol(nat, chains), named.source if named is not None else "none")
        port.hashes.add(hash_)
        for chain in chains:
            rules = nat.rules_of(chain)
            places = frontends.named_within(rules) if nat.line == 0 else {}
            port.frontends |= places
            if rules and not places:
                port.frontends[layout.CHAIN, None, rules[0].line] = "nat", rules[0]
        return self._port(port)

    def _protocol(self, nat: Table, chains: Sequence[str]) -> str:
        """The protocol of the endpoints of some chains, empty if no rule says it."""
        ends = (self._leaf(rule.target_name or "") for chain in chains for rule in nat.rules_of(chain))
        return next((end.protocol.upper() for end in ends if end is not None and end.protocol), "")

    def _leaf(self, chain: str) -> Leaf | None:
        return self.nat.leaf(chain) if self.nat is not None and ENDPOINT_CHAIN.match(chain) else None

    def _port(self, port: Listed) -> ServicePort:
        hash_ = port.hash or ""
        ranges = self.settings.source_ranges(hash_)
        networks = tuple([Network.parse(text) for text in ranges])
        sets: dict[str, dict[str, Endpoint]] = {}
        routes = [self._route(place, port, networks, sets) for place in port.places()]
        if len(routes) > 1:
            routes.sort(key=lambda r: (_KINDS.index(r.kind), r.address or Address(0, 0), r.port))
        chains = self.chains.get(hash_, ())
        affinity = self.settings.affinity(chains) if sets else None
        name = None if port.service_port is None else ServicePortName.parse(port.service_port)
        served = not port.no_endpoints
        endpoint_sets = {name: tuple(sets[name].values()) if name in sets else () for name in (CLUSTER, LOCAL)}
        return ServicePort(
            dump=self.dump.number,
            family=self.dump.family or _family(endpoint_sets),
            service_port=name,
            protocol=port.protocol,
            name_source=port.name_source if name else "none",
            name_verified=name is not None and port.hashes <= {port.own_hash},
            hash=hash_,
            chains=tuple(sorted(chains)),
            node_port=port.node_port,
            source_ranges=ranges if served else (),
            health_check_node_port=port.health_check,
            health_check_line=port.health_check_line,
            session_affinity=None if not sets else "None" if affinity is None else "ClientIP",
            session_affinity_timeout=affinity,
            internal_traffic_policy=self.settings.internal_policy(routes) if served else None,
            external_traffic_policy=external_policy(routes) if served else None,
            has_endpoints=served,
            endpoint_sets=endpoint_sets,
            routes=tuple(routes),
            observed=self._observed(endpoint_sets, chains, affinity=affinity is not None) if "nat" in self.packets else {},
        )

    def _route(self, place: Frontend, port: Listed, ranges: tuple[Network, ...], sets: dict[str, dict[str, Endpoint]]) -> Route:
        """One place, with what is met there."""
        kind, address, number, table, rule = place
        answers = self._answers(place, port, ranges, sets)
        if kind == layout.CHAIN:
            # rules that masquerade may ask for the destination, which is not known here
            answers = {source: met._replace(masquerade=met.masquerade or None) for source, met in answers.items()}
            return Route(kind, None, 0, number, answers, chain=rule.chain)
        packets = self.packets.get(table)
        return Route(kind, address, number, rule.line, answers, None if packets is None else packets.at(rule.line))

    def _observed(self, sets: Mapping[str, Sequence[Endpoint]], chains: Sequence[str], *, affinity: bool) -> dict[str, Observed]:
        """What the rules that lead to the endpoints of each set have counted."""
        nat = self.dump.table("nat")
        if nat is None:
            return {}
        own = {name: [chain for chain in chains if layout.ENDPOINT_SET.get(chain[5:8]) == name] for name in sets}
        found = {name: observed(nat, sets[name], own[name], affinity=affinity) for name in sets}
        return {name: counted for name, counted in found.items() if counted is not None}

    def _with_lone_endpoints(self, nat: Table, found: list[ServicePort]) -> tuple[list[ServicePort], list[str]]:
        """The Service ports with the endpoints that none of them reaches, since what leads to these was left out; and chains left over."""
        reached = {endpoint.chain for port in found for endpoints in port.endpoint_sets.values() for endpoint in endpoints}
        known = {(port.service_port.text, port.protocol): number for number, port in enumerate(found) if port.service_port is not None}
        left = []
        for chain in nat.by_chain:
            if chain in reached or not ENDPOINT_CHAIN.match(chain):
                continue
            leaf = self._leaf(chain)
            if leaf is None:
                left.append(str(chain))
                continue
            protocol = (leaf.protocol or "").upper()
            named = self.naming.of_endpoint(chain, protocol)
            name = "" if named is None else named.text
            number = known.setdefault((name, protocol), len(found))
            if number == len(found):
                found.append(self._port(Listed(name or None, protocol, "none" if named is None else named.source)))
            port = found[number]
            endpoint = Endpoint(leaf.to, None, None, leaf.chain, leaf.line, leaf.recovered, lone=True)
            sets = {**port.endpoint_sets, CLUSTER: (*port.endpoint_sets[CLUSTER], endpoint)}
            fits = chain.endswith(endpoint_hash(name, protocol, leaf.to))
            found[number] = port._replace(
                endpoint_sets=sets, name_verified=port.name_verified and fits, family=port.family or _family(sets)
            )
        return found, left

    def _answers(
        self, frontend: Frontend, port: Listed, ranges: tuple[Network, ...], sets: dict[str, dict[str, Endpoint]]
    ) -> dict[str, Answer]:
        """What the first packet of a connection from each source meets: nat, and if nothing there takes it, filter."""
        local = frontend.kind == layout.NODE_PORT
        if frontend.kind != layout.LOAD_BALANCER:
            ranges = ()
        sources = self._sources.of(ranges)
        packet = traffic.Traffic(self.family, sources[0], frontend.address, local, port.protocol.lower(), frontend.port)
        alike = self._places.of(packet, port.own) if self._places is not None and frontend.kind != layout.CHAIN else None
        known = self._known.get((ranges, alike.key)) if alike is not None else None
        if known is not None and alike is not None:
            for name, number in known.sets:
                endpoints: dict[str, Endpoint] = {}
                enter_spread(endpoints, alike.spreads[number], ONE)
                sets[name] = endpoints | sets[name] if name in sets else endpoints
            return known.answers
        packets = [packet._replace(source=source) for source in sources]
        found: dict[str, list[End]] = {source.kind: [] for source in sources}
        # shares add up where all answers to questions are the same; other answers are another world
        reached: dict[tuple[str, Answers], dict[str, dict[str, Endpoint]]] = {}
        for source, outcome in self._walk_nat(packets, frontend):
            world = reached.setdefault((source.kind, outcome.path.answers), {})
            found[source.kind] += self._ends(outcome, source, world, port, frontend)
        for source in sources:
            worlds = {answers: world for (kind, answers), world in reached.items() if kind == source.kind}
            for name, endpoints in in_all_worlds(worlds).items():
                sets[name] = endpoints | sets.get(name, {})
        answers = {kind: judge(ends) for kind, ends in found.items()}
        if alike is not None and all(end.spread in alike.spreads for ends in found.values() for end in ends):
            used = dict.fromkeys(
                (end.answer.endpoint_set, alike.spreads.index(end.spread)) for ends in found.values() for end in ends if end.spread
            )
            self._known[ranges, alike.key] = _Known(answers, tuple((name, number) for name, number in used if name))
        return answers

    def _walk_nat(self, packets: Sequence[traffic.Traffic], frontend: Frontend) -> Iterator[tuple[traffic.Source, Outcome]]:
        """The walk through nat, of packets that arrive and of the node's own.

        It begins at the hook; in the chain of the rule that names the place if there is no built-in chain (rule lines alone), or if only
        that chain is known.
        """
        for hook, own in (("PREROUTING", False), ("OUTPUT", True)):
            some = [packet for packet in packets if packet.source.local is own]
            if self.nat is None:
                yield from ((packet.source, Outcome(Verdict.RETURN, Path(packet, ONE, (), None))) for packet in some)
                continue
            start = hook
            if frontend.kind == layout.CHAIN or not self.nat.table.has_chain(hook):
                start = frontend.rule.chain if frontend.table == "nat" else layout.SERVICES
            for outcome in self.nat.walk(start, some, whole_spreads=True):
                state = outcome.path.state
                yield state.source if isinstance(state, traffic.Traffic) else some[0].source, outcome

    def _ends(
        self, outcome: Outcome, source: traffic.Source, sets: dict[str, dict[str, Endpoint]], port: Listed, place: Frontend
    ) -> Iterator[End]:
        """Where an outcome of nat ends: at an endpoint, or in what filter does with it."""
        to_local = place.kind == layout.NODE_PORT
        entered = place.rule.chain if place.kind == layout.CHAIN else None
        effect, path = outcome
        if isinstance(effect, (Spread, Translate)):
            rules = _rules(path)
            name, other = set_name(self._through(effect, rules, entered), port.own)
            answer = Answer(DNAT, name, self.masquerade.of(path.state.mark), taken_by=other and self._called(other))
            whole = None
            if isinstance(effect, Translate):
                answer = self._translated(effect, path, answer, sets)
            else:
                if name is not None:
                    enter_spread(sets.setdefault(name, {}), effect, path.weight)
                whole = effect if path.weight == ONE and not effect.past.numerator and not path.answers else None
                path = path._replace(weight=less(path.weight, effect.past))
            yield End(answer, path, whole)
        elif isinstance(effect, (Opaque, Broken, Queue)):
            yield End(unknown(effect), path)
        elif any(rule.target_name == layout.MARK_DROP for rule in _rules(path)):
            yield End(Answer(DROP, without_effect=not source.local and not to_local), path)
        else:
            yield from self._after_nat(source, path, entered, to_local=to_local)

    def _through(self, effect: Spread | Translate, rules: Sequence[Rule], entered: str | None) -> list[str]:
        """The chains that a packet has come through to its endpoint: the last one, the one that chose it, then those entered before."""
        last: Sequence[str]
        if isinstance(effect, Spread) and self.nat is not None:
            last = [effect.ends[0].chain, self.nat.table.rules[effect.chain[effect.numbers[0]]].chain]
        else:
            last = [rules[0].chain, *(rule.chain for rule in rules[1:] if rule.target_name == rules[0].chain)][:2]
        return [*last, *(rule.target_name or "" for rule in rules), entered or ""]

    def _after_nat(self, source: traffic.Source, path: Path, entered: str | None, *, to_local: bool) -> Iterator[End]:
        """What becomes of a packet that nat has left alone. What comes out of a chain of which rules may be left out is unknown."""
        chains = [*(rule.target_name or "" for rule in _rules(path)), entered or ""]
        partial = self.nat is not None and not self.nat.table.line
        left = [found for chain in chains if (found := SERVICE_CHAIN.match(chain))] if partial else []
        unsure = [Answer(UNKNOWN, depends_on=(message("the rest of chain {chain} was left out", chain=kind[0]),)) for kind in left]
        if any(kind[1] not in layout.OPEN for kind in left):
            yield End(unsure[0], path)
            return
        for answer, weighed in self.refusals.met(source, path, to_local=to_local):
            if answer.action == NONE:
                answer = unsure[0] if unsure else answer._replace(masquerade=self.masquerade.of(path.state.mark) or None)  # noqa: PLW2901 - completed
            yield End(answer, weighed)

    def _called(self, hash_: str) -> str:
        """What a Service is called in a sentence."""
        named = self.naming.of(hash_)
        return f"KUBE-SVC-{hash_}" if named is None else named.text.removesuffix(":")

    def _translated(self, effect: Translate, path: Path, answer: Answer, sets: dict[str, dict[str, Endpoint]]) -> Answer:
        """The answer of one rule that translates; enters the endpoint into its set."""
        rules = _rules(path)
        if rules[0].chain in layout.PORTALS:
            return Answer(UNKNOWN, depends_on=(message("a process of kube-proxy chooses the Pod"),))
        if answer.endpoint_set is not None and effect.to is not None:
            way = next((rule for rule in rules[1:] if rule.target_name == rules[0].chain), None)
            endpoint = Endpoint(str(effect.to), path.weight, threshold(way) if way else None, rules[0].chain, rules[0].line)
            enter(sets.setdefault(answer.endpoint_set, {}), endpoint)
        return answer


def _family(sets: Mapping[str, Sequence[Endpoint]]) -> str | None:
    """The address family by the endpoints, where no rule tells it."""
    first = next((end.destination.first for ends in sets.values() for end in ends), None)
    return None if first is None else f"ipv{first.family}"


class _Known(NamedTuple):
    """The answers of places with one fingerprint, and which of the spreads make up which endpoint set."""

    answers: dict[str, Answer]
    sets: tuple[tuple[str, int], ...]


def _new_client(question: Question) -> bool | None:
    """The one answer that is known: a client that comes for the first time is on no `recent` list."""
    return False if question.kind == "recent" else None


def _rules(path: Path) -> list[Rule]:
    """The rules that matched on a path, the last one first."""
    return list(path.trail.rules()) if path.trail else []
