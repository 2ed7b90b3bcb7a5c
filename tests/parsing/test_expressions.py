from __future__ import annotations

import re
from string import printable

import pytest

from iptexplain.parsing.expressions import can_begin_with, can_hold, looks_around

EXPRESSIONS = [
    "a", "ab", "a|b", "a*", "a+b", "a?b", "[ab]", "[^a]", "[a-c]x", r"\s", r"\S+", r"\d{2,3}", r"\w*", ".", "(a)(b)?", "(?:a|bc)*d",
    "(?>ab|a)c", "a*+b", "a*?b", "(?=a)a", "(?!a)[ab]", r"[^ \t\n]+", r'"(?:[^"\\\n]|\\[^\n])*"(?![^ \t\n])', "", "a{0}b", "[^\\S ]",
    "(?i:a)",
]  # fmt: skip
"""No look-behind: for these the answers may err, and only to the safe side."""


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_matches_no_character_that_it_is_said_not_to_hold(expression: str) -> None:
    for character in printable:
        if not can_hold(expression, character):
            found = [text for text in (character, f"a{character}b", f'"{character}"') if re.match(expression, text)]
            for text in found:
                match = re.match(expression, text)
                assert match is not None

                assert character not in match.group()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_begins_with_no_character_that_it_is_said_not_to_begin_with(expression: str) -> None:
    for character in printable:
        if not can_begin_with(expression, character):
            assert [text for text in (character, f"{character}a", f"{character}bc", f"{character}11") if re.match(expression, text)] == []


@pytest.mark.parametrize(
    ("expression", "character", "expected"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("[^a]", "\n", True),
        (".", "\n", False),
        (r"\s", "\n", True),
        (r"\S", "\n", False),
        (r"[^ \t\n]+", "\n", False),
        (r"[^\S]", "\n", True),
        ("a(?![^b])", "\n", True),
        (r"a(?![^ \t\n])", "\n", False),
        ("(?:x|(y|\n))?", "\n", True),
        (r"\d+", "5", True),
        (r"\D+", "5", False),
        (r"[\w-]", "-", True),
    ],
)
def test_what_an_expression_can_hold(expression: str, character: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert expected == can_hold(expression, character)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a", False),
        (" a", True),
        ("a ", False),
        ("a* b", True),
        ("a+ b", False),
        ("", True),
        ("a*", True),
        ("(?: |a)b", True),
        ("(?:a|b) ", False),
        ("(?=a)[ a]", True),
        (r"[^ \t\n]+", False),
        (r"\s", True),
        ('"[^"]*"', False),
        ("(?>a|)b", False),
        ("(?>a|) ", True),
    ],
)
def test_what_an_expression_can_begin_with(expression: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert expected == can_begin_with(expression, " \t")


@pytest.mark.parametrize("expression", ["^a", "a$", r"\Aa", r"a\Z", r"\ba", "(?<=a)b", "(?<!a)b", r"(a)\1", "(?:x|^y)", "(?=a$)a"])
def test_what_looks_around_is_found(expression: str) -> None:
    assert looks_around(expression)


@pytest.mark.parametrize("expression", ["a", "(?=a)b", "(?!a)b", "(a)(b)", "(?>a)", "[$^]", r"\$"])
def test_what_looks_ahead_only_is_not_found(expression: str) -> None:
    assert not looks_around(expression)
