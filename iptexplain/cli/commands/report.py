"""`iptexplain report`: one page with everything, to be attached to a bug report."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer.core import TyperCommand

from iptexplain.analysis.trace.fate import Trace
from iptexplain.analysis.trace.whose import Whose
from iptexplain.anonymize.together import How, anonymized
from iptexplain.api import load, load_source
from iptexplain.cli import anonymizing, run
from iptexplain.cli.options import Color, ColorOption, Dumps, IpvsOption, LangOption, NamesOption, Output, TableOption, Verbose
from iptexplain.cli.packet import Described
from iptexplain.cli.tracing import Bench
from iptexplain.errors import TooManyCasesError, UsageError
from iptexplain.inputs.ip_addr import parse_ip_addr
from iptexplain.inputs.ip_route import parse_ip_route
from iptexplain.inputs.ipset import parse_ipset
from iptexplain.inputs.ipvs import parse_ipvs
from iptexplain.inputs.names import parse_names
from iptexplain.inputs.node import compose, parse_node
from iptexplain.report.facts import Beside, Told
from iptexplain.report.gather import Given, gather
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from iptexplain.inputs.names import Names
    from iptexplain.model.node import Node
    from iptexplain.model.ruleset import Ruleset
    from iptexplain.report.facts import Report
    from iptexplain.source import Message, Source

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Format(StrEnum):
    """The forms of the page."""

    markdown = "markdown"
    html = "html"


class _WithPairs(TyperCommand):
    """The command, whose --trace takes two words each time: typer knows options that are repeated, and such of two words, but not both."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - what typer's own has
        super().__init__(*args, **kwargs)
        for option in self.params:
            if option.name == "trace":
                option.nargs = 2


@app.command(cls=_WithPairs)
def command(
    dumps: Dumps = None,
    *,
    form: Annotated[Format, typer.Option("--format", "-f", help="markdown is for issues; html is one file, for a browser.")] = (
        Format.markdown
    ),
    trace: Annotated[
        list[str] | None,
        typer.Option("--trace", metavar="FROM TO", help="Also what becomes of this packet, as `trace` tells it; may be repeated."),
    ] = None,
    names: NamesOption = None,
    node: Annotated[
        str | None, typer.Option("--node", metavar="FILE", help="The node as JSON: interfaces, addresses, routes, settings.")
    ] = None,
    ip_addr: Annotated[str | None, typer.Option("--ip-addr", metavar="FILE", help="What `ip -j addr` prints on the node.")] = None,
    ip_route: Annotated[str | None, typer.Option("--ip-route", metavar="FILE", help="What `ip -j route` prints on the node.")] = None,
    ipset: Annotated[str | None, typer.Option("--ipset", metavar="FILE", help="What `ipset save` prints on the node.")] = None,
    ipvs: IpvsOption = None,
    anonymize: Annotated[
        bool, typer.Option("--anonymize", help="Other names and addresses in the whole page, as `iptexplain anonymize` gives them.")
    ] = False,
    key_file: anonymizing.KeyFile = None,
    map_file: anonymizing.Map = None,
    keep: anonymizing.Keep = None,
    keep_counters: anonymizing.KeepCounters = False,
    no_dump: Annotated[bool, typer.Option("--no-dump", help="Leave out the text of the dump (markdown).")] = False,
    table: TableOption = None,
    output: Output = None,
    color: ColorOption = Color.auto,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
    verbose: Verbose = False,
    lang: LangOption = None,  # noqa: ARG001 - `cli.app` has looked at it
) -> None:
    """Write one page to attach to a bug report: what was read, what is wrong, the Services, refused traffic, whose rules, the dump.

    \b
    Examples:
      iptables-save | iptexplain report > report.md
      iptexplain report dump.save -f html -o report.html
      iptexplain report dump.save --trace pod shop/web --trace outside 10.0.0.11:30080
      iptexplain report dump.save --anonymize --map private-map.json -o public.md
      iptexplain report four.save six.save --ip-addr addr.json --ip-route route.json
      iptexplain report dump.save --no-dump --lang ja

    --node, --ip-addr, --ip-route, --ipset and --ipvs say more of the one node that all dumps come from. FROM and TO are those of
    `iptexplain trace --from --to`.

    Exit status: 0 whatever is found (`iptexplain lint` is there to fail), 2 wrong usage or an input that is no dump.
    """  # noqa: D301 - \b is for click: it keeps the lines of the examples
    with run.errors_as_status():
        if no_dump and form is not Format.markdown:
            raise UsageError(message("--no-dump goes with -f markdown: links of the other page lead into the dump"))
        private = any((key_file, map_file, keep, keep_counters))
        if private and not anonymize:
            raise UsageError(message("--key-file, --map, --keep and --keep-counters go with --anonymize"))
        anonymizing.check([output or "-"], map_file, [*(dumps or ()), names, node, ip_addr, ip_route, ipset, ipvs, key_file])
        files = run.Files(dumps)
        paths = {"names": names, "node": node, "ip-addr": ip_addr, "ip-route": ip_route, "ipset": ipset, "ipvs": ipvs}
        beside = {kind: load_source(files.open(path), path) for kind, path in paths.items() if path is not None}
        rulesets = run.read_all(dumps, table, quiet=quiet)
        pairs = cast("list[tuple[str, str]]", trace or [])
        replaced: tuple[Message, ...] = ()
        if anonymize:
            for sender, to in pairs:  # what is wrong with them is said in the user's words
                Bench(rulesets, _known(beside), _names(beside), None).packet(Described(source=sender, to=to))
            run.warn(rulesets, quiet=quiet, verbose=verbose, color=color)
            how = How(anonymizing.key(key_file), anonymizing.networks(keep), keep_counters, _names(beside))
            other = anonymized(rulesets, how, beside.items())
            anonymizing.write_map(other, map_file)
            for what in () if quiet else anonymizing.doubts(other, [ruleset.source.name for ruleset in rulesets]):
                run.tell(what)
            replaced = tuple(anonymizing.doubts(other, [f"dump-{number}" for number, _ in enumerate(rulesets, 1)]))
            pairs = [(other.end(sender), other.end(to)) for sender, to in pairs]
            beside = {kind: load_source(_bytes(text), kind) for kind, text in zip(beside, other.beside, strict=True)}
            rulesets = [load(_bytes(text), name=f"dump-{number}") for number, text in enumerate(other.dumps, 1)]
        given, known = _given(beside), _known(beside)
        told = [_told(rulesets, known, given.names, *pair) for pair in pairs]
        with run.progress(message("gathering"), quiet=quiet) as done:
            report = gather(rulesets, given, told, done)
        also = [Beside(kind, source.name, source.sha256, source.text.count("\n")) for kind, source in beside.items()]
        report = report._replace(beside=tuple(also), anonymized=anonymize, replaced=replaced)
        remarks = [one for each in report.inputs for one in each.remarks]
        run.warn([] if anonymize else rulesets, remarks, quiet=quiet, verbose=verbose, color=color)
        _write(report, form, output, whole=not no_dump, quiet=quiet)


def _names(beside: Mapping[str, Source]) -> Names | None:
    return parse_names(beside["names"]) if "names" in beside else None


def _given(beside: Mapping[str, Source]) -> Given:
    """What was given beside the dumps for their Services and for lint. Raises `UnreadableInputError`."""
    return Given(
        _names(beside),
        parse_ipset(beside["ipset"], may_be_empty=True) if "ipset" in beside else None,
        parse_ipvs(beside["ipvs"]) if "ipvs" in beside else None,
        parse_ip_addr(beside["ip-addr"]) if "ip-addr" in beside else None,
    )


def _known(beside: Mapping[str, Source]) -> Node | None:
    """What is known of the node, None if nothing is. Raises `IptexplainError`."""
    if not beside.keys() & {"node", "ip-addr", "ip-route", "ipset"}:
        return None
    given = _given(beside)
    node = parse_node(beside["node"]) if "node" in beside else None
    routes = parse_ip_route(beside["ip-route"]) if "ip-route" in beside else None
    return compose(node, given.links, routes, given.sets)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _write(report: Report, form: Format, output: str | None, *, whole: bool, quiet: bool) -> None:
    """Writes the page; only what its form needs is imported. A page that is longer than what GitHub takes is told of."""
    if form is Format.html:
        from iptexplain.render import report_html

        run.write(report_html.page(report), output)
        return
    from iptexplain.render import report_markdown

    lines = list(report_markdown.page(report, whole=whole))
    run.write(lines, output)
    if _length(lines) > report_markdown.LIMIT and not quiet:
        enough = whole and _length(report_markdown.page(report, whole=False)) <= report_markdown.LIMIT
        run.tell(report_markdown.too_long(enough=enough))


def _length(lines: Iterable[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _told(rulesets: Sequence[Ruleset], node: Node | None, cluster: Names | None, sender: str, to: str) -> Told:
    """The packet from one end to another; if it has too many cases, as much as can be told. Raises `IptexplainError`.

    Each packet has a bench of its own, since examples that were taken for one say nothing of another.
    """
    bench = Bench(rulesets, node, cluster, None)
    packet = bench.packet(Described(source=sender, to=to))
    place = bench.place(packet.family)
    number = next(at for at, ruleset in enumerate(rulesets) if any(dump is place.dump for dump in ruleset.dumps))
    whose, notes, warnings = Whose(place.dump, cluster), tuple(bench.notes), tuple(bench.doubts)
    told = Told(sender, to, number, place.dump.number, Trace(packet, ()), whose, notes, warnings)
    try:
        return told._replace(trace=place.tracer.trace(packet))
    except TooManyCasesError:
        pass  # an outline says less, and may still be told
    try:
        trace, questions = place.tracer.outline(packet)
    except TooManyCasesError as error:
        return told._replace(failed=error.message)
    return told._replace(trace=trace, questions=questions)
