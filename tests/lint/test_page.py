"""The pages of checks: what they say beside the text of the module, and that their examples are what the check finds."""

from __future__ import annotations

import ast
import re

import pytest

from iptexplain.lint.check import NEEDS
from iptexplain.lint.finding import SEVERITIES
from iptexplain.lint.registry import CODES, check, page
from tests.checkout import PACKAGE
from tests.lint.linted import said

BLOCK = re.compile(r"(?ms)^```\n(.*?)^```$")


def whole_examples() -> dict[str, str]:
    """The examples of pages that are dumps by themselves, by code."""
    found = {code: BLOCK.search(page(code).sections["Example"]) for code in CODES}
    blocks = {code: block[1] for code, block in found.items() if block is not None}
    return {code: text for code, text in blocks.items() if text.startswith("*") and "COMMIT" in text}


def test_a_page_lists_why_the_check_may_not_look() -> None:
    text = page("KN906").text(check("KN906"))

    assert (
        "It cannot look if:\n\n"
        "- nothing of kube-proxy's iptables mode is in the dump\n"
        "- the dump has no counters (iptables-save -c writes them)\n\n"
        "## What it does"
    ) in text


def test_a_page_of_a_check_that_always_looks_has_no_such_list() -> None:
    assert "It cannot look" not in page("IT712").text(check("IT712"))


def test_a_page_tells_all_severities_of_the_check() -> None:
    assert "\nSeverity: error, in some cases info.\n" in page("KP107").text(check("KP107"))
    assert "\nSeverity: warning.\n" in page("IT712").text(check("IT712"))


@pytest.mark.parametrize("code", CODES)
def test_a_check_names_all_severities_that_its_code_gives(code: str) -> None:
    tree = ast.parse((PACKAGE / f"lint/checks/{code.lower()}.py").read_text("utf-8"))
    code_of_hits = [part for part in tree.body if not (isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "CHECK")]
    used = {node.id.lower() for part in code_of_hits for node in ast.walk(part) if isinstance(node, ast.Name)}
    made = check(code)

    assert made.also == tuple(severity for severity in SEVERITIES if severity in used - {made.severity})


def test_reasons_are_parts_of_sentences() -> None:
    assert all(not reason.english()[0].isupper() and reason.english()[-1] != "." for reason in NEEDS.values())


@pytest.mark.parametrize(("code", "example"), whole_examples().items())
def test_an_example_that_is_a_dump_is_what_the_check_finds(code: str, example: str) -> None:
    assert said(example, code)
