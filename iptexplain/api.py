"""Opening what a user names. The command and the library both begin here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from iptexplain.errors import UnreadableInputError
from iptexplain.parsing.decode import decode
from iptexplain.parsing.reader import read, read_source
from iptexplain.source import message

if TYPE_CHECKING:
    import os

    from iptexplain.model.ruleset import Ruleset


def load(what: str | os.PathLike[str] | bytes, *, name: str | None = None, default_table: str | None = None) -> Ruleset:
    """The ruleset in a file, or in bytes; gzip is unpacked.

    `name` is what messages call the input, by default its path (`-` for bytes). `default_table` is where rule lines belong that stand
    before any `*table` line; by default that is inferred and reported in `Ruleset.problems`.

    Raises `NotADumpError` if there is neither a table nor a rule, `UnreadableInputError` if the file cannot be opened or unpacked; both
    are `IptexplainError`. A part that cannot be read is a `Problem` in `Ruleset.problems`, and the rest is there.
    """
    if isinstance(what, bytes):
        return read(name or "-", what, default_table=default_table)
    try:
        source = decode(name or str(what), Path(what).read_bytes())  # the bytes are gone before the text is read
    except OSError as error:
        raise UnreadableInputError(message("{file}: {reason}", file=name or str(what), reason=error.strerror or str(error))) from error
    return read_source(source, default_table=default_table)
