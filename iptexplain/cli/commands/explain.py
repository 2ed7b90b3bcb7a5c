"""`iptexplain explain`: every rule in plain words, as a packet meets them."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from iptexplain.analysis.explain.choice import NOBODY, Choice, told
from iptexplain.analysis.explain.concern import concerns, others_may_end, services_meant
from iptexplain.analysis.explain.setting import Setting
from iptexplain.analysis.unread import unread
from iptexplain.api import load_names
from iptexplain.cli import asked, run
from iptexplain.cli.options import Color, ColorOption, Dumps, LangOption, NamesOption, Output
from iptexplain.owners import makers
from iptexplain.render.explain_words import Known, Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iptexplain.inputs.names import Names
    from iptexplain.model.ruleset import Ruleset
    from iptexplain.render.style import Style

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Format(StrEnum):
    """The views of rules in words."""

    text = "text"
    json = "json"
    markdown = "markdown"


@app.command()
def command(
    dumps: Dumps = None,
    *,
    form: Annotated[Format, typer.Option("--format", "-f", help="How to show it.")] = Format.text,
    service: Annotated[
        str | None,
        typer.Option(
            "--service", metavar="NAME", help="Only what concerns this Service, from hook to Pod: namespace/name[:port], or a part."
        ),
    ] = None,
    table: Annotated[
        str | None, typer.Option("--table", metavar="NAME", help="Only this table; rule lines before any *table line are of it.")
    ] = None,
    chain: Annotated[
        list[str] | None, typer.Option("--chain", metavar="NAME", help="Only this chain and what it leads to; may be repeated.")
    ] = None,
    line: Annotated[
        list[int] | None, typer.Option("--line", metavar="N", help="Only the rule in this line of the dump; may be repeated.")
    ] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="NAME", help="Only the rules of this program (kube-proxy, Docker, …), or of nobody.")
    ] = None,
    as_dumped: Annotated[bool, typer.Option("--as-dumped", help="In the order of the dump, without following jumps.")] = False,
    names: NamesOption = None,
    output: Output = None,
    color: ColorOption = Color.auto,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No head lines, no warnings.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Nothing folded; where kube-proxy's rules come from; all comments and warnings.")
    ] = False,
    lang: LangOption = None,  # noqa: ARG001 - `cli.app` has looked at it
) -> None:
    """Say every rule in plain words, in the order in which a packet meets them, and whose each chain is.

    \b
    Examples:
      iptables-save | iptexplain explain
      iptexplain explain dump.save --service default/nginx
      iptexplain explain dump.save --chain KUBE-SERVICES
      iptexplain explain dump.save --line 71 -v
      iptexplain explain dump.save --owner Calico --table filter
      iptexplain explain dump.save -f json | jq -r '.chains[].rules[].sentence'

    The number before a sentence is the line of the rule in the dump.
    """  # noqa: D301 - \b is for click: it keeps the lines of the examples
    with run.errors_as_status():
        program = owner if owner in {None, NOBODY} else makers.named(owner or "").name
        choice = Choice(table, tuple(chain or ()), tuple(line or ()), None, program, as_dumped, not verbose)
        files = run.Files(dumps)
        cluster = None if names is None else load_names(files.open(names))
        rulesets = run.read_all(dumps, table, quiet=quiet)
        run.warn(rulesets, quiet=quiet, verbose=verbose, color=color)
        pages = list(_pages(rulesets, choice, service, cluster, verbose=verbose, whole=form is Format.json))
        run.write(_lines(form, rulesets, pages, run.style_for(color, None if output else sys.stdout), quiet=quiet), output)


def _pages(
    rulesets: Sequence[Ruleset], choice: Choice, service: str | None, cluster: Names | None, *, verbose: bool, whole: bool
) -> Iterator[Page]:
    """What is told of each dump. Raises UsageError for a table, a chain, a line or a Service that is nowhere."""
    settings = [(ruleset, Setting(dump, cluster)) for ruleset in rulesets for dump in ruleset.dumps]
    tables = asked.tables_of([setting.dump for _, setting in settings], choice.table)
    asked.check_chains(tables, choice.chains)
    asked.check_lines(tables, choice.lines)
    if service is not None:
        names = services_meant([setting for _, setting in settings], service)
        asked.check_service(service, found=bool(names))
        choice = choice._replace(services=names)
    for ruleset, setting in settings:
        known = Known(setting, verbose)
        items = told(setting, choice._replace(fold=choice.fold and not whole))
        others = () if choice.services is None else others_may_end(setting, concerns(setting, choice.services))
        yield Page(ruleset.source.name, setting.dump, items, known, unread(ruleset, setting.dump), len(settings) > 1, others)


def _lines(form: Format, rulesets: Sequence[Ruleset], pages: Sequence[Page], style: Style, *, quiet: bool) -> Iterable[str]:
    """The view as lines; only what it needs is imported."""
    if form is Format.json:
        from iptexplain.render import explain_json

        return explain_json.document(rulesets, pages).splitlines()
    if form is Format.markdown:
        from iptexplain.render import explain_markdown

        return (line for page in pages for line in explain_markdown.page(page, head=not quiet))
    from iptexplain.render import explain_text

    how = explain_text.How(run.width(), style, not quiet)
    return (line for page in pages for line in explain_text.page(page, how))
