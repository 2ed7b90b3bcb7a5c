from __future__ import annotations

import pytest

from iptexplain.render.report_escapes import LONGEST, code, fence, html_text, prose
from iptexplain.source import message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 of 4 (33.3 %), to 10.0.0.1:80/TCP", "3 of 4 (33.3 %), to 10.0.0.1:80/TCP"),
        ("say <script>alert(1)</script> there", "say `<script>alert(1)</script>` there"),
        ("ask @everyone #1 now", "ask `@everyone #1` now"),
        ("see http://example.com/x, or www.example.com.", "see `http://example.com/x`, or `www.example.com`."),
        ("mail a@example.com", "mail `a@example.com`"),
        ("GH-12 and gh-12", "`GH-12` and `gh-12`"),
        ("data/kafka:smile: yes", "`data/kafka:smile`: yes"),
        ("chain KUBE_X *b*: drop", "chain `KUBE_X *b*`: drop"),
        ("x & y", "x &amp; y"),
        ("x &lt; y", "x &amp;lt; y"),
        ("[a](b)", r"\[a\](b)"),
        ("run `iptexplain services -f name` now", "run `iptexplain services -f name` now"),
        ("a ``` b", "a ```` ``` ```` b"),
        ("a|b c", "`a|b` c"),
        (r"a\|b c", "<code>a&#92;&#124;b</code> c"),
        ("end\\", "`end\\`"),
        ("- x", "`-` x"),
        ("1. x", "`1`. x"),
        ("x - y", "x - y"),
        ("日本語の #1 は「KUBE-X」です。", "日本語の `#1` は「KUBE-X」です。"),
        ("\x1b[31m \u202e", r"`\x1b[31m \u202e`"),
        ("", ""),
        ("@", "`@`"),
    ],
)
def test_words_that_mean_something_are_code(text: str, expected: str) -> None:
    assert expected == prose(text)


def test_a_sentence_is_said_before() -> None:
    assert prose(message("chain {name} leads on", name="@x")) == "chain `@x` leads on"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), ("  ", ""), ("a b", "`a b`"), ("`x`", "`` `x` ``"), ("a`b``c", "```a`b``c```"), ("\t", r"`\x09`"), ("\udcff", r"`\xff`")],
)
def test_code_has_more_backticks_than_the_text(text: str, expected: str) -> None:
    assert expected == code(text)


def test_long_texts_are_cut() -> None:
    assert code("x" * 1000) == "`" + "x" * (LONGEST - 1) + "…`"


@pytest.mark.parametrize(("line", "marks"), [("-A x", "```"), ("a ``` b", "````"), ("`````", "``````"), ("a ` b", "```")])
def test_a_block_has_a_longer_fence_than_what_is_in_it(line: str, marks: str) -> None:
    assert [f"{marks}text", line, marks] == list(fence([line], "text"))


def test_a_block_shows_what_cannot_be_seen_but_keeps_tabs() -> None:
    assert list(fence(["a\tb\x1b\u202e\udcff"])) == ["```", "a\tb\\x1b\\u202e\\xff", "```"]
    assert list(fence([])) == ["```", "```"]


def test_in_a_summary_words_are_html() -> None:
    assert html_text(message("{file}, {count} lines", file="<b>@x&", count=3)) == "<code>&lt;b&gt;@x&amp;,</code> 3 lines"
