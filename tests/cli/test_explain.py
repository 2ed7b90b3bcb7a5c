"""`iptexplain explain` as a command: what it prints, and how it ends."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from jsonschema import Draft202012Validator

from iptexplain.render import schemas
from tests.checkout import ROOT
from tests.command import CLASSIC, FIXTURES, SAMPLES, Done, Json, here, run

MIXED = "samples/kube-proxy/mixed-cluster.save"


def document(*arguments: str, stdin: bytes = b"") -> Json:
    found: Json = json.loads(here("explain", "-f", "json", *arguments, stdin=stdin).out)
    assert list(Draft202012Validator(json.loads(schemas.schema("explain"))).iter_errors(found)) == []
    return found


def explained(*arguments: str, stdin: bytes = b"") -> Done:
    return here("explain", *arguments, stdin=stdin)


def test_the_story_of_the_talk_fits_on_one_screen() -> None:
    done = run("explain", CLASSIC, "--service", "default/nginx", settings={"COLUMNS": "100"})

    assert done.status == 0
    assert len(done.out.splitlines()) <= 45
    text = " ".join(done.out.split())
    for words in (
        "TCP to default/nginx (10.109.35.24:80)",
        "TCP from outside 192.168.0.0/16 to default/nginx (10.109.35.24:80): mark for masquerade (0x4000)",
        "with 1/3 (33.3 %): to Pod 192.168.104.1:80",
        "with 1/2 of what is left, that is 33.3 %: to Pod 192.168.166.129:80",
        "change the destination to 192.168.104.1:80 (DNAT)",
        "(MASQUERADE)",
    ):
        assert words in text


@pytest.mark.parametrize("path", [*SAMPLES, *(one for one in FIXTURES if "1.30.3" in one or "1.18.6" in one)])
def test_json_has_every_rule_once_and_fits_the_schema(path: str) -> None:
    found = document(path)
    lines = Counter((chain["dump"], rule["line"]) for chain in found["chains"] for rule in chain["rules"])

    assert max(lines.values(), default=1) == 1
    assert sum(lines.values()) == sum(dump["rules"] for one in found["inputs"] for dump in one["dumps"])
    assert all(rule["sentence"] for chain in found["chains"] for rule in chain["rules"])


def test_json_has_shares_owners_services_and_origins() -> None:
    chains = {(chain["table"], chain["name"]): chain for chain in document(CLASSIC)["chains"]}
    service = chains["nat", "KUBE-SVC-2CMXP7HKUVJN7L6M"]

    assert (service["hook"], service["owner"], service["service"]) == ("PREROUTING", "kube-proxy", "default/nginx")
    assert [rule["probability"] for rule in service["rules"]] == [
        None,
        pytest.approx(1 / 3, abs=1e-9),
        pytest.approx(1 / 3, abs=1e-9),
        pytest.approx(1 / 3, abs=1e-9),
    ]
    assert [rule["fraction"] for rule in service["rules"]][1] == "715827883/2147483648"
    assert [rule["endpoint"] for rule in service["rules"]] == [None, "192.168.104.1:80", "192.168.166.129:80", "192.168.166.130:80"]
    assert service["rules"][0]["origin"]["since"] == "1.22"
    assert service["rules"][0]["leads_to"] == "KUBE-MARK-MASQ"


def test_rules_of_kubelet_have_origins_also_where_there_is_no_kube_proxy() -> None:
    dump = b"*filter\n:INPUT ACCEPT [0:0]\n:KUBE-FIREWALL - [0:0]\n-A INPUT -j KUBE-FIREWALL\n-A INPUT -j DROP\nCOMMIT\n"
    rules = [rule for chain in document(stdin=dump)["chains"] for rule in chain["rules"]]

    assert [None if rule["origin"] is None else rule["origin"]["function"] for rule in rules] == [
        "syncNetworkUtil (<1.25), syncIPTablesRules (>=1.25), syncProxyRules (>=1.27)",
        None,
    ]


def test_owners_count_all_rules_whatever_is_told() -> None:
    found = document(CLASSIC, "--line", "71")

    assert [rule["line"] for chain in found["chains"] for rule in chain["rules"]] == [71]
    assert sum(one["rules"] for one in found["owners"]) == 34


def test_an_owner_is_told_alone() -> None:
    found = document(CLASSIC, "--owner", "Kubelet")

    assert {rule["owner"] for chain in found["chains"] for rule in chain["rules"]} == {"kubelet"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--service", "nosuch"), "--service nosuch: no Service in the dump is called so"),
        (("--chain", "NOSUCH"), "--chain NOSUCH: no table of the dump has such a chain"),
        (("--line", "1"), "--line 1: no rule stands in that line of the dump"),
        (("--table", "raw"), "--table raw: the dump has mangle, filter, nat"),
        (("--owner", "nosuch"), "no program of that name is known; these are: "),
    ],
)
def test_what_is_not_there_is_wrong_usage(arguments: tuple[str, ...], words: str) -> None:
    done = explained(CLASSIC, *arguments)

    assert done.status == 2
    assert words in done.err
    assert done.out == ""


def test_no_line_is_wider_than_the_terminal() -> None:
    for width in (40, 60, 80, 120):
        for path in (CLASSIC, MIXED):
            out = run("explain", path, "-v", settings={"COLUMNS": str(width)}).out
            assert max(len(line) for line in out.splitlines()) <= width


def test_a_stranger_in_a_comment_or_a_chain_does_no_harm() -> None:
    hostile = (
        b'*filter\n:INPUT ACCEPT [0:0]\n:<b>x - [0:0]\n-A INPUT -m comment --comment "\x1b[31mred <script>" -j <b>x\n'
        b"-A <b>x -m nosuch --\x1b]0;t -j ACCEPT\nCOMMIT\n"
    )
    text, markdown = explained(stdin=hostile), explained("-f", "markdown", stdin=hostile)

    assert "\x1b" not in text.out + markdown.out
    assert "\\x1b[31mred <script>" in text.out
    assert "<script>" not in markdown.out.replace("\\<script\\>", "")


def test_colour_marks_what_ends_traffic() -> None:
    done = explained(MIXED, "--service", "shop/users", "--color", "always")

    assert "\x1b[31mTCP to shop/users:http" in done.out


def test_a_cut_dump_is_told_as_far_as_it_goes() -> None:
    cut = b"*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -j ACCEPT\n"

    done = explained(stdin=cut)

    assert done.status == 0
    assert "TCP: accept" in done.out


def test_rule_lines_alone_are_told() -> None:
    done = explained(stdin=b"-A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-HZVZGM4N576VDS2S\n-A FORWARD -j DROP\n")

    assert done.status == 0
    assert "Rule lines alone: what leads to these chains was left out" in done.out
    assert "go to KUBE-SEP-HZVZGM4N576VDS2S, which is not among these lines" in " ".join(done.out.split())
    assert "everything: drop" in done.out


def test_rules_of_no_known_program_are_told_alone() -> None:
    found = document(
        "--owner",
        "nobody",
        stdin=b"*filter\n:INPUT ACCEPT [0:0]\n:KUBE-FORWARD - [0:0]\n-A INPUT -j KUBE-FORWARD\n-A INPUT -j DROP\nCOMMIT\n",
    )

    assert [rule["sentence"] for chain in found["chains"] for rule in chain["rules"]] == ["everything: drop"]


def test_that_nothing_fits_is_said() -> None:
    done = explained(CLASSIC, "--owner", "Calico", "-q")

    assert (done.status, done.out) == (0, "nothing in this dump fits\n")


def test_what_could_not_be_read_is_told_as_missing() -> None:
    done = explained("-q", stdin=b"*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -j\n-A INPUT -j DROP\n")

    assert "not understood, and so not told: lines 3" in done.out
    assert "the dump is cut off: rules are missing at its end" in done.out


def test_many_endpoints_are_told_by_the_first_ones() -> None:
    lines = ["*nat", ":KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]"]
    names = [f"KUBE-SEP-{'ABCDEFGHIJKLMNOP'[n // 16]}{'ABCDEFGHIJKLMNOP'[n % 16]}AAAAAAAAAAAAAA" for n in range(20)]
    lines += [f":{name} - [0:0]" for name in names]
    for number, name in enumerate(names):
        lines.append(f"-A {name} -p tcp -m tcp -j DNAT --to-destination 10.0.0.{number + 1}:80")
    for number, name in enumerate(names):
        draw = "" if number == 19 else f"-m statistic --mode random --probability {1 / (20 - number):.11f} "
        lines.append(f"-A KUBE-SVC-AAAAAAAAAAAAAAAA {draw}-j {name}")
    text = "\n".join([*lines, "COMMIT", ""]).encode()

    assert "17 more in lines 46 to 62 likewise, 5.0 % each (-v tells each)" in explained(stdin=text).out
    assert "more in lines" not in explained("-v", stdin=text).out


def test_two_dumps_say_which_they_are_even_when_quiet() -> None:
    both = b"# Generated by iptables-save v1.8.9 on x\n*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j DROP\nCOMMIT\n"
    both += b"# Generated by ip6tables-save v1.8.9 on x\n*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n"

    for form in ("text", "markdown"):
        out = explained("-q", "-f", form, stdin=both).out.replace("\\", "")
        assert "standard input (IPv4, legacy)" in out
        assert "standard input (IPv6, legacy)" in out


@pytest.mark.parametrize(
    ("rule", "tables"),
    [
        ("*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 10.96.0.0/12 -j DROP\nCOMMIT\n", "mangle"),
        ("*raw\n:PREROUTING DROP [0:0]\nCOMMIT\n", "raw"),
        ("*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j CT --notrack\nCOMMIT\n", "raw"),
        ("*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j MARK --set-xmark 0x0/0xffffffff\nCOMMIT\n", "raw"),
        ("*security\n:FORWARD ACCEPT [0:0]\n:KUBE-POD-FW-A - [0:0]\n-A KUBE-POD-FW-A -j REJECT\nCOMMIT\n", "security"),
        ("*security\n:FORWARD ACCEPT [0:0]\n:A - [0:0]\n-A FORWARD -j A\n-A A -j DROP\nCOMMIT\n", "security"),
    ],
)
def test_a_service_says_which_other_tables_may_stop_its_packets(rule: str, tables: str) -> None:
    classic = (ROOT / CLASSIC).read_text("utf-8")
    done = explained("--service", "nginx", stdin=(classic + rule).encode())

    assert f"other rules and policies of {tables} may stop or change these packets" in " ".join(done.out.split())


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "*security\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j ACCEPT\n-A FORWARD -j MARK --set-xmark 0x1/0x1\nCOMMIT\n",
        "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j TRACE\nCOMMIT\n",
    ],
)
def test_a_service_says_nothing_of_tables_that_stop_nothing(rule: str) -> None:
    done = explained("--service", "nginx", stdin=((ROOT / CLASSIC).read_text("utf-8") + rule).encode())

    assert "may stop or change these packets" not in " ".join(done.out.split())
