"""`iptexplain services`: which Service is behind which address, which Pods answer, and with what chance."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from iptexplain.analysis.services import services
from iptexplain.cli import run
from iptexplain.cli.options import Color, ColorOption, Dumps, Output, Quiet, TableOption, Verbose
from iptexplain.render.safe import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iptexplain.analysis.service_port import DumpServices, ServicePort
    from iptexplain.model.ruleset import Ruleset

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Format(StrEnum):
    """The views of Services."""

    table = "table"
    wide = "wide"
    name = "name"
    json = "json"
    csv = "csv"
    markdown = "markdown"


@app.command()
def command(
    dumps: Dumps = None,
    *,
    form: Annotated[Format, typer.Option("--format", "-f", help="How to show it.")] = Format.table,
    namespace: Annotated[str | None, typer.Option("--namespace", "-n", help="Only Services of this namespace.")] = None,
    service: Annotated[
        str | None, typer.Option("--service", metavar="TEXT", help="Only Services whose namespace/name:port holds this text.")
    ] = None,
    table: TableOption = None,
    output: Output = None,
    color: ColorOption = Color.auto,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Show Services: where they listen, which Pods answer with what chance, what is masqueraded, refused or dropped.

    \b
    Examples:
      iptables-save | iptexplain
      iptexplain services node1.save node2.save.gz -n shop
      ssh node sudo iptables-save | iptexplain services --service nginx
      iptexplain services dump.save -f json | jq '.service_ports[].service_port_name'
    """  # noqa: D301 - \b is for click: it keeps the lines of the examples
    with run.errors_as_status():
        rulesets = run.read_all(dumps, table, quiet=quiet)
        with run.progress("working out Services", quiet=quiet) as tell:
            results = [(each, [_only(found, namespace, service) for found in services(each, progress=tell)]) for each in rulesets]
        run.warn(rulesets, quiet=quiet, verbose=verbose, color=color)
        run.write(_lines(results, form, color, output, quiet=quiet, chosen=bool(namespace or service)), output)
        if (namespace or service) and not any(found.ports for _, dumps_ in results for found in dumps_):
            asked = " ".join(f"{name} {value}" for name, value in (("-n", namespace), ("--service", service)) if value)
            typer.echo(f"iptexplain: no Service fits {plain(asked)}", err=True)
        if form in {Format.wide, Format.name, Format.csv} and not any(found.proxy for _, dumps_ in results for found in dumps_):
            typer.echo("iptexplain: nothing of kube-proxy's is in these dumps (-f table shows what is)", err=True)


def _only(found: DumpServices, namespace: str | None, text: str | None) -> DumpServices:
    """The Services that were asked for."""

    def wanted(port: ServicePort) -> bool:
        name = port.service_port
        whole = name.text if name else port.hash
        return (namespace is None or (name is not None and name.namespace == namespace)) and (text is None or text in whole)

    return found._replace(ports=tuple(filter(wanted, found.ports))) if namespace or text else found


def _lines(
    results: Sequence[tuple[Ruleset, Sequence[DumpServices]]], form: Format, color: Color, output: str | None, *, quiet: bool, chosen: bool
) -> Iterable[str]:
    """The view as lines; only what it needs is imported."""
    if form is Format.json:
        from iptexplain.render.services_json import document

        return document(results).splitlines()
    from iptexplain.render import services_text as text

    match form:
        case Format.table:
            style = run.style_for(color, None if output else sys.stdout)
            return text.table(results, run.width(), style, brief=quiet, chosen=chosen)
        case Format.wide:
            return text.wide(results)
        case Format.name:
            return text.names(results)
        case Format.csv:
            return text.comma_separated(results)
        case Format.markdown:
            return text.as_markdown(results)
