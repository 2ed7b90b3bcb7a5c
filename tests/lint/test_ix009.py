"""IX009: a table exists that the dump does not hold."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound

LINE = "# Table `nat' is incompatible, use 'nft' tool.\n"


@pytest.mark.parametrize("broken", [LINE + sound(), sound() + LINE, f"ip6tables-save v1.8.7 (nf_tables): {LINE[2:].lower()}{sound()}"])
def test_it_catches_the_line_wherever_it_stands(broken: str) -> None:
    (found,) = findings(broken, "IX009")
    assert found.severity == "warning"
    assert "table nat " in found.place.message.english()
    assert found.place.text[found.place.column - 1 :].startswith("`nat'")


def test_each_table_is_told() -> None:
    assert len(said(LINE + LINE.replace("nat", "filter") + sound(), "IX009")) == 2


def test_lines_are_told_once_though_the_input_has_many_dumps() -> None:
    assert len(said(sound() + LINE + sound(), "IX009")) == 1


def test_it_is_silent_on_a_sound_dump_on_a_table_that_is_printed_in_part_and_on_such_words_in_a_rule() -> None:
    assert not said(sound(), "IX009")
    assert not said("# Table `nat' contains incompatible base-chains, use 'nft' tool to list them.\n" + sound(), "IX009")
    assert not said(f'*filter\n-A INPUT -m comment --comment "{LINE.strip()}"\nCOMMIT\n', "IX009")
