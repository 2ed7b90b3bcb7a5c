"""Whoever may write a comment or name a chain is a stranger: what they write is shown, never obeyed."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import unicodedata
from typing import TYPE_CHECKING

import pytest

from iptexplain.owners.kube_proxy.names import service_hash
from tests.checkout import ROOT
from tests.command import CLASSIC, Done, here, run

if TYPE_CHECKING:
    from pathlib import Path

VIEWS = ("table", "wide", "name", "csv", "markdown")
SAVED = (ROOT / CLASSIC).read_bytes()
FORMULA = ("=", "+", "-", "@", "\t", "\r")

NAMES = {
    "terminal escapes": b"\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "a title set with C1 controls": "\u009b31m\u009d0;title\u009c".encode(),
    "backspace, bell, delete": b"good\x08\x08\x08\x08evil\x07\x7f",
    "carriage return": b"shown\rhidden",
    "line separators": "a\x0bb\x0cc\x85d\u2028e\u2029f".encode(),
    "right-to-left override": "exe.\u202etxt\u202c".encode(),
    "isolates and invisible characters": "a\u2066b\u2069c\u200bd\ufeffe".encode(),
    "bytes that are no UTF-8": b"caf\xe9\xff\xfe",
    "half a surrogate pair in UTF-8": b"\xed\xa0\x80",
    "zero bytes": b"a\x00b",
    "HTML": b"<script>alert(1)<!--<img>&amp;",
    "a formula": b"=cmd|calc!A0",
    "another formula": b"@SUM(1+1)*cmd",
    "Markdown": b"a|b`c`[x](y)*bold*_it_~~no~~#h",
    "an end of a Markdown table": b"a|\\|b\\",
    "quotes": b"\\\"a\\\"\\'b\\'",
    "braces of a template": b"{share}{0}{x!r}%s%(a)s",
    "an emoji and wide characters": "日本語\U0001f600é".encode(),
}


def dump(name: bytes) -> bytes:
    """A Service in a namespace and with a name, both hostile; also in a chain's name, behind a bad line, and in a foreign table."""
    chain = b"KUBE-SVC-" + service_hash("a/b", "TCP").encode()
    own = name.replace(b'\\"', b"").replace(b"\\'", b"")
    return b"\n".join(
        [
            b"*nat",
            b":PREROUTING ACCEPT [0:0]",
            b":KUBE-SERVICES - [0:0]",
            b":" + chain + b" - [0:0]",
            b":" + own + b" - [0:0]",
            b'-A PREROUTING -m comment --comment "' + name + b'" -j KUBE-SERVICES',
            b'-A KUBE-SERVICES -d 10.0.0.1/32 -p tcp -m comment --comment "'
            + name.replace(b"/", b"")
            + b"/"
            + name.replace(b"/", b"").replace(b":", b"")
            + b' cluster IP" -m tcp --dport 80 -j '
            + chain,
            b"-A " + chain + b" -j " + own,
            b"-A " + own + b" -p tcp -j DNAT --to-destination 10.0.0.2:80",
            b"-A KUBE-SERVICES -p tcp -m " + own + b" --" + own + b' "' + name + b'" ' + own + b" -j RETURN",
            b"this is no line: " + name,
            b"COMMIT",
            b"",
        ]
    )


def unsafe(text: str) -> list[str]:
    """What a terminal would obey, or that cannot be seen: control and format characters, line separators, broken text."""
    return [f"{c!r} at {at}" for at, c in enumerate(text) if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]


def assert_harmless(done: Done) -> None:
    assert done.status == 0
    assert unsafe(done.out) == []
    assert unsafe(done.err) == []
    assert "Traceback" not in done.err


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("view", VIEWS)
def test_no_view_obeys_what_a_stranger_wrote(view: str, name: str) -> None:
    assert_harmless(here("-f", view, "-v", stdin=dump(NAMES[name])))


def test_the_command_itself_obeys_none_of_them_either() -> None:
    done = run("-v", stdin=b"".join(map(dump, NAMES.values())))

    assert_harmless(done)
    assert len(done.out.splitlines()) > 5 * len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_json_is_plain_ascii_and_gives_everything_back(name: str) -> None:
    done = here("parse", stdin=dump(NAMES[name]))
    document = json.loads(done.out)
    chains = [chain["name"].encode("utf-8", "surrogateescape") for chain in document["tables"][0]["chains"]]

    assert done.status == 0
    assert done.out.isascii()
    assert NAMES[name].replace(b'\\"', b"").replace(b"\\'", b"") in chains or document["warnings"]


@pytest.mark.parametrize("name", NAMES)
def test_a_dump_is_written_back_byte_for_byte_whoever_wrote_it(name: str) -> None:
    data = dump(NAMES[name])
    done = here("parse", "-f", "save", stdin=data)

    assert done.status == 0
    assert done.out.encode("utf-8", "surrogateescape") == data


@pytest.mark.parametrize("name", NAMES)
def test_no_csv_cell_begins_a_formula(name: str) -> None:
    done = here("-f", "csv", stdin=dump(NAMES[name]))
    rows = list(csv.reader(io.StringIO(done.out)))

    assert {len(row) for row in rows} == {len(rows[0])}
    assert [cell for row in rows for cell in row if cell.startswith(FORMULA) and len(cell) > 1] == []


def test_a_file_name_begins_no_formula_either(tmp_path: Path) -> None:
    (tmp_path / "=1+1.save").write_bytes(SAVED)
    rows = list(csv.reader(io.StringIO(run("-f", "csv", "=1+1.save", folder=tmp_path).out)))

    assert {row[0][:1] for row in rows[1:]} == {"'"}


@pytest.mark.parametrize("name", NAMES)
def test_a_markdown_table_keeps_its_columns_and_holds_no_html(name: str) -> None:
    done = here("-f", "markdown", stdin=dump(NAMES[name]))
    table = [line for line in done.out.splitlines() if line.startswith("|")]
    bare = [re.sub(r"\\.", "", line) for line in table]

    assert {line.count("|") for line in bare} == {bare[0].count("|")}
    assert re.search(r"<(?!br>)|`|\[[^]]*\]\(", "\n".join(bare)) is None


@pytest.mark.parametrize("view", VIEWS)
def test_a_hostile_file_name_is_shown_harmless(view: str, tmp_path: Path) -> None:
    name = "\x1b[31m\u202e<b>|`x`.save"
    (tmp_path / name).write_bytes(SAVED[: SAVED.rindex(b"COMMIT")])

    assert_harmless(run("-f", view, name, folder=tmp_path))


def test_a_hostile_argument_is_shown_harmless(tmp_path: Path) -> None:
    for arguments in (("\x1b[31mno-such-file",), ("schema", "\x1b[31m"), ("chain-name", "\x1b[31m"), ("parse", "\x1b[31mx")):
        done = run(*arguments, folder=tmp_path)

        assert (done.status, done.out) == (2, "")
        assert unsafe(done.err) == []


# ---- much of it --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["table", "csv", "json"])
def test_a_comment_of_a_megabyte_takes_no_longer_than_it_must(view: str) -> None:
    done = run("-f", view, stdin=dump(b"x" * 1_000_000), timeout=10)

    assert done.status == 0
    assert len(done.err) < 10_000


def test_a_line_of_a_megabyte_takes_no_memory_to_speak_of() -> None:
    # the peak as the kernel counts it for this program; ru_maxrss would count that of the test process before exec too
    code = (
        "import re, sys; from tests.command import services_of; services_of(sys.stdin.buffer.read());"
        "print(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1])"
    )
    data = SAVED.replace(b"kubernetes postrouting rules", b"x" * 1_000_000)
    done = subprocess.run([sys.executable, "-c", code], input=data, cwd=ROOT, check=True, capture_output=True, timeout=30)

    assert int(done.stdout) < 300_000  # kilobytes


@pytest.mark.parametrize("garbage", [b"garbage in, garbage out", b'-A X -m comment --comment "never closed', b"\x1b[2J\xff", b"*"])
def test_a_hundred_thousand_bad_lines_are_passed_over_quickly(garbage: bytes) -> None:
    done = run("-f", "name", stdin=SAVED.replace(b"COMMIT\n", (garbage + b"\n") * 100_000 + b"COMMIT\n", 1), timeout=10)

    assert (done.status, done.out) == (0, "default/nginx/TCP\n")
    assert unsafe(done.err) == []
    assert len(done.err) < 10_000


def test_a_hundred_thousand_bad_lines_alone_are_no_dump() -> None:
    done = run(stdin=b"".join(b"garbage number %d\n" % number for number in range(100_000)), timeout=10)

    assert (done.status, done.out) == (2, "")
    assert len(done.err) < 10_000


def test_ten_thousand_different_options_are_passed_over_quickly() -> None:
    lines = b"".join(b"-A PREROUTING --option-%d x\n" % number for number in range(10_000))
    done = run("-f", "name", stdin=SAVED.replace(b"COMMIT\n", lines + b"COMMIT\n", 1), timeout=10)

    assert (done.status, done.out) == (0, "default/nginx/TCP\n")
    assert "Traceback" not in done.err
