"""IX001: a table without COMMIT."""

from __future__ import annotations

from tests.lint.linted import said, sound


def test_it_catches_a_dump_that_is_cut_off() -> None:
    (found,) = said(sound().rpartition("COMMIT")[0], "IX001")

    assert found.startswith("IX001 error ")
    assert "table nat has no COMMIT" in found


def test_it_is_silent_on_whole_dumps_and_on_rule_lines_alone() -> None:
    assert not said(sound(), "IX001")
    assert not said("-A INPUT -j ACCEPT\n", "IX001")
