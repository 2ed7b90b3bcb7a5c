"""The command as people and scripts use it: inputs, options, exit statuses, errors."""

from __future__ import annotations

import gzip
import io
import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from bench import generate
from iptexplain._version import __version__
from iptexplain.cli.app import COMMANDS
from tests.checkout import ROOT
from tests.command import CLASSIC, PROGRAM, environment, here, printed, run

if TYPE_CHECKING:
    from pathlib import Path

SAVED = (ROOT / CLASSIC).read_bytes()
POLICIES = "samples/kube-proxy/local-policies.save"
FORMATS = ("table", "wide", "name", "json", "csv", "markdown")
FINE, UNUSABLE, INTERRUPTED = 0, 2, 130
ESCAPE = "\x1b["

LISTED = """\
Chain INPUT (policy ACCEPT)
target     prot opt source               destination
KUBE-FIREWALL  all  --  anywhere             anywhere

Chain KUBE-FIREWALL (1 references)
target     prot opt source               destination
DROP       all  --  anywhere             anywhere             mark match 0x8000/0x8000
"""
NFT = "table ip nat {\n\tchain PREROUTING {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n\t}\n}\n"
HTML = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"

WRONG = {
    "empty": (b"", "empty"),
    "blanks": (b" \n\n", "empty"),
    "PNG": (PNG, "picture"),
    "HTML": (HTML.encode(), "HTML"),
    "iptables -L": (LISTED.encode(), "iptables -L"),
    "nft list ruleset": (NFT.encode(), "nft list ruleset"),
    "kubectl": (b"NAMESPACE   NAME    TYPE        CLUSTER-IP\ndefault     nginx   ClusterIP   10.96.0.1\n", "kubectl"),
    "prose": (b"Dear all,\nplease find attached nothing.\n", "iptables-save"),
    "broken gzip": (b"\x1f\x8b\x08\x00garbage", "gzip"),
    "gzip without its end": (gzip.compress(SAVED)[:-20], "gzip"),
    "gzip of nothing": (gzip.compress(b""), "empty"),
    "zero bytes": (bytes(100_000), "binary"),
}


def lines_of(text: str) -> list[str]:
    return text.splitlines()


# ---- inputs ------------------------------------------------------------------------------------------------------------


def test_a_dump_on_standard_input_needs_no_argument() -> None:
    done = run(stdin=SAVED)

    assert (done.status, done.err) == (FINE, "")
    assert "default/nginx" in done.out


@pytest.mark.parametrize("arguments", [("-",), ("services",), ("services", "-")])
def test_standard_input_may_be_named_or_not(arguments: tuple[str, ...]) -> None:
    assert run(*arguments, stdin=SAVED) == run(stdin=SAVED)


@pytest.mark.parametrize(
    "arguments",
    [
        (CLASSIC, "-f", "json"),
        ("-f", "json", CLASSIC),
        ("--format=json", CLASSIC),
        ("services", "-f", "json", CLASSIC),
        ("-fjson", CLASSIC),
    ],
)
def test_without_a_command_services_is_meant_and_options_may_stand_anywhere(arguments: tuple[str, ...]) -> None:
    done = printed(*arguments)

    assert (done.status, done.err) == (FINE, "")
    assert done == printed("services", CLASSIC, "-f", "json")


def test_a_file_whose_name_is_a_command_is_read_behind_the_command(tmp_path: Path) -> None:
    (tmp_path / "parse").write_bytes(SAVED)
    done = run("services", "parse", folder=tmp_path)

    assert (done.status, done.err) == (FINE, "")
    assert "default/nginx" in done.out


def test_a_file_whose_name_begins_with_a_dash_is_read_behind_two_dashes(tmp_path: Path) -> None:
    (tmp_path / "-q").write_bytes(SAVED)
    done = run("services", "-f", "name", "--", "-q", folder=tmp_path)

    assert (done.status, done.out, done.err) == (FINE, "default/nginx/TCP\n", "")


def test_several_files_and_standard_input_are_shown_together() -> None:
    done = run("-f", "json", CLASSIC, "-", POLICIES, stdin=SAVED)
    document = json.loads(done.out)

    assert done.status == FINE
    assert [entry["file"] for entry in document["inputs"]] == [CLASSIC, "-", POLICIES]
    assert [port["file"] for port in document["service_ports"] if port["name"] == "nginx"] == ["-", CLASSIC]
    assert {port["file"] for port in document["service_ports"] if port["namespace"] == "pol"} == {POLICIES}


def test_a_packed_dump_is_read_from_a_file_and_from_standard_input(tmp_path: Path) -> None:
    (tmp_path / "dump.save.gz").write_bytes(gzip.compress(SAVED))
    names = printed("-f", "name", CLASSIC).out

    assert run("-f", "name", "dump.save.gz", folder=tmp_path) == (FINE, names, "")
    assert run("-f", "name", "-", stdin=gzip.compress(SAVED)) == (FINE, names, "")


def test_a_packed_dump_in_two_parts_is_read_whole() -> None:
    half = SAVED.index(b"*nat")

    assert run("-f", "name", stdin=gzip.compress(SAVED[:half]) + gzip.compress(SAVED[half:])).out == "default/nginx/TCP\n"


# ---- what cannot be read -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_dump_is_an_error_that_says_what_it_looks_like(name: str) -> None:
    data, word = WRONG[name]
    done = run(stdin=data)

    assert (done.status, done.out) == (UNUSABLE, "")
    assert word in done.err
    assert "Traceback" not in done.err
    assert len(done.err) < 1000
    assert here("parse", stdin=data) == done


def test_ten_megabytes_of_one_letter_are_refused_at_once() -> None:
    data = b"A" * 10_000_000
    start = time.monotonic()
    done = run(stdin=data, timeout=10)
    took = time.monotonic() - start

    assert (done.status, done.out) == (UNUSABLE, "")
    assert "iptables-save" in done.err
    assert len(done.err) < 1000
    assert took < 1.5


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    done = run("no-such.save", folder=tmp_path)

    assert (done.status, done.out) == (UNUSABLE, "")
    assert "no-such.save" in done.err
    assert "No such file" in done.err
    assert "Traceback" not in done.err


def test_a_folder_is_an_error_that_says_so(tmp_path: Path) -> None:
    done = run("services", ".", folder=tmp_path)

    assert (done.status, done.out) == (UNUSABLE, "")
    assert "irectory" in done.err
    assert "Traceback" not in done.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    secret = tmp_path / "secret.save"
    secret.write_bytes(SAVED)
    secret.chmod(0)
    done = run("secret.save", folder=tmp_path)

    assert (done.status, done.out) == (UNUSABLE, "")
    assert "ermission denied" in done.err


def test_one_bad_file_among_good_ones_is_an_error_and_shows_nothing_as_if_it_were_all(tmp_path: Path) -> None:
    (tmp_path / "good.save").write_bytes(SAVED)
    done = run("-f", "name", "good.save", "missing.save", folder=tmp_path)

    assert done.status == UNUSABLE
    assert "missing.save" in done.err


@pytest.mark.parametrize("form", FORMATS)
def test_the_format_never_changes_the_exit_status(form: str) -> None:
    assert printed("-f", form, CLASSIC).status == FINE
    assert here("-f", form, stdin=b"nothing here\n").status == UNUSABLE
    assert here("-f", form, stdin=SAVED[:3000]).status == FINE
    assert here("-f", form, "-n", "no-such-namespace", stdin=SAVED).status == FINE


@pytest.mark.parametrize(
    "arguments",
    [
        ("-f", "yaml", CLASSIC),
        ("--no-such-option", CLASSIC),
        ("services", "--namespace"),
        ("schema",),
        ("chain-name", "nonsense"),
        ("-h-",),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)

    assert (done.status, done.out) == (UNUSABLE, "")
    assert done.err
    assert "Traceback" not in done.err


# ---- damaged dumps -----------------------------------------------------------------------------------------------------


def test_a_dump_cut_in_the_middle_of_a_line_is_shown_as_far_as_it_goes_with_a_warning() -> None:
    cut = SAVED[: SAVED.rindex(b"-A KUBE-SVC-2CMXP7HKUVJN7L6M") + 40]
    done = run("-f", "json", stdin=cut)
    document = json.loads(done.out)
    (port,) = document["service_ports"]

    assert done.status == FINE
    assert document["inputs"][0]["dumps"][0]["complete"] is False
    assert [e["address"] for e in port["endpoint_sets"]["cluster"]] == ["192.168.104.1:80", "192.168.166.129:80"]
    assert str(cut.count(b"\n") + 1) in done.err
    assert "warning" in done.err
    assert document["warnings"]


def test_a_cut_dump_says_so_in_the_view_for_people_too() -> None:
    done = run(stdin=SAVED[: SAVED.rindex(b"COMMIT")])

    assert done.status == FINE
    assert "CUT" in done.out
    assert "COMMIT" in done.err


def test_a_bad_line_is_shown_with_its_place_and_a_caret_and_all_else_is_read(tmp_path: Path) -> None:
    text = SAVED.decode()
    bad = "-A KUBE-SERVICES -d 10.0.0.1/32 -p tcp -m tcp --dport 80 sharp -j ACCEPT"
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("-A KUBE-SERVICES"))
    lines.insert(at, bad)
    (tmp_path / "bad.save").write_text("\n".join(lines) + "\n", "utf-8")
    done = run("-f", "table", "-q", "bad.save", folder=tmp_path)
    loud = run("-f", "table", "bad.save", folder=tmp_path)
    place = f"bad.save:{at + 1}:{bad.index('sharp') + 1}"
    shown = lines_of(loud.err)
    (caret,) = [line for line in shown if line.strip().startswith("^")]
    above = shown[shown.index(caret) - 1]

    assert (done.status, done.err) == (FINE, "")
    assert done.out == printed("-q", CLASSIC).out
    assert loud.status == FINE
    assert loud.err.startswith(place)
    assert above.strip() == bad
    assert above[caret.index("^") :].startswith("sharp")
    assert "expected" in loud.err


def test_many_bad_lines_are_counted_and_v_shows_all() -> None:
    data = SAVED.replace(b"COMMIT", b"\n".join(b"what is this %d" % n for n in range(8)) + b"\nCOMMIT", 1)
    few, every = run(stdin=data), run("-v", stdin=data)

    assert few.out == every.out
    assert "what is this 7" not in few.err
    assert "-v" in few.err
    assert all(f"what is this {n}" in every.err for n in range(8))


def test_q_leaves_out_heads_legend_and_warnings() -> None:
    quiet = run("-q", stdin=SAVED[: SAVED.rindex(b"COMMIT")])

    assert (quiet.status, quiet.err) == (FINE, "")
    assert lines_of(quiet.out)[0] == "default/nginx"


def test_warnings_never_go_to_standard_output() -> None:
    done = run("-f", "csv", stdin=SAVED[: SAVED.rindex(b"COMMIT")])

    assert "warning" in done.err
    assert "warning" not in done.out


# ---- choosing ----------------------------------------------------------------------------------------------------------


def test_a_namespace_and_a_text_choose_services() -> None:
    both = printed("-f", "name", POLICIES, "-n", "pol", "--service", "both-local").out

    assert lines_of(both) == ["pol/both-local-none:http/TCP", "pol/both-local-some:http/TCP"]
    assert printed("-f", "name", POLICIES, "--service", "both-local").out == both


def test_choosing_nothing_says_so_and_is_no_error() -> None:
    done = printed("-f", "name", POLICIES, "-n", "elsewhere")

    assert (done.status, done.out) == (FINE, "")
    assert "no Service" in done.err


def test_a_dump_without_kube_proxy_says_so_and_what_it_holds() -> None:
    done = run(stdin=b"*filter\n:INPUT DROP [0:0]\n:DOCKER-USER - [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n")

    assert done.status == FINE
    assert "kube-proxy" in done.out
    assert "Docker" in done.out
    assert "filter" in done.out


def test_rule_lines_go_to_the_table_that_is_named() -> None:
    lines = b"-A INPUT -j ACCEPT\n"
    tables = [json.loads(run("parse", *more, stdin=lines).out)["tables"] for more in ([], ["--table", "mangle"])]

    assert [[table["name"] for table in found] for found in tables] == [["filter"], ["mangle"]]


# ---- output ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_input_gives_the_same_bytes(form: str) -> None:
    first = run("-f", form, POLICIES, settings={"PYTHONHASHSEED": "1"})
    second = run("-f", form, POLICIES, settings={"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C"})

    assert first == second
    assert (first.status, first.err) == (FINE, "")


@pytest.mark.parametrize("form", FORMATS)
def test_o_writes_into_a_file_what_would_have_been_printed(form: str, tmp_path: Path) -> None:
    target = tmp_path / "out"
    done = run("-f", form, "-o", str(target), CLASSIC)

    assert done == (FINE, "", "")
    assert target.read_text("utf-8") == printed("-f", form, CLASSIC).out


def test_o_to_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    done = run("-o", str(tmp_path / "no" / "such" / "folder"), CLASSIC)

    assert (done.status, done.out) == (UNUSABLE, "")
    assert "No such file" in done.err
    assert "Traceback" not in done.err


def test_a_dump_that_is_parsed_and_saved_is_the_same() -> None:
    assert run("parse", "-f", "save", stdin=SAVED) == (FINE, SAVED.decode(), "")


@pytest.mark.parametrize(
    ("arguments", "settings", "coloured"),
    [
        ((), {}, False),
        ((), {"CLICOLOR_FORCE": "1"}, True),
        ((), {"CLICOLOR_FORCE": "0"}, False),
        ((), {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
        (("--color", "always"), {}, True),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"CLICOLOR_FORCE": "1"}, False),
        (("--color", "auto"), {}, False),
    ],
)
def test_colour_is_where_it_is_wanted(arguments: tuple[str, ...], settings: dict[str, str], *, coloured: bool) -> None:
    done = run(*arguments, POLICIES, settings=settings)

    assert done.status == FINE
    assert (ESCAPE in done.out) is coloured


def test_colour_changes_nothing_but_colour() -> None:
    coloured = run("--color", "always", POLICIES).out
    bare = coloured
    for code in ("0", "1", "2", "31", "32", "33"):
        bare = bare.replace(f"{ESCAPE}{code}m", "")

    assert [line.rstrip() for line in lines_of(bare)] == lines_of(printed(POLICIES).out)


@pytest.mark.parametrize("form", ["name", "json", "csv", "markdown"])
def test_what_scripts_read_is_never_coloured(form: str) -> None:
    assert ESCAPE not in run("-f", form, "--color", "always", POLICIES).out


# ---- terminals, pipes, signals -----------------------------------------------------------------------------------------


def test_without_arguments_at_a_terminal_help_is_shown_and_the_status_is_2() -> None:
    controller, terminal = pty.openpty()
    try:
        done = subprocess.run([PROGRAM], stdin=terminal, cwd=ROOT, env=environment(), check=False, capture_output=True, timeout=30)
    finally:
        os.close(controller)
        os.close(terminal)

    assert done.returncode == UNUSABLE
    assert b"Examples:" in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr


def test_a_terminal_gets_colour_and_its_width() -> None:
    controller, terminal = pty.openpty()
    try:
        done = subprocess.Popen([PROGRAM, CLASSIC], stdin=subprocess.DEVNULL, stdout=terminal, cwd=ROOT, env=environment({"TERM": "xterm"}))
        os.close(terminal)
        shown = b""
        try:
            while part := os.read(controller, 65536):
                shown += part
        except OSError:
            pass  # Linux says EIO when the other side of the terminal is closed
        status = done.wait(timeout=30)
    finally:
        os.close(controller)

    assert status == FINE
    assert ESCAPE.encode() in shown


def test_no_progress_is_drawn_into_a_pipe_however_long_the_work() -> None:
    out = io.StringIO()
    generate.write(out, 3000, 10, comments=False, counters=False)
    done = run("-f", "name", stdin=out.getvalue().encode())

    assert (done.status, done.err) == (FINE, "")
    assert len(done.out.splitlines()) == 3000


@pytest.mark.parametrize("arguments", [("samples/kube-proxy/mixed-cluster.save",), ("parse", "samples/kube-proxy/mixed-cluster.save")])
def test_a_closed_pipe_ends_the_command_silently(arguments: tuple[str, ...]) -> None:
    command = f'{shlex.join([PROGRAM, *arguments])} | head -c 1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", command],  # noqa: S607 - bash is wherever PATH has it
        cwd=ROOT,
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.stderr == ""
    assert done.stdout[1:].strip() in {"0", "141"}


def test_ctrl_c_ends_with_130_and_without_a_traceback() -> None:
    with subprocess.Popen(
        [PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=environment()
    ) as running:
        assert running.stdin is not None
        running.stdin.write(b"*nat\n")
        running.stdin.flush()
        time.sleep(1)  # until it waits for more of its input
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)

    assert running.returncode == INTERRUPTED
    assert (out, b"Traceback" in err) == (b"", False)


def test_a_closed_standard_input_is_an_error_and_no_traceback() -> None:
    done = subprocess.run(
        ["bash", "-c", f"{shlex.quote(PROGRAM)} services - <&-"],  # noqa: S607 - bash is wherever PATH has it
        cwd=ROOT,
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == UNUSABLE
    assert "Traceback" not in done.stderr


# ---- help --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_shows_examples_before_its_options(command: str) -> None:
    done = printed(command, "--help")

    assert (done.status, done.err) == (FINE, "")
    assert done.out.index("Examples:") < done.out.index("--help")
    assert f"iptexplain {command}" in done.out[done.out.index("Examples:") :]


def test_the_help_of_the_program_names_every_command_and_the_exit_statuses() -> None:
    done = printed("--help")

    assert (done.status, done.err) == (FINE, "")
    assert done.out.index("Examples:") < done.out.index("Options:")
    assert "Exit status:" in done.out
    assert all(f"\n  {command} " in done.out for command in COMMANDS)


def test_the_version_is_that_of_the_package() -> None:
    assert printed("--version") == (FINE, f"iptexplain {__version__}\n", "")


def test_the_chain_names_of_a_service_port() -> None:
    done = printed("chain-name", "default/nginx/tcp", "192.168.104.1:80")

    assert (done.status, done.err) == (FINE, "")
    assert lines_of(done.out)[0] == "KUBE-SVC-2CMXP7HKUVJN7L6M"
    assert lines_of(done.out)[-1] == "KUBE-SEP-HZVZGM4N576VDS2S"


@pytest.mark.parametrize(("closed", "expected"), [("2>&-", 0), (">&-", 2)])
def test_a_closed_stream_is_no_traceback(closed: str, expected: int) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$0" -m iptexplain samples/kube-proxy/classic-nginx.save -f name {closed}', sys.executable],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == expected
    assert "Traceback" not in done.stderr
