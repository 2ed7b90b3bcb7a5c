"""`iptexplain chain-name`: the chain names that kube-proxy gives a Service port and its endpoints."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from iptexplain.cli import run
from iptexplain.cli.options import LangOption  # noqa: TC001 - typer reads the annotation
from iptexplain.errors import UsageError
from iptexplain.owners.kube_proxy.names import chain_names
from iptexplain.source import message

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    service_port: Annotated[str, typer.Argument(metavar="NAMESPACE/NAME[:PORT]/PROTOCOL", help="A Service port.")],
    endpoint: Annotated[str | None, typer.Argument(metavar="[IP:PORT]", help="One of its endpoints; IPv6 as [ip]:port.")] = None,
    *,
    lang: LangOption = None,  # noqa: ARG001 - `cli.app` has looked at it
) -> None:
    """Print the KUBE-* chain names of a Service port, and of an endpoint of it.

    \b
    Examples:
      iptexplain chain-name default/nginx/tcp
      iptexplain chain-name kube-system/kube-dns:dns/UDP 10.244.0.5:53
    """  # noqa: D301 - \b is for click: it keeps the lines of the examples
    with run.errors_as_status():
        name, _, protocol = service_port.rpartition("/")
        if not re.fullmatch(r"[^/\s]+/[^/\s]+", name) or protocol.lower() not in {"tcp", "udp", "sctp"}:
            raise UsageError(message("{text!r} is no NAMESPACE/NAME[:PORT]/PROTOCOL such as default/nginx:http/tcp", text=service_port))
        run.write(chain_names(name, protocol, endpoint), None)
