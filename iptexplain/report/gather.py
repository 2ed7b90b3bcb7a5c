"""Gathers the facts of a report: asks the analyses and lint about each input, and keeps what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain._version import __version__
from iptexplain.analysis.counters import has_counters
from iptexplain.analysis.explain.sentence import Sentences
from iptexplain.analysis.explain.setting import Setting
from iptexplain.analysis.services import services
from iptexplain.analysis.unread import unread
from iptexplain.lint.beside import Beside
from iptexplain.lint.registry import selected
from iptexplain.lint.runner import lint
from iptexplain.named import NamedTuple
from iptexplain.parsing import unknown
from iptexplain.report.ended import ended
from iptexplain.report.facts import DumpFacts, Input, Report, TableFacts
from iptexplain.report.owned import owners
from iptexplain.report.puzzles import doubts, targets
from iptexplain.report.stops import stops

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from iptexplain.analysis.service_port import DumpServices
    from iptexplain.inputs.ipvs import VirtualServices
    from iptexplain.inputs.names import Names
    from iptexplain.lint.check import Check
    from iptexplain.model.ipset import IpSets
    from iptexplain.model.node import Link
    from iptexplain.model.ruleset import Dump, Ruleset
    from iptexplain.report.facts import Told


class Given(NamedTuple):
    """What is known beside the dumps, None where it is not: names of Services, and of the node its sets, its IPVS and its interfaces."""

    names: Names | None = None
    sets: IpSets | None = None
    ipvs: VirtualServices | None = None
    links: Mapping[str, Link] | None = None


NOTHING = Given()


def gather(
    rulesets: Sequence[Ruleset], given: Given = NOTHING, traces: Sequence[Told] = (), progress: Callable[[float], None] = lambda _: None
) -> Report:
    """The facts about some inputs. `traces` stand in the report as they are; `progress` is told which part of the work is done, 0 to 1."""
    checks = selected()
    found = []
    for number, ruleset in enumerate(rulesets):
        progress(number / len(rulesets))
        beside = Beside(given.sets, given.links, _backend(number, rulesets), _ip6(number, rulesets))
        found.append(_input(number, ruleset, given, beside, checks))
    return Report(__version__, tuple(found), tuple(traces))


def _backend(number: int, rulesets: Sequence[Ruleset]) -> Ruleset | None:
    """The input with the rules of the other backend, all inputs being of one node; of two such inputs the first has the second.

    None where the input has both itself.
    """
    own = rulesets[number]
    if _are_pair(own, own):
        return None
    return next((other for other in rulesets[number + 1 :] if _is_another(own, other) and _are_pair(own, other)), None)


def _are_pair(one: Ruleset, other: Ruleset) -> bool:
    """Has one the rules of a backend and the other those of the other backend, for the same family."""
    pairs = ((here, there) for here in one.dumps for there in other.dumps if here.family == there.family)
    return any(None not in {here.backend, there.backend} and here.backend != there.backend for here, there in pairs)


def _ip6(number: int, rulesets: Sequence[Ruleset]) -> Ruleset | None:
    """The input with the IPv6 rules, if they are in another one."""
    own = rulesets[number]
    if any(dump.family == "ipv6" for dump in own.dumps):
        return None
    return next((one for one in rulesets if _is_another(own, one) and any(dump.family == "ipv6" for dump in one.dumps)), None)


def _is_another(one: Ruleset, other: Ruleset) -> bool:
    return one.source.sha256 != other.source.sha256


def _input(number: int, ruleset: Ruleset, given: Given, beside: Beside, checks: Sequence[Check]) -> Input:
    """One input. What lint says of it is what `iptexplain lint` says; the unknown parts are told apart from other problems."""
    report = lint(ruleset, checks, beside)
    strange = tuple(unknown.tell(ruleset.lines))
    every = services(ruleset, names=given.names, sets=given.sets, ipvs=given.ipvs)
    dumps = tuple([_dump(ruleset, found.dump, found, given) for found in every])
    problems = tuple([problem for problem in ruleset.problems if problem not in strange])
    return Input(number, ruleset.source, dumps, problems, strange, report.problems, report.findings, report.skipped)


def _dump(ruleset: Ruleset, dump: Dump, found: DumpServices, given: Given) -> DumpFacts:
    """One dump of an input."""
    setting = Setting(dump, given.names)
    tables = tuple([TableFacts(table.name, len(table.chains), len(table.rules), has_counters(table)) for table in dump.tables])
    stopped = ended(found.ports)
    return DumpFacts(
        dump,
        tables,
        found,
        stopped,
        stops(setting, Sentences(setting), stopped),
        owners(setting),
        unread(ruleset, dump),
        targets(dump),
        doubts(found.ports),
    )
