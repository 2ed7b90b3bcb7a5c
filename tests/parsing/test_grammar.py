from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from iptexplain.errors import InstallationError
from iptexplain.parsing import grammar
from tests.parsing.examples import Example, examples, extensions, listed, options

if TYPE_CHECKING:
    from tests.parsing.examples import OptionLine

EXAMPLES = examples()
EXTENSIONS = extensions()
OPTIONS = options()


def read(line: str) -> list[tuple[str, str]]:
    """The tokens of a line: the terminal (keywords: `=`), and the text."""
    literals = grammar.keywords()
    return [
        ("=" if token.terminal in literals else grammar.plain_name(token.terminal), line[token.start : token.end])
        for token in grammar.derive(line).tokens
    ]


def values(line: str) -> list[str]:
    """The tokens that are values, written `TERMINAL text`."""
    return [f"{terminal} {text}" for terminal, text in read(line) if terminal != "="]


def rules_in(line: str) -> set[str]:
    """The grammar rules that take part in the derivation of a line."""
    return {grammar.plain_name(str(tree.data)) for tree in grammar.derive(line).tree.iter_subtrees()}


# ---- keywords and values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-A X -m comment --comment --dport", ["CHAIN_NAME X", "TEXT --dport"]),
        ("-A X -m comment --comment -j", ["CHAIN_NAME X", "TEXT -j"]),
        ("-A X -m comment --comment -j -j ACCEPT", ["CHAIN_NAME X", "TEXT -j"]),
        ("-A X -m comment --comment !", ["CHAIN_NAME X", "TEXT !"]),
        ('-A X -m comment --comment "-j" -j DROP', ["CHAIN_NAME X", 'TEXT "-j"']),
        ("-A X -m comment --comment --comment", ["CHAIN_NAME X", "TEXT --comment"]),
        ("-A X -m comment --comment ACCEPT", ["CHAIN_NAME X", "TEXT ACCEPT"]),
        ("-A X -j LOG --log-prefix --log-level", ["CHAIN_NAME X", "TEXT --log-level"]),
        ("-A X -m set --match-set --match-set src", ["CHAIN_NAME X", "SET_NAME --match-set", "WORD src"]),
        ("-A X -m recent --set --name --set --rsource", ["CHAIN_NAME X", "WORD --set"]),
        ("-A X -f -i -f -o -j", ["CHAIN_NAME X", "INTERFACE -f", "INTERFACE -j"]),
        ("-A -j -j DROP", ["CHAIN_NAME -j"]),
        ("-A -A -j -A", ["CHAIN_NAME -A", "TARGET_NAME -A"]),
        ("-A COMMIT -j COMMIT", ["CHAIN_NAME COMMIT", "TARGET_NAME COMMIT"]),
        (":COMMIT - [0:0]", ["CHAIN_NAME COMMIT", "POLICY -", "COUNTERS [0:0]"]),
        ("*COMMIT", ["TABLE_NAME COMMIT"]),
    ],
)
def test_a_value_is_taken_whatever_it_looks_like(line: str, expected: list[str]) -> None:
    assert expected == values(line)


@pytest.mark.parametrize("line", ["-A X -jACCEPT", "-AX -j ACCEPT", "-A X -ptcp", "-A X -mtcp", "-A X -d10.0.0.0/8", "[0:0]-A X"])
def test_a_keyword_does_not_touch_what_follows(line: str) -> None:
    with pytest.raises(grammar.SyntaxProblem):
        grammar.derive(line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-A X -j ACCEPTED", ["TARGET_NAME ACCEPTED"]),
        ("-A X -j ACCEP", ["TARGET_NAME ACCEP"]),
        ("-A X -j DNAT-ALL", ["TARGET_NAME DNAT-ALL"]),
        ("-A X -g ACCEPT", ["TARGET_NAME ACCEPT"]),
        ("-A X -m tcpx", ["MATCH_NAME tcpx"]),
        ("-A X -m tcp --dportx 80", ["UNKNOWN_OPTION --dportx", "UNKNOWN_VALUE 80"]),
        ("-A X -m tcp --dpor 80", ["UNKNOWN_OPTION --dpor", "UNKNOWN_VALUE 80"]),
        ("-A X -j DNAT --to-destinations 1.2.3.4", ["UNKNOWN_OPTION --to-destinations", "UNKNOWN_VALUE 1.2.3.4"]),
    ],
)
def test_a_keyword_is_a_whole_word(line: str, expected: list[str]) -> None:
    assert ["CHAIN_NAME X", *expected] == values(line)


@pytest.mark.parametrize("name", ["ACCEPT", "DROP", "RETURN", "QUEUE"])
def test_a_verdict_is_a_keyword(name: str) -> None:
    assert ("=", name) == read(f"-A X -j {name}")[-1]


# ---- text in double quotes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '""',
        '"a b"',
        r'"say \"hi\""',
        r'"it\'s"',
        r'"\\"',
        r'"\ "',
        '"a\tb"',
        '"é → 𝄞"',
        '"!"',
        "'a",
        "it's",
        'a"b',
        'a"',
        r"a\b",
        "[unsupported",
        "#hash",
        "a\r",
        "\udc80",
    ],
)
def test_a_text_is_one_value(text: str) -> None:
    assert ["CHAIN_NAME X", f"TEXT {text}"] == values(f"-A X -m comment --comment {text} -j DROP")


@pytest.mark.parametrize("text", ['"', '"a', '"a b', r'"a\"', '"a"b', '"a""b"', '"a" "b"', '"a" b', "a b", ""])
def test_a_text_ends_with_its_quote_and_then_the_word_ends(text: str) -> None:
    with pytest.raises(grammar.SyntaxProblem):
        grammar.derive(f"-A X -m comment --comment {text} -j DROP".replace("  ", " "))


# ---- names ---------------------------------------------------------------------------------------------------------------

WILD_NAMES = ["[1:2]", ":colon", "#hash", '"q"', "it's", "é", "a\\b", "-", "!", "a\xa0b", "*", "DOS~Pro-t_ect", "a\r"]


@pytest.mark.parametrize("name", WILD_NAMES)
def test_a_chain_may_have_any_name_without_blanks(name: str) -> None:
    assert [f"CHAIN_NAME {name}", "POLICY -", "COUNTERS [0:0]"] == values(f":{name} - [0:0]")
    assert [f"CHAIN_NAME {name}"] == values(f"-A {name} -j DROP")
    assert ["CHAIN_NAME X", f"TARGET_NAME {name}"] == values(f"-A X -j {name}")
    assert ["COUNTERS [1:2]", f"CHAIN_NAME {name}", f"TARGET_NAME {name}"] == values(f"[1:2] -A {name} -g {name}")


@pytest.mark.parametrize("name", ['a"b', "!x", "eth0+", "+", "br-b74b417b331f", "a:b", '"'])
def test_an_interface_may_have_any_name_without_blanks(name: str) -> None:
    assert ["CHAIN_NAME X", f"INTERFACE {name}", f"INTERFACE {name}"] == values(f"-A X -i {name} ! -o {name} -j DROP")


@pytest.mark.parametrize("name", ["weave-E1ney4o[ojNrLk.6rOHi;7MPE", "a-41s)5vQ^o/xWG~?#|E", "src", "--set", '"q'])
def test_an_ipset_may_have_any_name_without_blanks(name: str) -> None:
    assert ["CHAIN_NAME X", f"SET_NAME {name}", "WORD src,dst"] == values(f"-A X -m set ! --match-set {name} src,dst -j DROP")


# ---- lines ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "*nat",
        "COMMIT",
        "COMMIT ",
        ":X - [0:0]",
        ":X ACCEPT [1:2] ",
        ":X -",
        "#",
        "# text",
        "#text",
        "-A X",
        "-A X ",
        "-A X -p tcp",
        "[0:0] -A X",
        "-A\tX\t-j\tACCEPT\t",
        "-A X  -p  tcp   -j ACCEPT  ",
        "-A X -s 1.2.3.4/32 -s 1.2.3.5/32",
        "-A X -m tcp",
        "-A X -m comment --comment a -m comment --comment b",
        "-A X -m tcp --sport 1 -m set --match-set a src -m set --match-set b dst -m tcp --dport 2",
        "-A X -m time  --timestart 06:59",
        "-A X -m nfacct --nfacct-name  packets",
        "-A X -j DNAT",
    ],
)
def test_a_line_of_iptables_save_is_accepted(line: str) -> None:
    assert line[:1] == line[grammar.derive(line).tokens[0].start]


@pytest.mark.parametrize(
    "line",
    [
        "",
        " ",
        "*",
        "* nat",
        "*nat filter",
        "COMMIT x",
        "COMMITTED",
        " COMMIT",
        "commit",
        ":X",
        ": X - [0:0]",
        ":X - [0:0] x",
        ":X - [0:0",
        ":X - 0:0",
        "-A",
        "A X",
        "-a X",
        "-I X -j DROP",
        "-N X",
        "-P INPUT ACCEPT",
        "[0:0]",
        "[a:0] -A X",
        "[1:2:3] -A X",
        "-A X -j",
        "-A X -g",
        "-A X -m",
        "-A X !",
        "-A X ! -m tcp",
        "-A X ! -j DROP",
        "-A X -d ! 10.0.0.0/8",
        "-A X --dport 80",
        "-A X --protocol tcp",
        "-A X -c 1 2",
        "-A X -m tcp 80",
        "-A X -m tcp --tcp-flags SYN",
        "-A X -m comment --comment",
        "-A X -j ACCEPT -m tcp",
        "-A X -j ACCEPT --log",
        "-A X -j RETURN x",
        "-A X -g Y z",
        "-A X # remark",
        " # indented",
        " -A X",
        "\t-A X",
        "\ufeff*nat",
        "Chain INPUT (policy ACCEPT)",
    ],
)
def test_a_line_of_something_else_is_refused(line: str) -> None:
    with pytest.raises(grammar.SyntaxProblem):
        grammar.derive(line)


@pytest.mark.parametrize(
    ("line", "offset"),
    [
        ("-A X -jACCEPT", 7),
        ("-A X -m", 7),
        ("-A X -m tcp 80 -j DROP", 12),
        ("-A X -p tcp   --dport 80", 14),
        ("-A X -m comment --comment", 25),
        ("-A X -m comment --comment   ", 25),
        ('-A X -m comment --comment "a b', 26),
        ("-A X -j ACCEPT x", 15),
        (" COMMIT", 0),
        ("frob", 0),
    ],
)
def test_a_refusal_says_where_the_line_stops_to_be_one(line: str, offset: int) -> None:
    with pytest.raises(grammar.SyntaxProblem) as caught:
        grammar.derive(line)

    assert offset == caught.value.offset
    assert caught.value.length >= 1


@pytest.mark.parametrize(
    ("line", "terminal"),
    [
        ("-A X -m", "MATCH_NAME"),
        ("-A X -j", "TARGET_NAME"),
        ("-A X -p", "PROTOCOL"),
        ("-A X -m comment --comment", "TEXT"),
        ("-A X -m tcp --dport", "PORTS"),
        ("-A X -j DNAT --to-destination", "ENDPOINT"),
        ('-A X -m comment --comment "a', "TEXT"),
        (":X", "POLICY"),
        ("*", "TABLE_NAME"),
    ],
)
def test_a_refusal_says_what_could_stand_there(line: str, terminal: str) -> None:
    with pytest.raises(grammar.SyntaxProblem) as caught:
        grammar.derive(line)

    assert terminal in {grammar.plain_name(name) for name in caught.value.expected}


# ---- what the grammar does not know --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "rule", "expected"),
    [
        ("-A X -m tomorrow", "unknown_match", ["MATCH_NAME tomorrow"]),
        ('-A X -m tomorrow a --b ! "c d"', "unknown_match", [
            "MATCH_NAME tomorrow", "UNKNOWN_WORD a", "UNKNOWN_WORD --b", "UNKNOWN_WORD !", 'UNKNOWN_WORD "c d"',
        ]),
        ('-A X -m tomorrow "-j" -j DROP', "unknown_match", ["MATCH_NAME tomorrow", 'UNKNOWN_WORD "-j"']),
        ("-A X -m tcp --tomorrow 1 2 --dport 3", "unknown_option", [
            "UNKNOWN_OPTION --tomorrow", "UNKNOWN_VALUE 1", "UNKNOWN_VALUE 2", "PORTS 3",
        ]),
        ("-A X -m tcp ! --tomorrow", "unknown_option", ["UNKNOWN_OPTION --tomorrow"]),
        ("-A X -m limit ! --limit 5/min", "unknown_option", ["UNKNOWN_OPTION --limit", "UNKNOWN_VALUE 5/min"]),
        ("-A X -j TOMORROW --b 1", "jump", ["TARGET_NAME TOMORROW", "UNKNOWN_WORD --b", "UNKNOWN_WORD 1"]),
        ("-A X -j TOMORROW -m tcp", "jump", ["TARGET_NAME TOMORROW", "UNKNOWN_WORD -m", "UNKNOWN_WORD tcp"]),
        ("-A X -j DNAT --tomorrow 1 --random", "unknown_option", ["UNKNOWN_OPTION --tomorrow", "UNKNOWN_VALUE 1"]),
        ("-A X -j NOTRACK --tomorrow", "unknown_option", ["UNKNOWN_OPTION --tomorrow"]),
    ],
)  # fmt: skip
def test_what_is_not_known_is_kept_word_for_word(line: str, rule: str, expected: list[str]) -> None:
    assert ["CHAIN_NAME X", *expected] == values(line)
    assert rule in rules_in(line)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("-A X -m recent [unsupported revision] -j DROP", "unsupported_match"),
        ("-A X -m tomorrow [unsupported revision]", "unsupported_match"),
        ("-A X -j DNAT [unsupported revision]", "unsupported_target"),
        ("-A X -j TOMORROW [unsupported revision]", "jump"),
    ],
)
def test_an_unsupported_revision_is_a_case_of_its_own(line: str, rule: str) -> None:
    assert rule in rules_in(line)


# ---- the grammar files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.rule}: {example.text[:30]}")
def test_the_example_above_a_rule_is_read_by_that_rule(example: Example) -> None:
    found = rules_in(example.line)

    # base options are renamed to `option`, as all options are
    assert {"base_option": "option"}.get(example.rule, example.rule) in found


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 100


@pytest.mark.parametrize(("kind", "lead"), [("match", "-m"), ("target", "-j")])
def test_every_match_and_target_has_an_example(kind: str, lead: str) -> None:
    wanted = {(extension.rule, f"{lead} {extension.name}") for extension in EXTENSIONS if extension.kind == kind}
    shown = {(example.rule, " ".join(example.text.split()[:2])) for example in EXAMPLES}

    assert len(wanted) > 30
    assert set() == wanted - shown


@pytest.mark.parametrize(("kind", "rule"), [("match", "_match_name"), ("target", "_target_name")])
def test_every_match_and_target_may_be_an_unsupported_revision(kind: str, rule: str) -> None:
    assert {extension.name for extension in EXTENSIONS if extension.kind == kind} == listed(rule)


@pytest.mark.parametrize("kind", ["match", "target"])
def test_the_extensions_are_in_alphabetical_order(kind: str) -> None:
    names = [extension.rule.removesuffix(f"_{kind}") for extension in EXTENSIONS if extension.kind == kind]

    assert sorted(names) == names


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: f"{option.owner} {option.keyword}")
def test_an_option_is_read_with_its_values(option: OptionLine) -> None:
    names = {f"{extension.rule.removesuffix(extension.kind)}{extension.kind[0]}": extension for extension in EXTENSIONS}
    if option.owner == "base":
        lead = "-A X"
    else:
        extension = names[option.owner]
        lead = f"-A X {'-m' if extension.kind == 'match' else '-j'} {extension.name}"
    # whatever a value looks like; one that may be missing has to look like one
    values = [f"{'' if terminal == 'MORE' else '--'}{number}" for number, terminal in enumerate(option.terminals)]
    said = [option.keyword, *values]
    expected = [("=", option.keyword), *zip(option.terminals, values, strict=True)]
    plain = read(f"{lead} {' '.join(said)}")
    negated = [] if not option.negatable else read(f"{lead} ! {' '.join(said)}")

    assert expected == plain[-len(expected) :]
    assert negated == [] or [("=", "!"), *expected] == negated[-len(expected) - 1 :]


def test_there_are_options() -> None:
    assert len(OPTIONS) > 300


def test_no_two_terminals_match_the_same_text_by_accident(caplog: pytest.LogCaptureFixture) -> None:
    """Lark's strict mode fails on shift/reduce conflicts, and on terminals of one parser state that may match the same text.

    Terminals of equal form (the bare words) never stand in one state; a keyword wins over the expression that holds it.
    """
    from lark import Lark

    with caplog.at_level(logging.WARNING):
        built = Lark(
            (grammar.folder() / "iptables_save.lark").read_text("utf-8"),
            start=grammar.START,
            parser="lalr",
            lexer="contextual",
            strict=True,
            import_paths=[str(grammar.folder())],
            source_path=str(grammar.folder() / "iptables_save.lark"),
        )

    assert built.options.strict
    assert caplog.records == []


@pytest.mark.parametrize("expression", [" +x", r"(?:\t)?y", "[^x]+", r"a(?<=b)c", "^a", "a$", r"(a)\1", "x*"])
def test_a_terminal_that_shapes_cannot_repeat_is_refused(expression: str) -> None:
    from lark.lexer import PatternRE, TerminalDef

    with pytest.raises(InstallationError, match="terminal VALUE"):
        grammar.check_terminals({"VALUE": TerminalDef("VALUE", PatternRE(expression))})


def test_the_terminals_of_the_grammar_can_be_repeated_by_shapes() -> None:
    grammar.check_terminals({terminal.name: terminal for terminal in grammar.parser().terminals})
