from __future__ import annotations

import time

import pytest

from iptexplain.parsing.damage import REPAIRS, Line
from iptexplain.parsing.reader import read
from tests.dumps import ruleset, saved_files

RULE = '-A X -s 10.0.0.1/32 -p tcp -m comment --comment "a b" -m tcp --dport 80 -j DROP'
LINES = ["*filter", ":X - [0:0]", RULE, "COMMIT"]


def written(text: str | bytes) -> str:
    """The dump that is made of a text."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    return "".join(read("-", data).lines.write())


CLEAN = "".join(f"{line}\n" for line in LINES)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(CLEAN.replace("\n", "\r\n"), "CR LF", id="CR LF"),
        pytest.param(CLEAN.replace("\n", "\r"), "CR", id="CR"),
        pytest.param(CLEAN.replace("DROP\n", "DROP\rCOMMIT\r").replace("COMMIT\rCOMMIT\n", "COMMIT\n"), "CR", id="CR on one line"),
        pytest.param("\ufeff" + CLEAN, "byte order mark", id="byte order mark"),
        pytest.param(CLEAN.encode("utf-16"), "byte order mark", id="UTF-16"),
        pytest.param(CLEAN.encode("utf-16-le"), "UTF-16", id="UTF-16 without a mark"),
        pytest.param(CLEAN.encode("utf-16").replace(b"\n\0", b"\r\0\n\0"), "CR LF", id="UTF-16 with CR LF"),
        pytest.param("".join(f"  {line}\n" for line in LINES), "blanks before", id="leading blanks"),
        pytest.param("".join(f"\t{line}\n" for line in LINES), "blanks before", id="leading tabs"),
        pytest.param("".join(f"> {line}\n" for line in LINES), "quotation", id="quoted in a mail"),
        pytest.param("".join(f">> > {line}\n" for line in LINES), "quotation", id="quoted thrice"),
        pytest.param("```\n" + CLEAN + "```\n", "Markdown", id="fences"),
        pytest.param("```console\n" + CLEAN + "```\n", "Markdown", id="fences with a language"),
        pytest.param("root@node1:~# iptables-save\n" + CLEAN + "root@node1:~# \n", "typed", id="prompt of a shell"),
        pytest.param("$ sudo iptables-save -t filter\n" + CLEAN + "$", "typed", id="plain prompt"),
        pytest.param("[root@node1 ~]# iptables-save -c | less\n" + CLEAN + "[root@node1 ~]#\n", "typed", id="bracketed prompt"),
        pytest.param("iptables-save\n" + CLEAN, "typed", id="command alone"),
        pytest.param("modprobe: FATAL: Module ip_tables not found.\n" + CLEAN, "messages", id="modprobe"),
        pytest.param(CLEAN + "iptables-save v1.8.9 (legacy): Cannot initialize: Permission denied\n", "messages", id="error message"),
        pytest.param("".join(f"\x1b[32m{line}\x1b[0m\x1b[K\n" for line in LINES), "colour", id="colour codes"),
        pytest.param(CLEAN.replace(" -p", "\xa0-p"), "U+00A0", id="blanks of a web page"),
        pytest.param(CLEAN.replace("-j", "\u200b-j"), "invisible", id="invisible characters"),
        pytest.param(CLEAN.replace('"a b"', "\u201ca b\u201d"), "typographic", id="typographic quotes"),
        pytest.param(CLEAN.replace("--dport", "\u2013dport").replace(" -j", " \u2013j"), "long dash", id="long dashes"),
        pytest.param(CLEAN.replace('"', "&quot;"), "HTML", id="HTML"),
        pytest.param(CLEAN.replace('"', '\\"'), "quotes written", id="escaped quotes"),
        pytest.param(CLEAN.replace("DROP", "DROP # a remark"), "remark", id="remark behind a rule"),
        pytest.param(CLEAN.replace("DROP", "DROP #wonder"), "remark", id="remark without a blank"),
        pytest.param("".join(f"{n}:{line}\n" for n, line in enumerate(LINES, 1)), "number before", id="grep -n"),
        pytest.param("".join(f"     {n}\t{line}\n" for n, line in enumerate(LINES, 1)), "number before", id="cat -n"),
        pytest.param(CLEAN.replace('"a b"', "a b"), "quotes around", id="lost quotes"),
        pytest.param(CLEAN.replace("-s ", "-s ! ").replace(RULE[:5], RULE[:5]), "! behind -s", id="old negation"),
    ],
)
def test_damage_is_repaired_and_told(text: str | bytes, told: str) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    found = read("-", data)
    said = " ".join(problem.message.english() for problem in found.problems)
    negated = CLEAN.replace("-s", "! -s") if "behind" in told else CLEAN

    assert negated == "".join(line for line in found.lines.write() if line.strip())
    assert told in said
    assert "could not be read" not in said


def test_a_repair_is_told_once_with_its_first_place_and_how_often() -> None:
    found = ruleset("*filter", "  :X - [0:0]", "  -A X -j DROP", "-A X -j DROP", "  COMMIT")
    (problem,) = found.problems

    assert (problem.line, problem.text) == (2, "  :X - [0:0]")
    assert problem.message.english().endswith("(lines: 3)")


def test_lines_keep_their_numbers_when_others_are_left_out() -> None:
    found = ruleset("```", "*filter", ":X - [0:0]", "```", "-A X -j DROP", "-A X -j DROP now", "COMMIT")
    (table,) = found.dumps[0].tables
    wrong = [problem for problem in found.problems if "Markdown" not in problem.message.english()]

    assert (table.line, table.chains["X"].line, [rule.line for rule in table.rules]) == (2, 3, [5])  # type: ignore[index]  # a chain's name
    assert [(problem.line, problem.column, problem.text) for problem in wrong] == [(6, 14, "-A X -j DROP now")]


def test_colours_of_grep_are_taken_away_from_rule_lines_alone() -> None:
    line = '-A X -m comment --comment "default/\x1b[01;31m\x1b[Knginx\x1b[m\x1b[K" -j DROP'
    alone, whole = ruleset(line), ruleset("*filter", line, "COMMIT")

    assert [rule.text for rule in alone.dumps[0].tables[0].rules] == ['-A X -m comment --comment "default/nginx" -j DROP']
    assert [rule.text for rule in whole.dumps[0].tables[0].rules] == [line]


def test_a_rule_with_a_mistake_is_no_command_that_was_typed() -> None:
    found = ruleset("*filter", "-A X -p tcp --dprt 22 -j DROP # iptables rule for ssh", "COMMIT")

    assert ["--dprt" in problem.message.english() for problem in found.problems] == [True]


@pytest.mark.parametrize(
    "line",
    [
        "-A INPUT" + " " * 100_000 + "x",
        " \t" * 100_000 + "#",
        "Warning: " * 20_000,
        '-A X -m comment --comment "' + '\\"' * 50_000,
        "[a@b" + " " * 60_000,
        "-A INPUT &#" + "9" * 5000 + "; -j ACCEPT",
        "-A X" + " -m tcp" * 20_000,
        "\xa0" * 50_000,
    ],
    ids=lambda line: line[:12],
)
def test_no_line_takes_long(line: str) -> None:
    ruleset("*filter", "-A X -m", "COMMIT")  # what is needed for odd lines is there before the clock counts
    begin = time.process_time()
    ruleset("*filter", line, "COMMIT")

    assert time.process_time() - begin < 2


def test_columns_are_right_after_several_repairs() -> None:
    line = Line("  a\xa0\u200bb\u200bc")
    for repair in REPAIRS:
        line = line.mended(repair)

    assert line.text == "a bc"
    assert [line.there(column) for column in (1, 2, 3, 4)] == [3, 4, 6, 8]


def test_places_in_a_line_with_much_damage_take_no_longer_than_few() -> None:
    line = Line("\xa0\u201c" * 20_000)
    begin = time.process_time()
    for repair in REPAIRS:
        line = line.mended(repair)

    assert line.text == ' "' * 20_000 or line.text == '" ' * 19_999 + '"'
    assert time.process_time() - begin < 2


def test_a_remark_behind_a_jump_is_no_unknown_target() -> None:
    found = ruleset("*filter", ":Y - [0:0]", "-A X -j Y # to the office", "-A X -j TOMORROW --a #1", "COMMIT")

    assert [rule.text for rule in found.dumps[0].tables[0].rules] == ["-A X -j Y", "-A X -j TOMORROW --a #1"]
    assert ["remark" in problem.message.english() for problem in found.problems] == [True, False]


def test_columns_are_those_of_the_line_as_it_was() -> None:
    found = ruleset("*filter", "> > -A X -j ACCEPT now", "COMMIT")
    (problem,) = [problem for problem in found.problems if problem.width == 3]

    assert (problem.line, problem.column, problem.text) == (2, 20, "> > -A X -j ACCEPT now")


@pytest.mark.parametrize("path", saved_files(), ids=lambda path: path.name)
def test_a_well_formed_dump_stays_as_it_is(path: object) -> None:
    data = path.read_bytes()  # type: ignore[attr-defined]  # a path
    found = read("-", data)

    assert data.decode() == "".join(found.lines.write())
    assert found.lines.source.origin is None


WILD = [":[1:2] - [0:0]", "::colon - [0:0]", ":#hash - [0:0]", ":COMMIT - [0:0]", ":it's - [0:0]", ':"q" - [0:0]', ":é\U0001d11e - [0:0]"]


def test_wild_names_are_names() -> None:
    rules = [
        "-A INPUT -j [1:2]",
        "-A [1:2] -j COMMIT",
        "-A COMMIT -g it's",
        '-A INPUT -i a"b -j :colon',
        "-A INPUT ! -o !x -j DROP",
        "-A INPUT -m set --match-set weave-41s)5vQ^o/xWGz6a20N:~?#|E dst -j DROP",
        '-A INPUT -m comment --comment "\\"> `x` &quot; \xa0 -- # \x1b[31m" -j DROP',
        "-A INPUT -m comment --comment -j -j ACCEPT",
        "-A INPUT -m comment --comment --dport -j ACCEPT",
    ]
    lines = ["*filter", ":INPUT ACCEPT [0:0]", *WILD, *rules, "COMMIT"]
    found = ruleset(*lines)

    assert "".join(f"{line}\n" for line in lines) == "".join(found.lines.write())
    assert found.problems == ()
    assert [rule.text for rule in found.dumps[0].tables[0].rules] == rules
