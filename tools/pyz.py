"""Writes the whole program as one file, which runs with nothing but Python 3.11 or newer: a zip archive with a first line for the shell.

Run it in the environment that iptexplain is installed in: `python tools/pyz.py dist/iptexplain.pyz`. The package comes from the checkout,
the others are taken as they are installed, so the file holds what the tests have run with, and nothing is fetched. Beside each module lies
its bytecode for the Python that runs this script; another Python compiles the modules at each start, which takes longer. The same files
make the same bytes.
"""

from __future__ import annotations

import io
import marshal
import sys
import zipfile
from importlib.metadata import distribution
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent

DISTRIBUTIONS = ("annotated-doc", "lark", "rich", "shellingham", "tabulate", "typer", "wcwidth")
"""What iptexplain imports, and what that imports in turn. Of rich only the progress bar is used, so what its Markdown and its highlighting
of source code import (markdown-it-py, pygments) stays away. wcwidth comes without its part in C, which it does not need."""

_UNUSED = ("lark/__pyinstaller/", "lark/tools/", "typer/testing.py")
"""Modules that nothing here imports."""

_FIRST_LINE = b"#!/usr/bin/env python3\n"

_MAIN = '''\
"""Where iptexplain.pyz begins. Any Python has to understand this module, to be told that it is too old."""

import sys

if sys.version_info < (3, 11):
    sys.stderr.write(
        "iptexplain.pyz needs Python 3.11 or newer, and this is Python %d.%d.\\n"
        "If a newer one is here under another name, say so: python3.11 iptexplain.pyz\\n" % sys.version_info[:2]
    )
    sys.exit(2)

from iptexplain.__main__ import main

main()
'''

_UNCHECKED = (0b01).to_bytes(4, "little")
"""The mark of bytecode that is used without a look at its source (PEP 552). By time it would count as old as soon as the archive is in
another time zone, since an archive tells local times."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of all files: the first one that an archive can tell."""


def archive() -> bytes:
    """The file: the first line, and the archive. Raises `PackageNotFoundError` if this environment lacks one of `DISTRIBUTIONS`."""
    stream = io.BytesIO()
    stream.write(_FIRST_LINE)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as opened:
        for name, data in sorted(_with_bytecode([*_own(), *_others()])):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            opened.writestr(entry, data)
    return stream.getvalue()


def _own() -> Iterator[tuple[str, bytes]]:
    """The package and its data, as they lie in a wheel."""
    yield "__main__.py", _MAIN.encode()
    yield "LICENSE", (ROOT / "LICENSE").read_bytes()
    for path in (ROOT / "iptexplain").rglob("*"):
        if path.is_file() and path.parent.name != "__pycache__" and path.suffix not in {".po", ".pot"}:  # the program reads .mo
            yield path.relative_to(ROOT).as_posix(), path.read_bytes()
    for path in (ROOT / "grammar").glob("*.lark"):
        yield f"iptexplain/grammar/{path.name}", path.read_bytes()


def _others() -> Iterator[tuple[str, bytes]]:
    """The other distributions: their modules, their versions (tabulate looks up its own), and their licences, which have to go along."""
    for name in DISTRIBUTIONS:
        files = distribution(name).files
        if files is None:
            sys.exit(f"nothing tells which files belong to {name}: install it with pip")
        for path in files:
            wanted = path.suffix == ".py" or path.name == "METADATA" or "LICENSE" in path.name.upper()
            if wanted and not path.as_posix().startswith(_UNUSED):
                yield path.as_posix(), path.read_binary()


def _with_bytecode(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """The files, and beside each module its bytecode, where the importer of archives looks first. What any Python has to read has none."""
    for name, data in files:
        yield name, data
        if name.endswith(".py") and name != "__main__.py":
            code = compile(data, name, "exec", dont_inherit=True, optimize=0)
            yield f"{name}c", MAGIC_NUMBER + _UNCHECKED + source_hash(data) + marshal.dumps(code)


def main() -> int:
    """Writes the file to the path that is named."""
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(archive())
    target.chmod(0o755)
    return 0


if __name__ == "__main__":
    sys.exit(main())
