"""The console sessions in README.md are real: each command is run, and prints what the page says.

With UPDATE_README=1 in the environment the test writes what the commands print into the page instead; look at the
difference before you commit it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.checkout import ROOT
from tests.console import commands, refreshed

if TYPE_CHECKING:
    from collections.abc import Callable

CANNOT_RUN = (126, 127)  # what bash answers for a command that is not executable or not there


def run(command: str) -> str:
    """What a command prints to its output and errors, in a terminal of 80 columns without colours.

    The environment is made from nothing, so that what is set where the tests run does not show. The executable of the
    interpreter is not resolved: in a virtual environment it is a link, and `iptexplain` lies beside the link.
    """
    done = subprocess.run(
        ["bash", "-c", command],  # noqa: S607 - bash is wherever PATH has it
        cwd=ROOT,
        env={
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": os.environ.get("HOME", "/"),
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "80",
            "NO_COLOR": "1",
        },
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
    )

    assert done.returncode not in CANNOT_RUN, done.stdout
    return done.stdout


def settle(page: Path, run: Callable[[str], str], *, update: bool) -> None:
    """Compares a page with what its commands print, or makes the page say it. A page without commands is a mistake."""
    assert page.is_file(), f"there is no {page.name}"

    text = page.read_text("utf-8")

    assert commands(text), f"{page.name} has no console session"

    actual = refreshed(text, run)
    if update:
        page.write_text(actual, "utf-8")
    else:
        assert text == actual, f"{page.name} shows something else than the commands print; UPDATE_README=1 rewrites it"


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "docs/input.md",
        "docs/services.md",
        "docs/trace.md",
        "docs/lint.md",
        "docs/graph.md",
        "docs/explain.md",
        "docs/report.md",
        "README.ja.md",
    ],
)
def test_the_pages_show_what_their_commands_print(page: str) -> None:
    settle(ROOT / page, run, update=os.environ.get("UPDATE_README") == "1")


PAGE = """\
# A page

```console
$ echo one; echo two >&2
one
two

$ printf '%s\\n' \\
> three
three
```

```sh
$ rm -rf not-run
```

````
```console
````
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "PAGE.md"
    path.write_text(PAGE, "utf-8")
    return path


def test_commands_are_those_of_console_blocks_alone() -> None:
    assert commands(PAGE) == ["echo one; echo two >&2", "printf '%s\\n' \\\nthree"]


def test_a_page_that_tells_the_truth_passes_and_stays_as_it_is(page: Path) -> None:
    settle(page, run, update=False)
    settle(page, run, update=True)

    assert page.read_text("utf-8") == PAGE


@pytest.mark.parametrize(("true", "false"), [("\none\n", "\n1\n"), ("two\n\n", "\n"), ("three\n```", "three\nfour\n```")])
def test_a_page_with_other_output_fails_and_is_rewritten_on_demand(page: Path, true: str, false: str) -> None:
    page.write_text(PAGE.replace(true, false), "utf-8")

    with pytest.raises(AssertionError, match="UPDATE_README"):
        settle(page, run, update=False)

    settle(page, run, update=True)
    settle(page, run, update=False)


def test_blanks_at_the_end_of_lines_do_not_count(page: Path) -> None:
    page.write_text(PAGE.replace("one\ntwo\n", "one \t\ntwo\n\n"), "utf-8")

    settle(page, run, update=False)


def test_a_page_without_a_session_fails(page: Path) -> None:
    page.write_text("```sh\n$ true\n```\n", "utf-8")

    with pytest.raises(AssertionError, match="no console session"):
        settle(page, run, update=False)


def test_a_command_that_is_not_there_is_never_written_down(page: Path) -> None:
    page.write_text("```console\n$ no-such-command-anywhere\n```\n", "utf-8")

    with pytest.raises(AssertionError, match="no-such-command-anywhere"):
        settle(page, run, update=True)


@pytest.mark.parametrize(("text", "complaint"), [("```console\n$ true\n", "never closed"), ("```console\nx\n```", "no command")])
def test_a_malformed_session_is_an_error(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        commands(text)


def test_commands_run_in_the_root_with_the_program_of_this_interpreter_in_80_columns() -> None:
    where = f"{ROOT}\n{Path(sys.executable).parent}\n80 1\n"

    assert run('pwd; echo "${PATH%%:*}"; echo "$COLUMNS $NO_COLOR"') == where
