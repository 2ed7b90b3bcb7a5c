"""Finding the grammar, the parser of it when one is needed, and deriving a line with it.

Lark is imported when the first line has to be derived, not before: most lines have a shape that is known already.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, cast

from iptexplain.errors import InstallationError
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.machinery import SourceFileLoader
    from zipimport import zipimporter

    from lark import Lark, Token, Tree
    from lark.lexer import TerminalDef

START = "saved_line"
_ENTRY = "iptables_save.lark"
_BY_HAND = "iptables_restore.lark"
FILES = (_BY_HAND, _ENTRY, "matches.lark", "targets.lark", "terminals.lark")
"""All grammar files, sorted by name. They are named here because the folder of an archive cannot be listed."""

_FILE = Path(__file__).with_name("parser.pickle.z")
"""A parser as lark saves it, stamped with the grammar's digest and the version of lark. It is code of this package like its modules."""


class Read(NamedTuple):
    """One token of a derived line: its terminal, where it stands, and the state of the parser before it."""

    terminal: str
    start: int
    end: int
    state: int


class Derivation(NamedTuple):
    """How the grammar reads a line: its tokens in order, and the tree over them (the leaves are these tokens)."""

    tokens: tuple[Read, ...]
    tree: Tree[Token]


class SyntaxProblem(Exception):  # noqa: N818 - an answer to `derive`, turned into a Problem by its caller, never shown as it is
    """The line is not in the language: where it stops to be, and the terminals that could stand there."""

    def __init__(self, offset: int, length: int, expected: frozenset[str]) -> None:
        """`offset` and `length` in characters of the line."""
        super().__init__(offset, expected)
        self.offset = offset
        self.length = length
        self.expected = expected

    def alone(self) -> SyntaxProblem:
        """The same without its traceback, whose frames would keep everything that is being read as long as the problem is kept."""
        return SyntaxProblem(self.offset, self.length, self.expected)


def shipped(path: Path) -> bytes:
    """A file of this package, from the disk or out of the archive that the package is imported from (`make pyz`).

    Raises `OSError`: on the disk `FileNotFoundError` if it is not there.
    """
    loader = cast("SourceFileLoader | zipimporter", __spec__.loader)
    return loader.get_data(str(path))


def folder() -> Path:
    """Where the grammar files are: beside this package's modules in an installed wheel or an archive, beside the package in a checkout.

    Raises `InstallationError` if they are in neither place. In an archive only `shipped` can look.
    """
    package = Path(__file__).parent.parent
    if not package.is_dir():
        return package / "grammar"  # not resolved: the archive knows its files under the name that Python was started with
    package = package.resolve()
    for candidate, proof in ((package / "grammar", package), (package.parent / "grammar", package.parent / "pyproject.toml")):
        if (candidate / _ENTRY).is_file() and proof.exists():
            return candidate
    raise InstallationError(message("the grammar files are missing beside {package}; install iptexplain anew", package=package))


def _text(name: str) -> str:
    return shipped(folder() / name).decode()


def _imported(_base: object, name: str) -> tuple[str, str]:
    """A grammar file that another one imports, as lark asks for it: its place and its text."""
    return name, _text(name)


def digest() -> str:
    """A digest of all grammar files, by name and content."""
    place = folder()
    whole = hashlib.sha256()
    for name in FILES:
        whole.update(name.encode() + b"\0" + shipped(place / name) + b"\0")
    return whole.hexdigest()


@cache
def parser() -> Lark:
    """The parser of saved lines: the shipped one if it fits, else built now, which takes a second."""
    return _stored() or built()


def _stored() -> Lark | None:
    """The parser that `tools/shapes.py` has stored; None if it is of another grammar or another lark."""
    import zlib

    import lark

    try:
        stamp, _, packed = shipped(_FILE).partition(b"\n")
    except FileNotFoundError:
        return None
    if stamp != _stamp(lark.__version__):
        return None
    loaded: Lark = lark.Lark.load(BytesIO(zlib.decompress(packed)))
    return loaded


def _stamp(version: str) -> bytes:
    return f"{digest()} lark {version}".encode()


def packed() -> bytes:
    """What is stored of a parser that is built now."""
    import zlib

    import lark

    stream = BytesIO()
    fresh = built()
    fresh.options.import_paths = []  # what finds the files is of no use once they are read, and would be stored by its name
    fresh.save(stream)
    return _stamp(lark.__version__) + b"\n" + zlib.compress(stream.getvalue(), 9)


def built() -> Lark:
    """The parser of saved lines from the grammar files: contextual LALR, every token kept."""
    from lark import Lark

    found = Lark(
        _text(_ENTRY),
        start=START,
        parser="lalr",
        lexer="contextual",
        keep_all_tokens=True,
        maybe_placeholders=False,
        import_paths=[_imported],
        source_path=_ENTRY,
    )
    check_terminals({terminal.name: terminal for terminal in found.terminals})
    return found


def words_by_hand() -> dict[str, str]:
    """The expressions of the terminals of hand-written lines, by name (grammar/iptables_restore.lark); building them takes a while."""
    from lark import Lark

    found = Lark(_text(_BY_HAND), start="loose_rule", parser="lalr", lexer="basic")
    return {terminal.name: terminal.pattern.to_regexp() for terminal in found.terminals}


def plain_name(terminal: str) -> str:
    """The name of a terminal as the grammar files write it, without the prefix that an import gives it."""
    return terminal.rpartition("__")[2] if not terminal.startswith("__") else terminal


def derive(line: str) -> Derivation:
    """How the grammar reads one line (without its newline). Raises `SyntaxProblem`.

    Neighbouring words must be separated by blanks: the lexer drops blanks, so `-jACCEPT` would slip through otherwise. Only `*` and `:`,
    which open table and chain lines, touch what follows.
    """
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    steps = parser().parse_interactive(line)
    tokens: list[Read] = []
    at = 0
    state = steps.parser_state.position
    try:
        for token in steps.iter_parse():
            start, end = token.start_pos or 0, token.end_pos or 0
            state = steps.parser_state.position
            touches = start == at
            opens = not tokens or (len(tokens) == 1 and line[tokens[-1].start : tokens[-1].end] in {"*", ":"})
            if touches != opens:
                raise SyntaxProblem(at, max(start - at, 1), frozenset({"BLANKS"} if touches else ()))
            tokens.append(Read(token.type, start, end, state))
            at = end
        state = steps.parser_state.position
        tree = steps.feed_eof()  # type: ignore[no-untyped-call]  # lark leaves this one without annotations
    except UnexpectedCharacters as error:
        raise SyntaxProblem(error.column - 1, 1, _possible(steps.parser_state.position)) from None
    except UnexpectedToken as error:
        at_end = error.token.type == "$END"
        offset = len(line.rstrip(" \t")) if at_end else error.token.start_pos or 0
        raise SyntaxProblem(offset, max(len(error.token), 1), _possible(state if at_end else steps.parser_state.position)) from None
    return Derivation(tuple(tokens), tree)


def _possible(state: int) -> frozenset[str]:
    """The terminals that may stand where the parser is in this state."""
    return frozenset(t.name for t in parser().parser.lexer.lexers[state].terminals if t.name != "BLANKS")


def rivals(state: int, terminal: str) -> tuple[tuple[TerminalDef, ...], tuple[TerminalDef, ...]]:
    """What the scanner of a parser state prefers to `terminal`: keywords that win as whole words, and terminals that it tries before.

    This is how lark's contextual lexer works (lark/lexer.py, `_create_unless` and the order of `BasicLexer.terminals`): a string that the
    expression matches wholly is left to the expression, and takes over if it is the whole match; else the first terminal in order wins.
    """
    order = parser().parser.lexer.lexers[state].terminals
    own = next(t for t in order if t.name == terminal)
    whole, before = [], []
    for other in order:
        if other is own or other.name == "BLANKS":
            continue
        if other.pattern.type == "str":
            hosts = [t for t in order if t.pattern.type == "re" and t.priority == other.priority and _is_whole(t, other)]
            if own in hosts:
                whole.append(other)
            if hosts:
                continue
        if order.index(other) < order.index(own):
            before.append(other)
    return tuple(whole), tuple(before)


def _is_whole(expression: TerminalDef, word: TerminalDef) -> bool:
    found = re.match(expression.pattern.to_regexp(), word.pattern.value)
    return found is not None and found.group() == word.pattern.value


def expression_of(terminal: str) -> str:
    """The regular expression of a terminal."""
    return next(t.pattern.to_regexp() for t in parser().terminals if t.name == terminal)


def check_terminals(terminals: Mapping[str, TerminalDef]) -> None:
    """What `parsing.shapes` relies on: values neither begin with a blank, nor hold a newline, nor look back.

    Raises `InstallationError` naming the terminal that breaks this.
    """
    from iptexplain.parsing.expressions import can_begin_with, can_hold, looks_around

    for terminal in terminals.values():
        text = terminal.pattern.to_regexp()
        if can_hold(text, "\n") or looks_around(text) or (terminal.name != "BLANKS" and can_begin_with(text, " \t")):
            raise InstallationError(
                message(
                    "the grammar cannot be used: terminal {terminal} may begin with a blank, hold a newline or look back",
                    terminal=plain_name(terminal.name),
                )
            )


@cache
def keywords() -> dict[str, str]:
    """The terminals that are one fixed word, with that word."""
    return {t.name: str(t.pattern.value) for t in parser().terminals if t.pattern.type == "str"}


def line_starts() -> str:
    """An expression for how a line of the language may begin: what the scanner accepts before the first token."""
    lexer = parser().parser.lexer
    first = parser().parse_interactive("").parser_state.position
    return "|".join(t.pattern.to_regexp() for t in lexer.lexers[first].terminals if t.name != "BLANKS")
