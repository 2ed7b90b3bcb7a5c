"""Rules for everything that is in the repository."""

from __future__ import annotations

import gzip
import io
import re
import tokenize
from typing import TYPE_CHECKING

import pytest

from tests.checkout import ROOT, project_files

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout: nothing tells the project's files from others")

# Put together from pieces, so that this file does not hold what it looks for.
FORBIDDEN = {
    "an absolute path of some machine": re.compile(r"(?<![\w.~$})/-])/(?:wo" + r"rk|ro" + r"ot|ho" + r"me)/"),
    "a path out of the repository": re.compile(r"\.\./" + r"shared"),
    "a package registry": re.compile(r"\bpypi" + r"\.(?:org|io)\b|\bpython" + r"hosted\.org\b"),
}
NOQA_WITHOUT_CODE = re.compile(r"#\s*(?:ruff:\s*|flake8:\s*)?noqa(?!:\s*[A-Z]+[0-9]+)", re.IGNORECASE)
IGNORE_WITHOUT_CODE = re.compile(r"#\s*type:\s*ignore(?!\[[a-z-]+)")


def text_of(path: Path) -> str:
    """The text of a file; what is packed is unpacked, bytes that are no text become marks."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    return data.decode("utf-8", "replace")


def forbidden_in(text: str) -> list[str]:
    return [
        f"line {number}: {what}: {line.strip()[:100]}"
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]


def bare_suppressions(source: str) -> list[str]:
    """Comments that silence a tool without saying which of its findings; text in strings does not count."""
    return [
        f"line {token.start[0]}: {token.string}"
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and (NOQA_WITHOUT_CODE.search(token.string) or IGNORE_WITHOUT_CODE.search(token.string))
    ]


def test_no_file_names_a_place_that_only_one_machine_has() -> None:
    found = {str(path.relative_to(ROOT)): hits for path in project_files() if (hits := forbidden_in(text_of(path)))}

    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "see /wo" + "rk/notes.txt",
        "open('/ro" + "ot/.cache')",
        "/ho" + "me/someone/dump.save",
        "../" + "shared/design.md",
        "https://pypi" + ".org/project/lark",
    ],
)
def test_a_forbidden_line_is_found(line: str) -> None:
    assert len(forbidden_in(f"fine\n{line}\n")) == 1


@pytest.mark.parametrize("line", ["https://example.org/wo" + "rk/", "~/wo" + "rk/dump", "net" + "wo" + "rk/", "../samples"])
def test_a_harmless_line_is_not_found(line: str) -> None:
    assert forbidden_in(line) == []


def test_every_sample_is_described() -> None:
    folder = ROOT / "samples"
    text = text_of(folder / "README.md")
    samples = [path.relative_to(folder).as_posix() for path in project_files() if path.is_relative_to(folder)]
    names = set(samples) - {"README.md"}

    assert names
    assert {name for name in names if f"]({name})" not in text} == set()


def test_every_suppression_says_what_it_suppresses() -> None:
    sources = [path for path in project_files() if path.suffix == ".py"]
    found = {str(path.relative_to(ROOT)): hits for path in sources if (hits := bare_suppressions(text_of(path)))}

    assert found == {}


@pytest.mark.parametrize("comment", ["# noqa", "# NOQA - because", "# ruff: noqa", "# type: ignore", "# type:ignore # why"])
def test_a_bare_suppression_is_found(comment: str) -> None:
    assert bare_suppressions(f"import os  {comment}\n") == [f"line 1: {comment}"]


@pytest.mark.parametrize("comment", ["# noqa: F401 - re-exported", "# type: ignore[attr-defined] - no stubs"])
def test_a_suppression_with_a_code_is_not_found(comment: str) -> None:
    assert bare_suppressions(f"import os  {comment}\n") == []
