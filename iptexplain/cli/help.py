"""Help and errors of usage in another language than English. For English nothing of this is imported: typer writes what it always writes.

typer and the click in it speak English alone. Their help is translated while it is laid out, piece by piece (which also counts the columns
of wide characters), and their errors by the forms that these have.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import typer

from iptexplain.render.language import translated
from iptexplain.render.layout import columns_of, fold, padded
from iptexplain.render.safe import plain
from iptexplain.source import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_USAGE = N_("Usage:")
_COMMANDS = N_("Commands")
_HEADINGS = (N_("Arguments"), N_("Options"), _COMMANDS)
_REMARKS = (N_("default: {default}"), N_("required"))
"""What stands in brackets behind the help of an option."""
_OWN_HELP = (
    N_("Show this message and exit."),
    N_("Install completion for the current shell."),
    N_("Show completion for the current shell, to copy it or customize the installation."),
)

_ERROR, _TRY = N_("Error: {what}"), N_("Try '{command}' for help.")
_ERRORS = (
    N_("No such option: {option} (Possible options: {options})"),
    N_("No such option: {option}"),
    N_("No such command {name}."),
    N_("Missing command."),
    N_("Missing argument {name}."),
    N_("Missing option {name}."),
    N_("Invalid value for {name}: {what}"),
    N_("Invalid value: {what}"),
    N_("Option {name} requires an argument."),
    N_("Option {name} requires {count} arguments."),
    N_("Option {name} does not take a value."),
    N_("Got unexpected extra argument(s) ({arguments})"),
    N_("{value} is not one of {choices}."),
    N_("{value} is not a valid integer."),
    N_("{value} is not a valid int."),
)
"""The forms of errors, the special ones before the general ones. In `what` stands another of them, or a sentence of our own."""


def paragraphs(text: str) -> Iterator[tuple[str, bool]]:
    r"""The paragraphs of a help text, which are what is translated, and whether each keeps its lines (it stands behind a `\b`)."""
    for block in re.split(r"\n[ \t]*\n", text.strip("\n")):
        first, newline, rest = block.partition("\n")
        if first.strip() == "\b" and newline:
            yield rest, True
        else:
            yield " ".join(block.split()), False


def localised(command: Any) -> Any:  # noqa: ANN401 - a command of the click that typer brings along
    """The command with its help laid out in the language; the list of all commands gets the first paragraph whole, to look it up."""
    command.context_class = _context_class(command.context_class)
    if command.help and (first := next(paragraphs(command.help), None)) is not None:
        command.short_help = first[0]
    return command


@cache
def _context_class(base: type[Any]) -> type[Any]:
    return type("Context", (base,), {"formatter_class": _formatter_class(base.formatter_class)})


@cache
def _formatter_class(base: type[Any]) -> type[Any]:
    return type("Formatter", (_Translating, base), {})


_MOST = 30
"""No first column of a list is wider."""


class _Translating:
    """What a formatter of help writes, translated; `base` of the classes above has the rest of it."""

    width: int
    current_indent: int
    buffer: list[str]
    heading: str = ""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The line of usage."""
        lead = f"{translated(_USAGE) if prefix is None else prefix.strip()} {prog} "
        first, *more = fold(args, max(self.width - columns_of(lead), 1))
        self.buffer += [lead + first + "\n", *(" " * columns_of(lead) + line + "\n" for line in more)]

    def write_heading(self, heading: str) -> None:
        """The title of a list."""
        self.heading = heading
        self.buffer.append(f"{' ' * self.current_indent}{translated(heading)}:\n")

    def write_text(self, text: str) -> None:
        """The help of a command."""
        indent = " " * self.current_indent
        blocks = []
        for paragraph, as_it_is in paragraphs(text):
            said = translated(paragraph)
            lines = said.splitlines() if as_it_is else fold(said, max(self.width - len(indent), 1))
            blocks.append("".join(f"{indent}{line}\n" for line in lines))
        self.buffer.append("\n".join(blocks))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = _MOST, col_spacing: int = 2) -> None:
        """Options or commands, and what each of them is."""
        column = min(max((columns_of(first) for first, _ in rows), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for first, second in rows:
            said = _first_sentence(translated(second)) if self.heading == _COMMANDS else _with_remarks(second)
            lines = fold(said, max(self.width - column - len(indent), 10))
            if columns_of(first) > column - col_spacing:
                self.buffer.append(f"{indent}{first}\n")
                first = ""  # noqa: PLW2901 - it stands on a line of its own
            for line in lines:
                self.buffer.append(f"{indent}{padded(first, column)}{line}".rstrip() + "\n")
                first = ""  # noqa: PLW2901 - behind the first line


def _first_sentence(text: str) -> str:
    """The text up to its first full stop, of whatever script."""
    return re.split(r"(?<=。)|(?<=\.)(?=\s)", text, maxsplit=1)[0]


def _with_remarks(text: str) -> str:
    """The help of an option with what stands in brackets behind it."""
    found = re.fullmatch(r"(?s)(.*?)(?:  )?\[((?:default: |required)[^\]]*)\]", text)
    said, remarks = (text, []) if found is None else (found[1], found[2].split("; "))
    shown = "; ".join(_in_form(one, _REMARKS) for one in remarks)
    return "  ".join(part for part in (translated(" ".join(said.split())), f"[{shown}]" if shown else "") if part)


def tell(error: Any) -> None:  # noqa: ANN401 - an error of the click that typer brings along
    """An error of usage, with what click says around it."""
    if error.ctx is not None:
        command = f"{error.ctx.command_path} {error.ctx.help_option_names[0]}"
        typer.echo(error.ctx.get_usage(), err=True)
        typer.echo(translated(_TRY).format(command=command) + "\n", err=True)
    typer.echo(translated(_ERROR).format(what=plain(_in_form(error.format_message(), _ERRORS))), err=True)


def _in_form(said: str, forms: Sequence[str]) -> str:
    """An English text translated by the first form that it has."""
    for form in forms:
        found = _expression(form).fullmatch(said)
        if found is not None:
            fields = {name: _in_form(value, forms) if name == "what" else value for name, value in found.groupdict().items()}
            return translated(form).format_map(fields)
    return said


@cache
def _expression(form: str) -> re.Pattern[str]:
    return re.compile("(?s)" + re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*?)", re.escape(form)))
