"""`iptexplain lint` and `iptexplain rule` as commands: what they print, and how they end."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree.ElementTree import fromstring

import pytest
from jsonschema import Draft202012Validator

from iptexplain.lint.registry import CODES
from iptexplain.render import schemas
from tests.checkout import ROOT
from tests.command import CLASSIC, SAMPLES, Json, here, printed, run
from tests.lint.linted import sound
from tests.lint.of_node import links
from tests.lint.test_kp101 import JUMP

if TYPE_CHECKING:
    from pathlib import Path

from tests.command import Done

BROKEN = sound().replace(JUMP, "").encode()
EXTERNAL = "samples/kube-proxy/external-access.save"
IPV6 = "samples/kube-proxy/ipv6.save"
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
    assert "iptexplain: 1 error, 0 warnings, 0 infos; checks that could not look: " in done.err


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

    assert [json.loads(line) for line in lines] == [{"schema": "iptexplain.lint/1", **one} for one in document()["findings"]]


def test_several_files_are_told_in_their_order() -> None:
    found = json.loads(printed("lint", "-f", "json", *SAMPLES).out)

    assert [entry["file"] for entry in found["inputs"]] == list(SAMPLES)


def test_checks_that_could_not_look_are_told_with_the_reason() -> None:
    done = linted("-v", stdin=CUT)

    assert "iptexplain: -: KP101 not looked for: the dump is cut off" in done.err
    assert "KP101" in [one["code"] for one in document(stdin=CUT)["skipped"]]


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


def test_a_baseline_takes_what_is_known_away(tmp_path: Path) -> None:
    file = str(tmp_path / "base.json")

    assert linted("--write-baseline", file).status == 0
    done = linted("--baseline", file)
    assert (done.status, done.out) == (0, "")
    assert "known from the baseline: 1" in done.err
    assert linted("--baseline", str(tmp_path / "none.json")).status == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("iptexplain.toml", 'ignore = ["KP101"]\n'),
        ("pyproject.toml", '[tool.iptexplain]\nignore = ["KP101"]\n'),
        ("pyproject.toml", '[tool.iptexplain]\nselect = ["IX"]\n'),
        ("iptexplain.toml", 'fail-level = "error"\nselect = ["IX"]\n'),
    ],
)
def test_settings_of_the_folder_count_and_options_count_more(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")

    assert run("lint", stdin=BROKEN, folder=tmp_path).status == 0
    assert run("lint", "--select", "KP101", "--ignore", "IX001", stdin=BROKEN, folder=tmp_path).status == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1\n", "iptexplain.toml: there is no setting colour; there are select"),
        ('select = "KP"\n', "iptexplain.toml: select has to be a list of codes"),
        ('fail-level = "fatal"\n', "iptexplain.toml: fail-level has to be one of error, warning, info"),
        ("baseline = 3\n", "iptexplain.toml: baseline has to be the path of a file"),
        ("select = [\n", "iptexplain.toml: "),
    ],
)
def test_settings_that_make_no_sense_are_errors_with_the_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "iptexplain.toml").write_text(text, "utf-8")
    done = run("lint", stdin=BROKEN, folder=tmp_path)

    assert done.status == 2
    assert said in done.err


SARIF_RESULT = {"ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations", "partialFingerprints"}
"""The keys of a result that are used here; all of them are in the schema of SARIF 2.1.0."""


def test_sarif_declares_all_checks_and_points_at_the_finding() -> None:
    whole = json.loads(here("lint", "-f", "sarif", stdin=BROKEN).out)
    (one,) = whole["runs"]
    (result,) = one["results"]
    rules = one["tool"]["driver"]["rules"]

    assert (whole["version"], set(whole), set(one)) == ("2.1.0", {"$schema", "version", "runs"}, {"tool", "columnKind", "results"})
    assert [rule["id"] for rule in rules] == list(CODES)
    assert all(rule["shortDescription"]["text"] and rule["help"]["text"] and rule["help"]["markdown"] for rule in rules)
    assert set(result) <= SARIF_RESULT
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "KP101"
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "stdin"}, "region": {"startLine": 42, "startColumn": 1, "endColumn": 25}}
    assert result["partialFingerprints"] == {"iptexplain/v1": document()["findings"][0]["fingerprint"]}


def test_junit_has_a_case_for_each_check() -> None:
    suites = fromstring(here("lint", "-f", "junit", stdin=BROKEN).out.encode())  # noqa: S314 - this program wrote it
    (suite,) = suites

    assert suite.attrib["tests"] == str(len(CODES))
    assert suite.attrib["failures"] == "1"
    assert [case.attrib["name"][:5] for case in suite if case.find("failure") is not None] == ["KP101"]
    assert [case.attrib["name"][:5] for case in suite] == list(CODES)


def test_markdown_is_a_table_and_escapes_what_came_from_the_dump() -> None:
    text = b"*nat\n:A|<b> - [0:0]\n-A A|<b> -p tcp -j DNAT --to-destination 0.0.0.0:0\nCOMMIT\n"
    lines = here("lint", "-f", "markdown", "--select", "IX006", stdin=text).out.splitlines()

    assert lines[0].startswith("| place | severity | code |")
    assert r"A\|\<b\>" in lines[2]


def test_files_beside_the_dump_are_of_its_node(tmp_path: Path) -> None:
    legacy, addresses = tmp_path / "legacy.save", tmp_path / "addr.txt"
    legacy.write_text(sound().replace(" (nf_tables)", ""))
    addresses.write_text(links({"eth0": "10.109.35.24/32"}))
    found = document(CLASSIC, "--legacy", str(legacy), "--ip-addr", str(addresses), "--ip6", IPV6, stdin=b"")

    assert {one["code"] for one in found["findings"]} >= {"KP601", "KN902"}
    assert {one["related"][0]["file"] for one in found["findings"] if one["code"] == "KP601"} == {str(legacy)}
    assert not {"KP601", "KN902", "KP109"} & {one["code"] for one in found["skipped"]}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--legacy", EXTERNAL), "the other backend"),
        (("--legacy", CLASSIC), "the dump itself"),
        (("--ip6", EXTERNAL), "ip6tables-save"),
        (("--ipset", "nowhere.txt"), "nowhere.txt"),
        (("--ip-addr", CLASSIC), "classic-nginx"),
        (("--ipset", "-", "-"), "standard input"),
    ],
)
def test_files_beside_that_do_not_fit_are_wrong_usage(arguments: tuple[str, ...], reason: str) -> None:
    done = linted(*(arguments if "-" in arguments else (CLASSIC, *arguments)))

    assert (done.status, done.out) == (2, "")
    assert reason in done.err


def test_files_beside_belong_to_one_dump() -> None:
    done = linted(CLASSIC, CLASSIC, "--ip6", IPV6)

    assert (done.status, done.out) == (2, "")
    assert "one dump" in done.err


def test_dumps_of_one_node_may_stand_in_one_file() -> None:
    both = sound().encode() + sound().replace(" (nf_tables)", "").encode()

    assert "KP601" in {one["code"] for one in document(stdin=both)["findings"]}


def test_a_file_beside_that_is_cut_is_told_where_checks_needed_it(tmp_path: Path) -> None:
    legacy = tmp_path / "legacy.save"
    legacy.write_text(sound().replace(" (nf_tables)", "").rpartition("COMMIT")[0])
    found = document(CLASSIC, "--legacy", str(legacy), stdin=b"")

    assert {one["reason"] for one in found["skipped"] if one["code"] == "KP601"} == {
        "the rules beside the dump are cut off, or no whole tables"
    }
    assert [one["file"] for one in found["inputs"]] == [CLASSIC, str(legacy)]
    assert str(legacy) in {one["file"] for one in found["warnings"]}


def test_what_is_hidden_is_counted() -> None:
    done = linted("--min-severity", "error", stdin=CUT.replace(JUMP.encode(), b""))

    assert done.status == 1
    assert "0 errors" not in done.err
    assert "not as grave as asked for" in linted("--min-severity", "error", "--select", "IX005", stdin=b"*filter\nCOMMIT\n").err


@pytest.mark.parametrize("options", [("--select", "KP401", "--ignore", "KP401"), ("--ignore", "IX,KP,IT,KN")])
def test_no_check_at_all_is_wrong_usage(options: tuple[str, ...]) -> None:
    done = linted(*options)

    assert (done.status, done.out) == (2, "")
    assert "no check is left" in done.err


def test_of_several_files_those_that_can_be_read_are_told(tmp_path: Path) -> None:
    empty, broken = tmp_path / "empty.save", tmp_path / "broken.save"
    empty.write_bytes(b"")
    broken.write_bytes(BROKEN)
    done = linted(str(empty), str(broken), stdin=b"")

    assert done.status == 2
    assert "[KP101]" in done.out
    assert "empty.save" in done.err


def test_a_full_disk_is_an_error_in_words() -> None:
    command = [sys.executable, "-m", "iptexplain", "lint", "-", "-f", "json"]
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(command, cwd=ROOT, input=BROKEN, stdout=full, stderr=subprocess.PIPE, check=False)

    assert done.returncode == 2
    assert done.stderr.startswith(b"iptexplain: standard output: ")


def test_a_witness_is_shown(tmp_path: Path) -> None:
    rules = "-A INPUT -s 10.0.0.0/8 -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j DROP\n"
    text = f"*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n{rules}COMMIT\n".encode()
    (packet,) = (one["witness"] for one in document("--select", "IT702", stdin=text)["findings"])
    file = tmp_path / "packets.jsonl"
    file.write_text(json.dumps(packet))

    assert f"  such a packet: {json.dumps(packet)[:40]}" in linted("--select", "IT702", stdin=text).out
    assert run("trace", "-", "--packets", str(file), stdin=text).status == 0


def test_failures_of_junit_are_what_the_status_is_about() -> None:
    def document(*options: str) -> str:
        return here("lint", "-f", "junit", *options, stdin=BROKEN).out

    assert 'failures="1"' in document("--select", "KP101")
    assert 'failures="0"' in document("--select", "KP404,KP405", "--fail-level", "info")
