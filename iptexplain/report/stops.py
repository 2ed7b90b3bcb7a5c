"""The rules and policies of a dump that refuse or drop packets, beside what kube-proxy writes for single Services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.counters import has_counters
from iptexplain.extensions.binding import comment
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.owners.kube_proxy import layout
from iptexplain.report.facts import DROP, POLICY, REJECT, Stop

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from iptexplain.analysis.explain.sentence import Sentences
    from iptexplain.analysis.explain.setting import Setting
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.report.facts import Ended

_KINDS = {"DROP": DROP, "REJECT": REJECT}


def stops(setting: Setting, sentences: Sentences, ended: Sequence[Ended]) -> tuple[Stop, ...]:
    """What stops packets, table by table in the order of the dump; without the rules behind what has `ended`."""
    names = {one.port.service_port.text for one in ended if one.port.service_port is not None}
    lines = {place.route.line for one in ended for place in one.places}
    found: list[Stop] = []
    for table in setting.dump.tables:
        found += _policies(table)
        for rule, kind in _rules(table):
            if rule.line not in lines and not _is_of(table.name, rule, names):
                counted = rule.counters
                packets = None if counted is None else counted.packets
                owner = setting.owners.of_rule(table.name, rule) or ""
                found.append(Stop(kind, table.name, rule.chain, rule.line, packets, sentences.of(table, rule).text, owner))
    return tuple(sorted(found, key=lambda stop: stop.line))


def _policies(table: Table) -> Iterator[Stop]:
    """The built-in chains that do not accept what no rule has taken."""
    for chain in table.chains.values():
        if chain.name in BUILT_IN and chain.policy == "DROP":
            counted = chain.counters if has_counters(table) else None
            yield Stop(POLICY, table.name, chain.name, chain.line, None if counted is None else counted.packets, None, "")


def _rules(table: Table) -> Iterator[tuple[Rule, str]]:
    """The rules that refuse or drop; the values of others are not looked up."""
    shapes = table.rules.distinct_shapes(range(len(table.rules)))
    kinds = {shape: _KINDS[name] for shape in shapes if shape.target is not None and (name := shape.target.name) in _KINDS}
    for place in range(len(table.rules)) if kinds else ():
        kind = kinds.get(table.rules.shape(place))
        if kind is not None:
            yield table.rules[place], kind


_WORDS_OF_FIREWALL = " traffic not accepted by "
"""What kube-proxy's comments in KUBE-PROXY-FIREWALL have behind the name of the Service port (proxier.go, from 1.25 on)."""


def _is_of(table: str, rule: Rule, names: Collection[str]) -> bool:
    """Is it one of the rules that kube-proxy writes for a Service port of these names."""
    said = comment(rule)
    if said is None or rule.chain not in layout.FILTER_CHAINS:
        return False
    if rule.chain == layout.FIREWALL:
        return said.partition(_WORDS_OF_FIREWALL)[0] in names
    return (table, rule.chain) in layout.TOP_CHAINS and layout.place(table, rule.chain, said, None).service_port in names
