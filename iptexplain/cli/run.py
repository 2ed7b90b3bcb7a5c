"""What every command does around its work: opening inputs, showing warnings, writing, and turning errors into exit statuses."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from iptexplain.api import load
from iptexplain.cli.exit_codes import Exit
from iptexplain.cli.options import Color
from iptexplain.errors import IptexplainError, UnreadableInputError, UsageError
from iptexplain.render import problems
from iptexplain.render.progress import bar
from iptexplain.render.style import Style
from iptexplain.render.words import say
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import BinaryIO, TextIO

    from iptexplain.model.ruleset import Ruleset
    from iptexplain.source import Message, Problem

_FIRST = 5
"""Warnings shown without -v."""


@contextmanager
def errors_as_status() -> Iterator[None]:
    """Errors that are meant for the user become a line on standard error and exit status 2; Ctrl-C becomes 130."""
    try:
        yield
    except IptexplainError as error:
        tell(error.message)
        raise typer.Exit(int(Exit.UNUSABLE)) from None
    except BrokenPipeError:
        # The reader has gone (`| head`): nothing more to say, and nothing for the interpreter to flush at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(int(Exit.FINE)) from None
    except KeyboardInterrupt:
        raise typer.Exit(int(Exit.INTERRUPTED)) from None


def tell(what: Message) -> None:
    """A line on standard error, with the program's name before it."""
    typer.echo(f"iptexplain: {say(what)}", err=True)


def read_all(names: Sequence[str] | None, table: str | None, *, quiet: bool = False) -> list[Ruleset]:
    """The rulesets of all inputs, `-` (and nothing named) being standard input. Raises `IptexplainError`."""
    found = []
    for name in names or ["-"]:
        with progress(message("reading {file}", file=name) if name != "-" else message("reading"), quiet=quiet) as done:
            found.append(load(_stdin() if name == "-" else name, name=name, default_table=table, progress=done))
    return found


def read_each(names: Sequence[str] | None, table: str | None, *, quiet: bool = False) -> tuple[list[Ruleset], bool]:
    """The rulesets of the inputs that can be read, and whether there are others: of several, each of these is told, and the rest goes on.

    Raises `IptexplainError` if none can be read.
    """
    found: list[Ruleset] = []
    errors: list[IptexplainError] = []
    for name in names or ["-"]:
        try:
            found += read_all([name], table, quiet=quiet)
        except IptexplainError as error:
            errors.append(error)
    for told in errors if found else errors[:-1]:
        tell(told.message)
    if errors and not found:
        raise errors[-1]
    return found, bool(errors)


class Files:
    """The files that options name beside the dumps; `-` is standard input, which only one of all of them can be."""

    def __init__(self, dumps: Sequence[str] | None) -> None:
        """`dumps`: as they were named; none are standard input."""
        self._taken = not dumps or "-" in dumps

    def open(self, name: str) -> str | BinaryIO:
        """What is to be read for a name. Raises `UsageError`."""
        if name != "-":
            return name
        if self._taken:
            raise UsageError(message("standard input can be one thing only: give the others as files"))
        self._taken = True
        return _stdin()


def progress(what: Message, *, quiet: bool) -> AbstractContextManager[Callable[[float], None]]:
    """A bar for work that takes long, on a terminal only."""
    return bar(say(what), shown=not quiet and sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb")


def _stdin() -> BinaryIO:
    if sys.stdin is None:
        raise UnreadableInputError(message("standard input is closed"))
    return sys.stdin.buffer


def warn(rulesets: Iterable[Ruleset], more: Sequence[Problem] = (), *, quiet: bool, verbose: bool, color: Color) -> None:
    """Shows what was not understood, the first few or all; `more` are problems that the readers did not see."""
    found = [*(problem for ruleset in rulesets for problem in ruleset.problems), *more]
    style = style_for(color, sys.stderr)
    for problem in [] if quiet else found if verbose else found[:_FIRST]:
        for line in problems.lines(problem, style):
            typer.echo(line, err=True)
    if len(found) > _FIRST and not (quiet or verbose):
        typer.echo(say(message("… and {count} more warnings (-v shows all)", count=len(found) - _FIRST)), err=True)


def style_for(color: Color, stream: TextIO | None) -> Style:
    """Colour by option, environment (NO_COLOR, CLICOLOR_FORCE) and terminal, in this order."""
    if color is not Color.auto:
        return Style(color is Color.always)
    if os.environ.get("NO_COLOR"):
        return Style(colour=False)
    forced = os.environ.get("CLICOLOR_FORCE", "0") not in {"", "0"}
    return Style(forced or (stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"))


def width() -> int:
    """The columns of the terminal; 80 where there is none."""
    return max(20, shutil.get_terminal_size((80, 24)).columns)


def write(lines: Iterable[str], output: str | None, *, private: bool = False) -> None:
    """Writes lines to standard output or to a file; a `private` one can be read by its owner only."""
    if output is None or output == "-":
        if sys.stdout is None:
            raise UnreadableInputError(message("standard output is closed"))
        # Bytes of the dump that were no UTF-8 go out as they came in; what a terminal would obey, the views have escaped already.
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]  # a TextIOWrapper
        try:
            for line in lines:
                sys.stdout.write(line + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing for the interpreter to flush at its end
            raise UnreadableInputError(message("standard output: {reason}", reason=error.strerror or str(error))) from error
        return
    try:
        with Path(output).open("w", encoding="utf-8", errors="surrogateescape") as file:
            if private:
                os.fchmod(file.fileno(), 0o600)
            file.writelines(line + "\n" for line in lines)
    except OSError as error:
        raise UnreadableInputError(message("{file}: {reason}", file=output, reason=error.strerror or str(error))) from error
