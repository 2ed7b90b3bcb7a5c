"""Console sessions in Markdown: what a page says a command prints.

A session is a fenced block marked `console`. A line that begins with `$ ` is a command for bash, continued by lines
that begin with `> ` as long as the one before ends with a backslash; what follows, up to the next command or the end of
the block, is all that the command prints. Blocks with another mark (`sh`, `json`) are no sessions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

OPENING = "```console"
CLOSING = "```"
PROMPT = "$ "
CONTINUATION = "> "


def tidy(lines: Iterable[str]) -> list[str]:
    """Lines without blanks at their ends and without empty lines after the last: nobody sees those."""
    out = [line.rstrip() for line in lines]
    while out and not out[-1]:
        out.pop()
    return out


def _blocks(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Where the content of each session block begins and ends. Raises `ValueError` for a block that is not closed."""
    start: int | None = None
    other = False
    for number, line in enumerate(lines):
        mark = line.rstrip()
        if start is not None:
            if mark == CLOSING:
                yield start, number
                start = None
        elif other:
            other = mark != CLOSING
        elif mark == OPENING:
            start = number + 1
        else:
            other = mark.startswith(CLOSING)
    if start is not None:
        raise ValueError(f"line {start}: this console block is never closed")  # noqa: EM102, TRY003 - for one reader, once


def _commands(lines: list[str]) -> Iterator[tuple[str, int, int]]:
    """Each command, and where its output begins and ends. Raises `ValueError` for output before the first command."""
    for start, end in _blocks(lines):
        at = start
        while at < end:
            if not lines[at].startswith(PROMPT):
                raise ValueError(f"line {at + 1}: output of no command; one begins with '{PROMPT}'")  # noqa: EM102, TRY003 - as above
            command = lines[at].removeprefix(PROMPT)
            at += 1
            while at < end and command.endswith("\\") and lines[at].startswith(CONTINUATION):
                command += "\n" + lines[at].removeprefix(CONTINUATION)
                at += 1
            output = at
            while at < end and not lines[at].startswith(PROMPT):
                at += 1
            yield command, output, at


def commands(text: str) -> list[str]:
    """The commands of a page, in order."""
    return [command for command, _, _ in _commands(text.split("\n"))]


def refreshed(text: str, run: Callable[[str], str]) -> str:
    """The page with what `run` says that each command prints. Output that is right already stays, blank by blank."""
    lines = text.split("\n")
    out: list[str] = []
    copied = 0
    for command, start, end in _commands(lines):
        printed, shown = tidy(run(command).split("\n")), tidy(lines[start:end])
        out += lines[copied:start]
        # The empty lines that keep two commands apart belong to the page.
        out += lines[start:end] if printed == shown else printed + lines[start + len(shown) : end]
        copied = end
    return "\n".join(out + lines[copied:])
