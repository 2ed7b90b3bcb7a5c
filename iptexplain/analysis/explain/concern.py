"""Which rules concern one Service: those of its chains, those that lead there from the hooks, and those that refuse or masquerade for it.

A Service that is called just as asked for is meant alone; else all those whose namespace/name:port holds the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iptexplain.analysis.explain.setting import Setting
    from iptexplain.model.ruleset import Rule, Table

Wanted = set[tuple[str, int]]
"""Rules, by the name of their table and their place in it."""


def concerns(setting: Setting, text: str) -> Wanted:
    """The rules that concern the Services of that name; empty if there are none."""
    found: Wanted = set()
    marks = False
    names = _meant(setting, text)
    for table in setting.dump.tables if names else ():
        own = {str(chain) for chain in table.by_chain if SERVICE_CHAIN.match(chain) and setting.service_of(chain) in names}
        entries = list(_entries(setting, table, names, own))
        inside = _reached(setting, table, own)
        places = {rule.index for rule in entries} | {place for chain in inside for place in table.places_of(chain)}
        led = {rule.chain for rule in entries} | {chain for chain in own if not any(rule.target_name == chain for rule in entries)}
        places |= _ways_to(table, led - BUILT_IN)
        found |= {(table.name, place) for place in places}
        marks |= any(setting.marks_masquerade(table.name, chain) for chain in inside) or any(
            setting.marks_masquerade(table.name, rule.target_name or "") for rule in entries
        )
    nat = setting.dump.table("nat")
    if marks and nat is not None:
        found |= {("nat", place) for place in (*nat.places_of(layout.POSTROUTING), *_ways_to(nat, {layout.POSTROUTING}))}
    return found


def _meant(setting: Setting, text: str) -> set[str]:
    """The names of the Service ports that are meant."""
    known = {name for table in setting.dump.tables for name in _names(setting, table)}
    exact = {name for name in known if text in {name, name.partition(":")[0]}}
    return exact or {name for name in known if text in name}


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


def _entries(setting: Setting, table: Table, names: set[str], own: set[str]) -> Iterator[Rule]:
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
