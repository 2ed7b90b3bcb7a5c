"""Traffic to Services that rules of others take in nat, before it comes to KUBE-SERVICES."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis import traffic
from iptexplain.analysis.service_port import DNAT, DROP
from iptexplain.analysis.walk import Walker, simplest
from iptexplain.errors import TooManyCasesError
from iptexplain.extensions import binding
from iptexplain.model.matching import Field, Jump, Question, Translate, Verdict
from iptexplain.model.shape import per_shape
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iptexplain.analysis.service_port import Route, ServicePort
    from iptexplain.analysis.walk import Outcome
    from iptexplain.lint.subject import Subject
    from iptexplain.model.address import Address
    from iptexplain.model.matching import Wanted
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.shape import Shape

_FROM = {
    layout.CLUSTER_IP: (traffic.POD, traffic.NODE),
    layout.EXTERNAL_IP: (traffic.POD, traffic.NODE, traffic.OUTSIDE),
    layout.LOAD_BALANCER: (traffic.POD, traffic.NODE, traffic.OUTSIDE),
    layout.NODE_PORT: (traffic.POD, traffic.NODE, traffic.OUTSIDE),
}
"""Who asks for a place: for cluster IPs nobody from outside, though kube-proxy would answer."""

_OF_PLACE = frozenset({Field.DESTINATION, Field.DESTINATION_PORT})

_MARKING = frozenset({"CONNMARK", "HMARK", "MARK", "TPROXY"})

_TAKING = frozenset({"ACCEPT", "DNAT", "NETMAP", "REDIRECT", "RETURN"})


class Taken(NamedTuple):
    """A rule that takes traffic to a place of a Service port.

    `to` is where it sends that, None if it leaves it as it is, "" for the node itself. `sure`: some such packet is certainly taken; else it
    depends on what the dump does not tell. `jump` is the rule that leads to KUBE-SERVICES.
    """

    rule: Rule
    to: str | None
    port: ServicePort
    route: Route
    sure: bool
    jump: Rule


class _Marked(traffic.Traffic):
    """Traffic where tables before nat mark some packets, nobody knows which."""

    __slots__ = ()

    def test(self, field: Field, wanted: Wanted) -> bool | Question:
        """Is the field in the set."""
        if field is Field.MARK:
            return Question("mark", message("the mark is {mark}", mark=str(wanted)))
        return super().test(field, wanted)


def taken(subject: Subject) -> tuple[Taken, ...]:
    """Each rule and each place whose traffic it takes, worked out once for all checks that ask."""
    return subject.once(_worked_out)


def _worked_out(subject: Subject) -> tuple[Taken, ...]:
    nat = subject.table("nat")
    jumps = {} if nat is None else {hook: jump for hook in ("PREROUTING", "OUTPUT") if (jump := _late_jump(nat, hook)) is not None}
    if nat is None or not jumps:
        return ()
    found: list[Taken] = []
    finder = _Finder(subject, nat)
    for port in subject.ports:
        for route in port.routes:
            best: dict[int, Taken] = {}
            for hook, jump in jumps.items() if _may_be_taken(port, route) else ():
                for one in finder.at(port, route, hook, jump):
                    if one.rule.index not in best or (one.sure and not best[one.rule.index].sure):
                        best[one.rule.index] = one
            found += best.values()
    return tuple(found)


def _late_jump(nat: Table, hook: str) -> Rule | None:
    """The rule that leads to KUBE-SERVICES, if rules before it may take packets."""
    before: list[Rule] = []
    for rule in nat.rules_of(hook):
        if rule.target_name == layout.SERVICES:
            return rule if _any_taking(nat, before, set()) else None
        before.append(rule)
    return None


def _any_taking(nat: Table, rules: Sequence[Rule], seen: set[str]) -> bool:
    for rule in rules:
        name = rule.target_name
        if _may_take(rule.shape):
            return True
        if name is not None and name not in seen and nat.places_of(name):
            seen.add(name)
            if _any_taking(nat, nat.rules_of(name), seen):
                return True
    return False


@per_shape
def _may_take(shape: Shape) -> bool:
    return shape.target is not None and (shape.target.name in _TAKING or shape.target.kind == "goto")


def _may_be_taken(port: ServicePort, route: Route) -> bool:
    """May another take what goes to the place: not everybody meets there what kube-proxy wrote."""
    asking = [answer for kind, answer in route.sources.items() if kind in _FROM.get(route.kind, ())]
    return any(answer.action != DROP and not (answer.action == DNAT and answer.endpoint_set and port.has_endpoints) for answer in asking)


def _marks_before(subject: Subject) -> bool:
    """May a packet have a mark when it comes to nat."""
    for name in ("raw", "mangle"):
        table = subject.table(name)
        shapes = table.rules.distinct_shapes(range(len(table.rules))) if table is not None else ()
        if any(shape.target is not None and (shape.target.unknown or shape.target.name in _MARKING) for shape in shapes):
            return True
    return False


class _Finder:
    """Finds what takes traffic to a place."""

    def __init__(self, subject: Subject, nat: Table) -> None:
        detector = subject.proxy.local_detector if subject.proxy is not None else None
        self.family = 6 if subject.dump.family == "ipv6" else 4
        self.sources = traffic.Sources(self.family, detector.network if detector else None, detector.interface if detector else None).of()
        self.kind = _Marked if _marks_before(subject) else traffic.Traffic
        # on an interface that no rule names; then on any
        self.walkers = Walker(nat, _elsewhere), Walker(nat, _new_client)

    def at(self, port: ServicePort, route: Route, hook: str, jump: Rule) -> Iterator[Taken]:
        """The rules that take traffic to one place."""
        for source in self.sources:
            if source.kind not in _FROM[route.kind] or source.local is not (hook == "OUTPUT"):
                continue
            packet = self.kind(self.family, source, route.address, route.kind == layout.NODE_PORT, port.protocol.lower(), route.port)
            for walker in self.walkers if source.kind == traffic.OUTSIDE else self.walkers[:1]:
                try:
                    outcomes = walker.walk(hook, [packet], through=lambda rule: rule.index < jump.index)
                    yield from _takers(outcomes, hook, port, route, jump)
                except TooManyCasesError:
                    continue


def _takers(outcomes: Iterable[Outcome], hook: str, port: ServicePort, route: Route, jump: Rule) -> Iterator[Taken]:
    """The rules that end the way of packets which are not sent to the Service itself."""
    own = {end.destination.first for ends in port.endpoint_sets.values() for end in ends} | {place.address for place in port.routes}
    by_rule: dict[int, tuple[Rule, list[Outcome]]] = {}
    for outcome in outcomes:
        rule = _taker(outcome, hook)
        if rule is not None and not (isinstance(outcome.effect, Translate) and _address(outcome.effect) in own):
            by_rule.setdefault(rule.index, (rule, []))[1].append(outcome)
    for rule, ended in by_rule.values():
        sure = not all(path.answers for path in simplest([outcome.path for outcome in ended]))
        if sure or any(_speaks_of_place(outcome, rule) for outcome in ended):
            yield Taken(rule, _sent_to(ended[0]), port, route, sure, jump)


def _new_client(question: Question) -> bool | None:
    return False if question.kind == "recent" else None


def _elsewhere(question: Question) -> bool | None:
    return False if question.kind in {"recent", "interface"} else None


def _taker(outcome: Outcome, hook: str) -> Rule | None:
    """The rule that ends the packet's way through the table, None if none does."""
    effect, path = outcome
    rules = path.trail.rules() if path.trail is not None else iter(())
    if isinstance(effect, Translate) or effect is Verdict.ACCEPT:
        return next(rules, None)
    # RETURN in the built-in chain, and a goto there, which does not come back
    return next((rule for rule in rules if rule.chain == hook and (rule.target_name == "RETURN" or _goes(rule.shape))), None)


@per_shape
def _goes(shape: Shape) -> bool:
    return shape.target is not None and shape.target.kind == "goto"


def _speaks_of_place(outcome: Outcome, taker: Rule) -> bool:
    """Does the rule, or one that leads to it, ask for a destination address or port."""
    chain = None
    for rule in outcome.path.trail.rules() if outcome.path.trail is not None else ():
        effect = binding.effect(rule)
        if rule is not taker and not (isinstance(effect, Jump) and effect.chain == chain):
            continue
        chain = rule.chain
        if any(one.field in _OF_PLACE and not one.negated for test in binding.tests(rule) for one in test.constraints):
            return True
    return False


def _address(effect: Translate) -> Address | str:
    return "" if effect.to is None or effect.to.first is None else effect.to.first


def _sent_to(outcome: Outcome) -> str | None:
    effect = outcome.effect
    if not isinstance(effect, Translate):
        return None
    to = effect.network if effect.to is None else effect.to
    return "" if to is None else str(to)


def place_of(route: Route) -> str:
    """A place of a Service in a sentence: `10.0.0.1:80`, or `nodePort 30080` in the words of Kubernetes."""
    return f"nodePort {route.place}" if route.address is None else route.place
