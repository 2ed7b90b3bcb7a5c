"""`iptexplain services`: which Service is behind which address, which Pods answer, and with what chance."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from iptexplain.analysis.find import Wanted, find
from iptexplain.analysis.services import services
from iptexplain.api import load_ipset, load_ipvs, load_names
from iptexplain.cli import run
from iptexplain.cli.options import (
    Color,
    ColorOption,
    Dumps,
    IpsetOption,
    IpvsOption,
    LangOption,
    NamesOption,
    Output,
    Quiet,
    TableOption,
    Verbose,
)
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iptexplain.analysis.find import Hit
    from iptexplain.analysis.service_port import DumpServices, ServicePort
    from iptexplain.render.services_text import Results
    from iptexplain.render.style import Style

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Format(StrEnum):
    """The views of Services."""

    table = "table"
    wide = "wide"
    name = "name"
    json = "json"
    csv = "csv"
    markdown = "markdown"


class Sort(StrEnum):
    """What Services are sorted by."""

    name = "name"
    address = "address"
    endpoints = "endpoints"
    line = "line"


@app.command()
def command(
    dumps: Dumps = None,
    *,
    form: Annotated[Format, typer.Option("--format", "-f", help="How to show it.")] = Format.table,
    namespace: Annotated[str | None, typer.Option("--namespace", "-n", help="Only Services of this namespace.")] = None,
    service: Annotated[
        str | None, typer.Option("--service", metavar="TEXT", help="Only Services whose namespace/name:port holds this text.")
    ] = None,
    look_for: Annotated[
        str | None,
        typer.Option("--find", metavar="WHAT", help="Which Service has this address, network, :PORT, chain, or line:N of the dump."),
    ] = None,
    names: NamesOption = None,
    ipset: IpsetOption = None,
    ipvs: IpvsOption = None,
    sort: Annotated[Sort, typer.Option("--sort", help="By name, by address, by number of endpoints, or as in the dump.")] = Sort.name,
    no_header: Annotated[bool, typer.Option("--no-header", help="No titles of columns; no lines about the dump.")] = False,
    table: TableOption = None,
    output: Output = None,
    color: ColorOption = Color.auto,
    quiet: Quiet = False,
    verbose: Verbose = False,
    lang: LangOption = None,  # noqa: ARG001 - `cli.app` has looked at it
) -> None:
    """Show Services: where they listen, which Pods answer with what chance, what is masqueraded, refused or dropped.

    \b
    Examples:
      iptables-save | iptexplain
      iptexplain services node1.save node2.save.gz -n shop
      iptexplain services dump.save --find 10.244.1.4
      ssh node sudo iptables-save | iptexplain services --service nginx
      iptexplain services dump.save -f json | jq '.service_ports[].service_port_name'
    """  # noqa: D301 - \b is for click: it keeps the lines of the examples
    with run.errors_as_status():
        wanted = None if look_for is None else Wanted.parse(look_for)
        files = run.Files(dumps)
        cluster = None if names is None else load_names(files.open(names))
        sets = None if ipset is None else load_ipset(files.open(ipset))
        table_of_ipvs = None if ipvs is None else load_ipvs(files.open(ipvs))
        rulesets = run.read_all(dumps, table, quiet=quiet)
        with run.progress(message("working out Services"), quiet=quiet) as done:
            found = [(each, services(each, names=cluster, sets=sets, ipvs=table_of_ipvs, progress=done)) for each in rulesets]
        run.warn(rulesets, quiet=quiet, verbose=verbose, color=color)
        results = [(each, [_only(one, namespace, service) for one in dumps_]) for each, dumps_ in found]
        hits = None if wanted is None else find([one for _, dumps_ in results for one in dumps_], wanted)
        if hits is not None:
            results = [(each, [_with(one, hits) for one in dumps_]) for each, dumps_ in results]
        view = View(form, sort, header=not no_header, quiet=quiet, chosen=bool(namespace or service))
        run.write(view.lines(results, hits, run.style_for(color, None if output else sys.stdout)), output)
        every = [one for _, dumps_ in found for one in dumps_]
        if wanted is not None and not hits:
            from iptexplain.render.services_found import nothing

            run.tell(nothing(wanted, every))
        elif (namespace or service) and not any(one.ports for _, dumps_ in results for one in dumps_):
            asked = " ".join(f"{name} {value}" for name, value in (("-n", namespace), ("--service", service)) if value)
            run.tell(message("no Service fits {asked}", asked=asked))
        if form in {Format.wide, Format.name, Format.csv} and not any(one.proxy for one in every):
            run.tell(message("nothing of kube-proxy's is in these dumps (-f table shows what is)"))


def _only(found: DumpServices, namespace: str | None, text: str | None) -> DumpServices:
    """The Services that were asked for."""

    def wanted(port: ServicePort) -> bool:
        name = port.service_port
        whole = name.text if name else port.hash
        return (namespace is None or (name is not None and name.namespace == namespace)) and (text is None or text in whole)

    return found._replace(ports=tuple(filter(wanted, found.ports))) if namespace or text else found


def _with(found: DumpServices, hits: Sequence[Hit]) -> DumpServices:
    """The Services in which something was found."""
    return found._replace(ports=tuple(port for port in found.ports if any(hit.port is port for hit in hits)))


class View(NamedTuple):
    """How Services are to be shown."""

    form: Format
    sort: Sort
    header: bool
    quiet: bool
    chosen: bool

    def lines(self, results: Results, hits: Sequence[Hit] | None, style: Style) -> Iterable[str]:
        """The view as lines; only what it needs is imported."""
        if self.sort is not Sort.name:
            results = [
                (each, [one._replace(ports=tuple(sorted(one.ports, key=_KEYS[self.sort]))) for one in dumps]) for each, dumps in results
            ]
        if self.form is Format.json:
            from iptexplain.render.services_json import document

            return document(results, hits, by_name=self.sort is Sort.name).splitlines()
        from iptexplain.render import services_text as text

        match self.form:
            case Format.table:
                return text.table(results, run.width(), style, text.How(self.quiet, self.header, self.chosen, hits, _KEYS[self.sort]))
            case Format.wide:
                return text.wide(results, header=self.header)
            case Format.name:
                return text.names(results)
            case Format.csv:
                return text.comma_separated(results, header=self.header)
            case Format.markdown:
                return text.as_markdown(results, header=self.header)


def _by_address(port: ServicePort) -> tuple[object, ...]:
    """The first address where it listens; a port that has none comes last."""
    addresses = [(route.address.family, route.address.value) for route in port.routes if route.address is not None]
    return (*(min(addresses) if addresses else (9, 0)), port.routes[0].port if port.routes else 0, port.sort_key)


def _by_endpoints(port: ServicePort) -> tuple[object, ...]:
    """Most endpoints first."""
    return -len({end.address for ends in port.endpoint_sets.values() for end in ends}), port.sort_key


def _by_line(port: ServicePort) -> tuple[object, ...]:
    """The first line that says where it listens."""
    return min((route.line for route in port.routes), default=0), port.sort_key


_KEYS = {Sort.name: lambda port: port.sort_key, Sort.address: _by_address, Sort.endpoints: _by_endpoints, Sort.line: _by_line}
