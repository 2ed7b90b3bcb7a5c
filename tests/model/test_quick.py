from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iptexplain.parsing.table
from iptexplain.model.quick import for_ascii

PATTERNS = [pattern for _, pattern in json.loads(Path(iptexplain.parsing.table.__file__).with_name("shapes.json").read_bytes())["patterns"]]
SETS = [
    r"[^ \t\n]", r'[^"\\\n]', r"[^]x]", r"[^a-f]", r"[^\S ]", r"[^\d]", r"[^\]\[]", r"[^\x41]", r"[^a]", r"[a-c^]", r"[]^a]", r"\[^a\]b",
    r"[^[a]", r"[^\-a]",
]  # fmt: skip
TEXT = st.text(st.sampled_from('ab"\\\t ^[]-#xA1KUBE') | st.characters(max_codepoint=127), max_size=20)


@pytest.mark.parametrize("expression", SETS)
def test_a_set_admits_the_same_ascii_characters(expression: str) -> None:
    for code in range(128):
        character = chr(code)

        assert bool(re.match(expression, character)) is bool(re.match(for_ascii(expression), character)), code


@pytest.mark.parametrize("expression", sorted(set(PATTERNS)))
@given(text=TEXT)
def test_the_values_of_the_grammar_match_the_same_in_ascii_text(expression: str, text: str) -> None:
    plain, quick = re.match(expression, text), re.match(for_ascii(expression), text)

    assert (plain and plain.group()) == (quick and quick.group())


def test_words_are_read_by_one_set() -> None:
    assert for_ascii(r"(?>[^ \t\n]+)") == r"[\x00-\x08\x0b-\x1f\x21-\x7f]++"
