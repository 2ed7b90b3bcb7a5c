"""`iptexplain lint`: what is wrong in these dumps."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iptexplain.cli import run
from iptexplain.cli.exit_codes import Exit
from iptexplain.cli.options import Color, ColorOption, Dumps, Output, Quiet, TableOption
from iptexplain.cli.settings import settings
from iptexplain.errors import UnreadableInputError, UsageError
from iptexplain.lint.baseline import read, without, written
from iptexplain.lint.finding import at_least
from iptexplain.lint.registry import selected
from iptexplain.lint.runner import lint
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    table: TableOption = None,
    output: Output = None,
    color: ColorOption = Color.auto,
    quiet: Quiet = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="All warnings; and why checks could not look.")] = False,
) -> None:
    """Find what is wrong in dumps: of kube-proxy's rules, and of any others.

    \b
    Examples:
      iptables-save | iptexplain lint
      iptexplain lint node*.save --fail-level error
      iptexplain lint dump.save --select KP1,KP4 --ignore KP403
      iptexplain lint dump.save -f json | jq '.findings[].code'
      iptexplain rule KP101

    A line `# iptexplain: ignore=CODE` above a line of a dump silences that check there, above the first table everywhere. The folder may
    have settings in iptexplain.toml, or under [tool.iptexplain] in pyproject.toml: select, ignore, min-severity, fail-level, baseline.

    Exit status: 0 nothing as grave as --fail-level, 1 something, 2 wrong usage or an input that is no dump.
    """  # noqa: D301 - \b is for click: it keeps the lines of the examples
    with run.errors_as_status():
        said = settings(Path.cwd(), tuple(Severity))
        checks = _checks(select or said.select, ignore or said.ignore)
        known = _known(baseline or said.baseline) if write_baseline is None else frozenset()
        rulesets = run.read_all(dumps, table, quiet=quiet)
        reports = [without(lint(each, checks), known) for each in rulesets]
        run.warn(rulesets, quiet=quiet, verbose=verbose, color=color)
        if write_baseline is not None:
            run.write(written(reports).splitlines(), write_baseline)
            return
        shown = [_from(report, min_severity or said.min_severity or Severity.info) for report in reports]
        run.write(_lines(form, shown, checks, run.style_for(color, None if output else sys.stdout)), output)
        _tell(form, shown, quiet=quiet, verbose=verbose)
    limit = fail_level or said.fail_level or Severity.warning
    if not exit_zero and any(at_least(finding.severity, limit) for report in reports for finding in report.findings):
        raise typer.Exit(int(Exit.FINDINGS))


def _from(report: Report, severity: str) -> Report:
    """The report with the findings that are grave enough to be shown."""
    return report._replace(findings=tuple([one for one in report.findings if at_least(one.severity, severity)]))


def _known(file: str | None) -> frozenset[tuple[str, str]]:
    """The findings of a baseline; none where none was given. Raises `UnreadableInputError`."""
    if file is None:
        return frozenset()
    try:
        return read(file, Path(file).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableInputError(message("{file}: {reason}", file=file, reason=getattr(error, "strerror", None) or str(error))) from None


def _checks(select: Sequence[str] | None, ignore: Sequence[str] | None) -> list[Check]:
    """The checks that were asked for. Raises `UsageError`."""
    try:
        return selected(_words(select), _words(ignore))
    except KeyError as error:
        raise UsageError(message("no check has a code that begins with {word!r}: iptexplain rule lists all", word=error.args[0])) from None


def _words(options: Sequence[str] | None) -> list[str]:
    return [word.strip().upper() for option in options or () for word in option.split(",") if word.strip()]


def _lines(form: Format, reports: Sequence[Report], checks: Sequence[Check], style: Style) -> Iterable[str]:
    """The view as lines; only what it needs is imported."""
    if form in {Format.json, Format.jsonl}:
        from iptexplain.render import lint_json

        return lint_json.document(reports).splitlines() if form is Format.json else lint_json.lines(reports)
    if form is Format.sarif:
        from iptexplain.render import lint_sarif

        return lint_sarif.document(reports).splitlines()
    if form is Format.junit:
        from iptexplain.render import lint_junit

        return lint_junit.document(reports, checks).splitlines()
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
