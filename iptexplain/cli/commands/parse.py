"""`iptexplain parse`: every rule as data, or the dump written back."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from iptexplain.cli import run
from iptexplain.cli.options import Color, ColorOption, Dumps, LangOption, Output, Quiet, TableOption, Verbose
from iptexplain.errors import UsageError
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iptexplain.model.ruleset import Ruleset

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Backend(StrEnum):
    """Whose spelling the canonical form has."""

    nft = "nft"
    legacy = "legacy"


class Format(StrEnum):
    """What to write."""

    json = "json"
    save = "save"


@app.command()
def command(
    dumps: Dumps = None,
    *,
    form: Annotated[Format, typer.Option("--format", "-f", help="JSON, or iptables-save text again.")] = Format.json,
    canonical: Annotated[
        bool, typer.Option("--canonical", help="With -f save: as iptables-save 1.8.9 would print it after loading it.")
    ] = False,
    backend: Annotated[Backend, typer.Option("--backend", help="With --canonical: the iptables-save of this backend.")] = Backend.nft,
    table: TableOption = None,
    output: Output = None,
    color: ColorOption = Color.auto,
    quiet: Quiet = False,
    verbose: Verbose = False,
    lang: LangOption = None,  # noqa: ARG001 - `cli.app` has looked at it
) -> None:
    """Write every rule as data, or the dump back.

    \b
    Examples:
      iptexplain parse dump.save -f json
      iptables-save | iptexplain parse -f save
      iptexplain parse /etc/iptables/rules.v4 -f save --canonical
    """  # noqa: D301 - \b is for click: it keeps the lines of the examples
    with run.errors_as_status():
        if canonical and form is not Format.save:
            raise UsageError(message("--canonical goes with -f save"))
        rulesets = run.read_all(dumps, table, quiet=quiet)
        run.warn(rulesets, quiet=quiet, verbose=verbose, color=color)
        run.write(_lines(rulesets, form, backend if canonical else None), output)


def _lines(rulesets: list[Ruleset], form: Format, canonical: Backend | None) -> Iterable[str]:
    if form is Format.json:
        from iptexplain.render.parse_json import document

        return document(rulesets).splitlines()
    if canonical is not None:
        from iptexplain.parsing.canonical import lines

        return (line for ruleset in rulesets for line in lines(ruleset.dumps, canonical.value))
    return (line[:-1] for ruleset in rulesets for line in ruleset.lines.write())
