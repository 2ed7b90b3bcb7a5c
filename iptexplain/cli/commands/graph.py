"""`iptexplain graph`: chains as a picture, for people who would rather look."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iptexplain.analysis.graph import Look, graph
from iptexplain.analysis.graph_look import service_names
from iptexplain.analysis.named_service import meant
from iptexplain.analysis.services import services
from iptexplain.api import load_names
from iptexplain.cli import asked, run
from iptexplain.cli.options import Color, ColorOption, Dumps, LangOption, NamesOption, Verbose
from iptexplain.errors import UsageError
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iptexplain.analysis.graph import Graph
    from iptexplain.analysis.service_port import DumpServices

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Format(StrEnum):
    """The languages of pictures."""

    mermaid = "mermaid"
    dot = "dot"
    svg = "svg"


_BY_SUFFIX = {".dot": Format.dot, ".gv": Format.dot, ".svg": Format.svg}
"""What a file holds, by its name; others hold Mermaid."""


@app.command()
def command(
    dumps: Dumps = None,
    *,
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            help="mermaid (by default) is drawn by GitHub and GitLab with nothing installed; dot and svg by Graphviz.",
            show_default=False,
        ),
    ] = None,
    service: Annotated[
        str | None,
        typer.Option(
            "--service", metavar="NAME", help="Only this Service, from hook to Pod: namespace/name[:port][/protocol], or a part of a name."
        ),
    ] = None,
    chain: Annotated[
        list[str] | None,
        typer.Option("--chain", metavar="NAME", help="Only this chain, what it leads to, and what leads to it; may be repeated."),
    ] = None,
    no_fold: Annotated[bool, typer.Option("--no-fold", help="Every chain by itself, however many there are.")] = False,
    names: NamesOption = None,
    table: Annotated[
        str | None, typer.Option("--table", metavar="NAME", help="Only this table; rule lines before any *table line are of it.")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write there; without -f, FILE.svg is SVG, FILE.dot is DOT, FILE.mmd is Mermaid, FILE.md a block of it in Markdown.",
        ),
    ] = None,
    color: ColorOption = Color.auto,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
    verbose: Verbose = False,
    lang: LangOption = None,  # noqa: ARG001 - `cli.app` has looked at it
) -> None:
    """Draw chains: which leads to which, through which Services, and with what share to which Pods.

    \b
    Examples:
      iptexplain graph dump.save                    text for a ```mermaid block in Markdown
      iptexplain graph dump.save --service shop/web -o web.svg
      iptexplain graph dump.save -f dot | dot -Tpng -o chains.png
      iptables-save | iptexplain graph --chain DOCKER-USER

    Many Services, Pods, or chains of one kind are folded, and the node says what is in it.
    """  # noqa: D301 - \b is for click: it keeps the lines of the examples
    with run.errors_as_status():
        if service is not None and chain:
            raise UsageError(message("--service and --chain are two pictures: give one of them"))
        files = run.Files(dumps)
        cluster = None if names is None else load_names(files.open(names))
        rulesets = run.read_all(dumps, table, quiet=quiet)
        with run.progress(message("working out Services"), quiet=quiet) as done:
            found = [(each.source.name, one) for each in rulesets for one in services(each, names=cluster, progress=done)]
        run.warn(rulesets, quiet=quiet, verbose=verbose, color=color)
        look = _checked(Look(service, tuple(chain or ()), not no_fold, table), [one for _, one in found])
        pictures = [picture._replace(file=file) for file, one in found if (picture := graph(one, look)).nodes]
        if not pictures:
            sought = f"--service {service}" if service is not None else " ".join(f"--chain {name}" for name in chain or ())
            run.tell(message("nothing fits {asked}", asked=sought) if sought else message("no rule leads anywhere in these dumps"))
        suffix = "" if form is not None or output is None else Path(output).suffix.lower()
        chosen = form or _BY_SUFFIX.get(suffix, Format.mermaid)
        lines = list(_lines(pictures, chosen))
        if chosen is Format.mermaid and not quiet:
            _warn(lines, pictures)
        run.write(["```mermaid", *lines, "```"] if suffix == ".md" else lines, output)


def _checked(look: Look, found: Sequence[DumpServices]) -> Look:
    """What to look at, with the Services that are meant in all dumps. Raises UsageError for what is in none."""
    asked.check_chains(asked.tables_of([one.dump for one in found], look.table), look.chains)
    if look.service is None:
        return look
    named = meant(look.service, service_names(found))
    asked.check_service(look.service, found=bool(named))
    return look._replace(meant=named)


def _warn(lines: Sequence[str], pictures: Sequence[Graph]) -> None:
    """Says so if a picture is larger than what most pages draw of Mermaid."""
    from iptexplain.render import graph_mermaid

    if graph_mermaid.is_too_large(lines, pictures):
        run.tell(message("GitHub does not draw so large a picture: take -f svg, or a part of it with --service, --chain or --table"))


def _lines(pictures: Sequence[Graph], form: Format) -> Iterable[str]:
    """The view as lines; only what it needs is imported."""
    match form:
        case Format.mermaid:
            from iptexplain.render import graph_mermaid

            return graph_mermaid.lines(pictures)
        case Format.dot:
            from iptexplain.render import graph_dot

            return graph_dot.lines(pictures)
        case Format.svg:
            from iptexplain.render import graph_svg

            return graph_svg.lines(pictures)
