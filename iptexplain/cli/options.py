"""Options that several commands have, in one spelling."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from iptexplain.render import language


def _known_language(code: str | None) -> str | None:
    """Refuses a language that there is no catalogue for; which one is used was decided before (`cli.app`)."""
    if code is not None and language.known(code) is None:
        from iptexplain.render.words import say

        raise typer.BadParameter(say(language.unknown(code)))
    return code


class Color(StrEnum):
    """When to colour."""

    auto = "auto"
    always = "always"
    never = "never"


Dumps = Annotated[
    list[str] | None,
    typer.Argument(metavar="[DUMP]...", help="Files with the output of iptables-save; - is standard input.", show_default=False),
]
Output = Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Write there instead of to standard output.")]
ColorOption = Annotated[Color, typer.Option("--color", help="Colour: NO_COLOR and CLICOLOR_FORCE count for auto.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No head lines, no legend, no warnings.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="All warnings, not only the first ones.")]
TableOption = Annotated[
    str | None, typer.Option("--table", metavar="NAME", help="The table of rule lines that stand before any *table line.")
]
NamesOption = Annotated[
    str | None,
    typer.Option("--names", metavar="FILE", help="Names of Services: `kubectl get svc -A -o json`, or namespace/name[:port] a line."),
]
IpsetOption = Annotated[str | None, typer.Option("--ipset", metavar="FILE", help="What `ipset save` prints: for ipvs mode.")]
IpvsOption = Annotated[str | None, typer.Option("--ipvs", metavar="FILE", help="What `ipvsadm -Sn` prints: for ipvs mode.")]
LangOption = Annotated[
    str | None,
    typer.Option(
        "--lang",
        metavar="CODE",
        help="The language to speak, such as ja; by default that of LANG. JSON, SARIF, JUnit and CSV stay English.",
        callback=_known_language,
    ),
]
