"""The grammar is found, and the program starts, wherever the package may live: checkout, editable install, wheel.

Each case gets an environment of its own with the third-party packages of this one and without its iptexplain. Nothing
is fetched from anywhere: the wheel is built with the hatchling that is here, and the dependencies are linked.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from iptexplain._version import __version__
from tests.checkout import PACKAGE, ROOT

pytest.importorskip("build", reason="builds a wheel; the extra `dev` has what that needs")

ENTRY = "iptables_save.lark"
# What users of the library and of the command get beside the modules.
FILES = ("iptexplain/py.typed", f"iptexplain/grammar/{ENTRY}")


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment; `elsewhere` is an empty folder to work in, where no checkout is found by accident."""

    python: Path
    packages: Path
    elsewhere: Path

    def run(self, *arguments: str, path: Path | None = None) -> str:
        """What this environment's Python prints; with `path` as PYTHONPATH."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return checked([str(self.python), *arguments], self.elsewhere, clean | ({"PYTHONPATH": str(path)} if path else {}))

    def grammar(self, path: Path | None = None) -> Path:
        """Where iptexplain finds its grammar."""
        code = "from iptexplain.parsing.grammar import folder; print(folder())"
        return Path(self.run("-c", code, path=path).strip())


def checked(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> str:
    """The output of a command; the test fails with all that it said if the command fails."""
    done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, encoding="utf-8")

    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def pip_install(environment: Environment, *arguments: str) -> None:
    """This interpreter's pip installs into another environment, from what is on the disk."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(environment.python)]
    checked([*pip, "install", "--quiet", "--no-index", "--no-deps", *arguments], environment.elsewhere)


@pytest.fixture(scope="session")
def dependencies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with links to all that is installed here, except iptexplain.

    The whole site-packages as one path would bring this environment's iptexplain along, or make pip believe that it is
    installed already.
    """
    folder = tmp_path_factory.mktemp("dependencies")
    for entry in sorted(Path(sysconfig.get_path("purelib")).iterdir()):
        if "iptexplain" not in entry.name and entry.suffix != ".pth" and entry.name != "__pycache__":
            (folder / entry.name).symlink_to(entry)
    return folder


@pytest.fixture
def environment(tmp_path: Path, dependencies: Path) -> Environment:
    place = tmp_path / "environment"
    venv.create(place, symlinks=True)
    names = {"base": str(place), "platbase": str(place)}
    packages = Path(sysconfig.get_path("purelib", "venv", names))
    (packages / "dependencies.pth").write_text(f"{dependencies}\n", "utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    return Environment(Path(sysconfig.get_path("scripts", "venv", names)) / "python", packages.resolve(), elsewhere)


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and with the wheel that is built from it (not from the checkout)."""
    folder = tmp_path_factory.mktemp("distributions")
    checked([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)], folder)
    return folder


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Path:
    (found,) = distributions.glob("*.whl")
    return found


def test_a_checkout_finds_its_own_grammar(environment: Environment) -> None:
    assert environment.grammar(path=ROOT) == ROOT / "grammar"


def test_an_editable_install_finds_the_grammar_of_the_checkout(environment: Environment) -> None:
    pip_install(environment, "--no-build-isolation", "--editable", str(ROOT))

    assert environment.grammar() == ROOT / "grammar"
    assert environment.run("-m", "iptexplain", "--version").split()[-1] == __version__


def test_an_installed_wheel_brings_its_grammar_along(environment: Environment, wheel: Path) -> None:
    pip_install(environment, str(wheel))

    assert environment.grammar() == environment.packages / "iptexplain" / "grammar"


@pytest.mark.parametrize("start", [["-m", "iptexplain"], ["{scripts}/iptexplain"]], ids=["module", "script"])
def test_an_installed_wheel_explains_a_dump(environment: Environment, wheel: Path, start: list[str]) -> None:
    pip_install(environment, str(wheel))
    words = [word.format(scripts=environment.python.parent) for word in start]

    assert environment.run(*words, "--version").split()[-1] == __version__
    assert "default/nginx" in environment.run(*words, str(ROOT / "samples/kube-proxy/classic-nginx.save"))


@pytest.fixture(scope="session")
def contents(wheel: Path) -> frozenset[str]:
    """The names of the files in the wheel."""
    with zipfile.ZipFile(wheel) as opened:
        return frozenset(opened.namelist())


def test_a_wheel_holds_all_of_the_package_and_of_the_grammar(contents: frozenset[str]) -> None:
    files = [path for path in PACKAGE.rglob("*") if path.is_file() and path.parent.name != "__pycache__"]
    package = {path.relative_to(ROOT).as_posix() for path in files}
    grammars = {f"iptexplain/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "grammar").rglob("*.lark")}

    assert {*FILES, *package, *grammars} - contents == set()


def test_a_wheel_holds_nothing_but_the_package(contents: frozenset[str]) -> None:
    folders = {name.partition("/")[0] for name in contents}

    assert folders == {"iptexplain", f"iptexplain-{__version__}.dist-info"}


def test_a_source_distribution_can_be_tested(distributions: Path) -> None:
    (archive,) = distributions.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}

    wanted = {f"grammar/{ENTRY}", "samples/README.md", "tests/test_packaging.py", "pyproject.toml", "Makefile"}

    assert wanted - names == set()
