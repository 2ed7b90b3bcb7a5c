"""Facts of the form "only this layer does that". Who may import whom is import-linter's business (pyproject.toml).

A layer is the first name behind `iptexplain`: `iptexplain/parsing/grammar.py` is of the layer `parsing`. The facts are
looked up in the syntax trees, so a call behind several doors (`getattr(builtins, "open")`) goes unseen: this guards
against habit, not against intent.
"""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.checkout import PACKAGE, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

# A part of the name ends at a dot: `lark` stands for `lark.lexer` too, and not for `larkspur`.
Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Fact:
    """Only some layers use these names; `exceptions` are modules of other layers with leave to do so."""

    what: str
    layers: frozenset[str]
    imports: Names = frozenset()
    uses: Names = frozenset()
    methods: Names = frozenset()
    exceptions: frozenset[str] = frozenset()


FACTS = (
    Fact("knows lark", frozenset({"parsing"}), imports=frozenset({"lark"})),
    Fact("knows tabulate and rich", frozenset({"render"}), imports=frozenset({"rich", "tabulate"})),
    Fact("knows typer", frozenset({"cli"}), imports=frozenset({"click", "typer"})),
    Fact(
        "talks to the terminal and ends the program",
        frozenset({"cli", "__main__"}),
        uses=frozenset(
            {
                "print", "input", "exit", "quit", "SystemExit",
                "sys.exit", "sys.argv", "sys.stdin", "sys.stdout", "sys.stderr",
                "os._exit", "os.abort", "os.write",
            }
        ),
    ),
    Fact(
        "opens files",
        frozenset({"cli", "api"}),
        uses=frozenset({"open", "io.open", "os.open", "gzip.open", "gzip.GzipFile", "bz2.open", "lzma.open"}),
        methods=frozenset({"open", "read_text", "read_bytes", "write_text", "write_bytes"}),
        exceptions=frozenset(
            {
                "parsing/decode.py",  # GzipFile, around a stream that it is given
                "parsing/grammar.py",  # the package's own grammar
                "parsing/table.py",  # the package's own table of shapes
                "render/language.py",  # the package's own catalogues
                "render/schemas.py",  # the package's own JSON Schemas
            }
        ),
    ),
)  # fmt: skip


def has_begun(name: str, names: Names) -> bool:
    """Is the name one of the names, or something inside one of them."""
    return any(name == known or name.startswith(f"{known}.") for known in names)


def module_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of every module that is imported, also by `import_module("…")`."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield node.lineno, module
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield node.lineno, module


def aliases(tree: ast.AST) -> dict[str, str]:
    """What the names that imports bind stand for: `from gzip import open as unpack` makes `unpack` mean `gzip.open`."""
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                bound |= {alias.asname: alias.name for alias in names if alias.asname}
            case ast.ImportFrom(module=str(module), level=0, names=names):
                bound |= {alias.asname or alias.name: f"{module}.{alias.name}" for alias in names}
    return bound


def dotted(node: ast.AST) -> str | None:
    """The name that an expression is (`sys.stdout.write`), None if it is something else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr) if (start := dotted(value)) is not None:
            return f"{start}.{attr}"
    return None


def used_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that is read by name, imported names resolved."""
    bound = aliases(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load) and (name := dotted(node)):
            first, dot, rest = name.partition(".")
            yield node.lineno, f"{bound.get(first, first)}{dot}{rest}"


def called_methods(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of every method that is called, whatever it is called on."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=attr)):
                yield node.lineno, attr


def violations(source: str, module: str) -> list[str]:
    """What a module does that its layer may not. `module` is its path inside the package."""
    tree = ast.parse(source)
    layer = module.partition("/")[0].removesuffix(".py")
    found = set()
    for fact in FACTS:
        if layer in fact.layers or module in fact.exceptions:
            continue
        hits = [
            *((line, f"import {name}") for line, name in module_names(tree) if has_begun(name, fact.imports)),
            *((line, name) for line, name in used_names(tree) if has_begun(name, fact.uses)),
            *((line, f".{name}()") for line, name in called_methods(tree) if name in fact.methods),
        ]
        only = f"only {' and '.join(sorted(fact.layers))} {fact.what}"
        found |= {(line, f"{module}:{line}: {hit}: {only}") for line, hit in hits}
    return [text for _, text in sorted(found)]


def test_each_layer_keeps_to_its_business() -> None:
    found: list[str] = []
    for path in modules():
        found += violations(path.read_text("utf-8"), path.relative_to(PACKAGE).as_posix())

    assert found == []


def test_there_are_modules_to_look_at() -> None:
    assert len(modules()) > 20


VIOLATIONS = [
    ("lark", "import lark"),
    ("lark", "from lark.lexer import Token"),
    ("lark", "if TYPE_CHECKING:\n    from lark import Tree"),
    ("lark", "def parser():\n    from lark import Lark\n    return Lark"),
    ("lark", "importlib.import_module('lark')"),
    ("lark", "from importlib import import_module\nimport_module('lark.tree')"),
    ("tabulate", "from tabulate import tabulate"),
    ("tabulate", "import rich.table"),
    ("typer", "import typer"),
    ("typer", "from click import echo"),
    ("terminal", "print('x')"),
    ("terminal", "map(print, [])"),
    ("terminal", "exit(2)"),
    ("terminal", "raise SystemExit"),
    ("terminal", "raise SystemExit(2)"),
    ("terminal", "import sys\nsys.exit(2)"),
    ("terminal", "import sys as system\nsystem.stdout.write('x')"),
    ("terminal", "from sys import stderr\nstderr.write('x')"),
    ("terminal", "from sys import exit as leave\nleave()"),
    ("terminal", "import os\nos._exit(1)"),
    ("files", "open('x')"),
    ("files", "with open('x') as file:\n    pass"),
    ("files", "import gzip\ngzip.open('x')"),
    ("files", "from gzip import open as unpack\nunpack('x')"),
    ("files", "from pathlib import Path\nPath('x').read_text()"),
    ("files", "def load(path):\n    return path.read_bytes()"),
    ("files", "path.open()"),
    ("files", "(folder / 'x').write_text('')"),
]


@pytest.mark.parametrize(("what", "snippet"), VIOLATIONS)
def test_what_another_layer_does_is_found_in_analysis(what: str, snippet: str) -> None:
    found = violations(textwrap.dedent(snippet), "analysis/services.py")

    assert found
    assert all(what in hit for hit in found)


@pytest.mark.parametrize(
    ("module", "snippet"),
    [
        ("parsing/grammar.py", "from lark import Lark\n(folder / 'x').read_text()"),
        ("render/table.py", "import tabulate, rich.table"),
        ("cli/app.py", "import sys, typer\nprint(open('x'))\nsys.exit(2)"),
        ("__main__.py", "import sys\nsys.exit(main())"),
        ("api.py", "open('x')"),
        ("analysis/services.py", "import larkspur\nfrom .lark import x"),
        ("analysis/services.py", "self.exit(2)\nprinter.print\nopened = is_open(3)"),
        ("model/packet.py", "import sys\nsys.intern('x')\nsys.maxsize"),
        ("model/packet.py", "'print(open(1))'  # print(open(1))"),
    ],
)
def test_what_a_layer_may_do_is_not_found(module: str, snippet: str) -> None:
    assert violations(snippet, module) == []


@pytest.mark.parametrize("module", ["api.py", "lint/runner.py", "extensions/matches/tcp.py"])
def test_the_name_of_the_layer_decides(module: str) -> None:
    assert len(violations("import lark\nprint('x')", module)) == 2
