"""`iptexplain lint` and `iptexplain rule` as commands: what they print, and how they end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jsonschema import Draft202012Validator

from iptexplain.lint.registry import CODES
from iptexplain.render import schemas
from tests.command import CLASSIC, SAMPLES, Json, here, printed, run
from tests.lint.linted import sound
from tests.lint.test_kp101 import JUMP

if TYPE_CHECKING:
    from tests.command import Done

BROKEN = sound().replace(JUMP, "").encode()
CUT = sound().rpartition("COMMIT")[0].encode()


def linted(*arguments: str, stdin: bytes = BROKEN) -> Done:
    return run("lint", *arguments, stdin=stdin)


def document(*arguments: str, stdin: bytes = BROKEN) -> Json:
    found: Json = json.loads(here("lint", "-f", "json", *arguments, stdin=stdin).out)
    assert list(Draft202012Validator(json.loads(schemas.schema("lint"))).iter_errors(found)) == []
    return found


def test_a_finding_is_told_with_its_place_line_caret_related_line_and_help() -> None:
    done = linted()

    assert done.status == 1
    assert done.out == (
        "-:42:1: error: nothing leads from PREROUTING to KUBE-SERVICES: what arrives at the node reaches no Service [KP101]\n"
        "  :PREROUTING ACCEPT [0:0]\n"
        "  ^~~~~~~~~~~~~~~~~~~~~~~~\n"
        "  -:67: the rules that are not reached\n"
        "  help: restart kube-proxy, and find out what removed its rule from nat\n"
        "    PREROUTING\n"
        "\n"
    )
    assert done.err.endswith("iptexplain: 1 error, 0 warnings, 0 remarks\n")


def test_healthy_dumps_end_with_0_and_say_so() -> None:
    done = linted(CLASSIC, stdin=b"")

    assert (done.status, done.out) == (0, "")
    assert done.err.startswith("iptexplain: nothing found")


def test_the_status_follows_the_fail_level_and_never_the_format() -> None:
    assert linted("--exit-zero").status == 0
    assert linted("--ignore", "KP101").status == 0
    assert linted("--select", "KP1", "-f", "json").status == 1
    assert linted("-f", "github", "--fail-level", "error").status == 1
    assert linted("--min-severity", "error", stdin=CUT).status == 1


def test_what_is_no_dump_is_never_clean() -> None:
    assert linted(stdin=b"hello\n").status == 2
    assert linted(stdin=b"").status == 2


def test_a_code_that_is_not_there_is_wrong_usage() -> None:
    done = linted("--select", "ZZ1")

    assert (done.status, done.out) == (2, "")
    assert "ZZ1" in done.err
    assert "iptexplain rule lists all" in done.err


def test_the_json_follows_its_schema_and_counts_what_it_shows() -> None:
    found = document()

    assert [(one["code"], one["severity"], one["line"]) for one in found["findings"]] == [("KP101", "error", 42)]
    assert found["summary"] == {"error": 1, "warning": 0, "info": 0}
    assert found["findings"][0]["related"] == [{"file": "-", "line": 67, "message": "the rules that are not reached"}]


def test_json_lines_are_the_findings_of_the_document() -> None:
    lines = here("lint", "-f", "jsonl", stdin=BROKEN).out.splitlines()

    assert [json.loads(line) for line in lines] == document()["findings"]


def test_several_files_are_told_in_their_order() -> None:
    found = json.loads(printed("lint", "-f", "json", *SAMPLES).out)

    assert [entry["file"] for entry in found["inputs"]] == list(SAMPLES)


def test_checks_that_could_not_look_are_told_with_the_reason() -> None:
    done = linted("-v", stdin=CUT)

    assert "iptexplain: -: KP101 not looked for: the dump is cut off" in done.err
    assert {"file": "-", "code": "KP101"}.items() <= document(stdin=CUT)["skipped"][0].items()


def test_github_gets_workflow_commands_on_one_line_each() -> None:
    done = linted("-f", "github")

    (line,) = done.out.splitlines()
    assert line.startswith("::error file=-,title=KP101 no-services-for-arriving-traffic,line=42,col=1::nothing leads")


def test_hostile_text_does_no_harm() -> None:
    evil = b'*nat\n:X - [0:0]\n-A X -m comment --comment "\x1b[31m::error::%0A" -p tcp -j DNAT --to-destination 0.0.0.0:0\nCOMMIT\n'

    for form in ("text", "github"):
        done = linted("-f", form, stdin=evil)
        assert "\x1b" not in done.out
        assert done.status == 1


def test_rule_lists_all_checks_and_prints_a_page() -> None:
    every, page = printed("rule"), printed("rule", "kp101")

    assert [line.split()[0] for line in every.out.splitlines()] == list(CODES)
    assert page.out.startswith("# KP101 no-services-for-arriving-traffic\n")
    assert page.out.count("\n## ") == 5
    assert printed("rule", "KP999").status == 2
