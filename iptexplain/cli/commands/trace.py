"""`iptexplain trace`: what becomes of a packet, with which chance, and by which rules."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from iptexplain.api import load_ip_addr, load_ip_route, load_ipset, load_names, load_node, load_packets
from iptexplain.cli import run
from iptexplain.cli.options import Color, ColorOption, Dumps, LangOption, NamesOption, Output, Quiet, TableOption
from iptexplain.cli.packet import Described, time
from iptexplain.cli.tracing import Bench
from iptexplain.inputs.node import compose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iptexplain.model.node import Node
    from iptexplain.model.packet import Packet


app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Format(StrEnum):
    """The views of a trace."""

    text = "text"
    json = "json"
    jsonl = "jsonl"


class Connection(StrEnum):
    """What the packet is to a connection."""

    new = "new"
    established = "established"
    reply = "reply"
    related = "related"
    invalid = "invalid"
    untracked = "untracked"


@app.command()
def command(
    dumps: Dumps = None,
    *,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="SRC", help="Who sends it: an address[:port], or an example of a `pod`, the `node`, or `outside`."),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="DST", help="Where to: an address[:port][/protocol], or a Service: [namespace/]name[:port]."),
    ] = None,
    interface: Annotated[
        str | None, typer.Option("--in", metavar="IFACE", help="The interface where it comes in; without it, the one that leads to SRC.")
    ] = None,
    mark: Annotated[str | None, typer.Option("--mark", help="Its mark, a number such as 0x4000.")] = None,
    connection: Annotated[Connection | None, typer.Option("--ct", help="What it is to a connection: new, if not said.")] = None,
    flags: Annotated[str | None, typer.Option("--tcp-flags", metavar="FLAGS", help="SYN,ACK or SA: the TCP flags that are set.")] = None,
    icmp_type: Annotated[str | None, typer.Option("--icmp-type", metavar="TYPE", help="Of ICMP: 8, 3/4, or a name: echo-request.")] = None,
    length: Annotated[int | None, typer.Option("--length", help="Of the whole IP packet, in bytes.")] = None,
    ttl: Annotated[int | None, typer.Option("--ttl", help="TTL or hop limit when it meets the node: 64, if not said.")] = None,
    packets: Annotated[
        str | None, typer.Option("--packets", metavar="FILE", help="Many packets: one JSON object a line; gives one JSON line for each.")
    ] = None,
    node: Annotated[
        str | None, typer.Option("--node", metavar="FILE", help="The node as JSON: interfaces, addresses, routes, settings.")
    ] = None,
    ip_addr: Annotated[str | None, typer.Option("--ip-addr", metavar="FILE", help="What `ip -j addr` prints on the node.")] = None,
    ip_route: Annotated[str | None, typer.Option("--ip-route", metavar="FILE", help="What `ip -j route` prints on the node.")] = None,
    ipset: Annotated[str | None, typer.Option("--ipset", metavar="FILE", help="What `ipset save` prints on the node.")] = None,
    names: NamesOption = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When, for rules that ask: 2026-01-31T12:00, in UTC if no zone is said.")
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", "-f", help="How to show it; if not said, as text, and --packets as JSON lines.")
    ] = None,
    table: TableOption = None,
    output: Output = None,
    color: ColorOption = Color.auto,
    quiet: Quiet = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="All rules on the way, all cases, all warnings.")] = False,
    lang: LangOption = None,  # noqa: ARG001 - `cli.app` has looked at it
) -> None:
    """Trace a packet: all that may become of it, with exact chances, and why.

    \b
    Examples:
      iptables-save | iptexplain trace --from pod --to default/nginx
      iptexplain trace node1.save --from 10.244.1.5 --to 10.96.0.10:53/udp
      iptexplain trace node1.save --from outside --to 10.0.0.11:30080 --in eth0 -v
      iptexplain trace node1.save --from 10.0.0.5 --to 10.0.0.11/icmp --ip-addr addr.json --ip-route route.json
      iptexplain trace node1.save --packets packets.jsonl | jq .outcomes
    """  # noqa: D301 - \b is for click: it keeps the lines of the examples
    with run.errors_as_status():
        described = Described(
            source=source,
            to=to,
            interface=interface,
            mark=mark,
            connection=connection and connection.value,
            flags=flags,
            icmp_type=icmp_type,
            length=length,
            ttl=ttl,
        )
        described.check(packets)
        files = run.Files(dumps)
        cluster = None if names is None else load_names(files.open(names))
        known = _node(files, node, ip_addr, ip_route, ipset)
        when = None if at is None else time(at)
        every: Iterable[Packet] = () if packets is None else load_packets(files.open(packets))
        rulesets = run.read_all(dumps, table, quiet=quiet)
        run.warn(rulesets, quiet=quiet, verbose=verbose, color=color)
        bench = Bench(rulesets, known, cluster, when)
        if packets is None:
            every = [bench.packet(described)]
        form = form or (Format.text if packets is None else Format.jsonl)
        if form is Format.text:
            lines = bench.stories(every, run.width(), run.style_for(color, None if output else sys.stdout), verbose=verbose, brief=quiet)
        else:
            lines = bench.documents(every)
        run.write(lines, output)
        for note in () if quiet else bench.warnings(told=form is Format.text):
            typer.echo(f"iptexplain: {note}", err=True)


def _node(files: run.Files, node: str | None, ip_addr: str | None, ip_route: str | None, ipset: str | None) -> Node | None:
    """What is known of the node, None if nothing was given."""
    if (node, ip_addr, ip_route, ipset) == (None, None, None, None):
        return None
    return compose(
        None if node is None else load_node(files.open(node)),
        None if ip_addr is None else load_ip_addr(files.open(ip_addr)),
        None if ip_route is None else load_ip_route(files.open(ip_route)),
        None if ipset is None else load_ipset(files.open(ipset), may_be_empty=True),
    )
