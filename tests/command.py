"""The real command, run as users run it, and the documents that it prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from typer.testing import CliRunner

from iptexplain.analysis.services import services
from iptexplain.api import load
from iptexplain.cli.app import app
from iptexplain.render import language, parse_json, services_json
from tests.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]

PROGRAM = str(Path(sys.executable).parent / "iptexplain")
"""The script that the installation made. The interpreter may be a link into a virtual environment: the script lies beside the link."""

SAMPLES = tuple(sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("samples/**/*.save")))
FIXTURES = tuple(sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/data/**/*.save")))
CLASSIC = "samples/kube-proxy/classic-nginx.save"


class Done(NamedTuple):
    """How a command ended and what it wrote."""

    status: int
    out: str
    err: str


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment made from nothing: a terminal of 80 columns, no wishes about colour."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8", "COLUMNS": "80", **(settings or {})}


def run(*arguments: str, stdin: bytes = b"", settings: Mapping[str, str] | None = None, folder: Path = ROOT, timeout: float = 60) -> Done:
    """What the command does with these arguments; `settings` are environment variables."""
    done = subprocess.run(
        [PROGRAM, *arguments], input=stdin, cwd=folder, env=environment(settings), check=False, capture_output=True, timeout=timeout
    )
    return Done(done.returncode, done.stdout.decode("utf-8", "surrogateescape"), done.stderr.decode("utf-8", "surrogateescape"))


@cache
def printed(*arguments: str, width: int = 80) -> Done:
    """The same for arguments alone, run once however often it is asked for."""
    return run(*arguments, settings={"COLUMNS": str(width)})


def here(*arguments: str, stdin: bytes = b"") -> Done:
    """The same in this process: what is needed to read odd lines is built once. For tests that ask for much and change nothing."""
    plain = {"COLUMNS": "80", "NO_COLOR": None, "CLICOLOR_FORCE": None, "LC_ALL": "C.UTF-8"}
    try:
        done = CliRunner(env=plain).invoke(app, list(arguments), input=stdin, prog_name="iptexplain", catch_exceptions=False)
    finally:
        language.use(language.ENGLISH)  # what other tests render in this process
    return Done(
        done.exit_code, done.stdout_bytes.decode("utf-8", "surrogateescape"), (done.stderr_bytes or b"").decode("utf-8", "surrogateescape")
    )


def services_of(dump: bytes | str) -> Json:
    """The document that `services -f json` prints for the bytes of a dump, made in this process."""
    ruleset = load(dump.encode("utf-8", "surrogateescape") if isinstance(dump, str) else dump)
    return _json(services_json.document([(ruleset, services(ruleset))]))


@cache
def services_in(name: str) -> Json:
    """The same for a file of this checkout, named from its root."""
    ruleset = load(ROOT / name, name=name)
    return _json(services_json.document([(ruleset, services(ruleset))]))


@cache
def rules_in(name: str) -> Json:
    """The document that `parse -f json` prints for a file of this checkout."""
    return _json(parse_json.document([load(ROOT / name, name=name)]))


def services_by_command(*names: str) -> Json:
    """What the command itself prints for files."""
    return _json(printed("services", "-f", "json", *names).out)


def whole(names: Sequence[str]) -> str:
    """The files one after the other."""
    return "".join((ROOT / name).read_text("utf-8") for name in names)


def _json(text: str) -> Json:
    made: Json = json.loads(text)
    return made
