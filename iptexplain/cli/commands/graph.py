"""`iptexplain graph`: chains as a picture, for people who would rather look."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from iptexplain.analysis.graph import Look, graph
from iptexplain.analysis.services import services
from iptexplain.api import load_names
from iptexplain.cli import run
from iptexplain.cli.options import Color, ColorOption, Dumps, LangOption, NamesOption, Output, Quiet, TableOption, Verbose
from iptexplain.errors import UsageError
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iptexplain.analysis.graph import Graph

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Format(StrEnum):
    """The languages of pictures."""

    mermaid = "mermaid"
    dot = "dot"
    svg = "svg"


@app.command()
def command(
    dumps: Dumps = None,
    *,
    form: Annotated[
        Format,
        typer.Option("--format", "-f", help="mermaid is drawn by GitHub and GitLab with nothing installed; dot and svg by Graphviz."),
    ] = Format.mermaid,
    service: Annotated[
        str | None, typer.Option("--service", metavar="TEXT", help="Only Services whose namespace/name:port holds this text.")
    ] = None,
    chain: Annotated[
        list[str] | None,
        typer.Option("--chain", metavar="NAME", help="Only this chain, what it leads to, and what leads to it; may be repeated."),
    ] = None,
    no_fold: Annotated[bool, typer.Option("--no-fold", help="Every chain by itself, however many there are.")] = False,
    names: NamesOption = None,
    table: TableOption = None,
    output: Output = None,
    color: ColorOption = Color.auto,
    quiet: Quiet = False,
    verbose: Verbose = False,
    lang: LangOption = None,  # noqa: ARG001 - `cli.app` has looked at it
) -> None:
    """Draw chains: which leads to which, through which Services, and with what share to which Pods.

    \b
    Examples:
      iptexplain graph dump.save                    text for a ```mermaid block in Markdown
      iptexplain graph dump.save --service shop/web -f svg -o web.svg
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
        look = Look(service, tuple(chain or ()), fold=not no_fold)
        pictures = [picture._replace(file=file) for file, one in found if (picture := graph(one, look)).nodes]
        if not pictures:
            asked = f"--service {service}" if service is not None else " ".join(f"--chain {name}" for name in chain or ())
            run.tell(message("nothing fits {asked}", asked=asked) if asked else message("no rule leads anywhere in these dumps"))
        run.write(_lines(pictures, form), output)


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
