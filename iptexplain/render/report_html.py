"""`report -f html`: one file that loads nothing, readable on a phone, in the dark, on paper, and without its script.

The template lays out what the modules `report_html_*` have made of the facts. Three things keep a hostile dump harmless: Jinja2 escapes
every text, and before that each goes through `safe.plain`; the script never makes markup of text; and the page forbids the browser
everything but its own style and script, which are the same for all dumps.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from iptexplain.errors import MissingProgramError
from iptexplain.render import report_words as said
from iptexplain.render.report_html_findings import findings_view, problems_view
from iptexplain.render.report_html_parts import cards, dump_view, owners_view, stopped_view, title
from iptexplain.render.report_html_services import services_view
from iptexplain.render.safe import plain
from iptexplain.render.words import say
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jinja2 import Environment, PackageLoader

    from iptexplain.report.facts import Report

TEXTS = {
    "language": message("en"),  # for the attribute `lang`: in another language its own code stands here (`ja`), which is no word
    "search": message("Search Services and rules"),
    "hint": message("name, address, port, chain …"),
    # the script fills in what is counted
    "ports_found": message("Services: {count} of {all}", count="{count}", all="{all}"),
    "lines_found": message("Lines: {count} of {all}", count="{count}", all="{all}"),
    "parts": message("Parts of this page"),
    "top": message("To the top"),
    "read": message("What was read"),
    "findings": message("Findings"),
    "packets": message("Packets"),
    "stopped": message("Refused and dropped traffic"),
    "to_stopped": message("Refused, dropped"),
    "services": message("Services"),
    "owners": message("Whose the chains are, and what they are for"),
    "to_owners": message("Owners"),
    "puzzles": message("Not understood"),
    "skipped": message("Checks that could not look"),
    "dump": message("The dump itself"),
    "to_dump": message("Dump"),
    "goes": message("goes on"),
    "masqueraded": message("goes on, masqueraded"),
    "ends": message("refused or dropped"),
    "left": message("left alone, or not known"),
    "chains": message("Chains"),
    "service": message("Service"),
    "where": message("where"),
    "happens": message("what happens"),
    "attempts": message("attempts"),
    "line": message("line"),
    "chain": message("chain"),
    "of": message("of"),
    "says": message("what it says"),
    "counted": message("packets"),
    "table": message("table"),
    "chains_of": message("chains"),
    "rules": message("rules"),
    "purpose": message("what they are for"),
}
"""The words of the page itself, by the names that the template has for them."""


def page(report: Report) -> Iterator[str]:
    """The lines of the page. Raises `MissingProgramError` without Jinja2."""
    loader = _loader()
    environment = _environment(loader)
    style, script = (loader.get_source(environment, name)[0].strip() for name in ("report.css", "report.js"))
    found = findings_view(report)
    files = ", ".join(dict.fromkeys(say(said.file_words(each.name)) for each in report.inputs))
    dumps = [(title(each, dump, report), each, dump) for each, dump in report.dumps()]
    stream = environment.get_template("report.html.j2").generate(
        t={name: say(text) for name, text in TEXTS.items()},
        policy=_policy(style, script),
        style=style,
        script=script,
        title=say(message("iptables report: {files}", files=files)),
        made=say(message("made by iptexplain {version}", version=report.version)),
        counts=[(severity, say(said.counts({severity: count}))) for severity, count in report.severities().items() if count],
        verdict=say(said.verdict(report)),
        seen=not said.skipped(report),
        notes=list(map(say, said.notes(report))),
        cards=list(cards(report)),
        checks=found.checks,
        finding_count=f"{sum(check.total for check in found.checks):,}",
        traces=[
            (say(message("A packet from {sender} to {to}", sender=told.sender, to=told.to)), list(said.story(told)))
            for told in report.traces
        ],
        stopped=list(stopped_view(report)),
        services=[(name, view) for name, each, dump in dumps if (view := services_view(each, dump)) is not None],
        service_count=f"{sum(len(dump.ports) for _, _, dump in dumps):,}",
        owners=[(name, owners_view(dump)) for name, _, dump in dumps],
        problems=list(problems_view(report)),
        puzzles=[*map(say, report.replaced), *(say(what) for _, _, dump in dumps for what in said.puzzles(dump))],
        reasons=[(say(one.reason), ", ".join(one.codes)) for one in said.reasons(report)],
        dumps=[dump_view(each, found.marks[each.number]) for each in report.inputs],
    )
    return _lines(stream)


def _loader() -> PackageLoader:
    """Where the template is, and beside it the style and the script."""
    try:
        from jinja2 import PackageLoader
    except ImportError:
        raise MissingProgramError(
            message("-f html needs the Python package Jinja2: pip install 'iptexplain[report]'; or take -f markdown")
        ) from None
    return PackageLoader("iptexplain.render")


def _environment(loader: PackageLoader) -> Environment:
    """Jinja2 as the page needs it: everything escaped, nothing undefined."""
    from jinja2 import Environment, StrictUndefined

    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, finalize=_harmless, trim_blocks=True, lstrip_blocks=True)


def _harmless(value: object) -> object:
    """What goes into the page: a text without what a terminal or a browser would obey. What is markup (type `Markup`) stays."""
    return plain(value) if type(value) is str else value


def _policy(style: str, script: str) -> str:
    """What the page may do (Content Security Policy, level 3): apply this style and run this script, and nothing else.

    Nor may the script make markup of texts: the only ways to that ask for trusted types, and there are none.
    """
    allowed = {name: b64encode(sha256(text.encode()).digest()).decode() for name, text in (("style", style), ("script", script))}
    rules = [
        "default-src 'none'",
        *(f"{name}-src 'sha256-{digest}'" for name, digest in allowed.items()),
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
    return "; ".join(rules)


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    """What a template makes, piece by piece, as lines."""
    kept: list[str] = []
    for piece in pieces:
        *whole, rest = piece.split("\n")
        for line in whole:
            yield "".join((*kept, line))  # and not `+`, with which a piece of type `Markup` would escape the others
            kept.clear()
        kept.append(rest)
    if last := "".join(kept):
        yield last
