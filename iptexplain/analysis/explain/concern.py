"""Which rules concern some Services.

Those are the rules of its chains, those that lead there from the hooks, those that refuse or masquerade for it, those that may take its
packets on the way there, and those elsewhere that name it or its Pods by their addresses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.explain.setting import Listens
from iptexplain.analysis.explain.taking import taking
from iptexplain.analysis.named_service import meant
from iptexplain.analysis.terminal import Comes, comes_behind
from iptexplain.extensions import binding
from iptexplain.extensions.binding import comment
from iptexplain.model.address import Network
from iptexplain.model.matching import Opaque, Queue, Reject, SetMark, Untrack, Verdict
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN
from iptexplain.owners.kube_proxy.origin import origin

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from iptexplain.analysis.explain.setting import Setting
    from iptexplain.model.address import Address, Endpoint
    from iptexplain.model.matching import Effect
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.values import Mark

Wanted = set[tuple[str, int]]
"""Rules, by the name of their table and their place in it."""


def services_meant(settings: Iterable[Setting], text: str) -> frozenset[str]:
    """The Service ports of some dumps that are meant by a name; empty if there are none."""
    known = ((name, None) for setting in settings for table in setting.dump.tables for name in _names(setting, table))
    return frozenset([name for name, _ in meant(text, known)])


def concerns(setting: Setting, names: Collection[str]) -> Wanted:
    """The rules of a dump that concern the Service ports of these names."""
    found: Wanted = set()
    if not names:
        return found
    services = setting.places_of(names)
    pods: set[Endpoint] = set()
    marks = False
    for table in setting.dump.tables:
        own = {str(chain) for chain in table.by_chain if SERVICE_CHAIN.match(chain) and setting.service_of(chain) in names}
        entries = list(_entries(setting, table, names, own))
        inside = _reached(setting, table, own)
        places = {rule.index for rule in entries} | {place for chain in inside for place in table.places_of(chain)}
        led = {str(rule.chain) for rule in entries} | (own - {rule.target_name or "" for rule in entries})
        ways = _ways_to(table, led - BUILT_IN)
        places |= ways | taking(table, {*ways, *(rule.index for rule in entries)}, services)
        found |= {(table.name, place) for place in places}
        pods |= {pod for chain in inside if (pod := setting.pod_of(chain)) is not None}
        marks |= any(_marks(setting, table.rules[place]) for place in places)
    for table in setting.dump.tables:
        named = list(_naming(table, {pod.first for pod in pods} | {service.address for service in services}))
        if marks and table.name == "nat":
            named += table.rules_of(layout.POSTROUTING)
        if marks and table.name == "filter":
            named += [rule for rule in table.rules_of("KUBE-FORWARD") if _asks_mark(setting, rule)]
        found |= {(table.name, rule.index) for rule in named}
        ways = _ways_to(table, {str(rule.chain) for rule in named} - BUILT_IN)
        before = taking(table, ways, _reached_at(pods, services)) if named and table.name == "nat" else set()
        found |= {(table.name, place) for place in ways | before}
    return found


def _reached_at(pods: Collection[Endpoint], services: Collection[Listens]) -> frozenset[Listens]:
    """Where packets to Services go when their destination has been changed."""
    protocols = {service.protocol for service in services}
    return frozenset([Listens(pod.first, pod.first_port or 0, protocol) for pod in pods for protocol in protocols])


def others_may_end(setting: Setting, told: Wanted) -> tuple[str, ...]:
    """The tables with rules or policies that are not told here, and may stop packets, keep nat away from them or change their mark.

    Rules that kube-proxy and kubelet write are left out, and what nat itself does with destinations: that is told.
    """
    proxy, wanted = setting.proxy, setting.masquerade_mark
    versions, mode = (None, None) if proxy is None else (proxy.versions, proxy.mode)
    found = []
    for table in setting.dump.tables:
        refusing = table.name != "nat" and any(chain.policy not in {None, "ACCEPT"} for chain in table.chains.values())
        if refusing or any(
            (table.name, rule.index) not in told
            and _matters(table, binding.effect(rule), rule, wanted)
            and origin(table.name, rule, versions, mode) is None
            for rule in table.rules
        ):
            found.append(table.name)
    return tuple(found)


def _matters(table: Table, effect: Effect, rule: Rule, wanted: Mark | None) -> bool:
    """May a rule stop packets, keep nat away from them, or change the mark for masquerade."""
    if isinstance(effect, SetMark):
        return wanted is not None and (wanted.holds(effect.mark.put(0)) or not wanted.holds(effect.mark.put(wanted.value)))
    if table.name == "nat":
        return False
    if isinstance(effect, Opaque):
        return comes_behind(table, rule) is not Comes.CERTAINLY
    return effect is Verdict.DROP or isinstance(effect, (Reject, Queue, Untrack))


def _marks(setting: Setting, rule: Rule) -> bool:
    """Does a rule give packets the mark for masquerade."""
    effect, wanted = binding.effect(rule), setting.masquerade_mark
    return isinstance(effect, SetMark) and wanted is not None and wanted.holds(effect.mark.put(0))


def _asks_mark(setting: Setting, rule: Rule) -> bool:
    """Does a rule of kube-proxy's ask for the mark for masquerade."""
    return any(setting.asks_masquerade(one, rule.chain) is not None for test in binding.tests(rule) for one in test.constraints)


def _naming(table: Table, addresses: Collection[Address | None]) -> Iterator[Rule]:
    """The rules of other tables than nat that end packets from or to one of these addresses, and name it."""
    if table.name == "nat" or not addresses:
        return
    texts = {str(Network.of(address)) for address in addresses if address is not None}
    for rule in table.rules:
        if texts.intersection(rule.values) and rule.target_name is not None and comes_behind(table, rule) is not Comes.CERTAINLY:
            yield rule


def _names(setting: Setting, table: Table) -> Iterator[str]:
    """The Service ports that a table names, in chains or comments."""
    for chain in table.by_chain:
        if SERVICE_CHAIN.match(chain):
            yield from filter(None, [setting.service_of(chain)])
        elif _is_top(chain):
            yield from filter(None, map(_named, table.rules_of(chain)))


def _is_top(chain: str) -> bool:
    """Is it one of kube-proxy's chains whose rules are each about some Service."""
    return chain.startswith("KUBE-") and not chain.startswith((*layout.OF_SERVICE, layout.ENDPOINT))


def _named(rule: Rule) -> str | None:
    """The Service port that the comment of a rule names."""
    said = comment(rule)
    name = None if said is None else layout.named_in(said)
    return None if name is None else name.removesuffix(":")


def _entries(setting: Setting, table: Table, names: Collection[str], own: set[str]) -> Iterator[Rule]:
    """The rules of kube-proxy's own top chains that are about the Services: they lead to the chains, or their comment names them."""
    for chain in filter(_is_top, table.by_chain):
        for rule in table.rules_of(chain):
            if rule.target_name in own or (_named(rule) or setting.service_of(rule.target_name or "")) in names:
                yield rule


def _reached(setting: Setting, table: Table, chains: Iterable[str]) -> set[str]:
    """Some chains, and all that they lead to."""
    found = set(chains)
    waiting = list(found)
    while waiting:
        for rule in table.rules_of(waiting.pop()):
            on = setting.way_on(table, rule)
            if on is not None and on not in found:
                found.add(on)
                waiting.append(on)
    return found


def _ways_to(table: Table, chains: Iterable[str]) -> set[int]:
    """The places of the rules that lead to some chains, from the built-in ones on."""
    callers: dict[str, list[Rule]] = {}
    for chain in table.by_chain if chains else ():
        if not chain.startswith((*layout.OF_SERVICE, layout.ENDPOINT)):
            for rule in table.rules_of(chain):
                if rule.target_name is not None and table.has_chain(rule.target_name):
                    callers.setdefault(rule.target_name, []).append(rule)
    found: set[int] = set()
    waiting, seen = list(chains), set(chains)
    while waiting:
        for rule in callers.get(waiting.pop(), ()):
            found.add(rule.index)
            if rule.chain not in seen:
                seen.add(str(rule.chain))
                waiting.append(rule.chain)
    return found
