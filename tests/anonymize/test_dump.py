"""How single lines are written again."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from iptexplain.anonymize.dump import ADDRESSES, LINE, PROGRAM, UNKNOWN, UNREADABLE
from iptexplain.anonymize.pseudonyms import Pseudonyms
from iptexplain.anonymize.together import Anonymized, How, anonymized
from iptexplain.owners.kube_proxy.names import service_hash
from tests.anonymize.story import KEY
from tests.dumps import ruleset

WORD = "[bdfghjklmnprstvz][aiou][bdfghjklmnprstvz][aiou][bdfghjklmnprstvz]"


def done(*lines: str, counters: bool = False) -> Anonymized:
    return anonymized([ruleset(*lines)], How(KEY, counters=counters))


def rewritten(*rules: str, counters: bool = False) -> list[str]:
    """The rules as they are written again, in a table that declares their chains."""
    found = done("*filter", ":INPUT ACCEPT [0:0]", *rules, "COMMIT", counters=counters).dumps[0].splitlines()
    return found[2:-1]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("-A INPUT -s 10.1.2.3/32 -p tcp -m tcp --dport 22 -j ACCEPT", r"-A INPUT -s 10\.[\d.]+/32 -p tcp -m tcp --dport 22 -j ACCEPT"),
        ("-A INPUT ! -s 10.0.0.0/8 -j DROP", r"-A INPUT ! -s 10\.0\.0\.0/8 -j DROP"),
        ("-A INPUT -i eth0 -o lo -j DROP", "-A INPUT -i eth0 -o lo -j DROP"),
        ("-A INPUT -i acme-lan -j DROP", f"-A INPUT -i if{WORD} -j DROP"),
        ("-A INPUT -i enp0s31f6 -j DROP", "-A INPUT -i enp0s31f6 -j DROP"),
        ("-A INPUT -i veth1a2b3c4 -j DROP", "-A INPUT -i veth[0-9a-f]{7} -j DROP"),
        ("-A INPUT -m physdev --physdev-in acme7 -j DROP", f"-A INPUT -m physdev --physdev-in if{WORD}7 -j DROP"),
        ('-A INPUT -m comment --comment "ask Bob (555-1234)" -j DROP', f'-A INPUT -m comment --comment "?comment-{WORD}-{WORD}"? -j DROP'),
        ('-A INPUT -m comment --comment "cali:6gwbT8clXdHdC1b1" -j DROP', '-A INPUT -m comment --comment "cali:[A-Za-z0-9]{16}" -j DROP'),
        ('-A INPUT -j LOG --log-prefix "ACME drop: " --log-level 7', f'-A INPUT -j LOG --log-prefix "log-{WORD}: " --log-level 7'),
        ("-A INPUT -m set --match-set customers src,dst -j DROP", f"-A INPUT -m set --match-set set-{WORD}-{WORD} src,dst -j DROP"),
        ("-A INPUT -m set --match-set KUBE-CLUSTER-IP dst,dst -j DROP", "-A INPUT -m set --match-set KUBE-CLUSTER-IP dst,dst -j DROP"),
        ("-A INPUT -m mac --mac-source 00:16:3E:12:34:56 -j DROP", "-A INPUT -m mac --mac-source (?:[0-9A-F]{2}:){5}[0-9A-F]{2} -j DROP"),
        (
            "-A INPUT -m recent --rcheck --seconds 5 --name bob --mask 255.255.255.0 --rsource -j DROP",
            f"-A INPUT -m recent --rcheck --seconds 5 --name list-{WORD} --mask 255.255.255.0 --rsource -j DROP",
        ),
        ("-A INPUT -m owner --uid-owner 1001 -j DROP", "-A INPUT -m owner --uid-owner 1001 -j DROP"),
        ("-A INPUT -m mark --mark 0x4000/0x4000 -j DROP", "-A INPUT -m mark --mark 0x4000/0x4000 -j DROP"),
        (
            "-A INPUT -m statistic --mode random --probability 0.50 -j DROP",
            "-A INPUT -m statistic --mode random --probability 0.50 -j DROP",
        ),
        (
            "-A INPUT -m time --datestart 2026-01-05T08:00:00 --datestop 2026-01-12T08:00:00 -j DROP",
            r"-A INPUT -m time --datestart 20\d\d-\d\d-\d\dT08:00:00 --datestop 20\d\d-\d\d-\d\dT08:00:00 -j DROP",
        ),
        ("-A INPUT -j f2b-sshd", f"-A INPUT -j f2b-{WORD}"),
        ("-A INPUT -j DOCKER-USER", "-A INPUT -j DOCKER-USER"),
        ("-A INPUT -j f2b-4155550123", r"-A INPUT -j f2b-\d{10}|-A INPUT -j f2b-" + WORD),
        ("-A INPUT -j CRIO-MASQ-ABCDEFGHIJKLMNOP", "-A INPUT -j CRIO-MASQ-[A-Z]{16}"),
        ("-A INPUT -i ens1nbob -j DROP", "-A INPUT -i if[a-z]+ -j DROP"),
        ("-A INPUT -m comment --comment 4155550123 -j DROP", f"-A INPUT -m comment --comment comment-{WORD}-{WORD} -j DROP"),
        ("-A INPUT -m mac --mac-source 00:11:22:33:44:55 -j DROP", "-A INPUT -m mac --mac-source (?:[0-9a-f]{2}:){5}[0-9a-f]{2} -j DROP"),
        ("-A INPUT -j acme-web", f"-A INPUT -j chain-{WORD}-{WORD}"),
        ("-A INPUT -j KUBE-SVC-NGINX", f"-A INPUT -j KUBE-SVC-{WORD}-{WORD}"),
        ("-A INPUT -j TEE --gateway 192.168.7.9", r"-A INPUT -j TEE --gateway 192\.168\.\d+\.\d+"),
    ],
)
def test_what_tells_of_somebody_is_replaced_and_the_rest_stays(rule: str, expected: str) -> None:
    (found,) = rewritten(rule)

    assert re.fullmatch(expected, found), found
    if expected != rule and "10.0.0.0/8" not in rule:
        assert found != rule


def test_equal_names_stay_equal_and_others_others() -> None:
    first, second, third = rewritten("-A INPUT -i acme0 -j bob", "-A INPUT -i acme0 -j eve", "-A INPUT -i acme1 -j bob")

    assert first.split()[3] == second.split()[3] != third.split()[3]
    assert first.split()[5] == third.split()[5] != second.split()[5]


def test_beginnings_of_interfaces_hold_what_they_held() -> None:
    names = ["acme", "acme0", "acme10", "acme1x", "acmex", "other", "eth0", "ethacme", "ac"]
    stems = ["acme+", "acme1+", "eth+", "ac+", "o+", "+"]
    found = [line.split()[3] for line in rewritten(*(f"-A INPUT -i {name} -j DROP" for name in (*names, *stems)))]
    images, begins = found[: len(names)], [stem.removesuffix("+") for stem in found[len(names) :]]

    for name, image in zip(names, images, strict=True):
        assert [image.startswith(begin) for begin in begins] == [name.startswith(stem.removesuffix("+")) for stem in stems]
        assert len(image) <= 15
    assert len({*images}) == len(names)


def test_counters_go_unless_they_are_kept() -> None:
    rules = ("[12:720] -A INPUT -j DROP",)

    assert rewritten(*rules) == ["-A INPUT -j DROP"]
    assert rewritten(*rules, counters=True) == ["[12:720] -A INPUT -j DROP"]
    assert done("*filter", ":INPUT DROP [5:9]", "COMMIT").dumps[0].splitlines()[1] == ":INPUT DROP [0:0]"
    assert done("*filter", ":INPUT DROP [5:9]", "COMMIT", counters=True).dumps[0].splitlines()[1] == ":INPUT DROP [5:9]"


def test_dates_and_remarks_between_the_lines_go() -> None:
    found = done(
        "# Generated by iptables-save v1.8.9 (nf_tables) on Mon Nov 23 01:16:35 2026",
        "# written for ACME by Bob",
        "# iptexplain: ignore=KP101 because Bob says so",
        "*filter",
        ":INPUT ACCEPT [0:0]",
        "",
        "COMMIT",
        "# Completed on Mon Nov 23 01:16:35 2026",
    )

    assert found.dumps[0].splitlines() == [
        "# Generated by iptables-save v1.8.9 (nf_tables) on Thu Jan  1 00:00:00 1970",
        "# a remark stood here",
        "# iptexplain: ignore=KP101",
        "*filter",
        ":INPUT ACCEPT [0:0]",
        "",
        "COMMIT",
        "# Completed on Thu Jan  1 00:00:00 1970",
    ]


@pytest.mark.parametrize(
    ("rule", "why", "name"),
    [
        ('-A INPUT -m bpf --bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0" -j DROP', PROGRAM, "--bytecode"),
        ('-A INPUT -m u32 --u32 "0x0=0xcb007107" -j DROP', PROGRAM, "--u32"),
        ('-A INPUT -m string --string "acme.example" --algo bm -j DROP', PROGRAM, "--string"),
        ("-A INPUT -m tomorrow --color acme -j DROP", UNKNOWN, "tomorrow"),
        ("-A INPUT -p tcp -m tcp --dport acme -j DROP", UNREADABLE, "--dport"),
        ("-A INPUT -s acme.example -j DROP", UNREADABLE, "-s"),
        ("-A INPUT -d :acme -j DROP", UNREADABLE, "-d"),
        ("-A INPUT -m recent --set --name x --mask 8.77.66.55 --rsource -m comment --acme-key x -j DROP", UNKNOWN, "comment"),
        ("-A INPUT -m iprange --src-range 5.1.2.3-130.4.5.6 -j DROP", ADDRESSES, "--src-range"),
        ("-A INPUT -j NETMAP --to 0.0.0.0/0", ADDRESSES, "--to"),
    ],
)
def test_what_cannot_be_made_safe_is_replaced_and_told(rule: str, why: str, name: str) -> None:
    found = done("*filter", ":INPUT ACCEPT [0:0]", rule, "COMMIT")
    doubts = {(doubt.why, doubt.name or name): doubt.lines for doubt in found.doubts[0]}

    assert doubts[why, name] == (3,)
    assert "acme" not in found.dumps[0]
    for word in ("cb007107", "8.77.66.55", "5.1.2.3", "130.4.5.6", "tomorrow", "--color"):
        assert word not in found.dumps[0]


def test_programs_that_differ_still_differ() -> None:
    first, second, third = rewritten(*(f'-A INPUT -m string --string "{text}" --algo bm -j DROP' for text in ("a", "b", "a")))

    assert first == third != second


def test_a_line_that_could_not_be_read_is_a_remark_and_told() -> None:
    found = done("*filter", ":INPUT ACCEPT [0:0]", "-A INPUT -j DROP", "Bob was here: 203.0.113.7", "COMMIT")

    assert "Bob" not in found.dumps[0]
    assert len(found.dumps[0].splitlines()) == 5
    assert [(doubt.why, doubt.lines) for doubt in found.doubts[0]] == [(LINE, (4,))]


def test_dates_keep_their_distance_and_their_day_of_the_week() -> None:
    (found,) = rewritten("-A INPUT -m time --datestart 2026-01-05T08:00:00 --datestop 2026-01-12T08:00:00 -j DROP")
    first, last = (datetime.fromisoformat(found.split()[at]) for at in (5, 7))

    assert (last - first).days == 7
    assert first.weekday() == 0


@pytest.mark.parametrize(
    "remark",
    [
        "# Table `acmecorp' is incompatible, ask bob@acme.example",
        "# Generated by acmecorp-save vAcmeBank9 on Mon Nov 23 01:16:35 2026",
        "# iptexplain: ignore=acme,bank",
        "# Generated by iptables-save v1.8.9 for ACME on Mon Nov 23 01:16:35 2026",
    ],
)
def test_remarks_that_only_look_like_those_of_programs_go(remark: str) -> None:
    assert done(remark, "*filter", ":INPUT ACCEPT [0:0]", "COMMIT").dumps[0].splitlines()[0] == "# a remark stood here"


@pytest.mark.parametrize("text", ["cali:日本電気 山田", "cali:Müller & Söhne", "cali:acme corporation", "!fw3: Allow-Bob"])
def test_comments_that_programs_begin_go_on_in_other_words(text: str) -> None:
    (found,) = rewritten(f'-A INPUT -m comment --comment "{text}" -j DROP')

    assert re.fullmatch(f'-A INPUT -m comment --comment "(cali:|!fw3: ){WORD}-{WORD}" -j DROP', found)


def test_an_original_and_an_anonymised_dump_go_together() -> None:
    rule = '-A INPUT -m comment --comment "{}:https cluster IP" -j KUBE-SVC-{}'
    hashes = [service_hash(f"{name}:https", "TCP") for name in ("default/kubernetes", "ns-cluster/svc-api-server")]
    found = rewritten(*map(rule.format, ("default/kubernetes", "ns-cluster/svc-api-server"), hashes))

    assert len({line.split()[-1] for line in found}) == 2


def test_more_names_than_there_are_words_get_more_words() -> None:
    names = [f"list{number}" for number in range(70_000)]
    found = Pseudonyms(KEY)

    assert len({found.worded("list", name, 1) for name in names}) == len(names)


def test_the_api_server_is_known_as_such() -> None:
    (found,) = rewritten('-A INPUT -m comment --comment "default/kubernetes:https cluster IP" -j DROP')

    assert re.fullmatch(f'-A INPUT -m comment --comment "ns-cluster/svc-api-server:port-{WORD} cluster IP" -j DROP', found)


def test_hostile_text_does_no_harm() -> None:
    for text in ("\x1b[2J", "<script>", '\\"', "\udcff", "a" * 300, "`$(reboot)`"):
        (found,) = rewritten(f'-A INPUT -m comment --comment "x {text} y" -j DROP')
        assert re.fullmatch(f'-A INPUT -m comment --comment "?comment-{WORD}-{WORD}"? -j DROP', found)
