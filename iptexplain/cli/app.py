"""The command `iptexplain`: which words are commands, and what happens without one.

Commands stand in an explicit table, name → module; only the one that is called is imported.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from iptexplain._version import __version__
from iptexplain.cli.exit_codes import Exit
from iptexplain.cli.options import LangOption  # noqa: TC001 - typer reads the annotation
from iptexplain.render import language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

COMMANDS = {
    "services": "services",
    "trace": "trace",
    "explain": "explain",
    "lint": "lint",
    "rule": "rule",
    "graph": "graph",
    "report": "report",
    "anonymize": "anonymize",
    "parse": "parse",
    "chain-name": "chain_name",
    "schema": "schema",
}
"""Each command and its module under `cli.commands`, in the order of --help."""

DEFAULT = "services"

_HELP = """
Read iptables-save dumps and say what they mean.

\b
Examples:
  iptables-save | iptexplain              the Services of this node
  iptexplain node1.save -n shop           those of one namespace, from a file
  iptexplain services dump.save -f json   for scripts
  iptexplain trace dump.save --from pod --to shop/web
                                          what happens to a packet
  iptexplain explain dump.save --service shop/web
                                          its rules in plain words
  iptexplain lint dump.save               what is wrong here
  iptexplain graph dump.save -f svg -o chains.svg
                                          the chains as a picture
  iptexplain report dump.save -o report.md
                                          one page to attach to a bug report
  iptexplain parse dump.save -f json      every rule as data

Without a command, `services` is meant. A dump is a path, - for standard input, or a .gz of either.

Exit status: 0 fine, 1 findings (lint), 2 wrong usage or an input that is no dump, 130 interrupted.
"""


class Commands(TyperGroup):
    """The commands by name, each imported when it is asked for; the first word decides, and `services` is the default."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002, ANN401 - the signature that typer calls; its click is vendored
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002, ANN401 - the signature that typer calls; its click is vendored
        """The command of this name, None if there is none."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = typer.main.get_command(import_module(f"iptexplain.cli.commands.{module}").app)
        command.name = cmd_name
        return command if language.is_english() else _help().localised(command)

    def make_context(self, info_name: Any, args: list[str], parent: Any = None, **extra: Any) -> Any:  # noqa: ANN401 - the signature of click
        """Before anything else, the language: help and errors are told in it."""
        language.use(_language(args))
        if not language.is_english():
            _help().localised(self)
            if sys.stdout is not None:
                sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # for terminals without these characters
        with _told():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - the signature that typer calls; its click is vendored
        """Runs the command."""
        with _told():
            return super().invoke(ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - the signature that typer calls; its click is vendored
        """Puts `services` in front where the first word is no command and no option of the program itself."""
        return super().parse_args(ctx, with_command(args))


app = typer.Typer(cls=Commands, help=_HELP, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=False)

_OWN_OPTIONS = frozenset({"--help", "-h", "--version", "--install-completion", "--show-completion"})


def with_command(args: Sequence[str]) -> list[str]:
    """The arguments with their command: `services` where none is named. `--lang` may stand before it."""
    at = 0
    while args[at : at + 1] == [_LANG] or (at < len(args) and args[at].startswith(f"{_LANG}=")):
        at += 2 if args[at] == _LANG else 1
    first = args[at] if at < len(args) else ""
    return list(args) if first in COMMANDS or first in _OWN_OPTIONS else [*args[:at], DEFAULT, *args[at:]]


_LANG = "--lang"


def _language(args: Sequence[str]) -> str:
    """The language that the arguments name, else the environment. An unknown one is refused later, by the option itself."""
    for at, word in enumerate(args):
        name, equals, value = word.partition("=")
        if word == "--":
            break
        if name == _LANG:
            asked = language.known(value if equals else args[at + 1] if at + 1 < len(args) else "")
            return asked or language.wanted(os.environ)
    return language.wanted(os.environ)


@contextmanager
def _told() -> Iterator[None]:
    """Errors of usage are told in the language: they come with their own way to be shown."""
    try:
        yield
    except Exception as error:
        if not language.is_english() and hasattr(error, "format_message") and hasattr(error, "ctx"):
            error.show = partial(_help().tell, error)  # type: ignore[attr-defined]  # a method of click's
        raise


def _help() -> ModuleType:
    return import_module("iptexplain.cli.help")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"iptexplain {__version__}")
        raise typer.Exit


@app.callback()
def program(
    *,
    lang: LangOption = None,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)] = False,
) -> None:
    """What stands before the commands."""


def main() -> None:
    """Runs the command and ends the process with its status.

    The process ends at once: values are not given back one by one. So nothing that waits for the end of the interpreter (a profiler
    around it, say) gets to run.
    """
    status = _run()
    if sys.stderr is not None:
        sys.stderr.flush()
    os._exit(status)


def _run() -> int:
    """Runs the command and writes everything out; gives the exit status."""
    status = Exit.FINE
    if len(sys.argv) == 1 and sys.stdin is not None and sys.stdin.isatty():
        sys.argv.append("--help")
        status = Exit.UNUSABLE
    try:
        try:
            app(prog_name="iptexplain")
        except SystemExit as end:
            if sys.stdout is not None:
                sys.stdout.flush()
            if end.code is None or isinstance(end.code, int):
                return end.code or status
            typer.echo(end.code, err=True)
            return Exit.FINDINGS  # what Python itself makes of such an end
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader has gone (`| head`): nothing more to say, and nothing for the interpreter to flush at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status
