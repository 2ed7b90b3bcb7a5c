"""The program as one file does what the installed command does, with nothing but Python around it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import zipfile
import zlib
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iptexplain._version import __version__
from iptexplain.parsing import grammar
from tests import command
from tests.checkout import ROOT
from tests.command import CLASSIC, Done

if TYPE_CHECKING:
    from collections.abc import Mapping

SAMPLE = str(ROOT / CLASSIC)
BARE = ("-I", "-S")
"""No variables, no folder of the user, no site-packages: what the archive lacks is nowhere."""
ODD = b"*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m dscp ! --dscp 0x0a -m ttl --ttl-gt 7 -m length --length 1:2 -j NOTRACK\nCOMMIT\n"
"""A dump with a rule whose form is not in the table of common shapes."""


def build(folder: Path, seed: str) -> Path:
    """A fresh file; `seed` decides in which order Python meets the elements of sets."""
    file = folder / "iptexplain.pyz"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run([sys.executable, "tools/pyz.py", str(file)], cwd=ROOT, env=clean | {"PYTHONHASHSEED": seed}, check=True)
    return file


@pytest.fixture(scope="session")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("pyz"), seed="1")


def python(*words: str, folder: Path, stdin: bytes = b"", settings: Mapping[str, str] | None = None) -> Done:
    """What Python does alone, in a folder and with no environment but these settings."""
    done = subprocess.run(
        [sys.executable, *BARE, *words], input=stdin, cwd=folder, env=dict(settings or {}), check=False, capture_output=True, timeout=60
    )
    return Done(done.returncode, done.stdout.decode("utf-8", "surrogateescape"), done.stderr.decode("utf-8", "surrogateescape"))


def inside(pyz: Path, code: str, folder: Path, settings: Mapping[str, str] | None = None) -> str:
    """What Python code prints that imports from the archive."""
    done = python("-c", f"import sys; sys.path.insert(0, {str(pyz)!r}); {code}", folder=folder, settings=settings)

    assert done.status == 0, done.err
    return done.out


@pytest.mark.parametrize(
    "words",
    [
        (SAMPLE,),
        ("services", SAMPLE),
        ("services", "-f", "json", SAMPLE),
        ("parse", SAMPLE),
        ("parse", "-f", "json", SAMPLE),
        ("chain-name", "default/nginx"),
        ("schema", "services"),
        ("--help",),
        ("services", "--help"),
        ("--version",),
        ("--no-such-option",),
        ("no-such-file",),
    ],
    ids=lambda words: " ".join(Path(word).name for word in words),
)
def test_the_file_does_what_the_installed_command_does(pyz: Path, words: tuple[str, ...], tmp_path: Path) -> None:
    assert command.run(*words, folder=tmp_path) == python(str(pyz), *words, folder=tmp_path)


def test_the_outputs_compared_are_of_all_kinds(pyz: Path, tmp_path: Path) -> None:
    assert "default/nginx" in python(str(pyz), SAMPLE, folder=tmp_path).out
    assert "Usage" in python(str(pyz), "--help", folder=tmp_path).out
    assert python(str(pyz), "--no-such-option", folder=tmp_path).status == 2


@pytest.mark.parametrize(
    "dump",
    [(ROOT / CLASSIC).read_bytes(), ODD, b"Hello\n", b"", b"-A X -j ACCEPT\n-A X -j\xff\n"],
    ids=["sample", "odd", "no dump", "empty", "damaged"],
)
def test_the_file_reads_standard_input_as_the_installed_command_does(pyz: Path, dump: bytes, tmp_path: Path) -> None:
    for words in ((), ("parse", "-f", "json")):
        assert command.run(*words, stdin=dump, folder=tmp_path) == python(str(pyz), *words, folder=tmp_path, stdin=dump)


def test_a_rule_of_a_new_form_is_read_with_the_lark_of_the_archive(pyz: Path, tmp_path: Path) -> None:
    common = python("-X", "importtime", str(pyz), "parse", SAMPLE, folder=tmp_path)
    odd = python("-X", "importtime", str(pyz), "parse", folder=tmp_path, stdin=ODD)

    assert "lark.lexer" not in common.err
    assert "lark.lexer" in odd.err


def test_what_is_derived_from_the_grammar_fits_in_the_archive(pyz: Path, tmp_path: Path) -> None:
    code = (
        "from iptexplain.parsing import grammar, table; "
        "print(grammar.digest()); print(grammar._stored() is not None, table._fitting() is not None)"
    )

    assert f"{grammar.digest()}\nTrue True\n" == inside(pyz, code, tmp_path)


def test_the_grammar_of_the_archive_can_be_used(pyz: Path, tmp_path: Path) -> None:
    code = "from iptexplain.parsing import grammar; print(len(grammar.built().terminals), len(grammar.words_by_hand()))"

    assert f"{len(grammar.built().terminals)} {len(grammar.words_by_hand())}\n" == inside(pyz, code, tmp_path)


def test_the_grammar_files_are_named_completely() -> None:
    assert tuple(sorted(path.name for path in grammar.folder().glob("*.lark"))) == grammar.FILES


def test_a_stored_parser_tells_nothing_of_the_machine_that_made_it() -> None:
    stored = zlib.decompress(grammar.packed().partition(b"\n")[2])

    assert str(ROOT).encode() not in stored


def test_the_progress_bar_is_in_the_archive(pyz: Path, tmp_path: Path) -> None:
    code = "from iptexplain.render import progress; progress._PATIENCE = 0\nwith progress.bar('reading [b]', shown=True) as tell: tell(0.5)"
    done = python("-c", f"import sys; sys.path.insert(0, {str(pyz)!r}); {code}", folder=tmp_path, settings={"FORCE_COLOR": "1"})

    assert "reading [b]" in done.err


def test_nothing_is_written(pyz: Path, tmp_path: Path) -> None:
    beside, working = tmp_path / "beside", tmp_path / "working"
    beside.mkdir()
    working.mkdir()
    copied = beside / "iptexplain.pyz"
    copied.write_bytes(pyz.read_bytes())
    for words in ((SAMPLE,), ("parse", "-"), ("schema", "ast")):
        python(str(copied), *words, folder=working, stdin=ODD)

    assert [*working.iterdir()] == []
    assert [copied] == [*beside.iterdir()]
    assert pyz.read_bytes() == copied.read_bytes()


def test_the_file_runs_by_its_name_alone(pyz: Path, tmp_path: Path) -> None:
    (tmp_path / "python3").symlink_to(sys.executable)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    done = subprocess.run(["./iptexplain.pyz", "--version"], cwd=pyz.parent, env={"PATH": path}, check=True, capture_output=True)

    assert f"iptexplain {__version__}\n".encode() == done.stdout


def test_the_file_may_be_named_by_a_path_from_here_or_by_a_link(pyz: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(pyz)
    expected = command.run("parse", "-f", "json", stdin=ODD)

    assert expected == python(pyz.name, "parse", "-f", "json", folder=pyz.parent, stdin=ODD)
    assert expected == python("link", "parse", "-f", "json", folder=tmp_path, stdin=ODD)


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    first, second = (build(tmp_path / seed, seed).read_bytes() for seed in ("1", "2"))

    assert first == second


WHERE = "import lark, typer, iptexplain.parsing.reader as reader; print({m.__file__.rpartition('.')[2] for m in (lark, typer, reader)})"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_the_bytecode_is_used_in_every_time_zone(pyz: Path, zone: str, tmp_path: Path) -> None:
    assert inside(pyz, WHERE, tmp_path, {"TZ": zone}) == "{'pyc'}\n"


def test_another_python_uses_the_sources(pyz: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pyz"
    with zipfile.ZipFile(pyz) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, b"\0\0" + data[2:] if data.startswith(MAGIC_NUMBER) else data)

    assert inside(other, WHERE, tmp_path) == "{'py'}\n"
    assert command.run("services", SAMPLE) == python(str(other), "services", SAMPLE, folder=tmp_path)


def test_a_python_that_is_too_old_is_told_so(pyz: Path, tmp_path: Path) -> None:
    code = f"import runpy, sys; sys.version_info = (3, 9, 2, 'final', 0); runpy.run_path({str(pyz)!r}, run_name='__main__')"
    done = python("-c", code, folder=tmp_path)

    assert done.status == 2
    assert done.out == ""
    assert done.err.startswith("iptexplain.pyz needs Python 3.11 or newer, and this is Python 3.9.\n")


def test_the_file_brings_its_catalogues_along(pyz: Path, tmp_path: Path) -> None:
    code = "from iptexplain.render import language as it; it.use('ja'); print('ja' in it.available(), it.translated('no such template'))"

    assert inside(pyz, code, tmp_path) == "True no such template\n"


def test_an_old_python_understands_how_the_file_begins(pyz: Path) -> None:
    with zipfile.ZipFile(pyz) as opened:
        text = opened.read("__main__.py").decode("ascii")

    assert ast.parse(text, feature_version=(3, 7)).body


def test_the_archive_names_licence_and_version_of_everything_in_it(pyz: Path) -> None:
    with zipfile.ZipFile(pyz) as opened:
        names = opened.namelist()
    packages = {name.partition("/")[0] for name in names if name.endswith("/__init__.py")}
    notes = {(name.partition("-")[0], name.rpartition("/")[2]) for name in names if ".dist-info/" in name}
    expected = {"annotated_doc", "lark", "rich", "shellingham", "tabulate", "typer", "wcwidth"}

    assert expected | {"iptexplain"} == packages
    assert {(package, file) for package in expected for file in ("LICENSE", "METADATA")} == notes
    assert "typer/_click/LICENSE.txt" in names
    assert "LICENSE" in names
