"""`iptexplain lint`: what is wrong in these dumps."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from iptexplain.cli import run
from iptexplain.cli.exit_codes import Exit
from iptexplain.cli.options import Color, ColorOption, Dumps, Output, Quiet, TableOption
from iptexplain.errors import UsageError
from iptexplain.lint.finding import at_least
from iptexplain.lint.registry import selected
from iptexplain.lint.runner import lint
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iptexplain.lint.check import Check
    from iptexplain.lint.runner import Report

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Format(StrEnum):
    """The views of findings."""

    text = "text"
    json = "json"
    jsonl = "jsonl"
    github = "github"


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
    min_severity: Annotated[Severity, typer.Option("--min-severity", help="Show findings from here on.")] = Severity.info,
    fail_level: Annotated[Severity, typer.Option("--fail-level", help="Exit status 1 for findings from here on.")] = Severity.warning,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit status 0 whatever is found.")] = False,
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

    A line `# iptexplain: ignore=CODE` above a line of a dump silences that check there, above the first table everywhere.

    Exit status: 0 nothing as grave as --fail-level, 1 something, 2 wrong usage or an input that is no dump.
    """  # noqa: D301 - \b is for click: it keeps the lines of the examples
    with run.errors_as_status():
        checks = _checks(select, ignore)
        rulesets = run.read_all(dumps, table, quiet=quiet)
        reports = [lint(each, checks) for each in rulesets]
        run.warn(rulesets, quiet=quiet, verbose=verbose, color=color)
        shown = [report._replace(findings=tuple(f for f in report.findings if at_least(f.severity, min_severity))) for report in reports]
        run.write(_lines(form, shown, color, output), output)
        _tell(form, shown, quiet=quiet, verbose=verbose)
    if not exit_zero and any(at_least(finding.severity, fail_level) for report in reports for finding in report.findings):
        raise typer.Exit(int(Exit.FINDINGS))


def _checks(select: Sequence[str] | None, ignore: Sequence[str] | None) -> list[Check]:
    """The checks that were asked for. Raises `UsageError`."""
    try:
        return selected(_words(select), _words(ignore))
    except KeyError as error:
        raise UsageError(message("no check has a code that begins with {word!r}: iptexplain rule lists all", word=error.args[0])) from None


def _words(options: Sequence[str] | None) -> list[str]:
    return [word.strip().upper() for option in options or () for word in option.split(",") if word.strip()]


def _lines(form: Format, reports: Sequence[Report], color: Color, output: str | None) -> Iterable[str]:
    """The view as lines; only what it needs is imported."""
    if form in {Format.json, Format.jsonl}:
        from iptexplain.render import lint_json

        return lint_json.document(reports).splitlines() if form is Format.json else lint_json.lines(reports)
    from iptexplain.render import lint_text

    if form is Format.github:
        return lint_text.github(reports)
    return lint_text.text(reports, run.width(), run.style_for(color, None if output else sys.stdout))


def _tell(form: Format, reports: Sequence[Report], *, quiet: bool, verbose: bool) -> None:
    """On standard error: which checks could not look, and for people the summary."""
    from iptexplain.render import lint_text

    if form is Format.text and not quiet:
        for line in [*(lint_text.skipped(reports) if verbose else ()), lint_text.summary(reports)]:
            typer.echo(f"iptexplain: {line}", err=True)
