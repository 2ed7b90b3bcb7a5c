"""The words of a report that all its views share: templates for its facts. Nothing of how they are laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.explain.owned import Owned
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, NEEDS, OTHER_BACKEND, OTHER_FAMILY, WHOLE_TABLES
from iptexplain.lint.finding import ERROR, INFO, WARNING
from iptexplain.named import NamedTuple
from iptexplain.render import words
from iptexplain.render.explain_words import about
from iptexplain.render.style import Style
from iptexplain.report import facts
from iptexplain.source import N_, all_of, message, verbatim

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iptexplain.analysis.service_port import Route
    from iptexplain.owners.kube_proxy.proxy import Proxy
    from iptexplain.report.facts import DumpFacts, Ended, Input, OwnerFacts, Report, Stop, TableFacts, Told
    from iptexplain.source import Message

_WIDTH = 100
"""Columns of a packet's story: as wide as pages show code without a bar to scroll."""


def file_words(name: str) -> Message:
    """What an input is called."""
    return message("standard input") if name == "-" else verbatim(name)


def dump_words(each: Input, dump: DumpFacts, report: Report) -> Message:
    """Which dump it is: the input alone where there is one dump in it; else also what tells the dumps apart."""
    file, about_ = file_words(each.name), dump.dump
    if len(each.dumps) == 1 and [one.name for one in report.inputs].count(each.name) == 1:
        return file
    text = N_("{file} ({family}, {backend}), from line {line} on") if about_.backend else N_("{file} ({family}), from line {line} on")
    return message(text, file=file, family=words.family(about_.family), backend=about_.backend, line=about_.first_line)


def program_words(dump: DumpFacts) -> Message:
    """What printed the dump, and whether all of it is there."""
    read = dump.dump
    program = message("iptables {version}", version=read.version) if read.version else message("iptables, version unknown")
    parts = [verbatim(words.family(read.family)), program]
    if read.backend:
        parts.append(verbatim(read.backend))
    parts.append(message("1 line") if read.lines == 1 else message("{count} lines", count=read.lines))
    parts.append(message("complete") if read.complete else message("CUT OFF, the end is missing"))
    return all_of(parts)


def table_words(table: TableFacts) -> Message:
    """How much is in a table."""
    rules = message("1 rule") if table.rules == 1 else message("{count} rules", count=table.rules)
    chains = message("1 chain") if table.chains == 1 else message("{count} chains", count=table.chains)
    text = N_("{table}: {rules} in {chains}, with counters") if table.counted else N_("{table}: {rules} in {chains}")
    return message(text, table=table.name, rules=rules, chains=chains)


def proxy_words(proxy: Proxy | None) -> list[Message]:
    """What is known of the kube-proxy."""
    if proxy is None:
        return [message("nothing of kube-proxy's is in this dump")]
    found = words.proxy_line(proxy)
    if proxy.masquerade_mark is not None:
        found.append(message("masquerade mark {mark}", mark=f"{proxy.masquerade_mark.value:#x}"))
    if proxy.random_fully:
        found.append(message("masquerades with random ports"))
    return found


def services_words(dump: DumpFacts) -> Message:
    """How many Service ports there are, and how many of them have traffic that is refused or dropped."""
    count = len(dump.ports)
    if not count and dump.services.proxy is not None and dump.services.proxy.mode == "ipvs":
        return message("not in these rules (ipvs mode)")
    said = message("1 Service port") if count == 1 else message("{count} Service ports", count=count)
    empty = sum(not port.has_endpoints for port in dump.ports)
    if not empty:
        return said
    return message("{count}, without endpoints: {empty}", count=said, empty=empty)


def stopped_words(dump: DumpFacts) -> Message | str:
    """How much refuses or drops; empty if nothing does."""
    ports = len({id(one.port) for one in dump.ended if not one.without_effect})
    vain = len({id(one.port) for one in dump.ended if one.without_effect})
    parts = []
    if ports:
        parts.append(message(N_("traffic to 1 Service port") if ports == 1 else N_("traffic to {count} Service ports"), count=ports))
    if vain:
        parts.append(message("meant to be dropped, but not dropped (Service ports): {count}", count=vain))
    if rules := sum(one.kind != facts.POLICY for one in dump.stops):
        parts.append(message(N_("1 rule that refuses or drops") if rules == 1 else N_("{count} rules that refuse or drop"), count=rules))
    policies = [verbatim(f"{one.table} {one.chain}") for one in dump.stops if one.kind == facts.POLICY]
    if policies:
        parts.append(message("policy DROP: {chains}", chains=all_of(policies)))
    return all_of(parts) if parts else ""


def puzzled_words(each: Input, dump: DumpFacts) -> Message | str:
    """How much of a dump is not understood; empty if everything is."""
    first, last = dump.dump.first_line, dump.dump.first_line + dump.dump.lines
    unknown = sum(first <= problem.line < last for problem in each.unknown)
    parts = []
    if dump.unread:
        parts.append(message("lines that could not be read: {count}", count=len(dump.unread)))
    if kinds := unknown + len(dump.targets):
        parts.append(message("matches, targets and options that are not known: {count}", count=kinds))
    if dump.doubts:
        parts.append(message("open questions about Services: {count}", count=len(dump.doubts)))
    return all_of(parts) if parts else ""


def owners_words(owners: Sequence[OwnerFacts]) -> Message:
    """Whose the rules are, in one line."""
    return about([Owned(one.name, one.chains, one.rules) for one in owners])


def verdict(report: Report) -> Message:
    """What lint says in a line. Where it finds nothing, how many checks could not look belongs to that."""
    blind = skipped(report)
    if any(report.severities().values()) or not blind:
        return counts(report.severities())
    return message("nothing found; checks that could not look: {count}", count=blind)


def skipped(report: Report) -> int:
    """How many checks could not look at some dump because of what the dump itself is: cut, a part of one, or not of kube-proxy."""
    own = {NEEDS[need].template for need in (COMPLETE, KUBE_PROXY, WHOLE_TABLES)}
    return len({code for one in reasons(report) if one.reason.template in own for code in one.codes})


def notes(report: Report) -> list[Message]:
    """What else is to be known of the inputs: that they are anonymised, and the files that were given beside the dumps."""
    text = N_(
        "names and addresses are others than those of the node (iptexplain report --anonymize); each sha256 is that of the other text"
    )
    found = [message(text)] if report.anonymized else []
    text = N_("{kind}: {name}, {count} lines, sha256 {sha256}")
    return found + [message(text, kind=f"--{one.kind}", name=one.name, count=one.lines, sha256=one.sha256) for one in report.beside]


def counts(severities: Mapping[str, int]) -> Message:
    """How many findings there are of each severity; the severities of which there is none are left out."""
    forms = {
        ERROR: (N_("1 error"), N_("{count} errors")),
        WARNING: (N_("1 warning"), N_("{count} warnings")),
        INFO: (N_("1 info"), N_("{count} infos")),
    }
    found = [message(forms[one][count != 1], count=count) for one, count in severities.items() if count]
    return all_of(found) if found else message("nothing found")


_WHY = {
    (facts.REJECT, facts.NO_ENDPOINTS): N_("refused: the Service has no endpoints"),
    (facts.DROP, facts.NO_ENDPOINTS): N_("dropped: the Service has no endpoints"),
    (facts.REJECT, facts.NO_LOCAL_ENDPOINTS): N_("refused: no endpoint is on this node (traffic policy Local)"),
    (facts.DROP, facts.NO_LOCAL_ENDPOINTS): N_("dropped: no endpoint is on this node (traffic policy Local)"),
    (facts.REJECT, facts.SOURCE_RANGES): N_("refused: the sender is in none of the source ranges ({ranges})"),
    (facts.DROP, facts.SOURCE_RANGES): N_("dropped: the sender is in none of the source ranges ({ranges})"),
    (facts.REJECT, facts.UNTOLD): N_("refused"),
    (facts.DROP, facts.UNTOLD): N_("dropped"),
}


_IN_VAIN = {
    facts.NO_ENDPOINTS: N_("goes on: it is marked to be dropped, since the Service has no endpoints, but no rule does that"),
    facts.NO_LOCAL_ENDPOINTS: N_("goes on: it is marked to be dropped, since no endpoint is on this node, but no rule does that"),
    facts.SOURCE_RANGES: N_(
        "goes on: it is marked to be dropped, since the sender is in no source range ({ranges}), but no rule does that"
    ),
    facts.UNTOLD: N_("goes on: it is marked to be dropped, but no rule does that"),
}


def why(one: Ended) -> Message:
    """What happens to traffic to a Service port, and why."""
    templates = _IN_VAIN if one.without_effect else {why: text for (action, why), text in _WHY.items() if action == one.action}
    return message(templates[one.why], ranges=", ".join(one.port.source_ranges))


def senders(route: Route, sources: Sequence[str]) -> Message:
    """Kinds of senders, of those that there are at a route."""
    if set(sources) == set(route.sources):
        return words.ANYBODY
    if "outside_allowed" in route.sources and "outside_allowed" not in sources and {"node", "outside"} <= set(sources):
        return words.OTHERS
    return all_of([words.SOURCES[source] for source in sources])


def stop_words(stop: Stop) -> Message:
    """What a rule stops, or a policy."""
    if stop.sentence is None:
        return message("policy: what no rule has taken is dropped")
    return stop.sentence


def story(told: Told, width: int = _WIDTH) -> Iterator[str]:
    """What becomes of a packet, as `trace` tells it; and what the trace cannot show."""
    from iptexplain.render import trace_text

    for warning in told.warnings:
        yield from [words.say(warning), ""]
    how = trace_text.How(width, Style(colour=False), notes=told.notes)
    if told.failed is not None:
        yield words.say(told.failed)
    elif told.questions is None:
        yield from trace_text.lines(told.trace, told.whose, how)
    else:
        yield from trace_text.outline(told.trace, told.questions, told.whose, how)


class Reason(NamedTuple):
    """Why some checks could not look, and their codes."""

    reason: Message
    codes: tuple[str, ...]


BACKEND, IPV6 = (NEEDS[need].template for need in (OTHER_BACKEND, OTHER_FAMILY))
_INSTEAD = {
    BACKEND: N_("the rules of the other backend (legacy, nft) are not among the inputs"),
    IPV6: N_("the IPv6 rules of the node are not among the inputs"),
}
"""Reasons of lint that name its options, in the words of a report."""


def reasons(report: Report) -> list[Reason]:
    """The checks that could not look at some dump, by the reason, in the order of the codes."""
    found: dict[str, tuple[Message, dict[str, None]]] = {}
    read = [dump.dump for _, dump in report.dumps()]
    kinds = {(dump.family, dump.backend) for dump in read if dump.backend is not None}
    given = {BACKEND: len(kinds) > len({family for family, _ in kinds}), IPV6: any(dump.family == "ipv6" for dump in read)}
    for each in report.inputs:
        for one in each.skipped:
            if not given.get(one.reason.template, False):
                reason = message(_INSTEAD.get(one.reason.template, one.reason.template), **one.reason.fields)
                found.setdefault(reason.english(), (reason, {}))[1][one.check.code] = None
    return [Reason(reason, tuple(codes)) for reason, codes in found.values()]


def owner_words(owner: OwnerFacts) -> Message:
    """A program: how much is its own, and what it is."""
    how_much = owners_words([owner])
    return how_much if owner.what is None else message("{owner} - {what}", owner=how_much, what=owner.what)


_MOST_CHAINS = 3


def unlisted_words(chains: Sequence[str]) -> Message:
    """The chains of Services that nothing leads to."""
    first, more = ", ".join(chains[:_MOST_CHAINS]), len(chains) - _MOST_CHAINS
    if more > 0:
        return message("No rule leads to these chains of Services: {first}, and {more} more", first=first, more=more)
    return message("No rule leads to these chains of Services: {first}", first=first)


_MOST_LINES = 10


def puzzles(dump: DumpFacts) -> Iterator[Message]:
    """What is not known of a dump: lines that could not be read, targets that are not followed, what Services depend on."""
    if dump.unread:
        lines = ", ".join(map(str, dump.unread[:_MOST_LINES])) + (", …" if len(dump.unread) > _MOST_LINES else "")
        yield message("lines that could not be read, so that rules may be missing: {lines}", lines=lines)
    for target in dump.targets:
        text = N_("target {name}: what becomes of packets there is not followed (rules: {count}, the first in line {line})")
        yield message(text, name=target.name, count=target.rules, line=target.line)
    for doubt in dump.doubts:
        yield message(
            "what Services do depends on something that the dump does not tell (Service ports: {count}): {what}",
            count=doubt.ports,
            what=doubt.what,
        )
