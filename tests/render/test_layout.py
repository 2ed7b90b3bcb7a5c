"""Columns on a terminal: full-width characters take two, and tables, carets and folded sentences count them so."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.render import problems
from iptexplain.render.layout import columns, columns_of, fold, hanging, padded
from iptexplain.render.style import Style
from iptexplain.source import Problem, message
from tests.command import CLASSIC, SAMPLES, here
from tests.languages import speak, wide

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_BEGINNING = "、。」』）】？！ー"
NO_END = "「『（【"

japanese = st.text(st.sampled_from("日本語かなカナ、。「」（）ー１Ａab/:-.,… \t👍🏽🇯🇵e\u0301"), max_size=80)
"""Japanese with names of other scripts in it, emoji and combining marks."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("Pods", 4),
        ("… 5 more …", 10),
        ("日本語", 6),
        ("Podへ", 5),
        ("ﾎﾟｯﾄﾞ", 5),
        ("e\u0301", 1),
        ("👍", 2),
        ("👍🏽", 2),
        ("🇯🇵", 2),
    ],
)
def test_a_text_takes_as_many_columns_as_a_terminal_gives_it(text: str, expected: int) -> None:
    assert columns_of(text) == expected
    assert padded(text, 12) == text + " " * (12 - expected)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("to 3 Pods of this node", 10, ["to 3 Pods", "of this", "node"]),
        ("このノードのPodへ送られる", 10, ["このノード", "のPodへ送", "られる"]),
        ("このノードへ送られる。次へ", 20, ["このノードへ送られ", "る。次へ"]),
        ("三つのPodの一つ（各33.3 %）へ", 16, ["三つのPodの一つ", "（各33.3 %）へ"]),
        ("名前は「web」です", 8, ["名前は", "「web」", "です"]),
        ("ネカール", 4, ["ネ", "カー", "ル"]),
        ("宛先は default/nginx:http です", 14, ["宛先は", "default/nginx:", "http です"]),
        ("  ヘルプ: 直す", 10, ["  ヘルプ:", "直す"]),
        ("行  規則", 10, ["行  規則"]),
        ("日本", 1, ["日", "本"]),
        ("👍👍👍", 4, ["👍👍", "👍"]),
    ],
)
def test_a_sentence_is_folded_by_columns(text: str, width: int, expected: list[str]) -> None:
    assert fold(text, width) == expected


@given(text=japanese | st.text(max_size=60), width=st.integers(2, 30))
def test_folding_loses_nothing_and_fits(text: str, width: int) -> None:
    lines = fold(text, width)

    assert "".join("".join(lines).split()) == "".join(text.split())
    assert [line for line in lines if columns_of(line) > width] == []


@given(text=japanese, width=st.integers(8, 30), indent=st.integers(0, 4))
def test_a_hanging_text_loses_nothing_and_gains_nothing(text: str, width: int, indent: int) -> None:
    first, *rest = hanging(text, width, indent)

    assert "".join("".join([first, *rest]).split()) == "".join(text.split())
    assert all(line.startswith(" " * indent) and columns_of(line) <= width for line in rest)


def test_a_hanging_text_has_no_blanks_that_it_had_not() -> None:
    assert hanging("このノードのPodへ送られるので、応答がない", 12, 2) == ["このノードの", "  Podへ送ら", "  れるので、", "  応答がない"]


@given(text=st.text(st.sampled_from("日本語かな、。「」（）ー"), max_size=60), width=st.integers(8, 30))
def test_no_line_begins_with_a_full_stop_or_ends_with_an_opening_bracket(text: str, width: int) -> None:
    lines = fold(text, width)
    # where such marks follow each other without end, the line is full and something has to give
    runs = re.search(rf"[{NO_BEGINNING}]{{3,}}|[{NO_END}]{{3,}}", text)
    broken = [(one, other) for one, other in pairwise(lines) if other[0] in NO_BEGINNING or one[-1] in NO_END]

    assert runs is not None or broken == []


TABLES: Sequence[tuple[str, ...]] = [
    ("to 3 Pods", "Pods"),
    ("三つのPodへ", "Pod"),
    ("👍🏽", "絵文字"),
    ("e\u0301", "ﾎﾟｯﾄﾞ"),
    ("", "空"),
]


@pytest.mark.parametrize("form", ["plain", "github"])
def test_the_columns_of_a_table_stand_below_each_other(form: str) -> None:
    lines = columns([(*row, "|") for row in TABLES], header=("何", "どこ", "|"), form=form)
    ends = {columns_of(line[: line.index("|", 1 if form == "plain" else line.index("|", 1) + 1)]) for line in lines}

    assert len(ends) == 1


def test_a_table_of_english_words_after_one_of_japanese_is_as_it_was() -> None:
    before = columns([("to 3 Pods", "… 2 more …"), ("a", "b")], header=("x", "y"))
    columns([("日本", "語")])

    assert columns([("to 3 Pods", "… 2 more …"), ("a", "b")], header=("x", "y")) == before


@pytest.mark.parametrize(("before", "marked"), [("-A ", "INPUT"), ("-A 日本 ", "規則"), ("👍 e\u0301 ", "ﾎﾟｯﾄﾞ")])
def test_the_caret_stands_below_what_is_meant(before: str, marked: str) -> None:
    problem = Problem("x", 1, len(before) + 1, len(marked), f"{before}{marked} -j", message("?"))
    *_, caret = problems.lines(problem, Style())

    assert caret == "  " + " " * columns_of(before) + "^" + "~" * (columns_of(marked) - 1)


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize(
    "command",
    [("services",), ("trace", "--from", "pod", "--to", "10.96.0.1:443", "-v", "-q"), ("services", "--find", "10.96.0.1")],
    ids=["services", "trace", "find"],
)
def test_no_line_of_a_view_is_wider_than_the_terminal(sample: str, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch, wide)
    done = here(*command, sample, "--lang", "ja")

    assert [line for line in done.out.splitlines() if columns_of(line) > 80] == []


def test_the_sources_of_a_service_stand_below_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch, lambda template: template.replace("Pods", "ポッド").replace("node", "ノード").replace("outside", "外"))
    out = here("services", CLASSIC, "-q", "--lang", "ja").out

    assert out == (
        "default/nginx\n"
        "  ClusterIP  10.109.35.24:80/TCP  ポッド      to 3 ポッド\n"
        "                                  ノード, 外  to 3 ポッド, masqueraded\n"
        "  ポッド     192.168.104.1:80     33.3 %\n"
        "             192.168.166.129:80   33.3 %\n"
        "             192.168.166.130:80   33.3 %\n"
    )


def test_the_characters_of_these_tests_are_wide() -> None:
    assert {unicodedata.east_asian_width(sign) for sign in wide("Pods")} == {"F"}
