"""The small parts of reading, each timed by pyperf: `python -m bench.micro --fast`. All options are pyperf's (`--help`).

Absolute times, so compare them only with times of the same machine: `python -m pyperf compare_to before.json after.json`.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pyperf

from bench import firewall, generate
from iptexplain.model.address import Endpoint
from iptexplain.model.union import Union
from iptexplain.parsing import grammar, table
from iptexplain.parsing.shapes import hint, shape_of

if TYPE_CHECKING:
    from iptexplain.model.shape import Shape

_RULE = '-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m comment --comment "kube-system/kube-dns cluster IP" -m tcp --dport 53 -j KUBE-SVC-X'
_MORE_SHAPES = 64


def _compiled(shapes: list[Shape]) -> None:
    """Compiles an expression, which `re` must not remember from the turn before."""
    re.purge()
    Union(shapes, ascii_only=True)


def main() -> None:
    """See the module."""
    runner = pyperf.Runner()
    lines = list(generate.lines(20, 10, comments=True, counters=False))
    known = table.shapes()
    shapes = [shape for shape, _ in Counter([known.of(f"{line}\n", 0, len(line)) for line in lines]).most_common()]
    union = Union(shapes, ascii_only=True)
    text = "".join(f"{line}\n" for line in lines)
    shape = known.of(_RULE + "\n", 0, len(_RULE))
    many = list(dict.fromkeys([known.of(f"{line}\n", 0, len(line)) for line in firewall.lines(2_000)]))[:_MORE_SHAPES]
    grammar.parser().parse(_RULE)
    runner.bench_func("guess where to look for the shape of a line", hint, _RULE)
    runner.bench_func("values of a line, piece by piece", shape.spans, _RULE + "\n", 0)
    runner.bench_func("marks of 900 lines by one expression", lambda: [found.lastindex for found in union.pattern.finditer(text)])
    runner.bench_func("compile an expression for 64 shapes", _compiled, many)
    runner.bench_func("parse a line with lark", grammar.parser().parse, _RULE)
    runner.bench_func("derive the shape of a line", shape_of, _RULE)
    runner.bench_func("read an endpoint", Endpoint.parse, "10.128.0.1:8080")


if __name__ == "__main__":
    main()
