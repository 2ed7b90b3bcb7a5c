"""`iptexplain lint`: what is wrong in these dumps."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iptexplain.api import load, load_ip_addr, load_ipset
from iptexplain.cli import run
from iptexplain.cli.exit_codes import Exit
from iptexplain.cli.options import Color, ColorOption, Dumps, LangOption, Output, TableOption
from iptexplain.cli.settings import settings
from iptexplain.errors import UnreadableInputError, UsageError
from iptexplain.lint.baseline import read, without, written
from iptexplain.lint.beside import NOTHING, Beside
from iptexplain.lint.finding import at_least
from iptexplain.lint.registry import selected
from iptexplain.lint.runner import lint
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iptexplain.lint.baseline import Known
    from iptexplain.lint.check import Check
    from iptexplain.lint.runner import Report
    from iptexplain.render.style import Style

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Format(StrEnum):
    """The views of findings."""

    text = "text"
    json = "json"
    jsonl = "jsonl"
    sarif = "sarif"
    github = "github"
    junit = "junit"
    markdown = "markdown"


class Severity(StrEnum):
    """How grave a finding is."""

    error = "error"
    warning = "warning"
    info = "info"


@app.command()
def command(
    dumps: Dumps = None,
    *,
    form: Annotated[Format, typer.Option("--format", "-f", help="How to show it.")] = Format.text,
    select: Annotated[
        list[str] | None, typer.Option("--select", metavar="CODE,…", help="Only these checks: codes, or how codes begin (KP1).")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="CODE,…", help="Not these checks.")] = None,
    min_severity: Annotated[
        Severity | None, typer.Option("--min-severity", help="Show findings from here on; by default all.", show_default=False)
    ] = None,
    fail_level: Annotated[
        Severity | None,
        typer.Option("--fail-level", help="Exit status 1 for findings from here on; by default warning.", show_default=False),
    ] = None,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit status 0 whatever is found.")] = False,
    baseline: Annotated[str | None, typer.Option("--baseline", metavar="FILE", help="Findings that are known: only others count.")] = None,
    write_baseline: Annotated[
        str | None, typer.Option("--write-baseline", metavar="FILE", help="Write what is found there as the baseline, and end with 0.")
    ] = None,
    legacy: Annotated[
        str | None,
        typer.Option("--legacy", metavar="FILE", help="What iptables-legacy-save prints on the node (or -nft-save, for a legacy dump)."),
    ] = None,
    ip6: Annotated[str | None, typer.Option("--ip6", metavar="FILE", help="What ip6tables-save prints on the node.")] = None,
    ipset: Annotated[str | None, typer.Option("--ipset", metavar="FILE", help="What `ipset save` prints on the node.")] = None,
    ip_addr: Annotated[str | None, typer.Option("--ip-addr", metavar="FILE", help="What `ip -j addr` prints on the node.")] = None,
    service: Annotated[
        str | None,
        typer.Option("--service", metavar="TEXT", help="You miss a Service whose name holds this: it has to have endpoints."),
    ] = None,
    table: TableOption = None,
    output: Output = None,
    color: ColorOption = Color.auto,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings and no summary.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="All warnings; and why checks could not look.")] = False,
    lang: LangOption = None,  # noqa: ARG001 - `cli.app` has looked at it
) -> None:
    """Find what is wrong in dumps: of kube-proxy's rules, and of any others.

    \b
    Examples:
      iptables-save | iptexplain lint
      iptexplain lint node*.save --fail-level error
      iptexplain lint dump.save --select KP1,KP4 --ignore KP403
      iptexplain lint dump.save -f json | jq '.findings[].code'
      iptexplain lint nft.save --legacy legacy.save --ip6 six.save --ipset sets.txt --ip-addr addr.json
      iptexplain rule KP101

    --legacy, --ip6, --ipset and --ip-addr say more of the node that the one DUMP comes from, for checks that compare. Dumps of one node may
    also follow each other in one DUMP: iptables-save, iptables-legacy-save, ip6tables-save.

    A line `# iptexplain: ignore=CODE` above a line of a dump silences that check there, above the first table everywhere. A baseline knows
    a finding by what it says, in whatever file. The folder where the command runs may have settings in iptexplain.toml, or under
    [tool.iptexplain] in pyproject.toml: select, ignore, min-severity, fail-level, baseline.

    Exit status: 0 nothing as grave as --fail-level, 1 something, 2 wrong usage or an input that is no dump.
    """  # noqa: D301 - \b is for click: it keeps the lines of the examples
    with run.errors_as_status():
        said = settings(Path.cwd(), tuple(Severity))
        checks = selected(select or said.select or (), ignore or said.ignore or ())
        known = _known(baseline or said.baseline) if write_baseline is None else {}
        beside = _beside(dumps, table, legacy, ip6, ipset, ip_addr)
        rulesets, unread = run.read_each(dumps, table, quiet=quiet)
        reports = [without(lint(each, checks, beside._replace(service=service)), known) for each in rulesets]
        problems = [problem for report in reports for problem in report.problems]
        run.warn([*rulesets, *filter(None, (beside.backend, beside.ip6))], problems, quiet=quiet, verbose=verbose, color=color)
        limit = fail_level or said.fail_level or Severity.warning
        if write_baseline is None:
            shown = [_from(report, min_severity or said.min_severity or Severity.info) for report in reports]
            run.write(_lines(form, shown, checks, limit, run.style_for(color, None if output else sys.stdout)), output)
            _tell(form, shown, quiet=quiet, verbose=verbose)
        else:
            run.write(written(reports).splitlines(), write_baseline)
    if unread:
        raise typer.Exit(int(Exit.UNUSABLE))
    grave = any(at_least(finding.severity, limit) for report in reports for finding in report.findings)
    if grave and write_baseline is None and not exit_zero:
        raise typer.Exit(int(Exit.FINDINGS))


def _beside(
    dumps: Sequence[str] | None, table: str | None, legacy: str | None, ip6: str | None, ipset: str | None, ip_addr: str | None
) -> Beside:
    """What the options name beside the dump. Raises `IptexplainError`."""
    if (legacy, ip6, ipset, ip_addr) == (None, None, None, None):
        return NOTHING
    if dumps and len(dumps) > 1:
        raise UsageError(message("--legacy, --ip6, --ipset and --ip-addr are of one node: give one dump with them"))
    files = run.Files(dumps)
    return Beside(
        None if ipset is None else load_ipset(files.open(ipset), may_be_empty=True),
        None if ip_addr is None else load_ip_addr(files.open(ip_addr)),
        None if legacy is None else load(files.open(legacy), name=legacy, default_table=table),
        None if ip6 is None else load(files.open(ip6), name=ip6, default_table=table),
    )


def _from(report: Report, severity: str) -> Report:
    """The report with the findings that are grave enough to be shown."""
    shown = tuple([one for one in report.findings if at_least(one.severity, severity)])
    return report._replace(findings=shown, hidden=len(report.findings) - len(shown))


def _known(file: str | None) -> Known:
    """The findings of a baseline; none where none was given. Raises `UnreadableInputError`."""
    if file is None:
        return {}
    try:
        return read(file, Path(file).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableInputError(message("{file}: {reason}", file=file, reason=getattr(error, "strerror", None) or str(error))) from None


def _lines(form: Format, reports: Sequence[Report], checks: Sequence[Check], limit: str, style: Style) -> Iterable[str]:
    """The view as lines; only what it needs is imported."""
    if form in {Format.json, Format.jsonl}:
        from iptexplain.render import lint_json

        return lint_json.document(reports).splitlines() if form is Format.json else lint_json.lines(reports)
    if form is Format.sarif:
        from iptexplain.render import lint_sarif

        return lint_sarif.document(reports).splitlines()
    if form is Format.junit:
        from iptexplain.render import lint_junit

        return lint_junit.document(reports, checks, limit).splitlines()
    from iptexplain.render import lint_text

    if form is Format.github:
        return lint_text.github(reports)
    return lint_text.as_markdown(reports) if form is Format.markdown else lint_text.text(reports, run.width(), style)


def _tell(form: Format, reports: Sequence[Report], *, quiet: bool, verbose: bool) -> None:
    """On standard error: which checks could not look, and for people the summary."""
    from iptexplain.render import lint_text

    if form is Format.text and not quiet:
        for line in [*(lint_text.skipped(reports) if verbose else ()), lint_text.summary(reports)]:
            typer.echo(f"iptexplain: {line}", err=True)
