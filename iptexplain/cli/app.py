"""The command `iptexplain`: which words are commands, and what happens without one.

Commands stand in an explicit table, name → module; only the one that is called is imported.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from iptexplain._version import __version__
from iptexplain.cli.exit_codes import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "services": "services",
    "trace": "trace",
    "lint": "lint",
    "rule": "rule",
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
  iptexplain lint dump.save               what is wrong here
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
        return command

    def parse_args(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - the signature that typer calls; its click is vendored
        """Puts `services` in front where the first word is no command and no option of the program itself."""
        return super().parse_args(ctx, with_command(args))


app = typer.Typer(cls=Commands, help=_HELP, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=False)

_OWN_OPTIONS = frozenset({"--help", "-h", "--version", "--install-completion", "--show-completion"})


def with_command(args: Sequence[str]) -> list[str]:
    """The arguments with their command: `services` where none is named."""
    first = args[0] if args else ""
    return list(args) if first in COMMANDS or first in _OWN_OPTIONS else [DEFAULT, *args]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"iptexplain {__version__}")
        raise typer.Exit


@app.callback()
def program(
    *,
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
