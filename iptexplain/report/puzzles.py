"""What of a dump was read and is still not known: targets that are not followed, and what the answers of Services depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding, phrasing
from iptexplain.model.matching import Opaque
from iptexplain.report.facts import Doubt, Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.analysis.service_port import ServicePort
    from iptexplain.model.ruleset import Dump
    from iptexplain.source import Message


def targets(dump: Dump) -> tuple[Target, ...]:
    """The targets whose effect is not followed although packets may not come behind them, by their first lines."""
    found: dict[str, Target] = {}
    for table in dump.tables:
        shapes = table.rules.distinct_shapes(range(len(table.rules)))
        named = {shape: shape.target.name for shape in shapes if shape.target is not None and not shape.target.unknown}
        asked = {shape: name for shape, name in named.items() if isinstance(name, str) and name not in binding.VERDICTS}
        for place in range(len(table.rules)) if asked else ():
            name = asked.get(table.rules.shape(place))
            if name is None:
                continue
            rule = table.rules[place]
            if isinstance(binding.effect(rule), Opaque) and not phrasing.goes_on(rule):
                known = found.get(name, Target(name, 0, rule.line))
                found[name] = known._replace(rules=known.rules + 1)
    return tuple(sorted(found.values(), key=lambda one: one.line))


def doubts(ports: Sequence[ServicePort]) -> tuple[Doubt, ...]:
    """What Service ports depend on and the dump does not tell; what most of them depend on comes first."""
    found: dict[str, tuple[Message, int]] = {}
    for port in ports:
        answers = {id(answer): answer for route in port.routes for answer in route.sources.values() if answer.depends_on}
        for text, what in {what.english(): what for answer in answers.values() for what in answer.depends_on}.items():
            found[text] = what, found.get(text, (what, 0))[1] + 1
    return tuple(sorted([Doubt(what, count) for what, count in found.values()], key=lambda one: -one.ports))
