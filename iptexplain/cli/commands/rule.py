"""`iptexplain rule`: the page of a check, or the list of all checks."""

from __future__ import annotations

from typing import Annotated

import typer

from iptexplain.cli import run
from iptexplain.cli.options import LangOption  # noqa: TC001 - typer reads the annotation
from iptexplain.errors import UsageError
from iptexplain.lint import registry
from iptexplain.source import message

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    code: Annotated[str | None, typer.Argument(metavar="[CODE]", help="The code of a check: KP101.", show_default=False)] = None,
    *,
    lang: LangOption = None,  # noqa: ARG001 - `cli.app` has looked at it
) -> None:
    """Explain a check of lint; without a code, list all checks.

    \b
    Examples:
      iptexplain rule KP101
      iptexplain rule | grep kube-proxy
    """  # noqa: D301 - \b is for click: it keeps the lines of the examples
    with run.errors_as_status():
        if code is None:
            from iptexplain.render import rules_text

            run.write(rules_text.table((registry.check(one), registry.page(one)) for one in registry.CODES), None)
            return
        if code.upper() not in registry.CODES:
            raise UsageError(message("no check has the code {code!r}: iptexplain rule lists all", code=code))
        check = registry.check(code.upper())
        run.write(registry.page(check.code).text(check).splitlines(), None)
