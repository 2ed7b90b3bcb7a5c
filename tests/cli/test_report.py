"""The command `report`: what it writes, what it takes, what it refuses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from iptexplain.analysis.trace.tracer import Tracer
from iptexplain.errors import TooManyCasesError
from iptexplain.source import message
from tests.command import CLASSIC, here, printed, run
from tests.report.gathered import GATEWAY, MIXED

if TYPE_CHECKING:
    from pathlib import Path

    from iptexplain.analysis.trace.fate import Trace
    from iptexplain.model.packet import Packet


def test_the_page_is_markdown_on_standard_output() -> None:
    done = here("report", "-q", CLASSIC)

    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"# iptables report: {CLASSIC}\n\n**nothing found**\n\n| dump |")
    assert done.out.endswith("```\n\n</details>\n\n")


def test_findings_do_not_fail_it() -> None:
    done = here("report", "-q", GATEWAY)

    assert done.status == 0
    assert "1 warning" in done.out


def test_a_dump_may_come_in_by_standard_input() -> None:
    done = run("report", "-q", stdin=b"*filter\n:INPUT DROP [0:0]\nCOMMIT\n")

    assert done.status == 0
    assert done.out.startswith("# iptables report: standard input\n")


def test_the_same_input_gives_the_same_bytes() -> None:
    assert printed("report", "-q", MIXED).out == run("report", "-q", MIXED, settings={"COLUMNS": "200", "PYTHONHASHSEED": "7"}).out


def test_it_is_written_to_a_file(tmp_path: Path) -> None:
    done = here("report", "-q", CLASSIC, "-o", str(tmp_path / "report.md"))

    assert (done.status, done.out) == (0, "")
    assert here("report", "-q", CLASSIC).out == (tmp_path / "report.md").read_text("utf-8")


def test_packets_that_are_asked_for_are_told_in_their_order() -> None:
    done = here("report", "-q", CLASSIC, "--trace", "pod", "default/nginx", "--trace", "outside", "10.109.35.24:80/tcp")

    assert done.status == 0
    assert done.out.index("## A packet from pod to default/nginx") < done.out.index("## A packet from outside to 10.109.35.24:80/tcp")
    assert "goes to one of 3 Pods of default/nginx, 33.3 % each" in done.out
    assert "stands for a Pod" in done.out


def test_an_example_for_one_packet_says_nothing_of_the_next() -> None:
    alone = here("report", "-q", CLASSIC, "--trace", "outside", "default/nginx").out
    behind = here("report", "-q", CLASSIC, "--trace", "pod", "default/nginx", "--trace", "outside", "default/nginx").out

    assert alone[alone.index("## A packet from outside") :] == behind[behind.index("## A packet from outside") :]


def test_a_packet_is_told_as_by_trace() -> None:
    told = here("trace", CLASSIC, "--from", "pod", "--to", "default/nginx").out
    page = here("report", "-q", CLASSIC, "--trace", "pod", "default/nginx").out

    assert told.splitlines()[:8] == page[page.index("```text\n") + 8 :].splitlines()[:8]


def test_a_packet_with_too_many_cases_is_told_in_outline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Tracer, packet: Packet) -> Trace:
        raise TooManyCasesError(message("{packet} has too many", packet=packet))

    monkeypatch.setattr(Tracer, "trace", refuse)
    done = here("report", "-q", CLASSIC, "--trace", "8.8.8.8", "10.0.0.11:22")

    assert done.status == 0
    assert "there are too many cases to tell them" in done.out


def test_a_packet_that_cannot_even_be_outlined_leaves_the_rest_of_the_page() -> None:
    rules = "".join(f"-A INPUT -m set --match-set s{n} src -j MARK --set-xmark {1 << n:#x}/{1 << n:#x}\n" for n in range(24))
    dump = f"*mangle\n:INPUT ACCEPT [0:0]\n{rules}COMMIT\n".encode()
    done = here("report", "-q", "--trace", "outside", "10.0.0.1:80", stdin=dump)

    assert done.status == 0
    assert "```text\n" in done.out
    assert "\nmore than 20000 states that the packet may be in\n" in done.out


def test_what_a_trace_cannot_show_stands_above_it() -> None:
    done = here("report", "-q", "--trace", "outside", "10.0.0.1:80", stdin=b"*filter\n:INPUT DROP [0:0]\nCOMMIT\n")

    assert "```text\nonly table filter is in this dump: what other tables do to the packet is not known\n" in done.out


def test_the_name_of_a_table_is_no_markup() -> None:
    dump = b"*<a/href=https://evil.example>@octocat\n:INPUT DROP [0:0]\n-A INPUT -j DROP\nCOMMIT\n"
    (row,) = (line for line in here("report", "-q", stdin=dump).out.splitlines() if line.startswith("| 3 |"))

    outside = re.sub("`[^`]*`", "", row)
    assert "<a/" in row
    assert "<a/" not in outside
    assert "@octocat" not in outside


def test_files_that_were_given_beside_the_dump_are_named() -> None:
    words = ("--ipset", "samples/ipvs/ipset.txt", "--ipvs", "samples/ipvs/ipvsadm.txt", "--names", "samples/ipvs/services.json")
    done = here("report", "-q", "samples/ipvs/dump.save", *words)

    for name in ("samples/ipvs/ipset.txt", "samples/ipvs/ipvsadm.txt", "samples/ipvs/services.json"):
        assert re.search(rf"--\w+: `?{name}`?, \d+ lines, sha256 `?[0-9a-f]{{64}}", done.out), name
    assert "0 Service ports" not in here("report", "-q", "samples/ipvs/dump.save").out
    assert "not in these rules (ipvs mode)" in here("report", "-q", "samples/ipvs/dump.save").out


def test_an_anonymised_page_says_so_and_what_could_not_be_read() -> None:
    dump = b"*filter\n:INPUT DROP [0:0]\n-A INPUT -j DROP\nBob was here\nCOMMIT\n"
    done = here("report", "--anonymize", stdin=dump)

    assert "(iptexplain report --anonymize)" in done.out
    assert "dump-1: lines that could not be read were replaced by remarks (lines 4)" in done.out
    assert "Bob" not in done.out
    assert "--anonymize" not in here("report", stdin=dump).out


def test_errors_about_a_packet_speak_the_words_of_the_user() -> None:
    done = here("report", CLASSIC, "--anonymize", "--trace", "pod", "default/apache")

    assert done.status == 2
    assert "default/apache" in done.err


def test_dumps_of_one_node_are_looked_at_together(tmp_path: Path) -> None:
    text = printed("parse", CLASSIC, "-f", "save").out
    legacy = text.replace(" (nf_tables)", "")
    (tmp_path / "nft.save").write_text(text, "utf-8")
    (tmp_path / "legacy.save").write_text(legacy, "utf-8")
    done = here("report", "-q", str(tmp_path / "legacy.save"), str(tmp_path / "nft.save"))

    assert "KP601" in done.out
    assert "--legacy" not in done.out
    assert "the rules of the other backend" not in done.out
    assert "--legacy" not in here("report", "-q", CLASSIC).out


def test_the_same_file_twice_is_no_other_backend(tmp_path: Path) -> None:
    text = printed("parse", CLASSIC, "-f", "save").out
    both = tmp_path / "both.save"
    both.write_text(text.replace(" (nf_tables)", "") + text, "utf-8")
    done = here("report", "-q", str(both), str(both))

    assert done.status == 0
    assert "KP601" in done.out


def test_what_is_marked_to_be_dropped_in_vain_goes_on() -> None:
    done = here("report", "-q", "tests/data/kube-proxy/1.24.3/d-external-access.v4.save")

    assert "goes on: it is marked to be dropped, since the sender is in no source range" in done.out
    assert "meant to be dropped, but not dropped (Service ports): " in done.out


def test_what_is_known_of_the_node_is_used(tmp_path: Path) -> None:
    node = tmp_path / "node.json"
    node.write_text(json.dumps({"interfaces": {"eth0": {"addrs": ["192.168.0.1/24"]}}, "routes": [["default", "eth0"]]}), "utf-8")
    addr = tmp_path / "addr.json"
    addr.write_text(json.dumps([{"ifname": "eth0", "addr_info": [{"family": "inet", "local": "192.168.0.1", "prefixlen": 24}]}]), "utf-8")
    trace = ("--trace", "outside", "192.168.0.1:22")

    assert re.search("arrives +by eth0", here("report", "-q", CLASSIC, *trace, "--node", str(node)).out)
    plain, told = here("report", "-q", CLASSIC, *trace), here("report", "-q", CLASSIC, *trace, "--ip-addr", str(addr))
    assert "the addresses of the node are not given" in plain.out
    assert "the addresses of the node are not given" not in told.out


def test_services_in_ipvs_mode_need_what_the_node_prints() -> None:
    folder = "samples/ipvs"
    done = here("report", "-q", f"{folder}/dump.save", "--ipset", f"{folder}/ipset.txt", "--ipvs", f"{folder}/ipvsadm.txt")

    assert done.status == 0
    assert "| Service | Listens on |" in done.out


def test_a_page_that_github_would_cut_is_told_of() -> None:
    done = here("report", MIXED)
    short = here("report", CLASSIC)

    assert "iptexplain: GitHub takes 65,536 characters in an issue, and this is longer" in done.err
    assert "--no-dump" in done.err
    assert (done.status, short.err) == (0, "")


def test_the_dump_may_be_left_out() -> None:
    done = here("report", MIXED, "--no-dump")

    assert done.err == ""
    assert "The dump itself" not in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no-such-file.save",), "no-such-file.save"),
        ((CLASSIC, "--trace", "pod", "nobody/nothing"), "no Service fits nobody/nothing"),
        ((CLASSIC, "--trace", "pod"), "requires 2 arguments"),
        ((CLASSIC, "--no-dump", "-f", "html"), "--no-dump goes with -f markdown"),
        ((CLASSIC, "-f", "pdf"), "pdf"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], said: str) -> None:
    done = here("report", *arguments)

    assert (done.status, done.out) == (2, "")
    assert said in done.err


def test_problems_of_the_dump_are_told_and_in_the_page() -> None:
    dump = b"*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m magic --spell x -j DROP\nCOMMIT\n"
    done = here("report", stdin=dump)

    assert "match magic is not known here" in done.err
    assert "match magic is not known here" in done.out


def test_help_has_an_example_with_a_packet() -> None:
    assert "--trace pod shop/web" in here("report", "--help").out
