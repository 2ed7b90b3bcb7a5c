"""`iptexplain anonymize`: a dump that may be made public and still tells the same story."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iptexplain.anonymize.together import How, anonymized
from iptexplain.api import load_names, load_source
from iptexplain.cli import anonymizing, run
from iptexplain.cli.options import Color, ColorOption, Dumps, IpsetOption, IpvsOption, LangOption, NamesOption, Quiet, TableOption, Verbose
from iptexplain.errors import UnreadableInputError, UsageError
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iptexplain.anonymize.together import Anonymized

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_FILES = {
    "node": "node.json",
    "ip-addr": "ip-addr.json",
    "ip-route": "ip-route.json",
    "ipset": "ipset.txt",
    "ipvs": "ipvsadm.txt",
    "names": "services.json",
    "packets": "packets.jsonl",
}
"""What the other files are called in the folder; the names of the originals may tell something."""


@app.command()
def command(
    dumps: Dumps = None,
    *,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write there; a folder where there are several files to write.")
    ] = None,
    key_file: anonymizing.KeyFile = None,
    map_file: anonymizing.Map = None,
    keep: anonymizing.Keep = None,
    keep_counters: anonymizing.KeepCounters = False,
    names: NamesOption = None,
    node: Annotated[str | None, typer.Option("--node", metavar="FILE", help="The node as JSON, as `trace` takes it.")] = None,
    ip_addr: Annotated[str | None, typer.Option("--ip-addr", metavar="FILE", help="What `ip -j addr` prints.")] = None,
    ip_route: Annotated[str | None, typer.Option("--ip-route", metavar="FILE", help="What `ip -j route` prints.")] = None,
    ipset: IpsetOption = None,
    ipvs: IpvsOption = None,
    packets: Annotated[str | None, typer.Option("--packets", metavar="FILE", help="Packets, one JSON object a line.")] = None,
    table: TableOption = None,
    color: ColorOption = Color.auto,
    quiet: Quiet = False,
    verbose: Verbose = False,
    lang: LangOption = None,  # noqa: ARG001 - `cli.app` has looked at it
) -> None:
    """Write a dump that may be made public and still tells the same story.

    \b
    Examples:
      iptables-save | iptexplain anonymize > public.save
      iptexplain anonymize dump.save -o public.save --map private-map.json
      iptexplain anonymize four.save six.save --key-file key -o public/
      iptexplain anonymize dump.save --ip-addr addr.json --ip-route route.json -o public/
      iptexplain anonymize dump.save --keep 198.51.100.0/24

    Other addresses stand for all but special ones, so that each network, range and set holds what it held; private ones stay private. Other
    names stand for namespaces, Services, ports, chains, sets, interfaces, users; kube-proxy's chains have names that fit. Comments, log
    prefixes, dates and counters go. What is given beside the dump gets the same names, and is written beside it.

    The same key and the same inputs give the same output. Look at it before you publish it: port numbers and marks stay, and so does what
    the rules do.
    """  # noqa: D301 - \b is for click: it keeps the lines of the examples
    with run.errors_as_status():
        given = {"node": node, "ip-addr": ip_addr, "ip-route": ip_route, "ipset": ipset, "ipvs": ipvs, "names": names, "packets": packets}
        beside = {kind: path for kind, path in given.items() if path is not None}
        folder = _folder(output, several=bool(beside))
        targets = _targets(output, folder, len(dumps or ["-"]), beside)
        anonymizing.check(targets, map_file, [*(dumps or ()), *beside.values(), key_file])
        if map_file is not None and folder is not None and Path(map_file).resolve().is_relative_to(Path(folder).resolve()):
            raise UsageError(message("{file}: the map would lie among the files to be given away; name a file elsewhere", file=map_file))
        files = run.Files(dumps)
        sources = [(kind, load_source(files.open(path))) for kind, path in beside.items()]
        cluster = next((load_names(source.text.encode("utf-8", "surrogateescape")) for kind, source in sources if kind == "names"), None)
        rulesets = run.read_all(dumps, table, quiet=quiet)
        run.warn(rulesets, quiet=quiet, verbose=verbose, color=color)
        how = How(anonymizing.key(key_file), anonymizing.networks(keep), keep_counters, cluster)
        done = anonymized(rulesets, how, sources)
        _write(done, folder, targets)
        anonymizing.write_map(done, map_file)
        for what in () if quiet else anonymizing.doubts(done, [ruleset.source.name for ruleset in rulesets]):
            run.tell(what)


def _folder(output: str | None, *, several: bool) -> str | None:
    """The folder to write into, None for one file. Raises `UsageError` if there have to be several files and no folder is named."""
    if output is not None and output != "-" and not Path(output).is_file() and (several or output.endswith("/") or Path(output).is_dir()):
        return output
    if several:
        raise UsageError(message("there are several files to write: name a folder for them with -o"))
    return None


def _targets(output: str | None, folder: str | None, dumps: int, beside: Iterable[str]) -> list[str]:
    """The files to write, the dumps first; without a folder one for all dumps."""
    if folder is None:
        return [output or "-"]
    named = ["dump.save"] if dumps == 1 else [f"dump-{number}.save" for number in range(1, dumps + 1)]
    return [str(Path(folder) / name) for name in [*named, *(_FILES[kind] for kind in beside)]]


def _write(done: Anonymized, folder: str | None, targets: Sequence[str]) -> None:
    """Writes the dumps one after another, or everything into a folder."""
    if folder is None:
        run.write((line for text in done.dumps for line in _lines(text)), targets[0])
        return
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnreadableInputError(message("{file}: {reason}", file=folder, reason=error.strerror or str(error))) from error
    for target, text in zip(targets, (*done.dumps, *done.beside), strict=True):
        run.write(_lines(text), target)


def _lines(text: str) -> list[str]:
    return text.split("\n")[:-1]
