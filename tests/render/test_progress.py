"""The bar: drawn for long work at a terminal, and only there."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from tests.checkout import ROOT
from tests.command import environment

_WORK = """
import sys
from iptexplain.render import progress
progress._PATIENCE, progress._EACH = {patience}, 0
with progress.bar({what!r}, shown={shown}) as tell:
    tell(0.25)
    tell(0.5)
    assert ("rich" in sys.modules) is {drawn}
print("done")
"""


def drawn(*, patience: float, shown: bool, what: str = "reading node.save") -> tuple[str, str]:
    """What such work writes to a terminal on standard error, and to standard output."""
    code = _WORK.format(what=what, patience=patience, shown=shown, drawn=shown and patience == 0)
    controller, terminal = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], stderr=terminal, stdout=subprocess.PIPE, cwd=ROOT, env=environment({"TERM": "xterm"}), check=True
        )
        os.close(terminal)
        seen = b""
        try:
            while part := os.read(controller, 65536):
                seen += part
        except OSError:
            pass  # Linux says EIO when the other side of the terminal is closed
    finally:
        os.close(controller)
    return seen.decode(), done.stdout.decode()


def test_long_work_shows_what_is_done_and_how_much() -> None:
    seen, out = drawn(patience=0, shown=True)

    assert "reading node.save" in seen
    assert "25%" in seen
    assert "50%" in seen
    assert out == "done\n"


@pytest.mark.parametrize(("patience", "shown"), [(60, True), (0, False)], ids=["soon done", "not wanted"])
def test_otherwise_nothing_is_drawn_and_rich_is_not_even_imported(patience: float, *, shown: bool) -> None:
    assert drawn(patience=patience, shown=shown) == ("", "done\n")


def test_a_file_may_be_named_like_markup() -> None:
    seen, _ = drawn(patience=0, shown=True, what="reading [red]a[/b].save")

    assert "reading [red]a[/b].save" in seen
