"""What `anonymize` and `report --anonymize` share: the options, the key, the map, and what they say of what was replaced."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iptexplain.anonymize import dump as rewriting
from iptexplain.anonymize.key import Key
from iptexplain.cli import run
from iptexplain.errors import UnreadableInputError, UsageError
from iptexplain.model.address import Network
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iptexplain.anonymize.dump import Doubt
    from iptexplain.anonymize.together import Anonymized
    from iptexplain.source import Message

KeyFile = Annotated[
    str | None,
    typer.Option("--key-file", metavar="FILE", help="The key, 16 bytes or more: the same key gives the same names. Without: a random one."),
]
Map = Annotated[str | None, typer.Option("--map", metavar="FILE", help="Write there what stands for what, as JSON; keep it to yourself.")]
Keep = Annotated[
    list[str] | None,
    typer.Option("--keep", metavar="CIDR", help="A network whose addresses stay as they are; may be repeated."),
]
KeepCounters = Annotated[bool, typer.Option("--keep-counters", help="Leave packets and bytes in, where the dump was made with -c.")]

_MOST_BYTES = 1 << 20
"""More is read of no key file: somebody has named another file."""


def key(path: str | None) -> Key:
    """The key in a file, or a random one. Raises `UnreadableInputError`."""
    if path is None:
        return Key.random()
    try:
        with Path(path).open("rb") as file:
            return Key(file.read(_MOST_BYTES))
    except (OSError, ValueError) as error:
        raise UnreadableInputError(message("{file}: {reason}", file=path, reason=getattr(error, "strerror", None) or str(error))) from error


def networks(texts: Sequence[str] | None) -> tuple[Network, ...]:
    """The networks of --keep. Raises `UsageError`."""
    found = []
    for text in texts or ():
        try:
            network = Network.parse(text)
        except ValueError:
            network = None
        if network is None or not str(network).rpartition("/")[2].isdecimal():
            raise UsageError(
                message(
                    "--keep {text}: expected a network such as {one} or {other}", text=text, one="203.0.113.0/24", other="2001:db8::/32"
                )
            )
        found.append(network)
    return tuple(found)


def check(outputs: Sequence[str], map_file: str | None, inputs: Iterable[str | None]) -> None:
    """Raises `UsageError` where something would be written over an input or another output, or the map to where all can see it."""
    if map_file == "-":
        raise UsageError(message("--map names a file: what stands for what is for you alone"))
    for name in [*outputs, *([] if map_file is None else [map_file])]:
        if any(one is not None and _same(name, one) for one in inputs):
            raise UsageError(message("{file} would be overwritten: that is one of the inputs; name another file", file=name))
    if map_file is not None and any(_same(map_file, one) or Path(one).parent.resolve() == Path(map_file).resolve() for one in outputs):
        raise UsageError(message("{file}: the map and the output are two files", file=map_file))


def _same(one: str, other: str) -> bool:
    if "-" in {one, other}:
        return False
    try:
        return Path(one).resolve() == Path(other).resolve() or Path(one).samefile(other)
    except OSError:
        return False  # one of them does not exist, or is not to be seen


def write_map(done: Anonymized, path: str | None) -> None:
    """Writes what stands for what, if that was asked for, into a file that nobody else can read."""
    if path is not None:
        from iptexplain.render import map_json

        run.write(map_json.document(done.disguise).splitlines(), path, private=True)


_WHY = {
    rewriting.PROGRAM: N_(
        "{file}: {name} tests raw bytes, which may hold anything: other tests stand in its place, which mean nothing (lines {lines})"
    ),
    rewriting.UNKNOWN: N_(
        "{file}: what an option or extension says that is not known here was replaced by words that mean nothing (lines {lines})"
    ),
    rewriting.UNREADABLE: N_("{file}: a value that {name} cannot have was replaced by a word that means nothing (lines {lines})"),
    rewriting.ADDRESSES: N_(
        "{file}: what stands for the addresses of {name} does not hold exactly what they held, since it would tell them (lines {lines})"
    ),
    rewriting.LINE: N_("{file}: lines that could not be read were replaced by remarks (lines {lines})"),
}
_FIRST = 5
"""So many lines are named."""


def doubts(done: Anonymized, names: Sequence[str]) -> Iterator[Message]:
    """What could not be kept and not be given another meaning, in words; `names` are those of the dumps."""
    for name, found in zip(names, done.doubts, strict=True):
        for doubt in found:
            yield _said(name, doubt)


def _said(file: str, doubt: Doubt) -> Message:
    lines = [str(line) for line in sorted({*doubt.lines})]
    told = ", ".join([*lines[:_FIRST], *(["…"] if len(lines) > _FIRST else [])])
    return message(_WHY[doubt.why], file=file, name=doubt.name, lines=told)
