from __future__ import annotations

import pytest

from tests.dumps import ruleset


def told(line: str) -> tuple[int, int, str]:
    """Column, width and sentence of the one problem of a line."""
    (problem,) = ruleset("*filter", line, "COMMIT").problems
    assert (2, line) == (problem.line, problem.text)
    return problem.column, problem.width, problem.message.english()


@pytest.mark.parametrize(
    ("line", "column", "marked", "sentence"),
    [
        ("frobnicate", 1, "frobnicate", "this is no line of iptables-save: expected *table, :CHAIN, -A CHAIN, COMMIT or a # comment"),
        ("-A X -j ACCEPT now", 16, "now", "expected the end of the line"),
        (":X", 3, "", "the line ends where a policy (ACCEPT, DROP or -) was expected"),
        (":X - [0:0", 6, "[0:0", "expected counters such as [12:720]"),
        ("*", 2, "", "the line ends where the name of a table was expected"),
        ("-A", 3, "", "the line ends where the name of a chain was expected"),
        ("-A X -i", 8, "", "the line ends where the name of an interface was expected"),
        ("-A X -s", 8, "", "the line ends where an address such as 10.0.0.0/8 was expected"),
        ("-A X -p", 8, "", "the line ends where a protocol such as tcp was expected"),
    ],
)
def test_a_problem_says_where_and_what_was_expected(line: str, column: int, marked: str, sentence: str) -> None:
    place, width, said = told(line)

    assert (column, sentence) == (place, said)
    assert marked in {line[place - 1 :][:width], line[place - 1 :].split(" ", maxsplit=1)[0]}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-A X -m comment --comment", "a word, or text in double quotes"),
        ("-A X -m comment --comment   ", "a word, or text in double quotes"),
        ("-A X -m tcp --dport", "a port such as 80 or a range such as 8000:8010"),
        ("-A X -m mark --mark", "a mark such as 0x4000/0x4000"),
        ("-A X -m statistic --probability", "a probability between 0 and 1"),
        ("-A X -m set --match-set", "the name of an ipset"),
        ("-A X -m tcp --tcp-flags SYN", "TCP flags such as SYN,ACK"),
        ("-A X -j DNAT --to-destination", "an address and port such as 10.0.0.1:80"),
        ("-A X -m", "the name of a match"),
        ("-A X -j", "the name of a target or a chain"),
        ("-A X -g", "the name of a target or a chain"),
    ],
)
def test_a_line_that_ends_too_early_says_what_is_missing(line: str, expected: str) -> None:
    column, _, said = told(line)

    assert len(line.rstrip()) + 1 == column
    assert expected in said
    assert "the end of the line" not in said


_NONE = "this is no line of iptables-save: expected *table, :CHAIN, -A CHAIN, COMMIT or a # comment"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[1:2", "expected counters such as [12:720], then -A CHAIN"),
        ("[1:2 -A X -j DROP", "expected counters such as [12:720], then -A CHAIN"),
        ("commit", "iptables-save writes COMMIT in capitals"),
        ("+-A X -j DROP", "a line of a diff"),
        ("-:X - [0:0]", "a line of a diff"),
        ("--- a/node.save", "a line of a diff"),
        ("@@ -1,2 +1,3 @@", "a line of a diff"),
        ("<<<<<<< HEAD", "a merge conflict"),
        ("=======", "a merge conflict"),
        ("...", "lines were left out here"),
        ("[truncated]", "lines were left out here"),
        ("<snip>", "lines were left out here"),
        ("iptables -A X -j DROP", "an iptables command"),
        ("-t nat -A X -j DROP", "on a line of its own, such as *nat"),
        ("-a X -j DROP", "a rule begins with -A CHAIN"),
        ("- A X -j DROP", "a rule begins with -A CHAIN"),
        ("A X -j DROP", "a rule begins with -A CHAIN"),
        ("INPUT ACCEPT [0:0]", "begins with a colon"),
        ("KUBE-SERVICES - [0:0]", "begins with a colon"),
        ("nat", "begins with an asterisk"),
        ("SEP-ABC -p tcp -j DNAT", "the beginning of this one is missing"),
    ],
)
def test_a_line_that_begins_wrongly_is_told_by_its_looks(line: str, expected: str) -> None:
    column, width, said = told(line)

    assert (column, width) == (1, len(line))
    assert expected in said


@pytest.mark.parametrize(
    "line", ["A table of rules", "- a thing", "committed", "natural", "truncated rules follow", "===", "INPUT ACCEPT", "[x] y"]
)
def test_other_text_is_no_such_mistake(line: str) -> None:
    assert told(line) == (1, len(line), _NONE)


@pytest.mark.parametrize(
    ("line", "column", "sentence"),
    [
        ("* nat", 2, "no blank may stand between * and the name of the table"),
        (": X - [0:0]", 2, "no blank may stand between : and the name of the chain"),
        ("*nat now", 6, "nothing may stand behind the name of the table"),
        (":X - [0:0] now", 12, "nothing may stand behind the counters of the chain"),
        ("COMMIT now", 8, "nothing may stand behind COMMIT"),
        ("-A X -m tcp --dport -j DROP", 24, "the value of --dport is missing before -j"),
        ("-A X -i -m tcp", 12, "the value of -i is missing before -m"),
        ("-A X j DROP", 6, "expected -j in place of j"),
        ("-A X -m conntrack ctstate NEW", 19, "expected --ctstate in place of ctstate"),
        ("-A X -m", 8, "the line ends where the name of a match such as comment was expected"),
        ("-A X 80", 6, "expected an option such as -s, -d, -p, -i, -m or -j"),
        ("-A X -m tcp 80", 13, "expected an option such as --dport, --sport, --tcp-flags, --tcp-option, -m or -j"),
        ('-A X -m comment --comment "a" "b"', 31, "expected !, --comment, -g, -j or -m"),
    ],
)
def test_a_mistake_within_a_line_has_a_sentence_of_its_own(line: str, column: int, sentence: str) -> None:
    place, _, said = told(line)

    assert (column, sentence) == (place, said)


@pytest.mark.parametrize("text", ['"a b', '"', r'"a\"'])
def test_text_in_quotes_without_an_end_is_told_apart(text: str) -> None:
    column, _, said = told(f"-A X -m comment --comment {text}")

    assert (column, said) == (27, "this text in double quotes has no end on this line")


def test_a_line_without_an_end_is_told_as_such() -> None:
    _, _, said = told("-A X" + " -m tcp" * 1500)

    assert said == "this line has more than 1000 words; iptables-restore takes 255"


def test_columns_count_characters() -> None:
    column, _, _ = told('-A é𝄞 -m comment --comment "\udcff" x')

    assert column == 32


@pytest.mark.parametrize(
    "line",
    [
        "-A X ! -j DROP",
        "-A X --dport 80",
        "-A X -m tcp 80",
        "-A X -j DNAT 80",
        "COMMIT now",
        "-A X -d ! 1.2.3.4",
        "[0:0]",
        "[0:0]-A X",
        "COMMIT*nat",
    ],
)
def test_a_sentence_is_short_and_without_names_of_the_machine(line: str) -> None:
    _, width, said = told(line)

    assert width >= 0
    assert len(said) < 200
    assert "__" not in said
    assert "_NAME" not in said
