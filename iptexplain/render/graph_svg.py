"""A picture of chains as SVG: Graphviz draws it, through the package `graphviz`, which comes with the extra `svg`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.errors import MissingProgramError
from iptexplain.render import graph_dot
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.analysis.graph_parts import Graph


def lines(graphs: Sequence[Graph]) -> list[str]:
    """The picture, line by line. Raises `MissingProgramError` if there is nothing that draws it."""
    try:
        import graphviz  # type: ignore[import-untyped]  # it ships no types
    except ImportError:
        raise MissingProgramError(
            message("-f svg needs the Python package graphviz: pip install 'iptexplain[svg]'; or take -f dot, which any Graphviz draws")
        ) from None
    text = "\n".join(graph_dot.lines(graphs)) + "\n"
    try:
        drawn: str = graphviz.Source(text).pipe(format="svg", encoding="utf-8", quiet=True)
    except graphviz.ExecutableNotFound:
        raise MissingProgramError(
            message("-f svg needs the program dot of Graphviz: apt install graphviz; or take -f dot, and draw it elsewhere")
        ) from None
    except graphviz.CalledProcessError as error:
        raise MissingProgramError(message("dot could not draw the picture: {reason}", reason=str(error))) from None
    return drawn.splitlines()
