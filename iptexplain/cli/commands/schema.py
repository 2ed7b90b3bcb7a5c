"""`iptexplain schema`: the JSON Schema of an output."""

from __future__ import annotations

from typing import Annotated

import typer

from iptexplain.cli import run
from iptexplain.cli.options import LangOption  # noqa: TC001 - typer reads the annotation
from iptexplain.errors import UsageError
from iptexplain.render import schemas
from iptexplain.source import message

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Which output: services, trace, explain, lint, ast, map.")],
    *,
    lang: LangOption = None,  # noqa: ARG001 - `cli.app` has looked at it
) -> None:
    """Print the JSON Schema that an output follows.

    \b
    Examples:
      iptexplain schema services
    """  # noqa: D301 - \b is for click: it keeps the lines of the examples
    with run.errors_as_status():
        if kind not in schemas.KINDS:
            raise UsageError(message("there is no schema {kind!r}; there are {kinds}", kind=kind, kinds=", ".join(schemas.KINDS)))
        run.write(schemas.schema(kind).splitlines(), None)
