"""KP603: the same rule more than once in a chain."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound

INVALID = "-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP\n"
HEALTH = '-A KUBE-NODEPORTS -p tcp -m comment --comment "web/shop health check node port" -m tcp --dport 31999 -j ACCEPT\n'


def table(*rules: str) -> str:
    return "*filter\n:INPUT ACCEPT [0:0]\n:A - [0:0]\n:B - [0:0]\n" + "".join(f"-A {rule}\n" for rule in rules) + "COMMIT\n"


def test_it_catches_a_rule_that_stands_twice() -> None:
    (found,) = findings(sound().replace(INVALID, INVALID * 2), "KP603")
    assert found.severity == "warning"
    assert found.place.message.english() == "the same rule stands 2 times in chain KUBE-FORWARD of table filter"
    assert found.place.text + "\n" == INVALID
    assert [one.line for one in found.related] == [found.place.line - 1]


def test_fifty_are_an_error() -> None:
    assert said(sound().replace(INVALID, INVALID * 49), "KP603")[0].startswith("KP603 warning ")
    assert said(sound().replace(INVALID, INVALID * 50), "KP603")[0].startswith("KP603 error ")


def test_it_says_it_once_for_a_chain_about_the_most_frequent() -> None:
    text = table("A -i a -j DROP", "A -i a -j DROP", "A -i b -j DROP", "A -i c -j B", "A -i b -j DROP", "A -i b -j DROP")
    assert said(text, "KP603") == ["KP603 warning 9: 2 rules stand in chain A of table filter more than once; this one 3 times"]


@pytest.mark.parametrize(
    "rule",
    [
        "INPUT -p icmp -j ACCEPT",
        "INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 22 -j DROP",
        "INPUT -m conntrack --ctstate INVALID -j REJECT",
        "INPUT -i lo -j RETURN",
    ],
)
def test_a_few_equal_rules_in_a_built_in_chain_of_filter_are_an_info(rule: str) -> None:
    said_then = "the same rule stands {} times in chain INPUT of table filter: only the first of them does anything"

    assert said(table(rule, "INPUT -i a -j B", rule), "KP603") == [f"KP603 info 7: {said_then.format(2)}"]
    assert said(table(*[rule] * 4), "KP603") == [f"KP603 info 6: {said_then.format(4)}"]
    assert said(table(*[rule] * 5), "KP603") == ["KP603 warning 6: the same rule stands 5 times in chain INPUT of table filter"]
    assert said(table(*[rule] * 50), "KP603")[0].startswith("KP603 error ")


@pytest.mark.parametrize(
    "text",
    [
        table(*("INPUT -m comment --comment x -j KUBE-FIREWALL",) * 2),
        table(*("INPUT -j B",) * 2),
        table(*("INPUT -m mark --mark 0x1/0x1 -g B",) * 2),
        table(*("INPUT -j LOG",) * 2),
        table(*("A -p icmp -j ACCEPT",) * 2),
        table(*("INPUT -j MARK --set-xmark 0x1/0x1",) * 2),
        table(*("INPUT",) * 2),
        "*nat\n:POSTROUTING ACCEPT [0:0]\n" + "-A POSTROUTING -s 10.0.0.0/8 -j ACCEPT\n" * 2 + "COMMIT\n",
    ],
)
def test_jumps_marks_and_rules_elsewhere_are_a_warning_even_if_few(text: str) -> None:
    assert [one.split()[1] for one in said(text, "KP603")] == ["warning"]


def test_of_rules_that_do_no_harm_and_others_it_tells_of_the_others() -> None:
    few = ["INPUT -p icmp -j ACCEPT"] * 4
    assert said(table(*few, "INPUT -i a -j B", "INPUT -i a -j B"), "KP603") == [
        "KP603 warning 10: 2 rules stand in chain INPUT of table filter more than once; this one 2 times"
    ]
    assert said(table(*few, "INPUT -i a -j DROP", "INPUT -i a -j DROP"), "KP603") == [
        "KP603 info 6: 2 rules stand in chain INPUT of table filter more than once, this one 4 times: only the first of each does anything"
    ]


def test_counters_make_no_difference() -> None:
    assert len(said("*filter\n:A - [0:0]\n[1:60] -A A -j B\n[0:0] -A A -j B\n:B - [0:0]\nCOMMIT\n", "KP603")) == 1


def test_rules_on_marks_count_where_nothing_between_changes_them() -> None:
    text = table("A -m mark --mark 0x1/0x1 -j DROP", "A -i a -j ACCEPT", "A -m mark --mark 0x1/0x1 -j DROP")
    assert len(said(text, "KP603")) == 1
    assert len(said(table("A -j MARK --set-xmark 0x1/0x1", "A -j MARK --set-xmark 0x1/0x1"), "KP603")) == 1


def test_rules_on_sets_count_where_nothing_between_changes_these() -> None:
    blocked = "A -m set --match-set blocked dst -j DROP"

    assert len(said(table(blocked, blocked), "KP603")) == 1
    assert len(said(table(blocked, "A -i a -j B", "A -i b -j MARK --set-xmark 0x1/0x1", blocked, "B -j LOG"), "KP603")) == 1
    assert len(said(table("B -j SET --add-set blocked src", blocked, blocked), "KP603")) == 1


@pytest.mark.parametrize(
    "between",
    [
        ("A -j SET --del-set blocked dst",),
        ("A -i a -j B", "B -j INPUT", "INPUT -p tcp -j SET --add-set blocked dst --exist"),
        ("A -i a -g B", "B -j CHANGER --hard 5"),
        ("A -j MISSING",),
    ],
)
def test_it_is_silent_where_a_set_may_have_other_members_the_second_time(between: tuple[str, ...]) -> None:
    blocked = "A -m set --match-set blocked dst -j DROP"

    assert not said(table(blocked, between[0], blocked, *between[1:]), "KP603")


def test_it_is_silent_where_the_rules_themselves_change_the_set_or_ask_for_its_counters() -> None:
    assert not said(table(*("A -m set ! --match-set seen src -j B",) * 2, "B -j SET --add-set seen src"), "KP603")
    assert not said(table(*("A -m set --match-set seen src --packets-lt 5 -j ACCEPT",) * 2), "KP603")


@pytest.mark.parametrize(
    "rule",
    [
        "A -s 10.0.0.1/32 -m mac --mac-source XX:XX:XX:XX:XX:XX -j RETURN",
        "A -s X.X.X.X/32 -j DROP",
        "A -p tcp -j DNAT --to-destination X.X.X.X:80",
    ],
)
def test_it_is_silent_on_values_that_somebody_has_blanked(rule: str) -> None:
    assert not said(table(rule, rule), "KP603")


@pytest.mark.parametrize(
    "rules",
    [
        ("A -j B", "B -j RETURN", "INPUT -j B"),
        ("A -i a -j B", "A -i b -j B"),
        ("A -j RETURN", "A -j RETURN"),
        ("A -m mark --mark 0x1/0x1 -j RETURN", "A -j B", "A -m mark --mark 0x1/0x1 -j RETURN"),
        ("A -j MARK --set-xmark 0x0/0x1", "A -j B", "A -j MARK --set-xmark 0x0/0x1"),
        ("A -j MARK --set-xmark 0x1/0x1", "A -j MARK --set-xmark 0x0/0x1", "A -j MARK --set-xmark 0x1/0x1"),
        ("A -m statistic --mode random --probability 0.5 -j B",) * 2,
        ("A -m limit --limit 1/sec -j ACCEPT",) * 2,
    ],
)
def test_it_is_silent_where_equal_rules_mean_something(rules: tuple[str, ...]) -> None:
    assert not said(table(*rules), "KP603")


def test_it_is_silent_on_sound_dumps() -> None:
    for name in ("classic-nginx", "external-access", "ipv6", "local-policies", "mixed-cluster"):
        assert not said(sound(name), "KP603")


def test_it_is_silent_on_what_kube_proxy_repeats() -> None:
    assert not said("*filter\n:KUBE-NODEPORTS - [0:0]\n" + HEALTH * 2 + "COMMIT\n", "KP603")
    chain = "KUBE-FW-2CMXP7HKUVJN7L6M"
    block = f"-A {chain} -j KUBE-SVC-2CMXP7HKUVJN7L6M\n-A {chain} -j KUBE-MARK-DROP\n"
    assert not said(f"*nat\n:{chain} - [0:0]\n{block * 2}COMMIT\n", "KP603")


def test_repeated_rules_of_newer_firewall_chains_count() -> None:
    chain = "KUBE-FW-2CMXP7HKUVJN7L6M"
    assert said(f"*nat\n:{chain} - [0:0]\n" + f"-A {chain} -j KUBE-EXT-2CMXP7HKUVJN7L6M\n" * 2 + "COMMIT\n", "KP603")


def test_an_endpoint_that_stands_twice_or_has_two_destinations_is_told_by_other_checks_alone() -> None:
    lines = sound().splitlines(keepends=True)
    way = next(line for line in reversed(lines) if line.startswith("-A KUBE-SVC-") and "-j KUBE-SEP-" in line)
    dnat = next(line for line in lines if line.startswith("-A KUBE-SEP-") and "-j DNAT" in line)
    mark = next(line for line in lines if line.startswith("-A KUBE-SEP-") and "-j KUBE-MARK-MASQ" in line)
    codes = "KP302", "KP305", "KP603"

    assert [one.check.code for one in findings(sound().replace(way, way * 2), *codes)] == ["KP305"]
    assert [one.check.code for one in findings(sound().replace(dnat, dnat * 2), *codes)] == ["KP302"]
    assert [one.check.code for one in findings(sound().replace(mark, mark * 2), *codes)] == ["KP603"]
    cut = sound().replace(dnat, dnat * 2).rpartition("COMMIT")[0]
    assert "KP603" in [one.check.code for one in findings(cut, *codes)]
